"""The bill before sending: files, bytes, requests, minutes."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from src.attachments.bill import Bill, size_of
from src.attachments.limits import REQUEST_BYTES

NOON = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)


def bill_of(sizes: list[int], files_per_request: int = 10, per_minute: int = 0) -> Bill:
    bill = Bill(files_per_request, per_minute)
    for size in sizes:
        bill.add(size)
    return bill


@pytest.mark.parametrize(
    ("sizes", "requests"),
    [
        ([], 0),
        ([1], 1),
        ([1] * 10, 1),
        ([1] * 11, 2),
        ([REQUEST_BYTES, 1], 2),
        ([1, REQUEST_BYTES], 2),
        ([REQUEST_BYTES // 2] * 4, 2),
        ([90_000_000], 1),
        ([1, 90_000_000, 1], 3),
    ],
)
def test_files_travel_together_up_to_ten_and_eight_megabytes(sizes, requests):
    assert bill_of(sizes).requests == requests


def test_the_bill_says_how_long_it_takes_and_when_it_is_done():
    sentence = bill_of([1_000_000] * 1000, 1, 500).sentence(NOON)

    assert sentence == (
        "to send: 1,000 files, 1.0 GB, 1,000 requests; 2 min at 500 a minute, "
        "done 2026-11-20 12:02 UTC if started now"
    )


def test_a_company_without_a_limit_is_billed_at_quickbooks_rate():
    assert "at 500 a minute" in bill_of([1]).sentence(NOON)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (10**12, "1,000.0 GB")],
)
def test_sizes_are_said_as_people_say_them(count, text):
    assert size_of(count) == text
