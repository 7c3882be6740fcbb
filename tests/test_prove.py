"""The proof, in short: real processes, real kills, and a naive design that must fail."""

from __future__ import annotations

import pytest

from src import prove
from src.kit import reading
from src.kit.errors import OK, SOME_ROWS_FAILED
from src.kit.tables import GENERATED, Table
from src.office import damage, proof
from src.office.proof import Result

TABLE = Table("LOG_DIR", prove.PLACE, Result, GENERATED, "make prove")


def result(design: str = "Carryover", lost: int = 0, duplicates: int = 0) -> Result:
    return Result(design, "ignored", "9", "12", str(lost), str(duplicates))


def test_a_short_proof_kills_and_counts_every_design(desk):
    code = desk.run(prove, "--seconds", "0.1", "--lanes", "1")

    rows = list(reading.table(desk.path(TABLE), TABLE))
    assert code in (OK, SOME_ROWS_FAILED)  # so short, the naive one may be lucky
    assert [row.request_ids for row in rows] == ["honoured", "ignored", "forgotten", "honoured"]
    ours = [row for row in rows if row.design == "Carryover"]
    assert {(row.items, row.lost, row.duplicates) for row in ours} == {("12", "0", "0")}
    assert "Carryover" in desk.out and "log of successes only" in desk.out


@pytest.mark.parametrize(
    ("one", "holds"),
    [
        (result(), True),
        (result(lost=1), False),
        (result(duplicates=1), False),
        (result("log of successes only", duplicates=3), True),
        (result("log of successes only"), False),
    ],
)
def test_the_proof_holds_where_ours_is_whole_and_the_naive_one_doubles(one, holds):
    assert prove._holds(one) is holds


def test_lanes_of_one_design_are_added_up(tmp_path):
    lanes = [proof.Lane(tmp_path / str(n), proof.DESIGNS[1], str(n)) for n in range(3)]
    for lane in lanes:
        lane.kills, lane.items = 2, 12

    [row] = proof.results(lanes)

    assert row == Result("Carryover", "ignored", "6", "36", "36", "0")  # nothing was sent


def test_logs_without_a_byte_leave_no_trace(tmp_path):
    assert damage.leaves_no_trace(tmp_path)
    (tmp_path / damage.LOGS[1]).write_bytes(b"")
    assert damage.leaves_no_trace(tmp_path)
    (tmp_path / damage.LOGS[2]).write_bytes(b"x")
    assert not damage.leaves_no_trace(tmp_path)
