"""Names, e-mail addresses, phones, postal addresses: any spelling to one, and no further."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

import pytest

from src.config import (
    LEGAL_FORMS,
    normalize_address,
    normalize_customer_name,
    normalize_domain,
    normalize_email,
    normalize_phone,
)
from src.config import names as rules
from tests.kit import hostile

TEXTS = 50_000
RULES = [normalize_customer_name, normalize_email, normalize_phone]
WORDS = (
    "Acme LLC L.L.C. Inc. inc , , : Smith John Jr. III . ' & % ( ) / + @ # 12 1.5 S.A. U.S.A "
    "de van O’Brien Müller ß ﬁ ² İ ΐ 株式会社 たなが सिंह นที ﷺ bob@ acme.com mailto: <> \" ; .. "
    "555 123-4567 +1 x12 ext. # ( 0788"
).split()
SCRIPTS = [
    *((1, 0x250), (0x300, 0x370), (0x370, 0x600), (0x900, 0x980), (0xE00, 0xE60)),
    *((0x1100, 0x1200), (0x1E00, 0x2070), (0x2100, 0x2200), (0x3040, 0x3200)),
    *((0xAC00, 0xAC80), (0xF900, 0xFB50), (0xFE00, 0xFF80), (0x1D400, 0x1D480)),
    *((0x1F300, 0x1F360), (0xE0100, 0xE0110)),
]
POOL = [chr(code) for start, end in SCRIPTS for code in range(start, end)]


def texts(seed: str, count: int = TEXTS) -> list[str]:
    """Return random names, contacts and garbage; the same for the same seed."""
    dice = Random(seed)

    def piece() -> str:
        if dice.random() < 0.3:
            return dice.choice(POOL)
        return dice.choice(WORDS) + dice.choice(["", " "])

    return ["".join(piece() for _ in range(dice.randrange(9))) for _ in range(count)]


# --- every rule -----------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_applied_twice_changes_nothing(rule):
    for text in [*texts("twice"), *hostile.MEASURED, *hostile.ODD]:
        once = rule(text)

        assert rule(once) == once, ascii(text)


@pytest.mark.parametrize("rule", [normalize_email, normalize_phone])
def test_random_addresses_and_numbers_are_in_their_one_spelling(rule):
    dice, found = Random("contacts"), 0
    letters = "ab.'@com <" if rule is normalize_email else "0123456789()+-. x/#ext"
    for _ in range(TEXTS):
        once = rule("".join(dice.choices(letters, k=dice.randrange(16))))
        found += once != ""

        assert rule(once) == once

    assert found > 20


@pytest.mark.parametrize("text", hostile.MEASURED + hostile.ODD)
def test_no_text_breaks_a_rule(text):
    for rule in RULES:
        assert rule(text).isprintable() or rule is normalize_customer_name


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME, Inc.", "Acme Inc"),
        ("Acme Incorporated", "ACME INC."),
        ("Acme L.L.C.", "acme llc"),
        ("Acme Corporation", "Acme, Corp."),
        ("Acme Company", "Acme Co."),
        ("Acme Limited", "ACME LTD"),
        ("Peterson, Chris", "Chris Peterson"),
        ("Smith, John, Jr.", "John Smith Jr"),
        ("Smith, Ann Mary, CPA", "Ann Mary Smith CPA"),
        ("O'Brien", "O’BRIEN"),
        ("Müller", "Muller"),
        ("Mu\u0308ller", "MÜLLER"),
        ("Straße", "STRASSE"),
        ("St. John", "St.John"),
        ("S.A. de C.V.", "SA de CV"),
        ("U.S.A. Parts", "USA Parts"),
        ("J.R.R. Tolkien", "JRR Tolkien"),
        ("Ａｃｍｅ　Ｔｏｏｌｓ", "Acme Tools"),
        ("ﬁrst", "First"),
        ("Ac\u00adme \u200bTools\ufeff", "Acme Tools"),
        ("Acme \u202eTools", "Acme Tools"),
        ("葛\U000e0100城", "葛城"),
        ("  Acme \t Tools ", "Acme Tools"),
        ("Smith-Jones", "Smith Jones"),
        ("Acme.", "Acme"),
        ("Parent : Child", "parent:child"),
        ("Parent:Ault, Eric", "Parent:Eric Ault"),
        ("ΣΟΦΟΣ", "σοφος"),
    ],
)
def test_two_spellings_of_a_name_are_one(one, other):
    assert normalize_customer_name(one) == normalize_customer_name(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme LLC", "Acme Inc"),
        ("Acme", "Acme LLC"),
        ("Acme", "Acme 2"),
        ("Store 1.5", "Store 15"),
        ("Amazon 7.5%", "Amazon 75%"),
        ("Acme (East)", "Acme (West)"),
        ("Parent:Child", "Parent Child"),
        ("Parent:Child", "Child"),
        ("Smith, John, Jr.", "Smith, John, Sr."),
        ("Jr, Jr", "Jr"),
        ("II, John, II", "John II"),
        ("C#", "C"),
        ("たなか", "たなが"),
        ("कि", "की"),
        ("ทิ", "ที"),
        ("각", "가"),
        ("Firstservice Residential, Ault, Eric", "Firstservice Residential, Eric, Ault"),
    ],
)
def test_two_names_stay_two(one, other):
    assert normalize_customer_name(one) != normalize_customer_name(other)


@pytest.mark.parametrize(
    ("name", "normalized"),
    [
        ("Acme, Inc.", "acme inc"),
        ("Inc, Acme", "inc acme"),
        ("Tools, Parts, Supplies", "tools parts supplies"),
        ("Suite 5, Acme", "suite 5 acme"),
        ("A Very Long Name, Chicago", "a very long name chicago"),
        ("van der Berg, Jan", "jan van der berg"),
        ("Smith,John", "john smith"),
        ("Smith,", "smith"),
        (",Smith", "smith"),
        ("AT&T (50%)", "at&t (50%)"),
    ],
)
def test_a_name_has_one_spelling(name, normalized):
    assert normalize_customer_name(name) == normalized


@pytest.mark.parametrize(
    "name",
    ["", " ", "…", "---", "&", "()", ":", ":::", "% #", "﷽", "❤\ufe0f", "\u200b", "\u0301", "_"],
)
def test_a_name_without_a_letter_or_digit_has_none(name):
    assert normalize_customer_name(name) == ""


def test_the_same_name_spelled_otherwise_is_the_same():
    for text in texts("spellings", 10_000):
        normalized = normalize_customer_name(text)

        for change in (_decomposed, _composed, _spaced):
            assert normalize_customer_name(change(text)) == normalized, ascii(text)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _spaced(text: str) -> str:
    return f" \u00a0{text}\t"


def test_no_letter_and_no_digit_is_lost_or_made_up():
    forms = LEGAL_FORMS | rules._FORM.keys()
    for text in texts("letters"):
        folded = rules._VARIATION.sub("", rules._fold(text))
        normalized = normalize_customer_name(text)

        if not any(word in forms for word in normalized.replace(":", " ").split()):
            assert sorted(filter(str.isalnum, normalized)) == sorted(
                filter(str.isalnum, folded)
            ), ascii(text)


def test_a_form_is_respelled_and_never_taken_off():
    for form in sorted(LEGAL_FORMS):
        assert normalize_customer_name(f"Acme {form.upper()}") == f"acme {form}"


# --- e-mail addresses -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Bob@Example.COM", "bob@example.com"),
        (" <bob@x.org>. ", "bob@x.org"),
        ("mailto:bob@x.org", "bob@x.org"),
        ("'mailto:'bob@x.org'", "bob@x.org"),
        ("o'brien+tag@sub.x-y.co.uk", "o'brien+tag@sub.x-y.co.uk"),
        ("bob@", ""),
        ("@x.org", ""),
        ("bob", ""),
        ("bob@localhost", ""),
        ("bob@x..org", ""),
        ("bob..b@x.org", ""),
        ("bob.@x.org", ""),
        ("bob@-x.org", ""),
        ("bob@x.o", ""),
        ("a@b@x.org", ""),
        ("bob smith@x.org", ""),
        ("straße@x.org", ""),
        ("bob@\u212a.org", ""),
        ("bob@x.org\n", ""),
        ("b" * 64 + "@x.org", "b" * 64 + "@x.org"),
        ("b" * 65 + "@x.org", ""),
        ("b@" + "x." * 125 + "org", ""),
    ],
)
def test_an_email_address_has_one_spelling(text, email):
    assert normalize_email(text) == email


def test_a_very_long_cell_takes_no_time():
    assert normalize_email("b@" + "x" * 1_000_000) == ""
    assert normalize_phone("5" * 1_000_000) == ""
    assert normalize_phone("#." * 100_000 + "1") == ""


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("bob@acme.com", "acme.com"),
        ("bob@gmail.com", ""),
        ("bob@yahoo.co.uk", ""),
        ("bob@notgmail.com", "notgmail.com"),
        ("", ""),
    ],
)
def test_a_company_has_a_domain_of_its_own(email, domain):
    assert normalize_domain(email) == domain


# --- phones ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("5551234567", "(555) 123-4567"),
        ("555.123.4567", "(555) 123-4567"),
        ("1-555-123-4567", "(555) 123-4567"),
        ("+1 (555) 123 4567", "(555) 123-4567"),
        ("555-123-4567 x12", "(555) 123-4567 x12"),
        ("555-123-4567, ext. 12", "(555) 123-4567 x12"),
        ("555-123-4567 Extension 12", "(555) 123-4567 x12"),
        ("555-123-4567 #9", "(555) 123-4567 x9"),
        ("123-4567", "123-4567"),
        ("+250 788 123 456", "+250 788 123 456"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        ("030/123456789", "030/123456789"),
        ("0788 123 456", "0788 123 456"),
        ("1 012 345 6789", "1 012 345 6789"),
        ("123456", ""),
        ("1234567890123456", ""),
        ("call after five", ""),
        ("555-CALL-NOW", ""),
        ("٥٥٥١٢٣٤٥٦٧", ""),
        ("(" * 60 + "5551234", ""),
        ("", ""),
    ],
)
def test_a_phone_number_has_one_spelling(text, phone):
    assert normalize_phone(text) == phone


def test_no_digit_of_a_phone_number_is_lost():
    dice = Random("digits")
    for _ in range(20_000):
        text = "".join(dice.choices("0123456789 -().+", k=dice.randrange(20)))
        digits = "".join(filter(str.isdigit, text))

        if phone := normalize_phone(text):
            found = "".join(filter(str.isdigit, phone))
            assert found == digits or (len(digits) == 11 and "1" + found == digits)


# --- postal addresses -----------------------------------------------------------------

ADDRESS = ["1 Main St", "", "", "Springfield", "IL", "62701", "US"]


def changed(position: int, change: Callable[[str], str]) -> list[str]:
    return [change(f) if n == position else f for n, f in enumerate(ADDRESS)]


@pytest.mark.parametrize("change", [str.upper, lambda f: f" {f} ", lambda f: f.replace(" ", "  ")])
def test_case_and_blanks_make_no_other_address(change):
    assert normalize_address(list(map(change, ADDRESS))) == normalize_address(ADDRESS)


@pytest.mark.parametrize("position", range(7))
def test_another_value_of_any_field_makes_another_address(position):
    other = changed(position, lambda field: field + "x")

    assert normalize_address(other) != normalize_address(ADDRESS)


def test_a_value_that_moves_into_another_field_makes_another_address():
    ids = {normalize_address(ADDRESS[n:] + ADDRESS[:n]) for n in range(7)}

    assert len(ids) == 7
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in ids)


def test_accents_make_no_other_address():
    assert normalize_address(changed(3, lambda _: "Zürich")) == normalize_address(
        changed(3, lambda _: "ZURICH")
    )
