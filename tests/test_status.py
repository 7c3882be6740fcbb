"""The door that tells where things stand."""

from __future__ import annotations

from src import (
    customers_check,
    customers_import,
    customers_match,
    qbo_attach_demo,
    status,
)


def shown(desk) -> dict[str, str]:
    """Return what status prints of the attachments, by its first words."""
    assert desk.run(status) == 0
    block = desk.out.partition("customers\n")[0]
    lines = [line for line in block.splitlines() if line.startswith("  ")]
    return {line[:15].strip(): line[15:].strip() for line in lines}


def test_before_the_first_run_nothing_has_happened(desk):
    told = shown(desk)

    assert desk.out.startswith("attachments\n")
    assert told["last run"] == "never"
    assert told["next"] == "make mapping"


def test_after_the_last_run_it_tells_how_it_ended(desk):
    desk.files("a.pdf", "b.pdf")
    desk.scenario(",b.pdf,200:6041")
    desk.prepare()
    desk.upload()

    told = shown(desk)

    assert told["last run"].endswith("UTC qbo_attach_demo, exit 1")
    assert told["in the log"] == "1 uploaded, 1 failed"
    assert (told["open errors"], told["in doubt"]) == ("1", "0")


def test_what_earlier_files_left_is_shown_where_there_is_any(desk):
    for name, cell in (("a", "many"), ("b", "5")):
        export = desk.root / f"{name}.csv"
        export.write_text(f"Customer Name,Credit Limit\n{name},{cell}\n")
        for door, *words in ((customers_check, str(export)), (customers_match,), (customers_import,)):
            desk.run(door, *words)

    assert desk.run(status) == 0

    assert desk.out.count("  left behind  1 in earlier files\n") == 1
    assert desk.out.count("left behind") == 1


def test_what_a_limited_run_did_not_come_to_is_shown_until_the_next(desk):
    desk.files("a.pdf", "b.pdf", "c.pdf")
    desk.prepare()

    desk.run(qbo_attach_demo, "--limit", "1")
    limited = shown(desk)
    desk.upload()

    assert (limited["unattempted"], limited["next"]) == ("2", "make attach")
    assert "unattempted" not in shown(desk)


def test_status_changes_no_log(desk):
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()
    before = {path: path.read_bytes() for path in desk.logs.iterdir()}

    shown(desk)

    assert {path: path.read_bytes() for path in desk.logs.iterdir()} == before
