"""The plans' pages: which there are, and a card for every record."""

import pytest

from src.kit import receipts
from src.office.pages.plan_sights import PLANS
from src.wms.truth import LATEST, TOO_CLOSE
from tests.office.pages.markup import EVIL
from tests.office.pages.plans_made import SECRET, make, place, row
from tests.wms.control import card as planned

PAYLOAD = {
    "DisplayName": "Moses Kamanzi",
    "PrimaryPhone": {"FreeFormNumber": "0788555100"},
    "Notes": f"NationalID={SECRET}",
    "CustomField": [{"DefinitionId": "3", "StringValue": SECRET}],
}


def cards(visitor, plan, query=""):
    root = visitor.page(f"/plans/{plan}{query}")
    return [one for one in root.all("section") if one.all("h3")]


def only(visitor, plan, *rows):
    make(visitor, plan, *rows)
    [card] = cards(visitor, plan)
    return card


def facts(card):
    return dict(zip([dt.text for dt in card.all("dt")], [dd.text for dd in card.all("dd")]))


def table(card):
    heads = [th.text for th in card.one("thead").all("th")]
    rows = card.one("tbody").all("tr")
    return [dict(zip(heads, [cell.text for cell in one.children])) for one in rows]


# --- which plans there are ------------------------------------------------------------


def test_plans_that_are_not_made_say_what_makes_them(visitor):
    root = visitor.page("/plans")

    told = [section.text for section in root.all("section")]
    assert len(told) == len(PLANS)
    assert "data/wms_plan.csvNot made yet; make wms-plan" in told


def test_a_plan_says_what_it_proposes_and_what_waits(visitor):
    make(visitor, "wms_plan", row("wms_plan"), row("wms_plan", wms_id="b", action="hold"))
    made = ("2026-11-20T08:00:07+00:00", "r7", "wms_plan", "file", "data/wms_plan.csv")
    receipts.append(visitor.logs, (*made, "2", "", ""))

    card = visitor.page("/plans").all("section")[3]

    assert facts(card) == {
        "Rows": "2 about 2 records",
        "Waiting": "1 record",
        "Made": "2026-11-20 08:00 UTC by run r7",
        "Decided": "nothing yet",
    }
    places = [a.attributes["href"] for a in card.all("a")]
    assert places[-3:] == ["/plans/wms_plan?show=held", "/runs/r7", "/plans/wms_plan"]


def test_a_plan_says_what_was_decided_and_what_is_lost(visitor):
    rows = [row("wms_plan", decision="QBD", discarded="x"), row("wms_plan", wms_id="b")]
    make(visitor, "wms_plan", *rows)

    card = visitor.page("/plans").all("section")[3]

    assert facts(card)["Decided"] == "1 qbd"
    assert facts(card)["Lost changes"] == "1 record"


def test_a_plan_without_decisions_speaks_of_none(visitor):
    make(visitor, "salespro_plan", row("salespro_plan"))

    assert "Decided" not in facts(visitor.page("/plans").all("section")[2])


@pytest.mark.parametrize("page", ["/plans", "/plans/wms_plan"])
@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\xff\xfe\x00", b"row\n\0"])
def test_a_plan_that_cannot_be_read_is_a_sentence_on_the_page(visitor, page, content):
    place(visitor, "wms_plan").write_bytes(content)

    assert "data/wms_plan.csv: " in visitor.page(page).all("div", role="alert")[0].text


def test_lines_that_are_no_rows_are_said(visitor):
    with open(make(visitor, "wms_plan", row("wms_plan")), "ab") as file:
        file.write(b"one,two\n")

    assert "1 line of it cannot be read" in visitor.page("/plans").text
    assert "1 line of it cannot be read" in visitor.page("/plans/wms_plan").text


# --- the page of a plan ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "command"),
    [
        ("wms_plan", "make wms-apply"),
        ("mis_plan", "make mis-push"),
        ("customers_plan", "make customers-import"),
        ("mapping_verification_log", "make attach"),
    ],
)
def test_a_plan_says_where_people_decide_and_what_comes_then(visitor, plan, command):
    make(visitor, plan, row(plan))

    card = visitor.page(f"/plans/{plan}").all("section")[0]

    told = [code.text for code in card.all("code")]
    assert told == [PLANS[plan].table.place, command]
    assert "skip, hold" in " ".join(facts(card)) or "skip" in facts(card)


def test_nothing_can_be_sent_from_a_plan(visitor):
    make(visitor, "wms_plan", row("wms_plan", action="hold"))

    forms = visitor.page("/plans/wms_plan").all("form")

    assert {form.attributes["method"] for form in forms} == {"get"}


def test_a_page_has_twenty_cards_and_keeps_what_was_asked(visitor):
    rows = [row("wms_plan", wms_id=str(n), type="vendors") for n in range(50)]
    make(visitor, "wms_plan", *rows)

    root = visitor.page("/plans/wms_plan?type=vendors&q=vendors")

    assert len(cards(visitor, "wms_plan")) == 20
    link = root.all("a", rel="next")[0].attributes["href"]
    assert link == "/plans/wms_plan?q=vendors&type=vendors&page=2"
    assert len(cards(visitor, "wms_plan", "?page=3")) == 10


def test_a_page_leads_to_the_one_before_it(visitor):
    make(visitor, "wms_plan", *[row("wms_plan", wms_id=str(n)) for n in range(50)])

    second, third = (visitor.page(f"/plans/wms_plan?page={n}") for n in (2, 3))

    assert second.all("a", rel="prev")[0].attributes["href"].endswith("?page=1")
    assert third.all("a", rel="next") == []


def test_a_plan_without_types_does_not_ask_for_one(visitor):
    make(visitor, "salespro_plan", row("salespro_plan"))
    make(visitor, "wms_plan", row("wms_plan"))

    asked = [visitor.page(f"/plans/{plan}").all("div") for plan in ("salespro_plan", "wms_plan")]

    assert [sum("hidden" in d.attributes for d in divs) for divs in asked] == [1, 0]


@pytest.mark.parametrize(
    ("plan", "label"), [("wms_plan", "Type"), ("customers_plan", "Rung")]
)
def test_choices_are_called_as_the_column_is(visitor, plan, label):
    make(visitor, plan, row(plan))

    labels = visitor.page(f"/plans/{plan}").all("label", **{"for": "type"})

    assert [one.text for one in labels] == [label]


def test_the_choices_have_their_numbers(visitor):
    make(visitor, "wms_plan", row("wms_plan"), row("wms_plan", type="sales_orders"))

    root = visitor.page("/plans/wms_plan?type=sales_orders")

    options = [option.text for option in root.one("select", name="type").all("option")]
    assert options == ["all", "customers (1)", "sales orders (1)"]
    [chosen] = [o for o in root.one("select", name="type").all("option", selected="")]
    assert chosen.attributes["value"] == "sales_orders"


@pytest.mark.parametrize("query", ["show=x", "sort=name", f"q={'x' * 201}"])
def test_what_means_nothing_is_refused(visitor, query):
    make(visitor, "wms_plan", row("wms_plan"))

    assert visitor.ask(f"/plans/wms_plan?{query}").status == 400


def test_how_many_wait_is_said(visitor):
    make(visitor, "wms_plan", row("wms_plan", action="hold"), row("wms_plan", wms_id="b"))

    told = "2 of 2 records found; 1 of them waits for a person and comes first."
    assert told in visitor.page("/plans/wms_plan").text


def test_a_filter_that_nothing_passes_says_so(visitor):
    make(visitor, "wms_plan", row("wms_plan", action="hold"))

    root = visitor.page("/plans/wms_plan?action=create")

    assert "No record is like that." in root.text


# --- cards of the warehouse -----------------------------------------------------------

FIELD = {
    "name": "Acme",
    "wms_id": "w1",
    "id": "80-1",
    "field": "phone",
    "base": "555-0100",
    "wms": "555-0177",
    "qbd": "555-0199",
    "wms_updated_at": "2026-11-20T08:00:00.000000+00:00",
}


def test_a_card_has_base_both_sides_winner_and_what_is_lost(visitor):
    won = {"rule": LATEST, "winner": "wms", "discarded": "555-0199", "reason": "later"}

    card = only(visitor, "wms_plan", row("wms_plan", **FIELD, **won))

    assert card.one("h3").text == "Acme update"
    assert table(card) == [
        {
            "Field": "phone",
            "Agreed on": "555-0100",
            "Warehouse": "555-0177",
            "QuickBooks": "555-0199",
            "Wins": "warehouse",
            "Lost": "555-0199",
            "Why": "latest: later",
            "Decision takes": "wms, qbd, approve, skip, hold",
        }
    ]
    assert facts(card)["Record"] == "customers · 80-1 · w1"
    assert facts(card)["Changed in warehouse"] == "2026-11-20 08:00 UTC"


def test_a_field_that_waits_has_no_winner_yet(visitor):
    held = row("wms_plan", **FIELD, action="hold", rule=TOO_CLOSE)

    [line] = table(only(visitor, "wms_plan", held))

    assert line["Wins"] == "nobody yet"
    assert line["Decision takes"] == "wms, qbd, approve, skip, hold"


def test_a_record_with_several_fields_is_one_card(visitor):
    rows = [row("wms_plan", **{**FIELD, "field": name}) for name in ("phone", "email")]

    lines = table(only(visitor, "wms_plan", *rows))

    assert [line["Field"] for line in lines] == ["phone", "email"]


def test_a_record_as_a_whole_says_what_becomes_of_it(visitor):
    whole = row("wms_plan", name="Acme", action="create", target="qbd", rule="new_in_wms")

    told = facts(only(visitor, "wms_plan", whole))

    assert told["Proposed"] == "create in QuickBooks"
    assert told["Rule"] == "new in wms"
    assert told["Decision takes"] == "link:<id>, create, approve, skip, hold"


def test_a_decision_is_shown(visitor):
    card = only(visitor, "wms_plan", row("wms_plan", **FIELD, decision="qbd"))

    assert "decided: qbd" in card.one("h3").text
    assert table(card)[0]["Decision takes"] == "qbd"


def test_a_card_that_somebody_changed_is_shown_all_the_same(visitor):
    rows = [row("wms_plan", kind="planets", action="hold", rule="deleted_in_wms", type="x")]

    assert only(visitor, "wms_plan", *rows).one("h3").text == "(no name) hold"


# --- cards of the others --------------------------------------------------------------


def test_a_card_of_the_mis_names_fields_and_hides_their_values(visitor):
    sent = "DisplayName PrimaryPhone Notes GivenName"
    cells = {"display_name": "Moses Kamanzi", "rule": "suffix", "taken_by": "Vendor 12"}
    before = {"PrimaryPhone": {"FreeFormNumber": "0700000000"}}

    card = only(
        visitor,
        "mis_plan",
        row("mis_plan", fields=sent, payload=PAYLOAD, before=before, **cells),
    )

    assert table(card) == [
        {"Field": "DisplayName", "In QuickBooks": "empty", "Sent": "***"},
        {"Field": "PrimaryPhone", "In QuickBooks": "***", "Sent": "***"},
        {"Field": "Notes", "In QuickBooks": "empty", "Sent": "***"},
        {"Field": "GivenName", "In QuickBooks": "empty", "Sent": "empty"},
    ]
    assert facts(card)["Rule"] == "suffix"
    assert facts(card)["Taken by"] == "Vendor 12"
    assert facts(card)["Person"] == "Applicant 7"


@pytest.mark.parametrize(("identifier", "shown"), [("7", None), ("REG-9", "REG-9")])
def test_a_person_is_called_as_people_know_them(visitor, identifier, shown):
    card = only(visitor, "mis_plan", row("mis_plan", identifier=identifier))

    assert facts(card).get("Identifier") == shown


@pytest.mark.parametrize("column", ["notes", "reason", "name", "display_name", "taken_by"])
def test_no_national_id_is_shown_wherever_it_got_to(visitor, column):
    cells = {column: f"it was {SECRET}", "payload": PAYLOAD, "fields": "Notes"}
    make(visitor, "mis_plan", row("mis_plan", **cells))

    html = visitor.see("/plans/mis_plan")

    assert SECRET not in html
    assert "it was ***" in html
    assert "0788555100" not in html


@pytest.mark.parametrize("payload", ["{", "[1]", "7", "[" * 5000, '{"a": NaN}'])
def test_a_payload_that_is_none_hides_all_the_same(visitor, payload):
    card = only(visitor, "mis_plan", row("mis_plan", payload=payload, fields="Notes"))

    assert table(card) == [{"Field": "Notes", "In QuickBooks": "empty", "Sent": "empty"}]


def test_a_card_of_an_attachment_says_where_it_goes(visitor):
    cells = {"qbo_entity_type": "Bill", "qbo_entity_id": "1027", "size_bytes": "5945"}

    plan = "mapping_verification_log"
    told = facts(only(visitor, plan, row(plan, **cells)))

    assert told["Goes to"] == "Bill 1027"
    assert told["Size"] == "5,945 bytes"


@pytest.mark.parametrize(("name", "shown"), [("a.pdf", None), ("b.pdf", "b.pdf")])
def test_a_file_that_gets_another_name_says_so(visitor, name, shown):
    plan = "mapping_verification_log"

    assert facts(only(visitor, plan, row(plan, upload_name=name))).get("Uploaded as") == shown


def test_a_card_of_a_customer_says_what_changes(visitor):
    changes = {
        "fields": "terms billing",
        "before": {"terms": "N15", "billing": ["1 Old Road", "", "Salem"]},
        "after": {"terms": None, "billing": ["1 New Road", "Salem"]},
    }

    card = only(visitor, "customers_plan", row("customers_plan", name="Acme", **changes))

    assert [list(line.values()) for line in table(card)] == [
        ["terms", "N15", ""],
        ["billing", "1 Old Road, Salem", "1 New Road, Salem"],
    ]
    assert facts(card)["Found by"] == "exact name"


def test_a_card_of_an_appointment_has_all_its_fields(visitor):
    rows = [
        row("salespro_plan", field="sale_amount", after="19999.99"),
        row("salespro_plan", field="is_sale", before="no", after="yes"),
    ]

    card = only(visitor, "salespro_plan", *rows)

    assert [line["Field"] for line in table(card)] == ["sale_amount", "is_sale"]
    assert card.one("h3").text == "H7zYQ9HGff updated"


def test_an_appointment_that_stays_as_it_is_says_why(visitor):
    stale = row("salespro_plan", action="stale", reason="what is stored is newer")

    card = only(visitor, "salespro_plan", stale)

    assert facts(card)["Reason"] == "what is stored is newer"
    assert card.all("table") == []


@pytest.mark.parametrize("plan", PLANS)
def test_whatever_a_plan_holds_is_shown_as_text(visitor, plan):
    said = {"line": "2", "size_bytes": "7", "wms_updated_at": "", "qbd_updated_at": ""}
    texts = dict.fromkeys(PLANS[plan].columns, EVIL) | {"modified_at": "", "kind": "items"}
    make(visitor, plan, row(plan, **{**texts, **said}), row(plan, row="r2", line="3"))

    root = visitor.page(f"/plans/{plan}?q=onerror")

    assert root.all("img") == root.all("script") == []
    assert "</script><img src=x" in root.text


def test_a_name_of_ten_thousand_characters_is_cut(visitor):
    long = {"name": "n" * 10_000, "reason": "r" * 10_000}

    card = only(visitor, "wms_plan", row("wms_plan", **long, rule="x"))

    assert card.one("h3").text == "n" * 200 + "… update"
    assert "r" * 160 + "…" in [one.text for one in card.all("summary")]


def test_a_card_is_what_the_doors_write(visitor):
    one = planned("w1", action="hold", rule="ambiguous", name="Acme", row="r9")

    card = only(visitor, "wms_plan", list(one))

    assert facts(card)["Decision takes"] == "link:<id>, approve, skip, hold"
