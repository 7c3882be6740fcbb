"""Every append-only log of the pipelines, held against its seals and its row checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from src.config import Settings
from src.kit import judgements, plans, receipts, row_checks, runlog, verifying
from src.kit.book import Intent, journal_attempts
from src.kit.row_checks import Content
from src.kit.row_order import INSERTED, MISSING
from src.kit.tables import APPEND_ONLY, Table, header
from src.kit.verifying import CHANGED, NOT_THERE, OPEN, Damage, Mark, Subject, Verdict
from src.office import pipelines
from src.office.pipelines import Pipeline

# What nobody seals: several doors append to it, each under the file's own lock.
NO_SEAL = (
    "has no seal of its own: a changed row shows by its check, a row that was taken "
    "out does not show"
)
RECEIPTS_KNOWN_BY = (
    "a run whose beginning was taken out shows where a log has rows of it, nothing "
    "else that was taken out does"
)


class Verified(NamedTuple):
    """One log, what is known of it, and what follows from that."""

    verdict: Verdict
    next_run: str = ""
    way_out: str = ""


def verified(settings: Settings) -> Iterator[Verified]:
    """Yield what is known of every log; the receipts come last."""
    known = verifying.marks(receipts.read(settings.log_dir))
    gone: list[Damage] = [
        one for place in known for one in _unbegun(place, known[place])
    ]
    rows = 0
    for pipeline in pipelines.ALL:
        for table in filter(_is_log, pipeline.tables):
            subject = _subject(settings, table, known.get(table.place, ()))
            verdict, content = verifying.verify(subject)
            if table is pipeline.log:
                verdict = _with_journal(settings, pipeline, verdict)
                gone += _strangers(subject, content)
                rows += content.rows
            yield _followed(pipeline, _if_unsealed(subject, verdict))
        if pipeline.journal:
            yield _followed(pipeline, _of_journal(settings, pipeline))
    yield Verified(_of_table(settings, judgements.TABLE))
    yield _of_receipts(settings, gone, rows)


def _is_log(table: Table) -> bool:
    return table.kind == APPEND_ONLY


def _subject(settings: Settings, table: Table, marks: Sequence[Mark] = ()) -> Subject:
    return Subject(pipelines.path_of(settings, table), table.place, table.row, marks)


def _of_table(settings: Settings, table: Table) -> Verdict:
    subject = _subject(settings, table)
    return _if_unsealed(subject, verifying.verify(subject)[0])


def _if_unsealed(subject: Subject, verdict: Verdict) -> Verdict:
    """Return the verdict, with what can be told of a log without numbers or seals."""
    if subject.marks or "seq" in header(subject.row_type) or not verdict.rows:
        return verdict
    twice = [
        _twice(subject, row, before)
        for row, before in row_checks.repeated(subject.path, subject.row_type)
    ]
    return _with_damages(verdict._replace(notes=(*verdict.notes, NO_SEAL)), twice)


def _twice(subject: Subject, row: int, before: int) -> Damage:
    content = row_checks.read(subject.path, subject.row_type)
    file, line = row_checks.place(content, row)
    first = row_checks.place(content, before)
    return Damage(
        INSERTED, file, line, f"the same as line {first.line} of {first.file}"
    )


def _with_damages(verdict: Verdict, more: Sequence[Damage]) -> Verdict:
    if not more:
        return verdict
    damages = (*verdict.damages, *more)
    count = verdict.count + len(more)
    return verdict._replace(
        state=CHANGED, damages=damages[: verifying.SHOWN], count=count
    )


# --- the journal ----------------------------------------------------------------------


def _of_journal(settings: Settings, pipeline: Pipeline) -> Verdict:
    """Return what is known of a journal, which is empty at a clean end."""
    path = settings.log_dir / pipeline.journal
    verdict, _ = verifying.verify(Subject(path, f"logs/{pipeline.journal}", Intent))
    if verdict.rows:
        said = (
            f"{verdict.rows:,} attempt(s) were begun by a run that did not end cleanly"
        )
        return verdict._replace(notes=(*verdict.notes, said))
    return verdict


def _with_journal(settings: Settings, pipeline: Pipeline, verdict: Verdict) -> Verdict:
    """Return the verdict on the log of a killed run, with what its journal knows."""
    if verdict.state != OPEN or not pipeline.journal:
        return verdict
    journal = settings.log_dir / pipeline.journal
    begun = {(a.key, str(a.attempt)) for a in journal_attempts(journal) if a}
    log = pipeline.log
    names = header(log.row)
    places = [names.index(name) for name in ("key", "attempt")]
    mark = receipts.last(settings.log_dir, log.place, receipts.OPEN)
    first = int(mark.rows or 0) if mark else 0
    rows = islice(runlog.rows(pipelines.path_of(settings, log), log.row), first, None)
    closed = [tuple(runlog.text(row[at]) for at in places) for row in rows if row]
    told = sum(pair in begun for pair in closed)
    tried = sum(bool(attempt) for _, attempt in closed)
    said = (
        f"the journal knows {told:,} of the {tried:,} attempt(s) in its rows, and "
        f"{len(begun - set(closed)):,} without an outcome yet"
    )
    return verdict._replace(notes=(*verdict.notes, said))


# --- the receipts ---------------------------------------------------------------------


def _strangers(subject: Subject, content: Content) -> Iterator[Damage]:
    """Yield the runs that wrote rows of a log, and whose beginning nothing tells."""
    began = {mark.run_id for mark in subject.marks}
    for run_id in sorted({*content.runs.values()} - began):
        said = (
            f"nothing says that run {run_id} began, of which {subject.place} has rows"
        )
        yield Damage(MISSING, receipts.TABLE.name, 0, said)


def _unbegun(place: str, marks: Sequence[Mark]) -> Iterator[Damage]:
    """Yield the runs that sealed a log, and of whose beginning no receipt tells."""
    began = {mark.run_id for mark in marks if mark.kind == receipts.OPEN}
    for run_id in sorted({mark.run_id for mark in marks} - began):
        said = f"nothing says that run {run_id} began, which sealed {place}"
        yield Damage(MISSING, receipts.TABLE.name, 0, said)


def _unknown_plans(settings: Settings) -> Iterator[str]:
    """Yield the plans that were kept for runs of which nothing tells.

    A run keeps its plan before it sends anything, so one that was killed then has left
    nothing else.
    """
    known = {one.run_id for one in receipts.read(settings.log_dir)}
    folders = {"data": settings.data_dir, "logs": settings.log_dir}
    kept = [(name, run_id) for name in folders for run_id in plans.runs(folders[name])]
    for name, run_id in kept:
        if run_id not in known:
            yield (
                f"{name}/{plans.KEPT}/{run_id}.csv is the plan of a run of which no receipt "
                "tells: it was killed before it sent anything, or what it did was taken out"
            )


def _of_receipts(settings: Settings, gone: Sequence[Damage], rows: int) -> Verified:
    verdict = _of_table(settings, receipts.TABLE)
    if verdict.state == NOT_THERE and rows:
        said = "is gone, though there are run logs"
        verdict = _with_damages(
            verdict, [Damage(MISSING, receipts.TABLE.name, 0, said)]
        )
    else:
        verdict = _with_damages(verdict, gone)
    if verdict.rows:
        notes = (RECEIPTS_KNOWN_BY, *_unknown_plans(settings))
        verdict = verdict._replace(notes=(*verdict.notes, *notes))
    if verdict.state != CHANGED:
        return Verified(verdict)
    follows = "every pipeline looks at its remote side once before it sends anything"
    return Verified(verdict, follows, _way_out(Path(receipts.TABLE.name)))


# --- what follows ---------------------------------------------------------------------


def _followed(pipeline: Pipeline, verdict: Verdict) -> Verified:
    log = pipeline.log
    if verdict.state == CHANGED:
        if pipeline.journal:
            follows = (
                f'the next "{log.made_by}" lists the company once and adopts what is '
                "there before it sends anything; nothing is doubled"
            )
        else:
            follows = (
                "the next import stores again only what differs; nothing is doubled"
            )
        return Verified(verdict, follows, _way_out(Path(verdict.place)))
    if verdict.state == OPEN and pipeline.journal:
        follows = f'the next "{log.made_by}" looks up what was in flight, then goes on'
        return Verified(verdict, follows)
    if verdict.resaved:
        return Verified(verdict, "the next run writes it as ours and keeps this copy")
    return Verified(verdict)


def _way_out(path: Path) -> str:
    return (
        f"put {path.name} back from a backup if there is one, else leave it as it is; "
        "look at logs in a copy, or with a spreadsheet set to English"
    )
