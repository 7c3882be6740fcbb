"""What to type next: the command that comes next for a pipeline, however it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from contextlib import suppress
from typing import NamedTuple

from src.config import Settings
from src.kit import plans, receipts
from src.kit.errors import Refused
from src.kit.memory import HELD
from src.kit.receipts import Receipt
from src.office import connect_mis
from src.office.pipelines import ATTACHMENTS, MIS, WMS, Pipeline, path_of
from src.wms import covering

ALL_DONE = "nothing to do"
_UPLOADED = (receipts.RUN, "qbo_attach_demo")
_IMPORTED = "mend what {} says was rejected or held, then {}"


class Left(NamedTuple):
    """What the runs so far have left."""

    errors: Counter[str]  # by outcome
    types: Set[str]  # of them, where records are of several
    in_doubt: int
    earlier: int  # rows of files that were imported before the last one
    told: Sequence[Receipt]


def next_step(settings: Settings, pipeline: Pipeline, left: Left) -> str:
    """Return the next command, with what is to be done before it, or that there is none."""
    return (
        _made_anew(settings, pipeline)
        or _gone_on_with(pipeline, left)
        or _after_undo(settings, pipeline)
        or _of_errors(pipeline, left)
        or _of_earlier(pipeline, left)
        or _of_held(pipeline, left)
        or ALL_DONE
    )


def _made_anew(settings: Settings, pipeline: Pipeline) -> str:
    """Return what makes the first table that is missing, or older than what it is of."""
    newest = 0.0
    for step in pipeline.steps:
        made = []
        for table in step:
            path = path_of(settings, table)
            if not path.exists():
                return _begun_by(settings, pipeline, table.made_by)
            made.append(path.stat().st_mtime)
            if made[-1] < newest:
                return table.made_by
        newest = max(made)
    return ""


def _begun_by(settings: Settings, pipeline: Pipeline, made_by: str) -> str:
    """Return what makes a table, or first what it is made from."""
    if pipeline is MIS and not connect_mis.is_there(settings):
        return f"{connect_mis.DEMO} for a demo, or set MIS_DATABASE_URL"
    demo, _, file = made_by.partition(" FILE=")
    return f"{demo} for a demo, {made_by} for a file of yours" if file else demo


def _gone_on_with(pipeline: Pipeline, left: Left) -> str:
    """Return what goes on with that which the last run did not end."""
    again = pipeline.log.made_by
    if not_attempted(left.told, pipeline):
        return again
    return f"{again}, then decide what is left in doubt" if left.in_doubt else ""


def not_attempted(told: Sequence[Receipt], pipeline: Pipeline) -> int:
    """Return how many records the last run was to do something about and did not."""
    left = ""
    for receipt in told:
        if receipt.kind == receipts.RUN and receipt.door in pipeline.doors:
            left = receipts.value(receipt, "not_attempted") or left
    return int(left or 0)


def _after_undo(settings: Settings, pipeline: Pipeline) -> str:
    """Return what finds out how things stand, where a run was just taken back."""
    return pipeline.after_undo if is_taken_back(settings, pipeline) else ""


def is_taken_back(settings: Settings, pipeline: Pipeline) -> bool:
    """Return whether the plan of a pipeline is one that takes back what a run did."""
    with suppress(Refused):  # the door that needs the plan says so
        plan = pipeline.plan
        return plan is not None and plans.is_reverse(path_of(settings, plan), plan)
    return False


def _of_errors(pipeline: Pipeline, left: Left) -> str:
    """Return where open errors stand, what a person does about them, and the command."""
    if not left.errors:
        return ""
    if pipeline is WMS and left.types - _planned(left.told):
        return f"{pipeline.errors.place}, then {pipeline.plan.made_by} for all types"
    if pipeline.decided_in and left.errors[HELD]:
        asked, again = f" decide in {pipeline.decided_in},", pipeline.log.made_by
    else:
        asked = pipeline.mended_in and f" mend it in {pipeline.mended_in},"
        again = pipeline.mended_by
    return f"{pipeline.errors.place},{asked} then {again}"


def _planned(told: Sequence[Receipt]) -> set[str]:
    """Return the types that the warehouse's last plan was asked for."""
    found: set[str] = set()
    for receipt in told:
        if covering.is_of_plan(receipt):
            found = set(covering.types_of(receipt))
    return found


def _of_earlier(pipeline: Pipeline, left: Left) -> str:
    if not left.earlier:
        return ""
    return _IMPORTED.format(pipeline.log.place, pipeline.mended_by)


def _of_held(pipeline: Pipeline, left: Left) -> str:
    """Return where files are decided about that the last upload held: no view has them."""
    held = ""
    for receipt in left.told:
        if pipeline is ATTACHMENTS and (receipt.kind, receipt.door) == _UPLOADED:
            held = receipts.value(receipt, "held")
    if held in ("", "0"):
        return ""
    return f"decide about {held} held in {pipeline.decided_in}, then {pipeline.log.made_by}"
