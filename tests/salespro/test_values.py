"""What a cell means: moments, amounts, flags, days; and what is never guessed."""

import doctest
from datetime import timedelta, timezone

import pytest

from src.kit.clock import zone
from src.salespro import summary, values

KIGALI = timezone(timedelta(hours=2))


# --- moments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2025-06-06T00:16:45.538Z", "2025-06-06T00:16:45.538000+00:00"),
        ("2025-06-06T00:16:45Z", "2025-06-06T00:16:45.000000+00:00"),
        ("2025-06-06T00:16Z", "2025-06-06T00:16:00.000000+00:00"),
        ("2025-06-06 00:16:45.5z", "2025-06-06T00:16:45.500000+00:00"),
        ("2025-06-06T00:16:45.123456+02:00", "2025-06-05T22:16:45.123456+00:00"),
        ("2025-06-06T00:16:45-0530", "2025-06-06T05:46:45.000000+00:00"),
        ("2025-06-06 00:16:45 +02", "2025-06-05T22:16:45.000000+00:00"),
        (" 2024-02-29T23:59:59.999Z ", "2024-02-29T23:59:59.999000+00:00"),
        ("0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000000+00:00"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_moment_is_stored_as_utc_with_microseconds(text, stored):
    assert values.moment(text, None) == stored


SUCH = "as in 2025-06-06T00:16:45.538Z"


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (
            ["2025-02-30T00:00:00.000Z", "2025-13-01", "0000-01-01T00:00:00Z"],
            "expected a date that exists",
        ),
        (["2025-06-06", " 2024-02-29 "], "it is a date without time and zone, expected both"),
        (
            [
                "2025-06-06T24:00:00.000Z",
                "2025-06-06T23:60:00.000Z",
                "2025-06-06T23:59:60.000Z",
                "2025-06-06T00:16:45.1234567Z",
                "2025-06-06T00:16:45.Z",
                "0001-01-01T00:00:00+05:00",
                "9999-12-31T23:59:59-05:00",
                "2025-06-06T00:16:45+25:00",
                "2025-06-06T00:16:45+00:60",
                "2025-06-06T00:16:45-0199",
            ],
            "expected a time and a zone that exist",
        ),
        (
            [
                "06/06/2025 00:16",
                "2025-6-6T00:16:45Z",
                "٢٠٢٥-06-06T00:16:45Z",
                "tomorrow",
                "NULL",
            ],
            "expected date, time and zone",
        ),
    ],
)
def test_a_moment_that_does_not_exist_is_refused_by_name(texts, reason):
    for text in texts:
        with pytest.raises(ValueError) as refused:
            values.moment(text, None)
        assert str(refused.value) == f"Could not parse datetime: {text}; {reason}, {SUCH}"


def test_a_moment_without_a_zone_needs_the_setting():
    with pytest.raises(ValueError) as refused:
        values.moment("2025-06-06 00:16:45", None)

    assert str(refused.value) == (
        "Could not parse datetime: 2025-06-06 00:16:45; it names no time zone, set "
        "SALESPRO_TIMEZONE"
    )


def test_a_moment_without_a_zone_is_in_the_zone_of_the_setting():
    assert (
        values.moment("2025-06-06T01:00", KIGALI) == "2025-06-05T23:00:00.000000+00:00"
    )
    assert (
        values.moment("2025-06-06T01:00Z", KIGALI) == "2025-06-06T01:00:00.000000+00:00"
    )


@pytest.mark.parametrize("text", ["2025-10-26T02:30:00", "2025-03-30T02:30:00"])
def test_an_hour_that_the_clocks_repeat_or_leave_out_is_not_guessed(text):
    with pytest.raises(ValueError, match="the clocks changed then"):
        values.moment(text, zone("Europe/Berlin"))


def test_a_block_of_usual_moments_is_read_as_cell_by_cell():
    cells = ["2025-06-06T00:16:45.538Z", "", "2024-02-29T23:59:59.001Z"]

    found, wrong = values.moments(None)(cells)

    assert (found, wrong) == ([values.moment(cell, None) for cell in cells], {})


@pytest.mark.parametrize(
    "odd", ["2025-02-29T00:00:00.000Z", "2025-06-06T00:00:00.000", "x\n"]
)
def test_one_odd_moment_costs_its_row_alone(odd):
    usual = "2025-06-06T00:16:45.538Z"

    found, wrong = values.moments(None)([usual, odd, usual])

    assert found[0] == found[2] == values.moment(usual, None)
    assert list(wrong) == [1]


def test_a_day_that_was_refused_in_one_block_is_refused_in_the_next():
    rule, bad = values.moments(None), ["2025-02-30T00:00:00.000Z"]

    first, second = rule(bad), rule(bad)

    assert first == second
    assert list(first[1]) == [0]


# --- amounts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1234.50", "1234.50"),
        ("1234.5", "1234.5"),
        ("$1,234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("$12", "12"),
        (".5", "0.5"),
        ("007", "7"),
        ("0", "0"),
        ("-0.00", "0.00"),
        ("-12", "-12"),
        ("(12.00)", "-12.00"),
        ("-$1,000.00", "-1000.00"),
        ("9999999999999.99", "9999999999999.99"),
        (" 5 ", "5"),
        ("", None),
    ],
)
def test_an_amount_is_its_digits(text, digits):
    assert values.amount(text) == digits


@pytest.mark.parametrize(
    "text",
    "1.234,50 1,23 12abc 12.345 1,2345 12,34,567 1e5 NaN Infinity 0x10 (12 12) -(12) "
    "12- €12 $ - () . 1. 1_000 ١٢ 0,123 1,234.567 --1 10000000000000 "
    "12,345,678,901,234".split(),
)
def test_an_amount_that_could_be_another_is_refused(text):
    with pytest.raises(ValueError, match="Could not parse amount: "):
        values.amount(text)


@pytest.mark.parametrize("text", ["-12", "(12.00)", "-0.01"])
def test_a_sale_of_less_than_nothing_is_refused(text):
    with pytest.raises(ValueError, match="negative amount: .*; a sale is not negative"):
        values.price(text)


def test_a_sale_of_nothing_is_one():
    assert values.price("0.00") == "0.00"


# --- flags, days, offices, texts ------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["TRUE", "True", "1", "YES", "y", "T", " true ", "Active"]
)
def test_yes(text):
    assert values.flag(text) is True


@pytest.mark.parametrize("text", ["FALSE", "0", "No", "n", "f", "", "  ", "INACTIVE"])
def test_no(text):
    assert values.flag(text) is False


@pytest.mark.parametrize("text", ["maybe", "2", "sold", "-1", "yes!", "NULL"])
def test_neither_yes_nor_no_is_refused(text):
    with pytest.raises(ValueError, match=f"neither yes nor no: {text}; expected"):
        values.flag(text)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025-06-18", "2025-06-18"),
        ("06/18/2025", "2025-06-18"),
        ("6/8/2025", "2025-06-08"),
        ("", None),
    ],
)
def test_a_day_is_iso_or_american(text, iso):
    assert values.day(text) == iso


@pytest.mark.parametrize(
    "text", "18/06/2025 2/30/2025 2025-02-30 6/18/25 2025/06/18 x".split()
)
def test_a_day_of_another_country_is_refused(text):
    with pytest.raises(ValueError, match="Could not parse date: "):
        values.day(text)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Denver (D12)", "D12"),
        ("Boulder (north) (B07)", "B07"),
        ("Remote", None),
        ("Empty ()", None),
        ("", None),
    ],
)
def test_an_office_has_its_id_in_parentheses(text, id):
    assert values.office(text) == id


def test_an_office_of_a_long_name_may_have_a_short_id():
    assert values.office("x" * 200 + " (D1)", 50) == "D1"


def test_a_text_that_is_too_long_is_refused_with_its_limit():
    found, wrong = values.texts(3)(["abc", "abcd", ""])

    assert found == ["abc", None, None]
    assert wrong == {1: "4 characters, 3 at most; shorten it: abcd"}


def test_a_text_without_a_limit_may_be_long():
    long = "x" * 100_000

    assert values.texts(0)([long]) == ([long], {})


def test_repeated_spellings_are_read_alike_with_and_without_a_wrong_one():
    rule = values.distinct(values.flag)

    assert rule(["TRUE", "", "TRUE"]) == ([True, False, True], {})
    assert rule(["TRUE", "x", "TRUE"])[0] == [True, None, True]


@pytest.mark.parametrize("module", [values, summary])
def test_the_examples_in_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0
