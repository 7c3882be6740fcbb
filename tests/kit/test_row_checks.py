"""What a verifier reads of a log: checks, numbers, where each row stands."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from src.kit import row_checks, tables
from src.kit.appender import Appender
from src.kit.row_checks import BAD
from tests.kit.logrows import Row

MISREAD = tables.encoded_header(Row).decode("cp1252").encode()
TS = "2026-11-20T00:00:00.000000+00:00"


@pytest.fixture
def path(tmp_path) -> Path:
    """Return a log of five rows in two files, of two runs."""
    path = tmp_path / "x.csv"
    log = Appender(path, Row)
    log.append([(str(n), TS, "r1", f"said {n}") for n in (1, 2, 3)])
    log.rotate()
    log.append([(str(n), TS, "r2", f"said {n}") for n in (4, 5)])
    log.close()
    return path


def edit(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new))


def test_rows_of_all_segments_are_numbered_on(path):
    found = row_checks.read(path, Row)

    assert (found.rows, found.numbers) == (5, [1, 2, 3, 4, 5])
    assert found.runs == {0: "r1", 3: "r2"}


def test_a_bad_row_has_no_number(path):
    edit(path, b"said 5", b"said 6")

    found = row_checks.read(path, Row)

    assert found.numbers[-1] == 0 and found.checks[-1] == BAD


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (0, ("x.0001.csv", 2)),
        (2, ("x.0001.csv", 4)),
        (3, ("x.csv", 2)),
        (5, ("x.csv", 4)),
    ],
)
def test_a_row_stands_on_a_line_of_its_segment(path, row, place):
    assert row_checks.place(row_checks.read(path, Row), row) == place


def test_a_log_without_a_file_has_no_place(tmp_path):
    assert row_checks.place(row_checks.read(tmp_path / "x.csv", Row), 0) == ("", 0)


def test_the_check_that_a_changed_row_still_has_is_read(path):
    check = row_checks.read(path, Row).checks[4]
    edit(path, b"said 5", b"said 6")

    assert row_checks.written_check(row_checks.read(path, Row), 4) == check


@pytest.mark.parametrize("line", [b"hello\n", b'"open\n', b"1,2\n"])
def test_a_line_that_is_no_row_has_no_check(path, line):
    path.write_bytes(path.read_bytes() + line)

    found = row_checks.read(path, Row)

    assert row_checks.written_check(found, 5) == BAD
    assert row_checks.named_cells(found, 5, Row) == {}


def test_the_cells_of_a_changed_row_are_named(path):
    edit(path, b"said 5", b"said 6")

    found = row_checks.named_cells(row_checks.read(path, Row), 4, Row)

    assert (found["seq"], found["run_id"], found["said"]) == ("5", "r2", "said 6")


@pytest.mark.parametrize("separator", [b";", b"\t"])
def test_the_cells_of_a_saved_row_are_named_too(path, separator):
    edit(path, b"said 5", b"said 6")
    edit(path, b",", separator)

    assert (
        row_checks.named_cells(row_checks.read(path, Row), 4, Row)["said"] == "said 6"
    )


def test_a_seal_is_made_of_the_first_checks():
    checks = [b"x1", b"x2", b"x3"]

    found = row_checks.digests(checks, [2, 0, 3, 9])

    assert found == {
        0: sha256(b"").hexdigest(),
        2: sha256(b"x1x2").hexdigest(),
        3: sha256(b"x1x2x3").hexdigest(),
    }


@pytest.mark.parametrize(("end", "is_cut"), [(b"\n", False), (b"", True)])
def test_a_last_line_without_an_end_is_cut(path, end, is_cut):
    path.write_bytes(path.read_bytes().removesuffix(b"\n") + end)

    assert row_checks.is_cut(row_checks.read(path, Row)) is is_cut


def test_rows_that_stand_there_twice_are_found_without_numbers(path):
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(True)[1])

    assert list(row_checks.repeated(path, Row)) == [(5, 3)]


@pytest.mark.parametrize(
    ("header", "how"),
    [
        (tables.encoded_header(Row), ""),
        (tables.encoded_header(Row)[3:], "without a byte-order mark"),
        (MISREAD, "opened as Windows-1252, so its byte-order mark is text now"),
        (b"\xef\xbb\xbfseq;ts;run_id;said;row_check\n", "separated by semicolons"),
        (b"\xef\xbb\xbfseq,ts,run_id,said,row_check\r\n", "line ends of Windows"),
        (
            b'\xef\xbb\xbf"seq","ts","run_id","said","row_check"\n',
            "every cell quoted",
        ),
        (
            b"\xef\xbb\xbfseq,ts,run_id,row_check\n",
            "with the columns of an older version",
        ),
        (
            b"\xef\xbb\xbfts,seq,run_id,said,row_check\n",
            "columns added or moved (5 of 5)",
        ),
        (
            "seq\tts\trun_id\tsaid\trow_check\n".encode("utf-16"),
            "encoded as UTF-16, separated by tabs",
        ),
        (
            "ï»¿seq;ts;run_id;said;row_check\n".encode("utf-16"),
            "encoded as UTF-16, opened as Windows-1252, so its byte-order mark is text "
            "now, separated by semicolons",
        ),
        (b"", ""),
    ],
)
def test_how_a_file_is_spelled_is_told_by_its_header(tmp_path, header, how):
    path = tmp_path / "x.csv"
    path.write_bytes(header)

    assert row_checks.spelled(path, Row) == how
