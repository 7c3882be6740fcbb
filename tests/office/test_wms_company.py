"""A warehouse belongs to one company file, whichever door comes with another one."""

from __future__ import annotations

import pytest

from src import wms_apply, wms_demo, wms_fetch, wms_plan
from src.kit import errors, receipts
from src.kit.clock import REAL
from src.kit.errors import Refused
from src.office import wms_company
from src.wms.records import MIRROR

OTHER = {"CONDUCTOR_END_USER_ID": "end_usr_other"}


@pytest.fixture
def fetched(desk):
    """Return a desk whose warehouse and company file are the demo's."""
    desk.run(wms_demo, "make")
    desk.run(wms_fetch)
    return desk


def test_the_first_company_file_stays_the_only_one(desk):
    other = desk.config._replace(conductor_end_user_id="end_usr_other")
    for _ in range(2):
        wms_company.claim(desk.config, REAL)

    with pytest.raises(Refused, match="file of end_usr_demo, .* names end_usr_other"):
        wms_company.claim(other, REAL)


@pytest.mark.parametrize("door", [wms_fetch, wms_apply], ids=["fetch", "apply"])
def test_nothing_is_asked_or_written_with_another_company_file(fetched, door):
    fetched.run(wms_plan)
    before = (fetched.config.fake_conductor_dir / "ledger.csv").read_bytes()

    assert fetched.run(door, **OTHER) == errors.NOTHING_DONE

    assert "is synchronized with the company file of end_usr_demo" in fetched.err
    assert (fetched.config.fake_conductor_dir / "ledger.csv").read_bytes() == before


def test_the_mirror_of_another_company_file_is_begun_anew(fetched):
    fetched.config.wms_database_file.unlink()

    fetched.run(wms_fetch, **OTHER)

    assert "was of end_usr_demo; everything was fetched anew" in fetched.out
    mirror = receipts.last(fetched.logs, MIRROR["customers"].place, receipts.FILE)
    assert receipts.value(mirror, "of") == "end_usr_other"


def test_a_new_warehouse_has_no_log_of_another_one(fetched):
    fetched.run(wms_plan)
    fetched.run(wms_apply)
    fetched.config.wms_database_file.unlink()

    assert fetched.run(wms_fetch) == errors.NOTHING_DONE

    assert "was never synchronized, and logs/wms_runlog.csv is of another" in fetched.err
