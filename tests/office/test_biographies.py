"""Rows are put together to records, and records are told one by one."""

from __future__ import annotations

import pytest

from src.attachments import records as attachments
from src.kit import stories, tables
from src.kit.searching import Source
from src.kit.stories import Found, Story, Teller
from src.kit.tables import GENERATED, Table
from src.office import biographies, biography_sources, pipelines
from src.office.biography_sources import Shelf
from src.wms import records as wms
from src.wms.records import Rejected

TABLE = Table("DATA_DIR", "rows.csv", Rejected, GENERATED, "make rows")


def _tokens(row: Found):
    """Two ids are one record's where a row has both."""
    return [(name, row[name]) for name in ("wms_id", "id") if row[name]]


def _ties(row: Found):
    return [("kind", row["kind"])] if row["kind"] else []


def _tell(rows, _):
    said = sorted(row["reason"] for row in rows)
    return Story(said[0], " ".join(said), [], "", "")


TELLER = Teller(
    {"rows.csv": ("reason", "wms_id", "id")},
    (stories.fold,),
    _tokens,
    _ties,
    frozenset(("wms_id", "id", "kind")),
    _tell,
)


@pytest.fixture
def shelf(tmp_path):
    """Return what makes a shelf of rows: kind, wms_id, id, what they say."""

    def make(*rows: tuple[str, str, str, str]) -> Shelf:
        path = tmp_path / "rows.csv"
        tables.write(path, Rejected, [("t", *row) for row in rows])
        return Shelf("wms", TELLER, [Source(path, "data/rows.csv", TABLE)])

    return make


def records(shelf: Shelf, *texts: str) -> list[list[str]]:
    """Return what the rows say that each meant record is known by at first."""
    return [
        sorted(row["reason"] for row in one) for one in biographies._meant(shelf, texts)
    ]


def whole(shelf: Shelf, text: str) -> list[str]:
    """Return what all rows of the one record say that a text means."""
    [rows] = biographies._meant(shelf, [text])
    return sorted(row["reason"] for row in biographies._all_of(shelf, rows))


def test_rows_that_share_an_id_are_one_record(shelf):
    found = shelf(("", "w1", "q1", "a"), ("", "w1", "", "b"), ("", "", "q2", "c"))

    assert records(found, "a", "b", "c") == [["a", "b"], ["c"]]


def test_one_id_leads_to_the_next(shelf):
    found = shelf(("", "w1", "", "a"), ("", "w1", "q1", "b"), ("", "", "q1", "c"))

    assert whole(found, "a") == ["a", "b", "c"]


def test_records_of_others_are_left_out(shelf):
    found = shelf(("", "w1", "q1", "a"), ("", "w2", "q2", "b"))

    assert whole(found, "a") == ["a"]


def test_an_id_of_one_kind_is_not_that_of_another(shelf):
    found = shelf(("", "7", "", "a"), ("", "", "7", "b"))

    assert records(found, "7") == [["a"], ["b"]]


def test_what_only_ties_in_stands_beside_each_record(shelf):
    found = shelf(("k", "w1", "", "a"), ("k", "w2", "", "b"), ("k", "", "", "tie"))

    assert whole(found, "a") == ["a", "tie"]
    assert whole(found, "b") == ["b", "tie"]


def test_what_only_ties_in_is_a_record_where_there_is_no_other(shelf):
    found = shelf(("k", "", "", "tie"), ("k", "", "", "tie"))

    assert records(found, "tie") == [["tie", "tie"]]


@pytest.mark.parametrize("key", ["w1", "W1", " q1 ", "A"])
def test_a_record_is_meant_by_any_of_its_names(shelf, key):
    assert records(shelf(("", "w1", "q1", "a")), key) == [["a"]]


def test_nothing_is_meant_by_a_part_of_a_name(shelf):
    assert records(shelf(("", "w123456789", "q1", "a")), "w12345678") == []


def test_of_many_records_only_the_names_are_told(shelf, desk):
    [rows] = biographies._meant(shelf(("", "w1", "q1", "a")), ["a"])

    [*_, story] = biographies._told(desk.config, shelf(("", "w1", "", "a")), rows, False)

    assert story == Story("a", "a", (), "", "")


# --- where they stand -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("./files/Attach/a.pdf", "Attach/a.pdf"),
        ("files/Attach/a.pdf", "Attach/a.pdf"),
        ("Attach\\a.pdf", "Attach/a.pdf"),
    ],
)
def test_a_path_is_looked_for_as_the_inventory_has_it(desk, key, path):
    assert path in biography_sources.spellings(desk.config, key)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("'23-00001", "23-00001"),
        (" '5000000000000412003 ", "5000000000000412003"),
        ("odd name\\nline.pdf", "odd name\nline.pdf"),
        ("odd \\udcff byte.pdf", "odd \udcff byte.pdf"),
        ("'=1+1\\t", "=1+1\t"),
    ],
)
def test_a_cell_that_was_copied_is_looked_for_as_what_it_means(desk, key, meant):
    found = biography_sources.spellings(desk.config, key)

    assert found[0] == key and meant in found


def test_a_name_is_looked_for_as_it_stands(desk):
    assert biography_sources.spellings(desk.config, "a b") == ["a b"]


def test_every_pipeline_has_a_shelf(desk):
    found = [shelf.pipeline for shelf in biography_sources.shelves(desk.config)]

    assert found == ["attachments", "customers", "salespro", "wms", "mis"]


def test_segments_and_kept_plans_are_looked_into_too(desk):
    desk.files("a.pdf")
    desk.prepare()
    desk.upload()
    log = desk.logs / "qbo_attach_runlog.csv"
    log.rename(log.with_name("qbo_attach_runlog.0001.csv"))
    (desk.root / "data/plans").mkdir()
    tables.write(desk.root / "data/plans/r1.csv", attachments.PLAN.row, [])
    tables.write(desk.root / "data/plans/r2.csv", wms.PLAN.row, [])

    files, _, _, goods, _ = biography_sources.shelves(desk.config)

    places = [source.place for source in files.sources]
    assert "logs/qbo_attach_runlog.0001.csv" in places
    assert "data/plans/r1.csv" in places and "data/plans/r2.csv" not in places
    assert "data/plans/r2.csv" in [source.place for source in goods.sources]


def test_a_source_knows_when_its_file_was_written(desk):
    desk.files("a.pdf")
    desk.prepare()

    [files, *_] = biography_sources.shelves(desk.config)

    made = {source.place: source.made for source in files.sources}
    assert made["data/attachments_inventory.csv"] and made[attachments.PLAN.place]
    assert made["data/attachments_inventory.csv"] <= made[attachments.PLAN.place]


def test_a_plan_that_takes_back_is_read_with_its_own_columns(desk):
    tables.write(desk.logs / attachments.REVERSE.name, attachments.REVERSE.row, [])

    [files, *_] = biography_sources.shelves(desk.config)

    [plan] = [one for one in files.sources if one.place == attachments.PLAN.place]
    assert plan.table is attachments.REVERSE


def test_columns_in_which_tokens_stand_are_told_by_every_teller(desk):
    for shelf in biography_sources.shelves(desk.config):
        pipeline = next(one for one in pipelines.ALL if one.name == shelf.pipeline)
        rows = {table.row for table in (*pipeline.tables, *pipelines.SHARED)}
        rows |= {source.table.row for source in shelf.sources}
        names = {name for row in rows for name in tables.header(row)}
        assert shelf.teller.columns <= names, shelf.pipeline


def test_every_name_of_a_handle_is_a_column(desk):
    for shelf in biography_sources.shelves(desk.config):
        for source in shelf.sources:
            handles = shelf.teller.handles.get(source.table.name, ())
            names = {name for handle in handles for name in handle.split("+")}
            wrong = names - set(tables.header(source.table.row))
            assert shelf.pipeline == "wms" or not wrong, source.place  # kinds differ
