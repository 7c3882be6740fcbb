"""What the customer synchronization found, as the lines that people read.

The statistics are laid out as the specification prints them; the rest beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any

from src.kit.errors import INPUT_OUTPUT, sentence
from src.kit.sessions import RUNNING
from src.mis.customer_sync import Synced, envelope, percent
from src.mis.records import ERRORS, PLAN, PLAN_IT

Data = Mapping[str, Any]

WIDTH = 92  # characters
SHOWN = 10  # errors, by name; all of them are in the view
_HEADS = {"applicants": "👥 APPLICANTS:", "students": "🎓 STUDENTS:"}
_ONE = {"applicants": "Applicant", "students": "Student"}
_OVERALL = "🌟 OVERALL:"
_MAY_CHANGE = f"one that QuickBooks has already gets a suffix ({PLAN_IT})"
_LIST = "CustomField"  # name → value; everything else of a preview is one line's


def statistics(found: Data) -> Iterator[str]:
    """Yield the lines of an analysis, as the specification prints them."""
    yield "📊 Customer Synchronization Statistics:"
    for word, head in _HEADS.items():
        one = found[word]
        yield from ("", head)
        yield _line(f"Total {word.capitalize()}", one["total"])
        yield _line("✅ Already Synced", one["synced"])
        yield _line("⏳ Not Synced", one["not_synced"])
        yield _line("❌ Failed", one["failed"])
        yield _line("🔄 In Progress", one["in_progress"])
        yield _share("📈 Progress", percent(one["synced"], one["total"]))
    overall = found["overall"]
    synced, total = overall["total_synced"], overall["total_customers"]
    yield from ("", _OVERALL)
    yield _line("Total Customers", total)
    yield _line("✅ Total Synced", synced)
    yield _line("⏳ Total Not Synced", overall["total_not_synced"])
    yield _share("📈 Overall Progress", percent(synced, total))


def preview(word: str, found: Data) -> Iterator[str]:
    """Yield the lines of a preview: a few for each customer."""
    people, offset = found[word], found["offset"]
    if not people:
        behind = f" after the first {offset:,}" if offset else ""
        yield f"👀 No unsynchronized {word}{behind}"
        return
    yield f"👀 Unsynchronized {word}, {offset + 1:,} to {offset + len(people):,}:"
    for number, one in enumerate(people, offset + 1):
        yield ""
        yield from _customer(word, number, one)
    if unplanned := sum(not one["is_name_planned"] for one in people):
        is_are = "name is" if unplanned == 1 else "names are"
        yield from ("", f"ℹ {unplanned:,} {is_are} not planned yet; {_MAY_CHANGE}")


def _customer(word: str, number: int, one: Data) -> Iterator[str]:
    mis_id, *fields = one.items()
    name = f"{number:,}. {one['DisplayName']}"
    yield _cut(f"{name:<48} {_ONE[word]} {mis_id[1]}")
    plain = [(key, text) for key, text in fields if isinstance(text, str)]
    yield from _wrapped("   ", [f"{key}: {text or '-'}" for key, text in plain[1:]])
    custom = [f"{key}={text}" for key, text in one[_LIST].items() if text]
    yield from _wrapped("   🏷 ", custom)
    yield from (_cut(f"   ⚠ {note}") for note in one["notes"])


def _wrapped(indent: str, pieces: Sequence[str]) -> Iterator[str]:
    """Yield pieces beside one another, none broken where it fits into a line."""
    # A blank inside a piece must not end a line.
    text = "  ".join(piece.replace(" ", "\0") for piece in pieces)
    below = " " * len(indent)
    for line in wrap(text, WIDTH, initial_indent=indent, subsequent_indent=below):
        yield line.replace("\0", " ")


def results(
    words: Sequence[str], found: Synced, is_brief: bool = False
) -> Iterator[str]:
    """Yield the lines of a synchronization's results; brief ones name no person.

    Nothing where it ended before anybody's turn had come: there is only the reason.
    """
    data = found.data
    of = {word: data[word] if len(words) > 1 else data for word in words}
    if found.problem and not any(one["total_processed"] for one in of.values()):
        return
    yield "🔄 Customer Synchronization Results:"
    for word, one in of.items():
        yield from ("", _HEADS[word], *_counts(one))
    if len(words) > 1:
        names = ("total_processed", "successful", "failed")
        sums = {name: sum(one[name] for one in of.values()) for name in names}
        yield from ("", _OVERALL, *_counts(sums))
    if found.waiting:
        yield from ("", f"⏸ {waiting(found.waiting)}")
        yield from () if is_brief else _named(of, "waiting_details")
    if any(one["errors"] for one in of.values()) and not is_brief:
        yield from ("", "❌ ERRORS:", *_named(of, "errors"))


def _counts(one: Data) -> Iterator[str]:
    yield _line("Total Processed", one["total_processed"])
    yield _line("✅ Successful", one["successful"])
    yield _line("❌ Failed", one["failed"])
    if one["total_processed"]:
        share = percent(one["successful"], one["total_processed"])
        yield _share("📈 Success Rate", share)


def waiting(number: int) -> str:
    """Return that so many persons wait, and where; nothing for none."""
    if not number:
        return ""
    wait = "waits" if number == 1 else "wait"
    return f"{number:,} {wait}, neither sent nor failed; decide in {PLAN.place}"


def _named(of: Mapping[str, Data], name: str) -> Iterator[str]:
    """Yield who is in one of the lists, and why; where the others stand."""
    found = [(word, one) for word, data in of.items() for one in data[name]]
    for word, one in found[:SHOWN]:
        mis_id, error = one.values()
        yield from wrap(
            f"{_ONE[word]} {mis_id}: {error}",
            WIDTH,
            initial_indent="   ",
            subsequent_indent="      ",
        )
    more = len(found) - SHOWN
    if found:
        yield f"   {f'and {more:,} more; ' if more > 0 else ''}see {ERRORS.place}"


def status(found: Data) -> Iterator[str]:
    """Yield the lines of a status."""
    yield "📊 Customer Synchronization Status:"
    yield ""
    for word, head in _HEADS.items():
        one = found["statistics"][word]
        yield _standing(head, one["synced"], one["total"], found["progress"][word])
    overall = found["statistics"]["overall"]
    pair = overall["total_synced"], overall["total_customers"]
    yield _standing(_OVERALL, *pair, found["progress"]["overall"])
    yield ""
    is_connected = found["quickbooks_connected"]
    login = "connected" if is_connected else "not connected; run make login"
    yield f"🔗 QuickBooks: {login}"
    yield f"🕒 Last Updated: {_when(found['last_updated'])}"
    yield f"🏁 Last Run: {_last_run(found['last_run'])}"
    session = found["last_session"]
    if session and session["status"] == RUNNING:
        share, so_far = session["progress_percentage"], session["synced_objects"]
        yield f"🔄 Running: session {session['session_id']}, {share} %, {so_far:,} synced"


def _standing(head: str, synced: int, total: int, share: float) -> str:
    return f"{head} {synced:,} of {total:,} synced, 📈 {share:.1f}%"


def _last_run(last: Data | None) -> str:
    if last is None:
        return 'none yet; "all" starts one'
    counts = f"{last['successful']:,} successful, {last['failed']:,} failed"
    behind = waiting(last["waiting"])
    said = (_when(last["ended"]), f"exit code {last['exit_code']}", counts, behind)
    return ", ".join(filter(None, said))


def as_json(found: object) -> str:
    """Return an answer for programs, times ISO-8601; ASCII, so that no console spoils it."""
    return json.dumps(found, indent=2, default=datetime.isoformat)


def answer(message: str, timestamp: str, found: Synced) -> str:
    """Return for programs what was found, or why it ended before its end."""
    data: Any = found.data
    message = "; ".join(filter(None, (message, waiting(found.waiting))))
    if found.problem:
        data = {"exit_code": found.exit_code, "results": data}
    return as_json(envelope(message, timestamp, data, found.problem))


def failure(message: str, timestamp: str, error: Exception) -> str:
    """Return an expected failure for programs, in lines; nothing of any other."""
    said = sentence(error) if isinstance(error, OSError) else str(error)
    code = getattr(error, "exit_code", INPUT_OUTPUT)
    if not (isinstance(error, OSError) or hasattr(error, "exit_code")):
        return ""
    return as_json(envelope(message, timestamp, {"exit_code": code}, said)) + "\n"


def _line(name: str, count: int) -> str:
    return f"   {name}: {count:,}"


def _share(name: str, share: float) -> str:
    return f"   {name}: {share:.1f}%"


def _when(timestamp: str) -> str:
    return f"{timestamp[:19].replace('T', ' ')} UTC"


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
