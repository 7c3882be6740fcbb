"""What creates are made of is known until every outcome is."""

from __future__ import annotations

import pytest

from src.wms.sending import Sendings
from tests.wms.units import CUSTOMER, ORDER, line, stored

KEY, OTHER = "k" + 32 * "1", "k" + 32 * "2"


def sendings(folder):
    return Sendings(folder / "wms_sent.csv", lambda: ("2026-11-20T09:00:00+00:00", "r1"))


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (CUSTOMER, stored(CUSTOMER, name="=1+1", phone="'5", email="a,\n\"b")),
        (ORDER, stored(ORDER, line("", "3"), line("", "5"), ref_number="S1")),
    ],
)
def test_a_record_is_read_as_it_was_sent(tmp_path, kind, record):
    sendings(tmp_path).note(KEY, kind, record)

    assert sendings(tmp_path).of(KEY, kind, record.head) == record


def test_the_last_time_that_it_was_sent_counts(tmp_path):
    found, sent = sendings(tmp_path), stored(CUSTOMER, phone="2")

    found.note(KEY, CUSTOMER, stored(CUSTOMER, phone="1"))
    found.note(KEY, CUSTOMER, sent)
    found.note(OTHER, CUSTOMER, stored(CUSTOMER, phone="3"))

    assert found.of(KEY, CUSTOMER, sent.head) == sent


def test_nobody_knows_what_was_never_sent(tmp_path):
    assert sendings(tmp_path).of(KEY, CUSTOMER, stored(CUSTOMER).head) is None


@pytest.mark.parametrize("is_settled", [False, True])
def test_it_is_forgotten_where_every_outcome_is_known(tmp_path, is_settled):
    record, found = stored(CUSTOMER, phone="1"), sendings(tmp_path)
    found.note(KEY, CUSTOMER, record)

    found.end(is_settled)

    left = sendings(tmp_path).of(KEY, CUSTOMER, record.head)
    assert left == (None if is_settled else record)


def test_a_run_that_sends_nothing_writes_nothing(tmp_path):
    sendings(tmp_path).end(True)

    assert list(tmp_path.iterdir()) == []
