"""What the run log says of a person, and what the digests in it tell."""

from __future__ import annotations

import random
import sys
import tracemalloc

import pytest

from src.kit import receipts
from src.mis import custom_fields, digests, history, notes
from src.mis.history import NOBODY, History, Past
from src.mis.records import NAMES, RUNLOG
from tests.kit import hostile
from tests.mis.persons import (
    CANARY,
    REALM,
    applicant,
    fields_of,
    history_of,
    mark_of,
    pushed,
    raw,
    student,
    write_log,
)

ALINE = applicant("7")
PHONE = {"PrimaryPhone": {"FreeFormNumber": "1"}}


def past(*rows, person=ALINE):
    return history_of(*rows).of(mark_of(person))


# --- digests --------------------------------------------------------------------------


def test_sent_fields_are_words_with_eight_digits_and_no_value():
    told = digests.of(fields_of(ALINE))

    assert [word.partition(":")[0] for word in told.split()] == [
        *("Name", "GivenName", "FamilyName", "PrimaryPhone", "PrimaryEmailAddr"),
        *(f"Notes.{name}" for name in custom_fields.FIELDS["Applicant"]),
    ]
    assert {len(word.partition(":")[2]) for word in told.split()} == {8}
    assert CANARY not in told and "Uwera" not in told


def test_digests_are_read_as_they_were_written():
    fields = fields_of(ALINE)

    assert digests.parse(digests.of(fields)) == digests.by_field(fields)


@pytest.mark.parametrize("text", ["", "Name", "Name:", "Name:12", "Name:zzzzzzzz", "Shoe:1a2b3c4d"])
def test_what_is_no_digest_says_nothing(text):
    assert digests.parse(text) == {}


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"phone": "1"}, {"PrimaryPhone"}),
        ({"email": "a@b.rw"}, {"PrimaryEmailAddr"}),
        ({"last_name": "Mugabo"}, {"Name", "FamilyName"}),
        ({"first_name": "", "last_name": "Aline Uwera"}, {"GivenName", "FamilyName"}),
        ({"national_id": "1199880000000000"}, {"Notes.NationalID"}),
        ({"campus": ""}, {"Notes.Campus"}),
        ({"registrations": "2", "status": "1"}, set()),
    ],
)
def test_a_digest_changes_with_its_value_alone(change, changed):
    one, other = (
        digests.NOTHING | digests.by_field(fields_of(p)) for p in (ALINE, ALINE._replace(**change))
    )

    assert {name for name in one if one[name] != other.get(name)} == changed


def test_a_suffix_is_no_change_of_name():
    fields = fields_of(ALINE)

    assert digests.of({**fields, "DisplayName": "Aline Uwera (7)"}) == digests.of(fields)


def test_only_our_lines_of_notes_count():
    text = fields_of(ALINE)["Notes"]
    among = notes.merged("Hello\nBye", text).text

    assert digests.of({"Notes": among}) == digests.of({"Notes": text})


def test_each_custom_field_has_a_digest_of_its_own():
    one, two = ({"DefinitionId": n, "StringValue": "Huye"} for n in ("1000000001", "2"))
    empty = {"DefinitionId": "3", "StringValue": ""}

    found = digests.parse(digests.of({"CustomField": [one, two, empty]}))

    names = ["CustomField.1000000001", "CustomField.2", "CustomField.3"]
    assert list(found) == names
    assert [one == found[names[0]] for one in found.values()] == [True, True, False]
    assert found["CustomField.3"] == digests.nothing("CustomField.3")


def test_one_field_has_the_digest_that_it_has_among_others():
    custom = [{"DefinitionId": "1", "StringValue": "Huye"}]
    fields = {"Notes": "x\nCampus=Huye", "PrimaryPhone": PHONE["PrimaryPhone"], "CustomField": custom}

    found = digests.by_field(fields)

    assert found["CustomField.1"] == digests.of_one("CustomField.1", "Huye")
    assert found["Notes.Campus"] == digests.of_one("Notes.Campus", "Huye")
    assert found["PrimaryPhone"] == digests.of_one("PrimaryPhone", PHONE["PrimaryPhone"])


def test_a_digest_of_all_custom_fields_together_says_nothing():
    assert digests.parse("CustomField:1a2b3c4d Notes:1a2b3c4d") == {"Notes": "1a2b3c4d"}


def test_a_national_id_is_one_of_thousands_that_have_its_digest():
    some = [digests.of_one("CustomField.1", f"11998{n:011}") for n in range(200)]

    assert {one[4:] for one in some} == {"0000"}
    assert len(set(some)) > 190
    assert digests.of_one("CustomField.1", "Huye 2026")[4:] != "0000"


def test_the_same_value_in_two_fields_has_two_digests():
    found = digests.by_field({"GivenName": "Uwera", "FamilyName": "Uwera"})

    assert len(set(found.values())) == 3


@pytest.mark.parametrize("name", ["PrimaryPhone", "PrimaryEmailAddr", "GivenName"])
def test_a_field_that_is_sent_empty_has_the_digest_of_nothing(name):
    empty = {"PrimaryPhone": {"FreeFormNumber": ""}, "PrimaryEmailAddr": {"Address": ""}}

    assert digests.by_field({name: empty.get(name, "")})[name] == digests.NOTHING[name]


def test_half_a_character_has_a_digest_too():
    assert digests.of({"GivenName": "\udcff"})


# --- the log --------------------------------------------------------------------------


def test_who_is_not_in_the_log_is_unknown():
    assert past() == NOBODY
    assert past(pushed(student("7"))) == NOBODY


def test_a_success_tells_the_id_and_what_was_sent():
    found = past(pushed(ALINE))

    assert (found.quickbooks_id, found.outcome, found.is_known) == ("55", "created", True)
    assert found.digests == digests.by_field(fields_of(ALINE))


def test_a_success_that_names_no_id_leaves_the_one_that_is_known():
    update = pushed(ALINE, "recovered", "update", PHONE, quickbooks_id="")

    assert past(pushed(ALINE), update).quickbooks_id == "55"


def test_the_last_digest_of_each_field_counts():
    update = pushed(ALINE, "updated", "update", PHONE)

    found = past(pushed(ALINE), update)

    expected = digests.by_field({**fields_of(ALINE), **PHONE})
    assert found.digests == expected


@pytest.mark.parametrize("outcome", ["failed", "held", "in_doubt", "not_attempted"])
def test_what_did_not_succeed_was_not_sent(outcome):
    found = past(pushed(ALINE), pushed(ALINE, outcome, "update", PHONE))

    assert found.digests == digests.by_field(fields_of(ALINE))
    assert (found.outcome, found.is_known) == (outcome, True)


@pytest.mark.parametrize("outcome", ["removed", "absent"])
def test_a_create_that_is_found_to_be_gone_is_forgotten(outcome):
    found = past(pushed(ALINE), pushed(ALINE, outcome))

    assert (found.is_known, found.digests, found.quickbooks_id) == (False, {}, "")


def taken(**cells: str):
    return pushed(ALINE, "removed", "inactivate", key=mark_of(ALINE), run_id="run-7", **cells)


@pytest.mark.parametrize(
    ("rows", "by"),
    [
        ([], "run-7"),
        ([pushed(ALINE, "closed", "inactivate", run_id="run-7")], "run-7"),
        ([pushed(ALINE, "failed", "link")], "run-7"),
        ([pushed(ALINE, "absent")], "run-7"),
        ([pushed(ALINE, "removed")], "run-7"),
        ([taken(), taken()._replace(action="unlink", run_id="run-8")], "run-8"),
        ([pushed(ALINE, "linked", "link")], ""),
        ([pushed(ALINE, "updated", "reactivate")], ""),
        ([pushed(ALINE, "created")], ""),
        ([pushed(ALINE, "adopted", "adopt", key=mark_of(ALINE))], ""),
    ],
)
def test_a_customer_is_taken_back_until_it_is_there_again(rows, by):
    found = past(pushed(ALINE), taken(), *rows)

    assert (found.taken_back_by, found.is_known) == (by, not by)


def test_what_was_found_to_be_gone_was_taken_back_by_nobody():
    assert past(pushed(ALINE), pushed(ALINE, "removed")).taken_back_by == ""


def test_an_update_that_never_arrived_takes_nothing_away():
    found = past(pushed(ALINE), pushed(ALINE, "absent", "update", PHONE))

    assert found.is_known and found.digests


@pytest.mark.parametrize(
    ("row", "is_whole"),
    [
        (pushed(ALINE, "created"), True),
        (pushed(ALINE, "recovered"), True),
        (pushed(ALINE, "recovered", "hold"), False),
        (pushed(ALINE, "created", "hold"), True),
        (pushed(ALINE, "linked", "link"), True),
        (pushed(ALINE, "updated", "update", PHONE), False),
        (pushed(ALINE, "adopted", "adopt", {}), False),
    ],
)
def test_after_a_create_what_was_not_sent_was_empty(row, is_whole):
    found = past(row)

    assert found.is_whole is is_whole
    unsent = found._replace(digests={})
    assert unsent.digest_of("PrimaryPhone") == (digests.NOTHING["PrimaryPhone"] if is_whole else "")


def test_a_custom_field_that_was_not_sent_may_be_none_of_ours():
    assert past(pushed(ALINE, "created")).digest_of("CustomField.1") == ""


def test_what_was_sent_of_custom_fields_is_remembered_one_by_one():
    log = [{"CustomField": [{"DefinitionId": n, "StringValue": n}]} for n in ("10", "20", "10")]
    log[2]["CustomField"][0]["StringValue"] = ""

    found = past(pushed(ALINE), *(pushed(ALINE, "updated", "update", one) for one in log))

    assert found.digest_of("CustomField.10") == digests.nothing("CustomField.10")
    assert found.digest_of("CustomField.20") == digests.of_one("CustomField.20", "20")
    assert found.digest_of("Notes.Campus") == digests.of_one("Notes.Campus", ALINE.campus)


def test_who_waits_was_not_tried():
    found = past(pushed(ALINE, "in_doubt"), pushed(ALINE, "held", "hold", {}, key=""))

    assert found.outcome == "in_doubt"


def test_a_customer_that_was_found_by_its_mark_is_known_without_what_was_sent():
    row = pushed(ALINE, "adopted", "", {}, key=mark_of(ALINE), type="", mis_id="")

    assert past(row) == Past("55", outcome="adopted", is_known=True)


def test_another_company_s_rows_say_nothing():
    assert past(pushed(ALINE, realm_id="99")) == NOBODY


def test_bad_rows_say_nothing():
    found = History(REALM)
    found.learn([[], raw(pushed(ALINE)), []])

    assert found.of(mark_of(ALINE)).is_known


@pytest.mark.parametrize("seed", range(3))
def test_what_is_packed_is_what_was_learnt(seed):
    dice = random.Random(seed)
    for text in filter(None, hostile.texts(200, seed)):
        some = dice.sample(list(fields_of(ALINE).items()), 3)
        row = pushed(ALINE, "updated", "update", dict(some), quickbooks_id=text)

        assert past(row).quickbooks_id == text
        assert past(row).digests == digests.by_field(dict(some))


def test_a_person_takes_at_most_two_hundred_bytes():
    count, row = 5000, raw(pushed(applicant("123456")))
    at = RUNLOG.row._fields.index("mis_id")
    rows = ([*row[:at], str(n).encode(), *row[at + 1 :]] for n in range(count))
    found = History(REALM)

    tracemalloc.start()
    found.learn(rows)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert used / count <= 200, sys.version


# --- segments, and what came after the fetch ------------------------------------------


def test_all_segments_of_the_log_are_read(tmp_path):
    for name, number in (("mis_runlog.0001.csv", "1"), ("mis_runlog.csv", "2")):
        write_log(tmp_path / name, [pushed(applicant(number))])

    found = history.read(tmp_path, REALM)

    known = [found.of(mark_of(applicant(number))).is_known for number in "123"]
    assert known == [True, True, False]


def note(folder, kind, place, run_id):
    receipts.append(folder, ("2026-01-01T00:00:00+00:00", run_id, "x", kind, place, "", "", ""))


@pytest.mark.parametrize(
    ("order", "newer"),
    [("log names", 0), ("names log", 1), ("names log names", 0), ("log names log", 1), ("", 0)],
)
def test_successes_after_the_fetch_are_counted_by_the_order_of_the_receipts(
    tmp_path, order, newer
):
    write_log(tmp_path / RUNLOG.name, [pushed(ALINE, run_id="run-1")])
    for word in order.split():
        what = (receipts.OPEN, RUNLOG) if word == "log" else (receipts.FILE, NAMES)
        note(tmp_path, what[0], what[1].place, "run-1")

    assert history.read(tmp_path, REALM).newer == newer


def test_the_national_id_cannot_be_told_from_the_log_s_digests():
    budget = custom_fields.budget("both", {"NationalID": "1"})
    told = [
        digests.of(fields_of(ALINE._replace(national_id=CANARY[:-5] + f"{n:05}"), budget=budget))
        for n in range(2000)
    ]

    assert all(CANARY[:8] not in one for one in told)
    assert mark_of(ALINE) not in told[0]
