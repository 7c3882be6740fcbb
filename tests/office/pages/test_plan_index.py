"""A plan that is read once: its records, their order, and what is found in it."""

import random

import pytest

from src.kit.errors import Refused
from src.office.pages import plan_index
from src.office.pages.plan_index import Asked
from src.office.pages.plan_sights import PLANS
from tests.office.pages.plans_made import SECRET, make, place, row

WMS = PLANS["wms_plan"]


def index(visitor, *rows, plan="wms_plan"):
    return plan_index.read(make(visitor, plan, *rows), PLANS[plan])


def names(found, asked=Asked(), column="name"):
    return [found.rows(one)[0][column] for one in found.find(asked)]


def wms(name, **cells):
    return row("wms_plan", **{"name": name, "wms_id": name, **cells})


# --- records --------------------------------------------------------------------------


def test_rows_about_one_record_are_one_record_wherever_they_stand(visitor):
    found = index(visitor, wms("a", field="phone"), wms("b"), wms("a", field="email"))

    [a, b] = found.find(Asked())

    assert [one["field"] for one in found.rows(a)] == ["phone", "email"]
    assert len(found.rows(b)) == 1


def test_records_of_two_kinds_are_two(visitor):
    found = index(visitor, wms("a"), wms("a", kind="vendors"))

    assert len(found.order) == 2


def test_what_waits_comes_first_then_lost_changes_then_the_rest(visitor):
    rows = [wms("a"), wms("b", discarded="x"), wms("c", action="hold"), wms("d")]

    found = index(visitor, *rows)

    assert names(found) == ["c", "b", "a", "d"]


@pytest.mark.parametrize(
    ("cells", "waits"),
    [
        ({"action": "hold"}, True),
        ({"action": "hold", "decision": "wms"}, False),
        ({"action": "hold", "decision": " Hold "}, True),
        ({"action": "update"}, False),
        ({"action": "update", "decision": "hold"}, True),
        ({"action": "update", "decision": "skip"}, False),
    ],
)
def test_what_is_held_waits_until_somebody_decided(visitor, cells, waits):
    found = index(visitor, wms("a", **cells))

    assert (names(found, Asked(show="held")) == ["a"]) is waits


@pytest.mark.parametrize(
    ("status", "waits"),
    [("ok", False), ("large_warning", False), ("too_large", True), ("a_new_one", True)],
)
def test_of_attachments_all_waits_but_what_is_sent(visitor, status, waits):
    rows = [row("mapping_verification_log", status=status)]

    found = index(visitor, *rows, plan="mapping_verification_log")

    assert bool(found.records.waiting) is waits


def test_a_plan_adds_up(visitor):
    rows = [wms("a"), wms("a", decision="qbd"), wms("b", action="hold", type="vendors")]

    path = make(visitor, "wms_plan", *rows)
    found = plan_index.summary(path, WMS)

    assert found[:4] == (3, 2, 1, 0)
    assert found.actions == {"update": 2, "hold": 1}
    assert found.types == {"customers": 2, "vendors": 1}
    assert found.decisions == {"qbd": 1}


# --- finding --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(), ["c", "a", "b"]),
        (Asked(type="vendors"), ["b"]),
        (Asked(action="create"), ["b"]),
        (Asked(action="creat"), []),
        (Asked(show="decided"), ["a"]),
        (Asked(show="held", type="vendors"), []),
        (Asked(q="B"), ["b"]),
        (Asked(q="b", type="customers"), []),
    ],
)
def test_records_are_found_by_type_action_and_what_they_wait_for(visitor, asked, found):
    rows = [
        wms("a", decision="skip"),
        wms("b", type="vendors", action="create"),
        wms("c", action="hold"),
    ]

    assert names(index(visitor, *rows), asked) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zoë", ["Zoë"]),
        ("ZOË", ["Zoë"]),
        ("zoe\u0308", ["Zoë"]),
        ("1+1", ["=1+1"]),
        ("=1", ["=1+1"]),
        ("'=", []),
        ('the "x"', ['the "x"']),
        ("x,y", ["x,y"]),
        ("c:\\new\nline", ["C:\\new\nline"]),
        ("\\\\", []),
        ("y,x", []),
        ("customers,update", []),
    ],
)
def test_a_search_undoes_quotes_guards_and_escapes(visitor, text, found):
    texts = ["Zoë", "=1+1", 'the "x"', "x,y", "C:\\new\nline"]

    plan = index(visitor, *[wms(one) for one in texts])

    assert names(plan, Asked(q=text)) == found


@pytest.mark.parametrize("seed", range(10))
def test_a_search_finds_what_a_reader_of_every_cell_finds(visitor, seed):
    dice = random.Random(seed)
    pieces = ["a", "B", " ", ",", ";", '"', "'", "\\", "\n", "é", "=", "1", "x"]
    texts = ["".join(dice.choices(pieces, k=6)) + str(n) for n in range(40)]
    plan = index(visitor, *[wms(one, reason=dice.choice(texts)) for one in texts])
    rows = {one["name"]: one for record in plan.order for one in plan.rows(record)}
    for _ in range(30):
        text = "".join(dice.choices(pieces, k=dice.randrange(1, 3)))

        found = names(plan, Asked(q=text))

        cells = {name: row.values() for name, row in rows.items()}
        expected = [n for n in cells if any(text.lower() in c.lower() for c in cells[n])]
        assert found == expected, text


def test_what_nobody_is_shown_is_not_found_by_searching(visitor):
    hidden = {"payload": {"Notes": f"NationalID={SECRET}"}, "before": {"x": SECRET}}

    plan = index(visitor, row("mis_plan", name="Moses", **hidden), plan="mis_plan")

    assert [plan.find(Asked(q=text)) for text in (SECRET, SECRET[:3], "NationalID")] == [
        [],
        [],
        [],
    ]
    assert plan.find(Asked(q="moses")) == [0]


# --- plans that are not as they were written ------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_plan_that_a_spreadsheet_saved_is_read_too(visitor, encoding, separator):
    path = make(visitor, "wms_plan", wms("Zoë", decision="skip"), wms("b"))
    text = path.read_text("utf-8-sig").replace(",", separator).replace("\n", "\r\n")
    path.write_bytes(text.encode(encoding))

    found = plan_index.read(path, WMS)

    assert names(found) == ["Zoë", "b"]
    assert names(found, Asked(q="zoë", show="decided")) == ["Zoë"]


def test_columns_in_another_order_are_read_too(visitor):
    path = make(visitor, "wms_plan", wms("a", action="hold"))
    lines = [line.split(",") for line in path.read_text("utf-8-sig").splitlines()]
    turned = "\n".join(",".join(reversed(cells)) for cells in lines)
    path.write_text(f"{turned}\n", "utf-8")

    assert names(plan_index.read(path, WMS), Asked(show="held")) == ["a"]


@pytest.mark.parametrize(
    "line", ["too,few", '"open,' + "," * 21, "\0" + "," * 21, "x" + "," * 40]
)
def test_a_line_that_is_no_row_is_counted_and_left_out(visitor, line):
    path = make(visitor, "wms_plan", wms("a"))
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with open(path, "a", encoding="utf-8") as file:
        file.write(path.read_text("utf-8-sig").splitlines()[1] + "\n")

    found = plan_index.read(path, WMS)

    assert found.unread == 1
    assert [len(found.rows(one)) for one in found.order] == [2]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xef\xbb\xbfrow,type"])
def test_a_file_that_is_no_plan_is_refused(visitor, content):
    path = place(visitor, "wms_plan")
    path.write_bytes(content)

    with pytest.raises(Refused, match="^data/wms_plan.csv: .*; put it right"):
        plan_index.read(path, WMS)


def test_a_plan_that_is_made_again_is_read_again(visitor):
    first = index(visitor, wms("a"))
    again = index(visitor, wms("b"))

    assert (names(first), names(again)) == (["a"], ["b"])


def test_a_plan_that_stays_the_same_is_read_once(visitor):
    path = make(visitor, "wms_plan", wms("a"))

    assert plan_index.read(path, WMS) is plan_index.read(path, WMS)
