"""One file attached to one record, as the specification names it."""

from __future__ import annotations

import pytest

from src import fake_qbo_api

ARGS = ("Invoice", "1187")


def said(desk) -> dict[str, str]:
    return dict(line.split(None, 1) for line in desk.out.splitlines() if " " in line.strip())


def test_a_file_is_attached_and_the_answer_printed(desk):
    path = desk.file("a.pdf")

    assert desk.run(fake_qbo_api, *ARGS, str(path)) == 0

    assert said(desk)["status_code"] == "200"
    (effect,) = desk.effects()
    assert (effect.file_name, effect.entity_type, effect.entity_id) == ("a.pdf", *ARGS)
    assert effect.id == said(desk)["intuit_id"]


@pytest.mark.parametrize("name", ["gone.pdf", "."])
def test_a_file_that_cannot_be_read_answers_404(desk, name):
    assert desk.run(fake_qbo_api, *ARGS, str(desk.root / name)) == 1

    assert said(desk)["status_code"] == "404"
    assert desk.effects() == []


def test_a_failure_rate_of_one_always_fails(desk):
    path = desk.file("a.pdf")

    assert desk.run(fake_qbo_api, *ARGS, str(path), FAKE_QBO_FAIL_RATE="1") == 1

    assert "intuit_id" not in said(desk)
    assert said(desk)["error"]


def test_two_calls_attach_twice(desk):
    path = str(desk.file("a.pdf"))
    desk.run(fake_qbo_api, *ARGS, path)
    desk.run(fake_qbo_api, *ARGS, path)

    assert desk.received() == ["a.pdf", "a.pdf"]


def test_the_function_answers_as_the_specification_says(desk, monkeypatch):
    for name, value in desk.settings.items():
        monkeypatch.setenv(name, value)

    answer = fake_qbo_api.attach_file("Invoice", "1187", desk.file("a.pdf"))

    assert (answer.status_code, answer.error) == (200, "")
    assert answer.intuit_id and answer.intuit_tid and answer.duration_ms >= 0
