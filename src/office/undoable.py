"""Which runs can be taken back: something that they did at a remote side still stands.

`REMOTE` are the pipelines that act there, each with its way back.

The logs tell it, and nobody outside is asked: what a person has edited there since shows
only when the reverse plan is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from src.config import Settings
from src.kit.runlog import RawRow
from src.office.overview import RunSum
from src.office.pipelines import ATTACHMENTS, MIS, WMS, Pipeline
from src.office.reversing import Way

RowsOf = Callable[[str, str], Iterable[RawRow]]  # pipeline, run id; see overview.Watch


def _attachments() -> Way:
    from src.office import undoing_attachments

    return undoing_attachments.WAY


def _mis() -> Way:
    from src.office import undoing_mis

    return undoing_mis.WAY


def _wms() -> Way:
    from src.office import undoing_wms

    return undoing_wms.WAY


class Acting(NamedTuple):
    """A pipeline that acts on a remote side."""

    pipeline: Pipeline
    door: str
    way: Callable[[], Way]  # made when it is needed: a door imports what it uses


REMOTE = (
    Acting(ATTACHMENTS, "qbo_attach_demo", _attachments),
    Acting(MIS, "mis_push", _mis),
    Acting(WMS, "wms_apply", _wms),
)


def can_be_undone(run: RunSum, rows_of: RowsOf) -> bool:
    """Return whether a run did something at a remote side that an undo can take back."""
    for acted in REMOTE:
        if acted.pipeline.name == run.pipeline:
            return any(map(acted.way().is_effect, rows_of(run.pipeline, run.run_id)))
    return False


def runs(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the runs of which something is left to take back, and their doors, newest first."""
    ways = [acted.way() for acted in REMOTE]
    found = [(ts, run_id, way) for way in ways for run_id, ts in way.left(settings).items()]
    for _, run_id, way in sorted(found, key=lambda one: one[:2], reverse=True):
        if way.is_left(settings, run_id):
            yield run_id, way.door
