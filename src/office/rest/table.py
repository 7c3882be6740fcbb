"""Every address of the API: routes and their description are both made from this."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from src.kit.sync_manager import SyncManager
from src.kit.web import Reply, Request
from src.mis.customer_sync import BATCH_SIZE
from src.office.rest import answers, customers, health, runs, schemas, syncs
from src.office.rest.customers import BATCH, FLAGS
from src.office.rest.operations import CUSTOMERS, PAGING, WMS, Operation, Rest
from src.office.rest.schemas import (
    COUNT,
    FLAG,
    STATUS,
    TEXT,
    Schema,
    listed,
    one_of,
    record,
)
from src.wms.fields import TYPES

View = Callable[[Rest, Request], Reply]
Pick = Callable[[Rest], SyncManager]
_OBJECTS = listed(one_of(*TYPES))
_SIZE = {"type": "integer", "minimum": BATCH.least, "maximum": BATCH.most}
_BATCH: Schema = {**_SIZE, "default": BATCH.default}
_FLAGS: dict[str, Schema] = {name: {**FLAG, "default": True} for name in FLAGS}
_STARTED = {"session_id": answers.SESSION_ID, "status": "running"}


def operations() -> Sequence[Operation]:
    """Return all of them, in the order in which they are described."""
    return [*_seen(), *_synchronized(), *_warehouse(), *_rest()]


def _seen() -> Sequence[Operation]:
    def preview(word: str, id_name: str) -> Operation:
        schema, example = answers.previewed(word, id_name)
        return Operation(
            "GET",
            f"{CUSTOMERS}/preview/{word}",
            f"Preview unsynchronized {word} as the customers they will be.",
            customers.preview(word),
            schema,
            example,
            query=PAGING,
            refusals=(503,),
        )

    return [
        Operation(
            "GET",
            f"{CUSTOMERS}/analyze",
            "Count applicants and students by status.",
            customers.analyze,
            answers.STATISTICS,
            answers.STATISTICS_EXAMPLE,
            refusals=(503,),
        ),
        Operation(
            "GET",
            f"{CUSTOMERS}/status",
            "Return how far everything is, with the last run and the last session.",
            customers.status,
            answers.CUSTOMERS_STATUS,
            answers.CUSTOMERS_STATUS_EXAMPLE,
            refusals=(503,),
        ),
        preview("applicants", "applicant_id"),
        preview("students", "student_id"),
    ]


def _synchronized() -> Sequence[Operation]:
    data = record(
        session_id=TEXT, status=STATUS, objects=listed(TEXT), batch_size=COUNT
    )

    def start(
        word: str, summary: str, flags: dict[str, Schema], view: View
    ) -> Operation:
        objects = [word] if word != "all" else ["applicants", "students"]
        return Operation(
            "POST",
            f"{CUSTOMERS}/{word}",
            summary,
            view,
            data,
            {**_STARTED, "objects": objects, "batch_size": BATCH_SIZE},
            status=202,
            body=schemas.optional(batch_size=_BATCH, **flags),
            body_example={"batch_size": BATCH_SIZE, **dict.fromkeys(flags, True)},
            refusals=(409, 503),
        )

    one = "Start synchronizing {} to QuickBooks customers."
    return [
        start(
            "applicants", one.format("applicants"), {}, customers.start("applicants")
        ),
        start("students", one.format("students"), {}, customers.start("students")),
        start("all", one.format("both types"), _FLAGS, customers.start_all),
        _cancel(CUSTOMERS, lambda rest: rest.mis),
        _history(CUSTOMERS, lambda rest: rest.mis),
    ]


def _warehouse() -> Sequence[Operation]:
    return [
        Operation(
            "POST",
            f"{WMS}/start",
            "Start synchronizing the warehouse with QuickBooks Desktop; no types are all.",
            syncs.start_wms,
            record(session_id=TEXT, status=STATUS, objects=_OBJECTS),
            {**_STARTED, "objects": ["customers", "items"]},
            status=202,
            body=schemas.optional(objects=_OBJECTS),
            body_example={"objects": ["customers", "items"]},
            refusals=(409, 503),
        ),
        _cancel(WMS, lambda rest: rest.wms),
        Operation(
            "GET",
            f"{WMS}/status",
            "Return the session that runs, or the newest.",
            syncs.wms_status,
            schemas.SYNC_STATUS,
            answers.STATUS_EXAMPLE,
            refusals=(503,),
        ),
        _history(WMS, lambda rest: rest.wms),
    ]


def _cancel(place: str, pick: Pick) -> Operation:
    return Operation(
        "POST",
        f"{place}/cancel",
        "Ask the running session to stop; what is in flight is finished first.",
        syncs.of(pick, syncs.cancelled),
        schemas.ASKED,
        _STARTED,
        status=202,
        body=schemas.optional(),
        body_example={},
        refusals=(409, 503),
    )


def _history(place: str, pick: Pick) -> Operation:
    numbers = {"count": 1, "total": 1, "limit": 10, "offset": 0}
    return Operation(
        "GET",
        f"{place}/history",
        "List sessions, newest first.",
        syncs.of(pick, syncs.history),
        schemas.paged("sessions", schemas.PAST),
        {"sessions": [answers.PAST_EXAMPLE], **numbers},
        query=PAGING,
        refusals=(503,),
    )


def _rest() -> Sequence[Operation]:
    numbers = {"count": 1, "total": 1, "limit": 10, "offset": 0}
    return [
        Operation(
            "GET",
            "/api/v1/runs",
            "List every start of a door, newest first.",
            runs.runs,
            schemas.paged("runs", answers.RUN_SUM),
            {"runs": [answers.RUN_SUM_EXAMPLE], **numbers},
            query=PAGING,
        ),
        Operation(
            "GET",
            "/api/v1/runs/{run_id}",
            "Return one run: receipts, outcomes, seals and the first errors.",
            runs.run,
            answers.RUN,
            answers.RUN_EXAMPLE,
            refusals=(404,),
            part="run_id",
        ),
        Operation(
            "GET",
            "/health",
            "Say that the server can do its part, and which sessions run.",
            health.health,
            answers.HEALTH,
            answers.HEALTH_EXAMPLE,
            refusals=(503,),
        ),
    ]
