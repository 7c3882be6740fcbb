"""The simulated company: faults by script and by chance, request ids, a durable ledger."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from src.adapters.fakes.company import FakeCompany
from src.adapters.fakes.ledger import FIRST_ID
from src.adapters.fakes.scenario import Temper
from src.adapters.qbo import MARK, Attachables
from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Withdrawn
from src.kit.clock import REAL
from src.kit.errors import Refused


class File(NamedTuple):
    """A file in memory, as the company takes it."""

    name: str
    content: bytes = b"content"
    entity_type: str = "Invoice"
    entity_id: str = "1187"
    content_type: str = "application/pdf"

    @property
    def key(self) -> str:
        return "k" + self.name

    @property
    def size(self) -> int:
        return len(self.content)

    def blocks(self) -> Iterator[bytes]:
        yield self.content


class Changing(File):
    """A file that is taken back while it is being sent."""

    def blocks(self) -> Iterator[bytes]:
        raise Withdrawn(self.key, "its content changed while it was being sent")


A, B, C = File("a.pdf"), File("b.pdf"), File("c.pdf")


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens the company anew, as a new process would."""
    return lambda **temper: FakeCompany(tmp_path / "company", Temper(**temper), REAL)


def script(tmp_path, *lines: str) -> None:
    (tmp_path / "company").mkdir()
    text = "\n".join(["call,match,answer", *lines]) + "\n"
    (tmp_path / "company/scenario.csv").write_text(text)


def names(company: FakeCompany) -> list[str]:
    found = Attachables(company.query).list_all()
    return sorted(key.removeprefix("k") for key, hits in found.items() for _ in hits)


# --- effects --------------------------------------------------------------------------


def test_an_upload_is_there_with_id_size_owner_and_mark(opened):
    company = opened()

    answers = company.upload([A, B], "r1")

    assert [a.remote_id for a in answers] == [str(FIRST_ID), str(FIRST_ID + 1)]
    assert {(a.kind, a.status_code, a.size) for a in answers} == {(APPLIED, 200, 7)}
    record = company.query(f"select * from Attachable where Tag = '{MARK}ka.pdf'")
    assert record["Attachable"][0]["AttachableRef"][0]["EntityRef"] == {
        "type": "Invoice",
        "value": "1187",
    }


def test_the_company_survives_a_restart(opened):
    opened().upload([A], "r1")

    company = opened()

    assert names(company) == ["a.pdf"]
    assert company.upload([B], "r2")[0].remote_id == str(FIRST_ID + 1)


def test_a_line_that_a_kill_cut_is_an_upload_that_did_not_happen(opened, tmp_path):
    opened().upload([A], "r1")
    opened().upload([B], "r2")
    ledger = tmp_path / "company/ledger.csv"
    os.truncate(ledger, ledger.stat().st_size - 3)

    company = opened()
    company.upload([C], "r3")

    assert names(opened()) == ["a.pdf", "c.pdf"]


def test_count_and_listing_agree_before_and_after_an_upload(opened):
    company = opened()
    looks = Attachables(company.query)
    for files, expected in (([A], 1), ([B, C], 3)):
        assert (looks.count(), len(looks.list_all())) == (expected - len(files),) * 2
        company.upload(files, files[0].name)

        assert (looks.count(), len(looks.list_all())) == (expected, expected)


# --- request ids ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "restart", "copies"),
    [
        ("honoured", False, 1),
        ("honoured", True, 1),
        ("ignored", False, 2),
        ("ignored", True, 2),
        ("forgotten", False, 1),
        ("forgotten", True, 2),
    ],
)
def test_a_repeated_request_id(opened, model, restart, copies):
    company = opened(request_ids=model)
    first = company.upload([A], "r1")
    company = opened(request_ids=model) if restart else company

    again = company.upload([A], "r1")

    assert len(names(company)) == copies
    assert (again[0].remote_id == first[0].remote_id) is (copies == 1)


def test_a_request_without_an_id_is_never_taken_for_another(opened):
    company = opened()
    company.upload([A], "")
    company.upload([A], "")

    assert names(company) == ["a.pdf", "a.pdf"]
    assert names(opened()) == ["a.pdf", "a.pdf"]


def test_a_refusal_is_replayed_under_the_same_id(opened, tmp_path):
    script(tmp_path, "1,a.pdf,200:6041")
    company = opened()

    for _ in range(2):
        assert company.upload([A], "r1")[0].error == "Invalid Uploaded File (6041)"
    assert company.upload([A], "r2")[0].kind == APPLIED


# --- scenario -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "status", "is_there"),
    [
        ("429", NOT_APPLIED, 429, False),
        ("401", NOT_APPLIED, 401, False),
        ("403", NOT_APPLIED, 403, False),
        ("503", UNKNOWN, 503, False),
        ("500", UNKNOWN, 500, False),
        ("drop", UNKNOWN, 0, False),
        ("500_applied", UNKNOWN, 500, True),
        ("drop_applied", UNKNOWN, 0, True),
        ("400:6041", NOT_APPLIED, 400, False),
        ("200:6041", NOT_APPLIED, 200, False),
        ("200:6050", NOT_APPLIED, 200, False),
    ],
)
def test_each_scripted_answer(opened, tmp_path, answer, kind, status, is_there):
    script(tmp_path, f"1,a.pdf,{answer}")
    company = opened()

    (found,) = company.upload([A], "r1")

    assert (found.kind, found.status_code) == (kind, status)
    assert found.error and not found.remote_id
    assert names(company) == (["a.pdf"] if is_there else [])
    assert company.upload([A], "r2")[0].kind == APPLIED


def test_a_wrong_size_is_told_one_byte_short(opened, tmp_path):
    script(tmp_path, ",a.pdf,wrong_size")

    assert [a.size for a in opened().upload([A, B], "r1")][0] == 6


def test_a_fault_of_one_file_leaves_the_others_alone(opened, tmp_path):
    script(tmp_path, ",b.pdf,200:6041")
    company = opened()

    answers = company.upload([A, B, C], "r1")

    assert [a.kind for a in answers] == [APPLIED, NOT_APPLIED, APPLIED]
    assert names(company) == ["a.pdf", "c.pdf"]


def test_a_script_counts_its_calls_across_restarts(opened, tmp_path):
    script(tmp_path, "2-3,*.pdf,429", "4,*.pdf,401")

    statuses = [opened().upload([A], f"r{n}")[0].status_code for n in range(5)]

    assert statuses == [200, 429, 429, 401, 200]


@pytest.mark.parametrize("line", [",*,418", ",*,oops", ",*,500_maybe", ",*,"])
def test_a_script_with_an_unknown_answer_is_refused(opened, tmp_path, line):
    script(tmp_path, line)

    with pytest.raises(Refused, match="is no answer"):
        opened()


def test_a_record_that_takes_no_attachments_refuses_the_file(opened):
    answers = opened().upload([A, B._replace(entity_type="Transfer")], "r1")

    assert [a.kind for a in answers] == [APPLIED, NOT_APPLIED]
    assert answers[1].error.endswith("(6050)")


def test_a_file_that_is_taken_back_takes_its_whole_request_along(opened):
    company = opened()

    answers = company.upload([A, Changing("b.pdf")], "r1")

    assert [a.is_withdrawn for a in answers] == [False, True]
    assert {a.kind for a in answers} == {NOT_APPLIED}
    assert names(company) == []


# --- chance ---------------------------------------------------------------------------


def kinds(company: FakeCompany, count: int = 60) -> list[tuple[str, int]]:
    answers = [company.upload([File(f"{n}.pdf")], f"r{n}")[0] for n in range(count)]
    return [(answer.kind, answer.status_code) for answer in answers]


def test_the_same_seed_has_the_same_misfortunes(tmp_path):
    temper = Temper(0.5, "7")
    one, two = (FakeCompany(tmp_path / n, temper, REAL) for n in "12")

    assert kinds(one) == kinds(two)


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 0, 0), (0.5, 15, 45), (1, 60, 60)])
def test_the_failure_rate_is_tunable(opened, rate, least, most):
    failed = [kind for kind, _ in kinds(opened(fail_rate=rate)) if kind != APPLIED]

    assert least <= len(failed) <= most


def test_an_unlucky_file_fares_better_some_time_later(opened):
    company = opened(fail_rate=0.5)

    for number in range(12):
        company.upload([A], f"r{number}")

    assert "a.pdf" in names(company)
