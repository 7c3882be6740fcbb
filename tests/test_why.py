"""The door that tells one record's story."""

from __future__ import annotations

import pytest

from src import undo, why
from src.attachments.records import PLAN, RUNLOG
from src.kit.errors import NOTHING_DONE, OK
from tests.desk import Desk
from tests.told import Told


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a desk that has sent three files."""
    desk = Desk(tmp_path_factory.mktemp("why") / "desk")
    desk.files("a.pdf", "b.pdf", "ready to go.pdf", "odd\ncafe\u0301.pdf")
    desk.prepare()
    desk.upload()
    return desk


def test_a_record_is_told_in_chapters(desk):
    assert desk.run(why, "a.pdf") == OK

    first, *lines = desk.out.splitlines()
    assert first.endswith("/a.pdf (attachments)")
    assert [line[2:16].strip() for line in lines if line[2:16].strip()] == [
        *("Source", "Normalization", "Mapping", "Plan", "Decision", "Attempts"),
        *("State", "Next"),
    ]


def test_several_records_are_listed_with_what_to_type(desk):
    request_id = desk.rows(RUNLOG)[0].request_id

    assert desk.run(why, request_id) == OK
    assert "4 records are meant; type one of these instead" in desk.out
    for row in desk.rows(PLAN):
        assert f'make why KEY="{row.row}"' in desk.out


def test_what_is_typed_instead_means_one(desk):
    for name in Told(desk, desk.rows(RUNLOG)[0].request_id).names:
        assert Told(desk, name).only["name"] == name


def test_nothing_found_names_the_files_and_what_is_near(desk):
    assert desk.run(why, "ready to") == NOTHING_DONE

    assert desk.out.startswith("ready to: no record has it; looked into ")
    assert "logs/qbo_attach_runlog.csv" in desk.out
    assert "near: ready to go.pdf (attachments, " in desk.out


def test_a_typing_mistake_has_near_misses_too(desk):
    assert "ready to go.pdf" in " ".join(Told(desk, "ready to go.pdx").found["near"])


def test_another_pipeline_has_no_such_record(desk):
    assert Told(desk, "a.pdf", "--pipeline", "mis").code == NOTHING_DONE


def test_an_empty_key_is_refused_with_a_way_out(desk):
    assert desk.run(why, " ") == NOTHING_DONE
    assert 'make why KEY="…"' in desk.err


@pytest.mark.parametrize(
    "key", ["$(touch x)", "'; DROP TABLE x", "%s", "\x1b[31m", "*", ".", "k"]
)
def test_odd_keys_are_nothing_but_keys(desk, key):
    assert desk.run(why, key) == NOTHING_DONE
    assert "\x1b" not in desk.out


def test_it_writes_nothing(desk):
    def state():
        return {p: p.read_bytes() for p in sorted(desk.root.rglob("*")) if p.is_file()}

    before = state()
    desk.run(why, "a.pdf")

    assert state() == before


def test_a_run_is_no_record_but_is_known(desk):
    run_id = desk.rows(RUNLOG)[0].run_id

    assert desk.run(why, run_id) == NOTHING_DONE
    assert "it is a run: qbo_attach_demo on " in desk.out


@pytest.mark.parametrize("key", ["odd\\ncafe\u0301.pdf", "odd\ncaf\xe9.pdf"])
def test_a_file_is_found_as_its_cell_or_as_its_name_is_spelled(desk, key):
    assert Told(desk, key).only["title"].endswith("/odd\ncafe\u0301.pdf")


def test_every_line_is_one_line(desk):
    desk.run(why, "odd\ncafe\u0301.pdf")

    assert desk.out.splitlines()[0].endswith("/odd\\ncafe\u0301.pdf (attachments)")


def test_a_file_is_found_by_its_digest(desk):
    row = next(row for row in desk.rows(RUNLOG) if row.file_name == "b.pdf")

    assert Told(desk, row.sha256).only["title"].endswith("/b.pdf")


@pytest.mark.parametrize("key", ["1199080012345678", "nobody"])
def test_what_is_looked_for_nowhere_is_said_whatever_was_typed(desk, key):
    desk.run(why, key)

    assert "not looked for anywhere: national ids and passport numbers" in desk.out
    assert Told(desk, key).found["not_searched"].startswith("not looked for anywhere")


def test_what_is_near_stands_before_the_list_of_files(desk):
    desk.run(why, "ready-to")

    assert desk.out.index("near: ready to go.pdf") < desk.out.index("logs/qbo_attach")


@pytest.mark.parametrize(
    ("name", "typed"), [("r1", '"r1"'), ('a "b" $c', "'a \"b\" $c'")]
)
def test_what_to_type_is_as_a_shell_takes_it(name, typed):
    assert why._typed(name) == typed


def test_an_upload_that_is_taken_back_is_told_step_by_step(tmp_path):
    desk = Desk(tmp_path / "desk")
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()

    def told() -> tuple[str, str]:
        found = Told(desk, "a.pdf")
        return found.state.partition("; ")[2], found.next_step

    desk.run(undo, desk.rows(RUNLOG)[0].run_id)
    planned = told()
    desk.upload()
    removed = told()
    desk.verify()

    assert planned == ("it is planned to be deleted there", "make attach")
    assert removed[1] == "make verify"
    assert told()[0].startswith("it is not sent: taken back by run ")
