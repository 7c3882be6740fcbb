"""Whatever is done to a log shows; whatever only looks different does not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from random import Random

import pytest

from src.kit import cells, receipts, runlog, tables, verifying
from src.kit.clock import Clock
from src.kit.logbook import Author, Logbook, LogPlace
from src.kit.verifying import (
    CHANGED,
    INTACT,
    NOT_THERE,
    OPEN,
    UNSEALED,
    Subject,
    Verdict,
)
from tests.kit.logrows import Row

AT = datetime(2026, 11, 20, tzinfo=timezone.utc)
CLOCK = Clock(lambda: AT)
PLACE = "logs/x_runlog.csv"
SAID = [
    "plain",
    "00123",
    "=1+1",
    'a "quote"',
    "semi;colon",
    "com,ma",
    "",
    "1.10",
    "back\\slash",
]


def opened(path: Path, run_id: str, per_segment: int = 1000) -> Logbook:
    place = LogPlace(path, PLACE, Row, per_segment)
    log = Logbook(place, Author(run_id, "door", CLOCK))
    log.open()
    return log


def say(log: Logbook, *words: str) -> None:
    for word in words:
        log.note((log.next_seq(), *log.stamp(), word))
    log.commit()


def run(path: Path, run_id: str, *words: str, per_segment: int = 1000) -> None:
    """Leave the log as a clean run does."""
    log = opened(path, run_id, per_segment)
    say(log, *words)
    log.seal()
    log.close()


def killed(path: Path, run_id: str, *words: str) -> None:
    """Leave the log as a run does that was killed."""
    log = opened(path, run_id)
    say(log, *words)
    log.close()


@pytest.fixture
def path(tmp_path) -> Path:
    """Return a log of three runs, of four, three and three rows."""
    log = tmp_path / "x_runlog.csv"
    run(log, "r1", "a", "b", "c", "d")
    run(log, "r2", "e", "f", "g")
    run(log, "r3", "h", "i", "j")
    return log


def verdict(path: Path) -> Verdict:
    known = verifying.marks(receipts.read(path.parent)).get(PLACE, [])
    return verifying.verify(Subject(path, PLACE, Row, known))[0]


def first(path: Path) -> tuple[str, int]:
    """Return what kind of damage comes first, and on which line."""
    damage = verdict(path).damages[0]
    return damage.kind, damage.line


def edit(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the lines of a log; the header is line 0."""
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def told(path: Path) -> str:
    found = verdict(path)
    return " ".join([*found.notes, *(damage.said for damage in found.damages)])


# --- nothing was changed --------------------------------------------------------------


def test_a_log_that_nobody_touched_is_intact_and_says_who_sealed_it(path):
    found = verdict(path)

    assert (found.state, found.rows, found.damages) == (INTACT, 10, ())
    assert found.notes == ("10 rows, as run r3 sealed them on 2026-11-20 00:00 UTC",)


def test_a_log_that_was_never_begun_is_not_there(tmp_path):
    assert verdict(tmp_path / "x_runlog.csv").state == NOT_THERE


def test_segments_are_one_log(tmp_path):
    log = tmp_path / "x_runlog.csv"
    for number in range(5):
        run(log, f"r{number}", "a", "b", "c", per_segment=4)

    assert len(runlog.segments(log)) > 1
    assert verdict(log).state == INTACT


def test_rows_of_a_killed_run_are_told_from_rows_that_nobody_wrote(path):
    killed(path, "r4", "k", "l")

    found = verdict(path)

    assert (found.state, found.damages) == (OPEN, ())
    assert "10 rows are as it found them, 2 stand behind them" in found.notes[0]


def test_a_line_that_a_killed_run_left_half_is_no_change(path):
    killed(path, "r4", "k", "l")
    path.write_bytes(path.read_bytes()[:-5])

    found = verdict(path)

    assert (found.state, found.damages) == (OPEN, ())
    assert "its last line was cut; the next run puts that aside" in found.notes


def test_without_receipts_the_rows_vouch_for_themselves_alone(path):
    (path.parent / "receipts.csv").unlink()

    assert verdict(path).state == UNSEALED


def test_a_log_that_was_taken_away_and_begun_anew_says_so(path):
    path.unlink()
    run(path, "r4", "z")

    found = verdict(path)

    assert found.state == INTACT
    assert "a log of 10 rows had been taken away before it" in found.notes[-1]


# --- the first row that is not as it was ----------------------------------------------


def test_a_changed_cell_is_named_by_its_line(path):
    edit(path, lambda lines: [*lines[:3], lines[3].replace(b",c,", b",C,"), *lines[4:]])

    assert first(path) == ("changed", 4)
    assert "its check does not fit (seq 3, run_id r1)" in told(path)


def test_a_changed_cell_leaves_all_other_rows_vouched_for(path):
    edit(path, lambda lines: [*lines[:3], lines[3].replace(b",c,", b",C,"), *lines[4:]])

    assert "all other rows are as run r3 sealed them" in told(path)


def test_a_removed_row_is_named_by_its_number(path):
    edit(path, lambda lines: [*lines[:6], *lines[7:]])

    assert first(path) == ("missing", 7)
    assert "before this line, seq 6" in told(path)
    assert verdict(path).count == 1


def test_a_damage_lies_behind_the_last_seal_that_holds(path):
    edit(path, lambda lines: [*lines[:6], *lines[7:]])

    assert "rows 1 to 4 are as run r2 found them" in told(path)
    assert "rows 5 to 7 are not as run r2 sealed them" in told(path)


def test_a_row_that_stands_there_twice_was_put_in(path):
    edit(path, lambda lines: [*lines[:6], lines[2], *lines[6:]])

    assert first(path) == ("inserted", 7)


def test_a_line_of_somebody_else_was_put_in(path):
    edit(path, lambda lines: [*lines[:6], b"hello\n", *lines[6:]])

    assert first(path) == ("inserted", 7)


def test_rows_that_changed_places_have_moved(path):
    edit(path, lambda ls: [*ls[:4], ls[5], ls[4], *ls[6:]])

    assert first(path) == ("moved", 6)
    assert verdict(path).count == 1


def test_rows_missing_at_the_end_are_counted(path):
    edit(path, lambda lines: lines[:-2])

    assert first(path) == ("missing", 10)
    assert "the last 2 row(s) are not there; cut off" in told(path)


def test_an_older_copy_is_called_one(path):
    edit(path, lambda lines: lines[:8])

    assert (
        "the last 3 row(s) are not there; this is an older copy, as run r3 found"
        in told(path)
    )


def test_a_cut_within_sealed_rows_is_a_change(path):
    path.write_bytes(path.read_bytes()[:-5])

    assert first(path) == ("cut", 11)


def test_a_log_that_is_gone_is_missed(path):
    path.unlink()

    assert verdict(path).state == CHANGED
    assert "the file is gone; 10 rows" in told(path)


def test_an_emptied_log_is_missed(path):
    path.write_bytes(b"")

    assert "the last 10 row(s) are not there; the file was emptied" in told(path)


def test_rows_behind_the_seal_that_no_run_wrote_are_found(path):
    edit(path, lambda lines: [*lines, forged("11")])

    assert first(path) == ("inserted", 12)


def test_rows_of_a_run_that_never_began_are_found_behind_a_killed_one(path):
    killed(path, "r4", "k")
    edit(path, lambda lines: [*lines, forged("12")])

    assert "row(s) of run r9, which never began" in told(path)


def test_a_row_with_a_right_check_that_is_not_the_one_once_written_is_noticed(path):
    edit(path, lambda lines: [*lines[:6], forged("6", "r2"), *lines[7:]])

    assert verdict(path).state == CHANGED
    assert "rows 5 to 7 have right checks, yet are not those once written" in told(path)


def test_a_missing_segment_is_a_gap(tmp_path):
    log = tmp_path / "x_runlog.csv"
    for number in range(5):
        run(log, f"r{number}", "a", "b", "c", per_segment=4)
    runlog.segments(log)[1].unlink()

    assert verdict(log).damages[0].kind == "missing"


def test_damage_that_a_later_run_has_met_is_still_told(path):
    edit(path, lambda lines: [*lines[:6], *lines[7:]])
    run(path, "r4", "k", "l")

    assert first(path) == ("missing", 7)
    assert "run r4 has met it so and gone on" in told(path)
    assert verdict(path).count == 1


def forged(seq: str, run_id: str = "r9") -> bytes:
    """Return a line whose check is right, as whoever knows the rule may write it."""
    row = tables.checked((seq, "2026-11-20T00:00:00.000000+00:00", run_id, "forged"))
    return (",".join(row) + "\n").encode()


def test_a_row_put_in_at_the_end_is_found_beside_a_changed_one(path):
    edit(
        path, lambda ls: [*ls[:3], ls[3].replace(b",c,", b",C,"), *ls[4:], forged("11")]
    )

    assert verdict(path).count == 2
    assert "1 row(s) that no run wrote, at the end" in told(path)


def test_a_row_that_was_changed_after_a_kill_is_told_when_the_next_run_is_sealed(
    tmp_path,
):
    log = tmp_path / "x_runlog.csv"
    killed(log, "r1", "a", "b", "c")
    edit(log, lambda lines: [*lines[:2], lines[2].replace(b",b,", b",B,"), lines[3]])
    run(log, "r2", "d")

    assert first(log) == ("changed", 3)
    assert "run r2 has met it so and gone on" in told(log)


def test_a_run_counts_on_from_the_rows_that_it_found(path):
    edit(path, lambda lines: [*lines[:2], *lines[5:]])
    run(path, "r4", "k", "l")
    edit(path, lambda lines: lines[:-1])

    assert [one.kind for one in verdict(path).damages] == ["missing"]


def test_damage_after_damage_is_not_counted_twice(path):
    edit(path, lambda lines: [*lines[:2], *lines[5:]])
    run(path, "r4", "k", "l")
    edit(path, lambda lines: [lines[0], lines[1].replace(b",a,", b",A,"), *lines[2:]])

    assert [one.kind for one in verdict(path).damages] == ["changed", "missing"]


def test_a_wrecked_log_is_told_in_a_few_lines(tmp_path):
    log = tmp_path / "x_runlog.csv"
    run(log, "r1", *["a"] * 500)
    edit(
        log,
        lambda lines: [lines[0], *[one.replace(b",a,", b",b,") for one in lines[1:]]],
    )

    found = verdict(log)

    assert (len(found.damages), found.count) == (verifying.SHOWN, 500)


# --- what a spreadsheet does ----------------------------------------------------------

Save = Callable[[list[list[str]]], bytes]


def saved(
    separator: str, encoding: str, end: str, quoting: int = csv.QUOTE_MINIMAL
) -> Save:
    """Return what saves records as another program does."""

    def save(records: list[list[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(
            text, delimiter=separator, lineterminator=end, quoting=quoting
        ).writerows(records)
        return text.getvalue().encode(encoding)

    return save


def unguarded(save: Save) -> Save:
    return lambda records: save(
        [[cells.unguard(cell) for cell in one] for one in records]
    )


def misread(save: Save) -> Save:
    """Return what opens a file as Windows-1252, though it is UTF-8, and saves it so."""

    def again(records: list[list[str]]) -> bytes:
        raw = tables.BOM + save(records)
        read = (bytes([b]).decode("cp1252", "ignore") or chr(b) for b in raw)
        return "".join(read).encode("utf-8-sig")

    return again


DIALECTS = {
    "misread": misread(saved(",", "utf-8", "\n")),
    "misread, quoted": misread(saved(";", "utf-8", "\r\n", csv.QUOTE_ALL)),
    "plain": saved(",", "utf-8", "\n"),
    "windows": saved(",", "utf-8-sig", "\r\n"),
    "semicolons": saved(";", "utf-8-sig", "\r\n"),
    "tabs": saved("\t", "utf-16", "\r\n"),
    "quoted": saved(",", "utf-8", "\n", csv.QUOTE_ALL),
    "all quoted, semicolons": saved(";", "cp1252", "\r\n", csv.QUOTE_ALL),
    "without guards": unguarded(saved(",", "utf-8-sig", "\r\n")),
    "without guards, tabs": unguarded(saved("\t", "utf-8", "\n")),
}


def records_of(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_log_that_was_only_saved_again_is_no_changed_one(tmp_path, dialect):
    log = tmp_path / "x_runlog.csv"
    run(log, "r1", *SAID)
    log.write_bytes(DIALECTS[dialect](records_of(log)))

    found = verdict(log)

    assert (found.state, found.damages) == (INTACT, ())
    assert found.resaved


def test_it_is_told_how_another_program_has_saved_it(path):
    path.write_bytes(DIALECTS["tabs"](records_of(path)))

    assert verdict(path).resaved == (
        "x_runlog.csv: encoded as UTF-16, separated by tabs, line ends of Windows",
    )


def test_a_log_that_was_opened_in_the_wrong_encoding_says_so_once(path):
    path.write_bytes(DIALECTS["misread"](records_of(path)))

    assert verdict(path).resaved == (
        "x_runlog.csv: opened as Windows-1252, so its byte-order mark is text now",
    )


def test_a_moment_that_nobody_knows_is_no_blank():
    assert verifying.moment("") == "an unknown day"


def test_a_lost_header_is_no_changed_row(path):
    edit(path, lambda lines: lines[1:])

    assert (verdict(path).state, *verdict(path).resaved) == (
        INTACT,
        "x_runlog.csv: without a byte-order mark, without a header",
    )


def test_the_line_of_a_changed_row_is_that_of_the_saved_file(path):
    records = records_of(path)
    records[5][3] = "someone else's"
    path.write_bytes(DIALECTS["tabs"](records))

    assert first(path) == ("changed", 6)


def test_blank_lines_of_a_saved_file_are_counted_as_lines(path):
    records = records_of(path)
    records[5][3] = "someone else's"
    blank = [""] * len(records[0])
    path.write_bytes(DIALECTS["semicolons"]([*records[:3], blank, blank, *records[3:]]))

    assert first(path) == ("changed", 8)


# --- whatever is done -----------------------------------------------------------------


def change_a_cell(records: list[list[str]], dice: Random) -> None:
    row = dice.choice(records)
    at = dice.randrange(len(row))
    row[at] = dice.choice(["", "7", "1E+05", row[at] + "x"])


def delete(records: list[list[str]], dice: Random) -> None:
    del records[dice.randrange(len(records))]


def insert(records: list[list[str]], dice: Random) -> None:
    records.insert(
        dice.randrange(len(records) + 1), dice.choice([["hello"], ["1"] * 5])
    )


def duplicate(records: list[list[str]], dice: Random) -> None:
    records.insert(dice.randrange(len(records) + 1), [*dice.choice(records)])


def swap(records: list[list[str]], dice: Random) -> None:
    one, other = (dice.randrange(len(records)) for _ in range(2))
    records[one], records[other] = records[other], records[one]


def cut(records: list[list[str]], dice: Random) -> None:
    del records[dice.randrange(len(records)) :]


DEEDS = (change_a_cell, delete, insert, duplicate, swap, cut)


def meant(records: list[list[str]]) -> list[list[str]]:
    return [[cells.unguard(cell) for cell in one] for one in records]


def some_log(folder: Path, dice: Random) -> Path:
    """Return the newest file with rows of a log of some runs and segments."""
    folder.mkdir()
    log = folder / "x_runlog.csv"
    per_segment = dice.choice([3, 1000])
    for number in range(dice.randrange(1, 4)):
        words = dice.choices(SAID, k=dice.randrange(1, 6))
        run(log, f"r{number}", *words, per_segment=per_segment)
    return next(
        one for one in reversed(runlog.segments(log)) if len(records_of(one)) > 1
    )


@pytest.mark.parametrize("seed", range(40))
def test_no_change_is_called_none_however_the_file_is_saved(tmp_path, seed):
    dice = Random(seed)
    log = some_log(tmp_path / "log", dice)
    header, *before = records_of(log)

    for deed in DEEDS:
        records = [[*one] for one in before]
        deed(records, dice)
        log.write_bytes(dice.choice([*DIALECTS.values()])([header, *records]))
        is_same = meant(records) == meant(before)
        found = verdict(log.with_name("x_runlog.csv"))
        assert (found.state == CHANGED) is not is_same, (deed.__name__, records)


@pytest.mark.parametrize("seed", range(10))
def test_no_cut_of_a_sealed_log_goes_unnoticed(tmp_path, seed):
    log = some_log(tmp_path / "log", Random(seed))
    whole = log.read_bytes()

    for length in range(len(tables.encoded_header(Row)), len(whole), 7):
        log.write_bytes(whole[:length])
        assert verdict(log.with_name("x_runlog.csv")).state == CHANGED, length
