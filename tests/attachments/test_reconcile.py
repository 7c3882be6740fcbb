"""Source, log and company compared: what each disagreement is, and what it comes to."""

from __future__ import annotations

import pytest

from src.attachments.planning import DECISION_AT
from src.attachments.reconcile import Comparison, Sides, Totals, differences
from src.attachments.records import CLASSES, SAME, Attempt, Finding, Verified
from src.attachments.sides import Files, Known, Logged, pack, unpack
from src.attachments.upload import Context
from src.attachments.verdicts import Ruling, ruling
from src.kit import plans
from src.kit.answers import Found
from src.kit.memory import Index, key_of

WHEN = "2014-08-30T10:00:00.000000+00:00"
KEY = key_of(["of a.pdf"])
FILE = ("Invoice", "7", "a.pdf", "Attach/a.pdf", "3", WHEN, "ab" * 32)
SENT = Known(*FILE, attachable_id="900", outcome="uploaded")
THERE = Found("900", 3, "a.pdf", "Invoice", "7", KEY, WHEN)
OWN = Found("901", 5, "own.pdf", "Bill", "8", "", "2020-01-01T00:00:00+00:00")


def logged(outcome: str = "uploaded", **cells: str) -> list[bytes]:
    """Return a raw row of the log about a.pdf."""
    known = SENT._replace(outcome=outcome)._asdict()
    row = Attempt(*[""] * len(Attempt._fields))._replace(
        **{"key": KEY, "realm_id": "1", "attempt": "1", **known, **cells}
    )
    return [cell.encode() for cell in row]


def planned(run_id: str = "run", **cells: str) -> Verified:
    """Return the row of the plan about a.pdf."""
    about = {name: getattr(SENT, name) for name in SENT._fields[:6]}
    row = Verified(*[""] * len(Verified._fields))._replace(
        **{"row": "r1", "status": "ok", "upload_name": "a.pdf", **about, **cells}
    )
    return Verified(*plans.signed(row, DECISION_AT, run_id))


class Compared:
    """A comparison that is done: its findings, totals and balance."""

    def __init__(self, log=(), plan=(), company=(), files_dir="/nowhere") -> None:
        sent, index = Logged("1"), Index(Attempt, SAME)
        index.learn(sent.over(log))
        self.files = Files(Context("1", str(files_dir), "run", False), index, sent)
        totals = Totals()
        for row in self.files.take(plan):
            totals.add_source(row)
        self.done = Comparison(Sides(sent, self.files, index, totals))
        self.findings = list(self.done.findings(company))
        self.totals = list(totals.rows())
        self.balance = self.done.balance(len(plan), 0, 0)

    @property
    def classes(self) -> list[str]:
        return [one.class_ for one in self.findings]


@pytest.mark.parametrize(
    ("log", "plan", "company", "classes"),
    [
        ([], [], [], []),
        ([logged()], [planned()], [THERE], []),
        ([logged()], [planned()], [], ["logged_but_absent"]),
        ([logged()], [planned()], [THERE, THERE], ["duplicate"]),
        ([logged()], [planned()], [THERE, THERE, THERE], ["duplicate"]),
        ([logged()], [], [THERE], []),
        ([logged()], [], [], ["logged_but_absent"]),
        ([], [], [THERE], ["extra"]),
        ([], [], [OWN], ["extra"]),
        ([logged("failed")], [], [THERE], ["present_but_not_logged"]),
        ([logged(), logged("removed")], [], [THERE], ["present_but_not_logged"]),
        ([logged(), logged("removed")], [], [], []),
        ([logged("failed"), logged()], [planned()], [THERE], []),
        ([logged("in_doubt")], [], [THERE, THERE], ["duplicate"]),
        ([logged("skipped_already_uploaded")], [planned()], [], ["logged_but_absent"]),
        (
            [logged("skipped_already_uploaded")],
            [planned()],
            [THERE],
            ["present_but_not_logged"],
        ),
        ([logged(realm_id="2")], [], [], []),
        ([logged("adopted", attachable_id="901")], [planned()], [OWN], []),
        ([logged("adopted", attachable_id="901")], [planned()], [], ["logged_but_absent"]),
        (
            [logged("adopted", attachable_id="901")],
            [planned()],
            [THERE, OWN],
            ["duplicate"],
        ),
        (
            [logged("adopted", attachable_id="901")],
            [planned()],
            [OWN, THERE],
            ["duplicate"],
        ),
        (
            [logged("adopted", attachable_id="901"), logged("removed"), logged()],
            [planned()],
            [THERE, OWN],
            ["extra"],
        ),
    ],
)
def test_each_state_of_the_three_sides_has_its_class(log, plan, company, classes):
    compared = Compared(log, plan, company)

    assert compared.classes == classes
    assert compared.balance.holds()
    assert set(compared.done.counts) <= set(CLASSES)


@pytest.mark.parametrize(
    ("known", "there", "told"),
    [
        (SENT, THERE, ""),
        (SENT, THERE._replace(size=-1), ""),
        (SENT._replace(size_bytes=""), THERE, ""),
        (SENT, THERE._replace(entity_type="INVOICE"), ""),
        (SENT, THERE._replace(name="a (ababab).pdf"), ""),
        (SENT, THERE._replace(name="a (cdcdcd).pdf"), "named a (cdcdcd).pdf"),
        (SENT, THERE._replace(size=4), "4 bytes, 3 were sent"),
        (SENT, THERE._replace(entity_id="8"), "attached to Invoice 8"),
        (SENT, THERE._replace(remote_id="1"), "the log has id 900"),
        (SENT, THERE._replace(size=4, name="b"), "4 bytes, 3 were sent; named b"),
        (SENT._replace(attachable_id="", outcome=""), THERE, ""),
        (SENT._replace(outcome="adopted", error="as it is"), THERE._replace(size=4), ""),
        (SENT._replace(outcome="adopted"), THERE._replace(size=4), "4 bytes, 3 were sent"),
    ],
)
def test_a_difference_is_told_and_what_is_not_known_is_none(known, there, told):
    assert differences(known, there) == told


@pytest.mark.parametrize(
    "name", ["'t Hooft.pdf", "=1+1", "00123", "a\nb", "a\x1fb", "\udcff", "\\n", "''1E5"]
)
def test_what_is_packed_comes_back_as_it_was(name):
    known = SENT._replace(file_name=name)

    assert unpack(pack(known)) == known


@pytest.mark.parametrize("name", ["a\nb.pdf", "a\x1fb", "a\\b", "\udcff"])
def test_a_strange_name_there_is_reported_as_it_is(name):
    strange = THERE._replace(name=name)

    (finding,) = Compared([logged()], [planned()], [strange]).findings

    assert finding.reason == f"named {name}"


def test_the_totals_of_what_joins_stand_in_the_year_of_the_file():
    late = THERE._replace(created_at="2026-01-01T00:00:00+00:00")

    totals = Compared([logged()], [planned()], [late, OWN]).totals

    assert totals == [
        ("Bill", "2020", *"000000", "1", "5"),
        ("Invoice", "2014", *"131313", "0", "0"),
        ("total", "", *"131313", "1", "5"),
    ]


def test_a_log_row_without_a_time_counts_in_the_year_it_was_written():
    row = logged("recovered", modified_at="", ts="2026-11-21T00:00:00+00:00")

    totals = Compared([row], [], []).totals

    assert totals[0][:2] == ("Invoice", "2026")


def test_one_attachable_may_be_adopted_for_two_keys():
    other = key_of(["of another"])
    log = [logged("adopted", key=key, attachable_id="901") for key in (KEY, other)]

    assert Compared(log, [], [OWN]).classes == []


def test_two_files_of_one_content_on_one_record_are_compared_once():
    compared = Compared([logged()], [planned(), planned(row="r2")], [THERE])

    assert compared.classes == []
    assert (compared.balance.out, compared.balance.skipped) == (3, 1)


def test_a_row_of_another_plan_is_held_and_named():
    compared = Compared([logged()], [planned("another run")], [THERE])

    assert compared.balance.held == 1
    assert compared.files.damaged == ["r1"]


@pytest.mark.parametrize(
    ("decision", "where"),
    [("", "out"), ("send", "out"), ("skip", "skipped"), ("hold", "held"), ("x", "held")],
)
def test_a_row_counts_as_source_if_it_may_be_sent(decision, where):
    compared = Compared([logged()], [planned()._replace(decision=decision)], [THERE])

    assert getattr(compared.balance, where) == (3 if where == "out" else 1)


def test_a_file_linked_to_another_record_is_missing_there(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"abc")
    row = planned(file_path="a.pdf")._replace(decision="link:Bill:9")

    compared = Compared([logged()], [row], [THERE], tmp_path)

    assert compared.files.unread == [
        "a.pdf: it changed since the inventory; run make inventory verify"
    ]


def test_a_listing_shorter_than_the_count_is_told():
    done = Compared([logged()], [planned()], [THERE]).done

    assert done.notes(1) == []
    assert "has 2 attachables, but listed 1" in done.notes(2)[0]


# --- rulings --------------------------------------------------------------------------


def found(class_: str, decision: str, action: str = "", there: str = "") -> Finding:
    blank = Finding(*[""] * len(Finding._fields))
    return blank._replace(
        class_=class_, decision=decision, action=action, key=KEY, company_id=there
    )


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (found("present_but_not_logged", "", "adopt", "5"), "adopted"),
        (found("present_but_not_logged", " ADOPT ", "adopt", "5"), "adopted"),
        (found("present_but_not_logged", "skip", "adopt", "5"), "skipped"),
        (found("present_but_not_logged", "hold", "adopt", "5"), "held"),
        (found("present_but_not_logged", "send", "adopt", "5"), "unclear"),
        (found("present_but_not_logged", "removed", "adopt", "5"), "unclear"),
        (found("logged_but_absent", "", "hold"), "held"),
        (found("logged_but_absent", "removed", "hold"), "removed"),
        (found("logged_but_absent", "send", "hold"), "removed"),
        (found("logged_but_absent", "adopt", "hold"), "unclear"),
        (found("logged_but_absent", "adopt: 5", "hold"), "adopted"),
        (found("duplicate", "adopt", "hold", "5 6"), "unclear"),
        (found("duplicate", "adopt:6", "hold", "5 6"), "adopted"),
        (found("duplicate", "adopt:7", "hold", "5 6"), "unclear"),
        (found("duplicate", "adopt:5 6", "hold", "5 6"), "unclear"),
        (found("changed_there", "adopt", "hold", "5"), "adopted"),
        (found("changed_there", "send", "hold", "5"), "unclear"),
        (found("changed_here", "", "send", "5"), "left to the next upload"),
        (found("changed_here", "adopt", "send", "5"), "adopted"),
        (found("missing", "", "send"), "absent"),
        (found("missing", "adopt:5x", "send"), "unclear"),
        (found("extra", "", "", "5"), "skipped"),
        (found("extra", "hold", "", "5"), "held"),
        (found("extra", "adopt", "", "5"), "unclear"),
    ],
)
def test_a_decision_comes_to_a_word_that_fits_its_class(row, word):
    assert ruling(row).word == word


def test_a_ruling_names_the_attachable_that_was_chosen():
    row = found("duplicate", "adopt:6", "hold", "5 6")

    assert ruling(row) == Ruling("adopted", "6", "a person chose one of several")
