"""The door that imports appointments: options, limits, exit codes, what it says."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from src import csv_salespro_appointments
from src.kit import errors
from src.kit.locks import Lock
from src.office import connect_database
from src.salespro.records import ERRORS, PLAN, REJECTS, RUNLOG
from tests.adapters.breaking import Breaking
from tests.salespro.counter import Sales, row

NEWER = "2025-06-08T00:00:00.000Z"


@pytest.fixture
def sales(desk) -> Sales:
    return Sales(desk, "")


def test_the_summary_says_what_was_read_and_where_it_went(sales):
    path = sales.export(
        row("a", is_sale="TRUE", amount="1234.5"), row("b"), row("x", "soon")
    )

    assert sales.take(path) == errors.SOME_ROWS_FAILED

    assert sales.out == (
        "csv_salespro_appointments: 2 created; 1 rejected\n"
        "  3 read = 2 out + 1 rejected\n"
        "  appended to logs/salespro_runlog.csv (2 rows)\n"
        "  wrote logs/salespro_errors.csv (1 row)\n"
        "  wrote logs/salespro_rejects.csv (1 row)\n"
        f"  {path}: line 4: Could not parse datetime: soon; expected date, time and "
        "zone, as in 2025-06-06T00:16:45.538Z\n"
        "  predicted 2 created, 0 updated; the database changed 2 and 0: as predicted\n"
        "  control sum of all amounts, sales or not: 0.00 → 1,234.50, as expected\n"
        "  sales won 1, lost 0; amount of sales +1,234.50\n"
        "  next: look at logs/salespro_errors.csv\n"
    )


def test_only_the_first_rejects_are_told_and_all_are_written(sales):
    sales.take_rows(*(row(f"{n}", "soon") for n in range(9)))

    assert sales.out.count("Could not parse datetime") == 5
    assert "and 4 more rejected row(s)" in sales.out
    assert len(sales.rows(REJECTS)) == len(sales.rows(ERRORS)) == 9
    assert sales.history()[-1]["status"] == "failed"


def test_the_log_has_a_row_per_batch(sales):
    sales.take_rows(*(row(f"{n}") for n in range(5)), BATCH_SIZE="2")

    found = [(r.line, r.outcome, r.created) for r in sales.log()]

    assert found == [
        ("2 to 3", "batch", "2"),
        ("4 to 5", "batch", "2"),
        ("6 to 6", "batch", "1"),
    ]
    assert sales.history()[0]["batch_size"] == 2


def test_limit_stops_and_the_next_run_goes_on_behind_it(sales):
    path = sales.export(*(row(f"{n}") for n in range(5)))

    assert sales.take(path, "--limit", "2") == errors.STOPPED_EARLY
    first, said = sales.counts(), sales.out
    assert sales.take(path, "--limit", "2") == errors.STOPPED_EARLY
    assert sales.take(path, "--limit", "2") == errors.OK

    assert first == {"processed": 2, "created": 2}
    assert "5 read = 2 out + 3 not attempted" in said
    assert "stopped by --limit 2; start the same command again" in said
    assert "changed 2 and 0: 3 not attempted" in said
    assert len(sales.stored()) == 5
    assert [f["status"] for f in sales.history()] == ["partial", "partial", "completed"]


def test_too_many_rejects_stop_before_anything_is_stored(sales):
    path = sales.export(row("a"), row("b", "soon"), row("c", "soon"))

    assert sales.take(path, "--max-errors", "2") == errors.STOPPED_EARLY

    assert sales.stored() == []
    assert "3 read = 2 rejected + 1 not attempted" in sales.out
    assert sales.history()[0]["error_message"] == "stopped by --max-errors 2"
    assert (
        "  stopped by --max-errors 2; correct the rows in logs/salespro_errors.csv or "
        "raise --max-errors, then start again\n"
    ) in sales.out


@pytest.mark.parametrize(
    ("option", "way_out"),
    [
        ("--limit", ""),
        (
            "--max-errors",
            "; correct the rows in logs/salespro_rejects.csv or raise --max-errors, "
            "then start again",
        ),
    ],
)
def test_a_dry_run_that_is_stopped_promises_nothing_of_what_is_stored(
    sales, option, way_out
):
    path = sales.export(row("a"), row("b"), row("c", "soon"))

    assert sales.take(path, "--dry-run", option, "1") == errors.STOPPED_EARLY

    assert f"  stopped by {option} 1{way_out}\n" in sales.out
    assert "what is stored stays" not in sales.out


def test_rejects_are_in_the_order_of_the_file(sales):
    lines = [row("a", "soon"), ["too few"], row("b"), row("c", "never"), ["x"]]

    sales.take_rows(*lines)

    assert [r.line for r in sales.rows(REJECTS)] == ["2", "3", "5", "6"]
    assert [r.line for r in sales.rows(ERRORS)] == ["2", "3", "5", "6"]


def test_a_sale_without_an_amount_is_told_by_the_import_that_stores_it(sales):
    path = sales.export(row("a", is_sale="TRUE"))
    sales.take(path)
    first = sales.out

    sales.take(path)

    told = "1 sale(s) without an amount"
    assert told in first and "1 flagged" in first
    assert told not in sales.out and "flagged" not in sales.out


def test_max_minutes_stops_between_batches(sales):
    assert (
        sales.take(sales.export(row("a")), "--max-minutes", "1e-9")
        == errors.STOPPED_EARLY
    )

    assert "stopped by --max-minutes" in sales.out


@pytest.mark.parametrize("minutes", ["nan", "-1.0", "inf"])
def test_a_time_that_is_none_is_refused(sales, minutes):
    assert (
        sales.take(sales.export(row("a")), "--max-minutes", minutes)
        == errors.NOTHING_DONE
    )

    assert f"--max-minutes {minutes}: expected a number above 0" in sales.desk.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_between_batches(sales, number):
    path = sales.export(*(row(f"{n}") for n in range(6)))
    signalling = Breaking(lambda calls: signalled(calls, number))

    assert sales.take_with(signalling, path, BATCH_SIZE="2") == 128 + number

    assert sales.counts() == {"processed": 2, "created": 2}
    assert sales.history()[0]["status"] == "partial"
    assert sales.history()[0]["error_message"] == "stopped by a signal"
    assert sales.take(path) == errors.OK
    assert len(sales.stored()) == 6


def signalled(calls: list[str], number: int) -> bool:
    """Send this process a signal while the first batch is stored."""
    creates = [c for c in calls if c.startswith("run INSERT INTO salespro_appointment")]
    if len(creates) == 1 and calls[-1] is creates[0]:
        os.kill(os.getpid(), number)
    return False


def test_a_second_import_at_the_same_time_is_told_to_wait(sales):
    with connect_database.database(sales.desk.config) as database, database.lock():
        assert sales.take(sales.export(row("a"))) == errors.LOCKED

    assert "wait until it ends" in sales.desk.err
    assert sales.history() == []


def test_two_databases_do_not_write_one_log_at_the_same_time(sales):
    with Lock(sales.desk.path(RUNLOG).with_suffix(".lock")):
        assert sales.take(sales.export(row("a"))) == errors.LOCKED

    assert sales.history()[0]["status"] == "failed"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: the header is missing"),
        (b"\n\n", "line 1: the header is missing"),
        (
            b"name,mail\na,b\n",
            "line 1: missing column(s) _id, _updated_at; found name, mail",
        ),
        (b"_id,_id,_updated_at\n", "line 1: column(s) found twice: _id"),
        (b"\xff\xfea", "the last character is cut"),
    ],
)
def test_an_unreadable_file_is_refused_and_recorded(sales, content, sentence):
    path = sales.raw(content)

    assert sales.take(path) == errors.NOTHING_DONE

    assert f"{path}: {sentence}" in sales.desk.err
    [found] = sales.history()
    assert found["status"] == "failed" and sentence in found["error_message"]
    assert len(found["file_sha256"]) == 64


def test_a_folder_is_no_export(sales):
    assert sales.take(sales.desk.root) == errors.NOTHING_DONE

    assert "is a folder; name the file in it" in sales.desk.err
    assert sales.history()[0]["status"] == "failed"


def test_a_pipe_is_no_export(sales):
    os.mkfifo(sales.desk.root / "pipe")

    assert sales.take(sales.desk.root / "pipe") == errors.NOTHING_DONE

    assert "pipe: is no file; save it to disk first" in sales.desk.err
    assert sales.history()[0]["status"] == "failed"


@pytest.mark.parametrize("call", ["load salespro_starts", "load salespro_read"])
def test_a_file_that_is_written_meanwhile_is_refused_before_anything_is_stored(
    sales, call
):
    path = sales.export(row("a"), row("b"))
    writing = Breaking(lambda calls: written_over(path, calls[-1] == call))

    assert sales.take_with(writing, path) == errors.NOTHING_DONE

    said = f"{path}: changed while it was read; start again with a file that nobody writes"
    assert sales.desk.err == f"{said}\n"
    assert sales.history()[0]["status"] == "failed"
    assert sales.stored() == []


def written_over(path: Path, is_time: bool) -> bool:
    """Write to the file once it is time; break nothing."""
    if is_time:
        path.write_bytes(path.read_bytes() + b"\n")
    return False


def test_a_last_line_without_its_end_is_imported_and_named(sales):
    path = sales.raw(sales.export(row("a", amount="12.50")).read_bytes()[:-3])

    assert sales.take(path) == errors.OK

    assert f"{path}: the last line has no line end; is the file whole?" in sales.out
    assert len(sales.stored()) == 1


def test_an_export_without_rows_is_complete(sales):
    assert sales.take(sales.export()) == errors.OK

    assert sales.history()[0]["status"] == "completed"
    assert sales.counts() == {}


def test_a_dry_run_writes_the_plan_and_no_log(sales):
    path = sales.export(row("a"), row("a", NEWER), row("b", last="=1+1"))

    assert sales.take(path, "--dry-run") == errors.OK

    assert [(r.line, r.id, r.action, r.reason) for r in sales.rows(PLAN)] == [
        ("3", "a", "created", ""),
        ("4", "b", "created", ""),
        ("2", "a", "stale", "line 3 is a newer row of this id"),
    ]
    assert not sales.desk.path(RUNLOG).exists()
    assert "would be 0.00" in sales.out
    assert "then the same command without --dry-run" in sales.out


def test_a_dry_run_does_not_make_the_file_known(sales):
    path = sales.export(row("a"))
    sales.take(path, "--dry-run")

    sales.take(path)

    assert "imported before" not in sales.out


def test_a_stopped_import_does_not_make_the_file_known(sales):
    path = sales.export(row("a"), row("b"))
    sales.take(path, "--limit", "1")

    sales.take(path)

    assert "imported before" not in sales.out


def test_the_errors_are_those_of_the_last_run(sales):
    sales.take_rows(row("a", "soon"))
    sales.take_rows(row("b", "never"), row("c", "never"))

    assert [found.key for found in sales.rows(ERRORS)] == ["b", "c"]


def test_a_copy_of_the_database_is_kept_before_it_changes(sales):
    path = sales.export(row("a"))
    sales.take(path)
    sales.take(path)
    assert copies(sales) == 1

    sales.take_rows(row("a", NEWER))

    assert copies(sales) == 2


def copies(sales: Sales) -> int:
    return len(list((sales.desk.root / "data").glob("carryover.db.before-*")))


def test_the_same_run_id_may_be_used_again(sales):
    sales.take_rows(row("a"), RUN_ID="fixed")

    assert sales.take_rows(row("b"), RUN_ID="fixed") == errors.OK

    assert [found["run_id"] for found in sales.history()] == ["fixed", "fixed"]


def test_a_file_name_that_is_no_text_is_imported_and_named(sales):
    path = sales.export(row("a")).rename(
        os.fsdecode(os.fsencode(sales.desk.root) + b"/x\xff.csv")
    )

    assert sales.take(path) == errors.OK

    assert sales.history()[0]["file_path"].endswith("/x\\udcff.csv")


def test_help_names_no_option_that_does_nothing(sales, capsys):
    with pytest.raises(SystemExit):
        csv_salespro_appointments.main(["--help"])

    said = capsys.readouterr().out
    assert "--dry-run" in said and "FILE" in said
    assert "--workers" not in said
    assert "stop after N errors" in said and "stop after N minutes" in said
