"""Judgements: one file for all, appended under its lock, the last word counts."""

import os
from pathlib import Path
from threading import Thread

import pytest

from src.kit import judgements, locks
from tests.kit import hostile

TS = "2026-11-20T09:15:42.000000+00:00"


def judgement(subject: str, verdict: str, pipeline: str = "customers") -> tuple[str, ...]:
    return (TS, "run-1", pipeline, subject, verdict, "why")


def remembered(folder: Path) -> dict[str, str]:
    return judgements.verdicts(folder, "customers")


def test_no_judgements_are_no_error(tmp_path):
    judgements.append(tmp_path, [])

    assert remembered(tmp_path) == {} and not list(tmp_path.iterdir())


def test_the_last_word_about_a_subject_counts(tmp_path):
    judgements.append(tmp_path, [judgement("|a", "skip"), judgement("|b", "create")])
    judgements.append(tmp_path, [judgement("|a", "link:5")])

    assert remembered(tmp_path) == {"|a": "link:5", "|b": "create"}


def test_pipelines_do_not_hear_each_other(tmp_path):
    judgements.append(tmp_path, [judgement("a", "skip"), judgement("a", "create", "mis")])

    assert remembered(tmp_path) == {"a": "skip"}
    assert judgements.verdicts(tmp_path, "mis") == {"a": "create"}


def test_any_subject_comes_back_unchanged(tmp_path):
    subjects = [s for s in hostile.MEASURED + hostile.ODD + hostile.texts(300) if s]

    judgements.append(tmp_path, (judgement(s, "skip") for s in subjects))

    assert remembered(tmp_path) == dict.fromkeys(subjects, "skip")


@pytest.mark.parametrize("damage", [(b"skip", b"link"), (b"|a", b"|b"), (b"run-1", b"run-2")])
def test_a_judgement_that_was_changed_is_not_believed(tmp_path, damage):
    judgements.append(tmp_path, [judgement("|a", "skip"), judgement("|z", "hold")])
    path = tmp_path / judgements.TABLE.name

    path.write_bytes(path.read_bytes().replace(*damage, 1))

    assert remembered(tmp_path) == {"|z": "hold"}


def test_a_torn_judgement_does_not_spoil_the_next(tmp_path):
    judgements.append(tmp_path, [judgement("|a", "skip"), judgement("|b", "skip")])
    path = tmp_path / judgements.TABLE.name
    path.write_bytes(path.read_bytes()[:-9])

    judgements.append(tmp_path, [judgement("|c", "skip")])

    assert remembered(tmp_path) == {"|a": "skip", "|c": "skip"}


def test_a_file_that_a_spreadsheet_saved_is_still_believed(tmp_path):
    judgements.append(tmp_path, [judgement("=1+1|00123", "link:0042")])
    path = tmp_path / judgements.TABLE.name

    text = path.read_text("utf-8-sig").replace(",", ";").replace("\n", "\r\n")
    path.write_text(text, "utf-8", newline="")

    assert remembered(tmp_path) == {"=1+1|00123": "link:0042"}


def test_an_append_waits_for_whoever_has_the_lock(tmp_path):
    held = os.open(tmp_path / "judgements.lock", os.O_RDWR | os.O_CREAT)
    locks.wait_for(held)
    appending = Thread(
        target=judgements.append, args=(tmp_path, [judgement("|a", "skip")])
    )

    appending.start()
    appending.join(0.3)
    waited = remembered(tmp_path)
    os.close(held)
    appending.join()

    assert (waited, remembered(tmp_path)) == ({}, {"|a": "skip"})
