"""One file's biography: where it lay, to what its id was joined, what was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from src.attachments.records import (
    FINDINGS,
    INVENTORY,
    LOGGED_BUT_ABSENT,
    MAPPING,
    PLAN,
    RUNLOG,
    SENT_WITHOUT_DECISION,
    TAKEN_BACK,
    UNDO_UPLOAD,
    SKIPS,
)
from src.config import normalize_file_name, normalize_legacy_id, normalize_type_class
from src.kit import stories
from src.kit.memory import REMOVED, SUCCESSES
from src.kit.stories import Chapter, Found, Story, Teller, Token, quoted

_FILE = ("legacy_txnid_norm", "raw_legacy_id", "file_name", "file_path")
_TARGET = ("qbo_entity_id", "qbo_entity_type+qbo_entity_id")
_HANDLES = {
    MAPPING.name: ("legacy_txnid_norm", *_TARGET),
    INVENTORY.name: _FILE,
    SKIPS.name: _FILE,
    PLAN.name: ("row", *_FILE, *_TARGET, "upload_name"),
    RUNLOG.name: (
        *("key", "request_id", "attachable_id", "sha256", "intuit_tid"),
        *_FILE,
        *_TARGET,
    ),
    FINDINGS.name: ("row", "key", "logged_id", "company_id", *_FILE, *_TARGET),
}
RECONCILED = "make reconcile-apply"
_ATTEMPT = {
    "attempt": "attempt",
    "request_id": "request",
    "intuit_tid": "tid",
    "status_code": "status",
    "attachable_id": "attachable",
    "duration_ms": "ms",
}
_COLUMNS = frozenset("file_path key legacy_txnid_norm".split())


def teller(prefixes: Sequence[str]) -> Teller:
    """Return what tells of files; the prefixes are those that a legacy id may have."""
    legacy = partial(normalize_legacy_id, prefixes=prefixes)
    tell = partial(_tell, prefixes=prefixes)
    folds = (stories.fold, legacy, normalize_file_name)
    return Teller(_HANDLES, folds, _tokens, _ties, _COLUMNS, tell)


def _tokens(row: Found) -> Iterator[Token]:
    if row["file_path"]:
        yield "path", row["file_path"]
    elif row["key"]:
        yield "key", row["key"]
    if row["file_path"] and row["key"]:
        yield "key", row["key"]


def _ties(row: Found) -> Iterator[Token]:
    if row["legacy_txnid_norm"]:
        yield "legacy", row["legacy_txnid_norm"]


def _tell(
    rows: Sequence[Found], state: Mapping[str, str], prefixes: Sequence[str]
) -> Story:
    log = stories.of_table(rows, RUNLOG.name)
    plan = stories.of_table(rows, PLAN.name)
    chapters = [
        *_source(rows),
        *_normalization(rows, prefixes),
        *_mapping(rows),
        *_plan(plan),
        *stories.attempts(log, _ATTEMPT),
        *_reconciled(rows),
    ]
    known = next((row for row in [*plan, *log, *rows] if row["file_path"]), rows[0])
    title = known["file_path"] or f"legacy id {known['legacy_txnid_norm']}, no file"
    name = next((row["row"] for row in plan), "") or known["key"] or title
    is_known = plan or stories.last_outcome(log)
    said, step = _present(rows, plan, log) if is_known else _unplanned(rows)
    return Story(name, title, chapters, said, step)


def _source(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, INVENTORY.name):
        said = f"{row['file_path']}, {row['size_bytes']} bytes"
        modified = f"last modified {stories.when(row['modified_at'])}"
        yield from stories.chapter(
            "Source", [said, modified, row["note"], row.where], row["modified_at"]
        )


def _normalization(rows: Sequence[Found], prefixes: Sequence[str]) -> Iterator[Chapter]:
    known = next((row for row in rows if row["raw_legacy_id"]), None)
    if known:
        raw, norm = known["raw_legacy_id"], known["legacy_txnid_norm"]
        rule = f"upper case, blanks and the prefix {' or '.join(prefixes)} taken off"
        yield from stories.chapter(
            "Normalization",
            [f"the folder says {quoted(raw)}; joined by {quoted(norm)} ({rule})"],
        )


def _mapping(rows: Sequence[Found]) -> Iterator[Chapter]:
    mapping = stories.of_table(rows, MAPPING.name)
    owned = next((row for row in rows if row["raw_legacy_id"]), None)
    lines = []
    for row in mapping:
        wanted = normalize_type_class(owned["legacy_entity_type"]) if owned else ""
        fits = wanted in ("", normalize_type_class(row["legacy_entity_type"]))
        target = f"{row['qbo_entity_type']} {row['qbo_entity_id']}"
        why = "" if fits else f"; not meant: the folder is of the class {wanted}"
        lines.append(f"{row['legacy_entity_type']} → {target} ({row.where}){why}")
    if owned and not mapping:
        lines.append(
            f"no row of {MAPPING.place} has the id {owned['legacy_txnid_norm']}"
        )
    if len(mapping) > 1:
        lines.insert(0, f"{len(mapping)} candidates")
    yield from stories.chapter("Mapping", lines)


def _plan(plan: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.applied(plan)[0]:
        target = f"{row['qbo_entity_type']} {row['qbo_entity_id']}".strip()
        said = f"{row['status']}{f' for {target}' if target else ''}"
        why = f"because {row['reason']}" if row["reason"] else ""
        sent_as = row["upload_name"] if row["upload_name"] != row["file_name"] else ""
        renamed = f"sent as {quoted(sent_as)}" if sent_as else ""
        place = f"row {row['row']}, {row.where}"
        yield from stories.chapter("Plan", [said, why, renamed, place])
        decided = row["decision"] or "none: as proposed"
        yield from stories.chapter("Decision", [decided])


def _reconciled(rows: Sequence[Found]) -> Iterator[Chapter]:
    for row in stories.of_table(rows, FINDINGS.name):
        said = f"{row['class']}: {row['action'] or 'nothing proposed'}"
        there = f"in the company as {row['company_id']}" if row["company_id"] else ""
        yield from stories.chapter(
            "Reconciliation", [said, row["reason"], there, row["decision"], row.where]
        )


def _present(
    rows: Sequence[Found], plan: Sequence[Found], log: Sequence[Found]
) -> tuple[str, str]:
    row, last = plan[-1] if plan else None, stories.last_outcome(log)
    if last and last["outcome"] in SUCCESSES:
        known = {one["modified_at"] for one in log}
        is_new = bool(row) and row["modified_at"] not in known
        return _attached(stories.of_table(rows, FINDINGS.name), row, last, is_new)
    planned, step = _planned(row)
    if last and last["outcome"] == REMOVED:
        return f"it was removed again on {stories.when(last['ts'])}; {planned}", step
    if last:
        said = f"it is not known to be there: {last['outcome']}, {last['error']}"
        return said.rstrip(", "), step
    return planned, step


def _attached(
    findings: Sequence[Found], row: Found | None, last: Found, is_new: bool
) -> tuple[str, str]:
    """Return the present of a file that the log knows to be there."""
    target = f"{last['qbo_entity_type']} {last['qbo_entity_id']}"
    said = f"it is attached to {target} as {last['attachable_id'] or 'an attachable'}"
    said += f", {last['outcome']} on {stories.when(last['ts'])}"
    for found in findings:
        is_same = found["logged_id"] == last["attachable_id"]
        if found["class"] == LOGGED_BUT_ABSENT and is_same:
            step = f"decide row {found['row']} in {FINDINGS.place}, then {RECONCILED}"
            return f"{said}, but {FINDINGS.made_by} did not find it there", step
    if row and row["status"] == UNDO_UPLOAD and row["key"] == last["key"]:
        return f"{said}; it is planned to be deleted there", RUNLOG.made_by
    if row and is_new and row["status"] != UNDO_UPLOAD:
        planned, step = _planned(row)
        return f"an earlier state of {said}; now {planned}", step
    return said, "nothing to do"


def _planned(row: Found | None) -> tuple[str, str]:
    """Return what the present plan makes of a file that is not there."""
    if row is None:
        return "the present plan has no row of it", PLAN.made_by
    word, status = stories.decision(row), row["status"]
    if status == UNDO_UPLOAD:
        return "the present plan only takes back what a run did", PLAN.made_by
    if word == stories.SKIP:
        return "it is left out, as decided", "nothing to do"
    if word == stories.WAIT or not (word or status in SENT_WITHOUT_DECISION):
        why = row["reason"] if status == TAKEN_BACK else status
        decide = f"decide row {row['row']} in {PLAN.place} (or mend its cause)"
        return f"it is not sent: {why}", f"{decide}, then {RUNLOG.made_by}"
    return "it is planned and not sent yet", RUNLOG.made_by


def _unplanned(rows: Sequence[Found]) -> tuple[str, str]:
    skipped = stories.of_table(rows, SKIPS.name)
    if skipped:
        return f"it is left out: {skipped[-1]['reason']}", "nothing to do"
    if stories.of_table(rows, INVENTORY.name):
        return "it was found, and the present plan has no row of it", PLAN.made_by
    if stories.of_table(rows, MAPPING.name):
        return (
            "the mapping knows it, and no file in the tree has its id",
            "nothing to do",
        )
    return "only the reconciliation knows it", "make reconcile"
