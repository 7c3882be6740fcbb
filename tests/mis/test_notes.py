"""Notes: our lines are read as they were written, and people's lines stay where they are."""

from __future__ import annotations

import random

import pytest

from src.config import normalize_line
from src.mis import notes
from src.mis.custom_fields import FIELDS, NAMES
from src.mis.fitting import width
from tests.kit import hostile

MARK = "k" + "0123456789abcdef" * 2
OTHER = "k" + "f" * 32
WHO = {"CustomerType": "Applicant", "ApplicationID": "7"}
OURS = f"CustomerType=Applicant\nApplicationID=7\nCampus=Kigali\nCarryover={MARK}"


def composed(**values: str) -> str:
    return notes.compose({**WHO, **values}, MARK).text


def test_notes_are_of_somebody_else_if_they_have_another_mark_beside_or_instead():
    assert notes.is_foreign(f"Carryover={OTHER}", MARK)
    assert notes.is_foreign(f"{OURS}\nCarryover={OTHER}", MARK)
    assert notes.is_foreign("Carryover=x", MARK)
    assert not notes.is_foreign(OURS, MARK)
    assert not notes.is_foreign("Pays late", MARK)


# --- composing and parsing ------------------------------------------------------------


def test_notes_are_a_line_for_each_value_and_the_mark_last():
    assert composed(Campus="Kigali") == OURS


def test_what_was_composed_is_read_again():
    found = notes.parse(composed(Campus="Kigali"))

    assert found == ({**WHO, "Campus": "Kigali"}, MARK, [])


@pytest.mark.parametrize("seed", range(4))
def test_hostile_values_are_read_as_they_were_written_and_forge_nothing(seed):
    dice = random.Random(seed)
    tricks = [f"Carryover={OTHER}", "Campus=x", "a=b", "=", f"\nCarryover={OTHER}", "\rCampus="]
    for _ in range(300):
        texts = hostile.texts(10, dice.randrange(10**6)) + tricks
        said = {name: "".join(dice.choices(texts, k=2)) for name in FIELDS["Applicant"]}

        found = notes.parse(notes.compose(said, MARK).text)

        clean = {name: normalize_line(value) for name, value in said.items()}
        assert found == ({n: v for n, v in clean.items() if v}, MARK, [])


def test_empty_values_have_no_line():
    assert composed(Campus="", Intake=" \n\t ") == composed()


def test_a_value_with_line_ends_and_tabs_stays_on_one_line():
    assert "Campus=Kigali, Gasabo\n" in composed(Campus="Kigali,\r\n\tGasabo")


@pytest.mark.parametrize(
    "line",
    [
        *("Campus = Kigali", "campus=Kigali", "The Campus=Kigali", "Campus: Kigali", "Campus"),
        *("CampusX=Kigali", "Carryover", f"see Carryover={MARK}", "=Campus", ""),
    ],
)
def test_a_line_that_only_looks_like_ours_belongs_to_people(line):
    found = notes.parse(f"{OURS}\n{line}")

    assert found.others == [line]
    assert found.values["Campus"] == "Kigali"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(end):
    assert notes.parse(OURS.replace("\n", end)).values["Campus"] == "Kigali"
    assert notes.parse(OURS.replace("\n", end)).mark == MARK


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (f"Carryover={MARK}", MARK),
        (f"  Carryover={MARK}  ", MARK),
        (f"Carryover={MARK}\nCarryover={MARK}", MARK),
        (f"Carryover={MARK}\nCarryover={OTHER}", ""),
        (f"Carryover={MARK}\nCarryover=mine", ""),
        ("Carryover=mine", ""),
        (f"Carryover={MARK}0", ""),
        (f"Carryover={MARK.upper()}", ""),
        (f"Campus=Carryover={MARK}", ""),
        ("", ""),
    ],
)
def test_a_mark_is_one_line_with_one_key(text, mark):
    assert notes.parse(text).mark == mark


def test_of_a_name_that_stands_there_twice_the_first_line_counts():
    assert notes.parse("Campus=Kigali\nCampus=Huye").values == {"Campus": "Kigali"}


def test_all_marks_are_told_so_that_nobody_takes_a_customer_of_two():
    assert notes.marks(f"Carryover={MARK}\nx\nCarryover={OTHER}") == {MARK, OTHER}


def test_ours_are_our_lines_whatever_stands_between_them_and_in_whichever_order():
    lines = OURS.split("\n")
    moved = "\n".join(["Hello", *lines[::-1], "", "Bye"])

    assert notes.ours(moved) == notes.ours(OURS) == OURS


# --- merging --------------------------------------------------------------------------


def test_people_s_lines_stay_in_their_places_and_ours_are_renewed_in_theirs():
    old = f"Call in the morning\nCampus=Kigali\nOwes a book\nCarryover={MARK}\nSincerely"

    found = notes.merged(old, composed(Campus="Huye"))

    assert found.text.split("\n") == [
        "Call in the morning",
        "Campus=Huye",
        "Owes a book",
        f"Carryover={MARK}",
        "CustomerType=Applicant",
        "ApplicationID=7",
        "Sincerely",
    ]


def test_notes_of_people_alone_get_ours_below():
    assert notes.merged("Hello\n", OURS).text == f"Hello\n\n{OURS}"
    assert notes.merged("", OURS).text == OURS


def test_a_line_that_is_said_no_more_goes():
    old = f"Hello\n{OURS}\nBye"

    assert notes.merged(old, composed()).text.split("\n") == ["Hello", *composed().split("\n"), "Bye"]


def test_a_line_with_our_name_is_ours_even_if_a_person_typed_it():
    old = f"Campus=at home\n{composed()}\nCampus=elsewhere"

    assert notes.merged(old, composed(Campus="Huye")).text == f"Campus=Huye\n{composed()}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_says_the_same_already_stays_as_it_is(end):
    old = f"Hello {end}{end} {OURS.replace(chr(10), end)}{end}Bye{end}"

    assert notes.merged(old, OURS).text == old


def random_notes(dice: random.Random) -> str:
    lines = [f"{dice.choice(NAMES)}={dice.choice(['', 'x', 'Kigali'])}", "Hello", "a=b", ""]
    lines += [f"Carryover={MARK}", *hostile.texts(3, dice.randrange(10**6))]
    return "\n".join(dice.choices(lines, k=dice.randrange(9)))


@pytest.mark.parametrize("seed", range(3))
def test_merging_twice_is_merging_once_and_loses_no_line_of_people(seed):
    dice = random.Random(seed)
    for _ in range(300):
        old, new = random_notes(dice), composed(Campus=dice.choice(["", "Huye"]))
        once = notes.merged(old, new).text

        assert notes.merged(once, new).text == once
        assert notes.ours(once) == notes.ours(new)
        others = [line for line in notes.parse(old).others if line]
        assert [line for line in notes.parse(once).others if line] == others


# --- 2,000 characters -----------------------------------------------------------------


def test_notes_of_exactly_two_thousand_characters_are_whole():
    rest = 2000 - width(composed(Program="p")) + 1

    found = notes.compose({**WHO, "Program": "p" * rest}, MARK)

    assert (width(found.text), found.cut) == (2000, ())


def test_one_character_more_cuts_the_longest_value_and_says_so():
    rest = 2000 - width(composed(Program="p")) + 2

    found = notes.compose({**WHO, "Program": "p" * rest, "Campus": ""}, MARK)

    assert (width(found.text), found.cut) == (2000, ("Program",))
    assert notes.parse(found.text).values["Program"] == "p" * (rest - 2) + "…"


def test_the_longest_values_are_cut_and_the_others_are_not():
    said = {**WHO, "NationalID": "n" * 400, "Campus": "c" * 1500, "Program": "p" * 1600}

    found = notes.compose(said, MARK)

    lengths = {name: len(value) for name, value in notes.parse(found.text).values.items()}
    assert found.cut == ("Campus", "Program")
    assert lengths["NationalID"] == 400
    assert lengths["Campus"] == lengths["Program"] > 700


def test_who_it_is_is_never_cut():
    said = {"CustomerType": "Student", "RegNo": "9" * 200, "Campus": "c" * 3000}

    found = notes.parse(notes.compose(said, MARK).text)

    assert (found.values["RegNo"], found.mark) == ("9" * 200, MARK)


def test_people_s_lines_win_over_our_values_and_it_is_said():
    old = "x" * 1800

    found = notes.merged(old, composed(Program="p" * 300, Campus="Kigali"))

    assert found.text.startswith(old)
    assert width(found.text) <= 2000
    assert found.cut == ("Program",)
    assert notes.parse(found.text).mark == MARK


def test_a_value_for_which_there_is_no_room_at_all_is_left_out():
    old = "x" * (2000 - width(composed()) - 1)

    found = notes.merged(old, composed(Program="p" * 300))

    assert found == (f"{old}\n{composed()}", ("Program",), False)


def test_notes_that_people_filled_have_no_room_for_the_mark_and_it_is_said():
    assert notes.merged("x" * 1950, OURS).is_too_long
    assert not notes.merged("x" * 1800, OURS).is_too_long


def test_emoji_count_as_quickbooks_may_count_them():
    found = notes.compose({**WHO, "Program": "🎓" * 1000}, MARK)

    assert width(found.text) <= 2000
    assert found.cut == ("Program",)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_said_fits_and_says_who_it_is(seed):
    dice = random.Random(seed)
    for _ in range(200):
        said = {name: "v" * dice.choice([0, 5, 300, 900]) for name in FIELDS["Applicant"]}
        old = "o" * dice.choice([0, 40, 1500])

        found = notes.merged(old, notes.compose({**said, **WHO}, MARK).text)

        assert width(found.text) <= 2000
        assert (notes.parse(found.text).mark, found.text[: len(old)]) == (MARK, old)
        assert notes.parse(found.text).values.items() >= WHO.items()
