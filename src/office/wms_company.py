"""One warehouse, one company file: what both agreed on is of no use with another one."""

from __future__ import annotations

from src.config import Settings
from src.kit import runlog
from src.kit.clock import Clock
from src.kit.database import Database, Staging
from src.kit.errors import Refused
from src.office import connect_wms, pipelines
from src.wms.records import RUNLOG

_CLAIM = Staging(
    "new_wms_company", (("end_user_id", "varchar(255)"), ("since", "timestamptz"))
)


def claim(settings: Settings, clock: Clock) -> None:
    """Tie the warehouse to the company file of the settings, once and for all.

    Raises Refused where it is another's, and where it is new but the log is not: what
    another warehouse has sent would be taken for this one's.
    """
    ours = settings.conductor_end_user_id
    with connect_wms.database(settings, clock) as database:
        query = "SELECT end_user_id FROM wms_company"
        known = [one for (one,) in database.rows(query, "t")]
        log = pipelines.path_of(settings, RUNLOG)
        if not known and any(runlog.rows(log, RUNLOG.row)):
            raise Refused(
                f"{database.label}: was never synchronized, and {RUNLOG.place} is of "
                "another warehouse; set WMS_DATABASE_URL back, or name another DATA_DIR "
                "and LOG_DIR"
            )
        if not known:
            _write(database, ours, clock)
        elif ours not in known:
            raise Refused(
                f"{database.label}: is synchronized with the company file of {known[0]}, "
                f"CONDUCTOR_END_USER_ID names {ours}; set it back, or name another "
                "warehouse, DATA_DIR and LOG_DIR (make clean removes the demo)"
            )


def _write(database: Database, ours: str, clock: Clock) -> None:
    with database.transaction():
        database.stage(_CLAIM)
        database.load(_CLAIM, [(ours, clock.timestamp())])
        database.run(
            "INSERT INTO wms_company (end_user_id, since) "
            "SELECT end_user_id, since FROM new_wms_company"
        )
