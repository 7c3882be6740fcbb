"""The plans, to be read: which there are, and a card for each record that one is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from string import Template

from src.kit import web
from src.kit.errors import Refused
from src.kit.receipts import FILE
from src.kit.templates import Html, join, load, render, text
from src.kit.web import Problem, Request
from src.mis import hiding
from src.office.pages import bars, paging, parts, plan_cards, plan_index
from src.office.pages.layout import FOLDER, Page
from src.office.pages.office import Office
from src.office.pages.plan_index import CONFLICTS, DECIDED, HELD, Asked, Index
from src.office.pages.plan_sights import PLANS, Sight
from src.office.pipelines import path_of

CARDS = 20  # a page
LONGEST_QUESTION = 200  # characters
_OPTION = Template('<option value="$word"$selected>$shown</option>')
_LINE = Template('<p class="mb-2">$said</p>')
_PARAGRAPH = Template("<p>$body</p>")
_SHOW = {
    "": "all",
    HELD: "waiting for a person",
    CONFLICTS: "with a lost change",
    DECIDED: "decided",
}


# --- which plans there are ------------------------------------------------------------


def index(office: Office, request: Request) -> Page:
    """Show which plans there are, and what they propose."""
    web.only(request.query)
    return Page("Plans", "/plans", join(_plan(office, sight) for sight in PLANS.values()))


def _plan(office: Office, sight: Sight) -> Html:
    path = path_of(office.settings, sight.table)
    if not path.exists():
        made_by = join([text("Not made yet; "), parts.command(sight.table.made_by)])
        return parts.card(sight.table.place, made_by)
    try:
        found = plan_index.summary(path, sight)
    except (Refused, OSError) as error:
        return parts.card(sight.table.place, parts.notice(error, parts.DANGER))
    place = parts.address("plans", sight.name)
    pairs: dict[str, object] = {
        "Rows": f"{found.rows:,} about {parts.plural(found.records, 'record')}",
        "Waiting": _linked(found.waiting, sight, HELD),
        "Made": _made(office, sight),
    }
    if sight.takes_decisions:
        pairs["Decided"] = _counted(found.decisions) or "nothing yet"
    if found.conflicts:
        pairs["Lost changes"] = _linked(found.conflicts, sight, CONFLICTS)
    body = [
        render(_PARAGRAPH, body=f"{sight.about}."),
        _bar(sight, found.actions),
        parts.facts(pairs),
        _unread(found.unread),
        parts.button_link(place, "Read the cards"),
    ]
    return parts.card(sight.table.place, join(body))


def _bar(sight: Sight, actions: Counter[str]) -> Html:
    """Return what is proposed, what waits for a person last."""
    ranked = sorted(actions, key=lambda word: (sight.is_waiting(word), -actions[word]))
    looks = {True: parts.WARNING, False: parts.SECONDARY}
    shown = [
        bars.Part(word, actions[word], looks[sight.is_waiting(word)])
        for word in ranked
    ]
    return bars.bar(f"Rows of {sight.table.place}", shown)


def _linked(count: int, sight: Sight, show: str) -> Html:
    shown = parts.plural(count, "record")
    place = parts.address("plans", sight.name, show=show)
    return parts.link(place, shown) if count else text("none")


def _made(office: Office, sight: Sight) -> Html:
    known = reversed(office.watch.receipts())
    about = (one for one in known if one.subject == sight.table.place)
    told = next((one for one in about if one.kind == FILE), None)
    if told is None:
        return text("no receipt knows when")
    run = parts.link(parts.address("runs", told.run_id), told.run_id)
    return join([parts.stamp(told.ts), run], " by run ")


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in found.most_common(6))


def _unread(count: int) -> Html:
    if not count:
        return parts.NOTHING
    lines = parts.plural(count, "line")
    return parts.notice(f"{lines} of it cannot be read; make it again", parts.WARNING)


# --- one plan -------------------------------------------------------------------------


def show(office: Office, request: Request) -> Page:
    """Show a page of a plan's cards, those that wait first."""
    sight = PLANS.get(request.parts["table"])
    if sight is None:
        raise Problem(404, "there is no such plan; see /plans for those that there are")
    asked = _asked(request)
    number = paging.number(request)
    path, title = path_of(office.settings, sight.table), sight.table.name
    if not path.exists():
        told = f'{sight.table.place}: not made yet; run "{sight.table.made_by}"'
        return Page(title, "/plans", parts.notice(told))
    try:
        plan = plan_index.read(path, sight)
    except (Refused, OSError) as error:
        return Page(title, "/plans", parts.notice(error, parts.DANGER))
    found = plan.find(asked)
    national_id = office.settings.custom_field_ids.get(hiding.FIELD, "")
    shown = found[paging.span(number, CARDS)]
    body = [
        _how_to_decide(sight),
        _unread(plan.unread),
        _filter(plan, asked),
        _told(plan, found),
        *(plan_cards.card(sight, plan.rows(one), national_id) for one in shown),
        _pages(sight, asked, number, len(found)),
    ]
    return Page(title, "/plans", join(body))


def _asked(request: Request) -> Asked:
    web.only(request.query, *Asked._fields, "page")
    found = Asked(*(request.query.get(name, "").strip() for name in Asked._fields))
    if len(found.q) > LONGEST_QUESTION:
        told = f"q: has more than {LONGEST_QUESTION} characters; shorten it"
        raise Problem(400, told)
    if found.show not in _SHOW:
        raise Problem(400, f"show: is none of {', '.join(filter(None, _SHOW))}")
    return found


def _how_to_decide(sight: Sight) -> Html:
    if not sight.takes_decisions:
        return parts.card("What this is", render(_PARAGRAPH, body=f"{sight.about}."))
    command = parts.command(sight.apply)
    place = parts.command(sight.table.place)
    how = join(
        [
            text("Nothing can be changed here. Decide in the column decision of "),
            place,
            text(", in any spreadsheet; then "),
            command,
            text(" carries it out."),
        ]
    )
    words = parts.facts({word: meaning for word, meaning in sight.words.items()})
    details = render(
        Template("<details><summary>What a decision may say</summary>$words</details>"),
        words=words,
    )
    return parts.card("How to decide", join([render(_PARAGRAPH, body=how), details]))


def _told(plan: Index, found: Sequence[int]) -> Html:
    waiting = len(plan.records.waiting.intersection(found))
    waits = "waits for a person and comes" if waiting == 1 else "wait for a person and come"
    come = f"; {waiting:,} of them {waits} first" if waiting else ""
    said = f"{len(found):,} of {parts.plural(len(plan.order), 'record')} found{come}."
    return render(_LINE, said=said if found else "No record is like that.")


def _filter(plan: Index, asked: Asked) -> Html:
    sight = plan.sight
    actions, types, _ = plan.records.counted
    show = {word: shown for word, shown in _SHOW.items() if word != CONFLICTS or sight.lost}
    return render(
        load(FOLDER, "plan_filter.html"),
        place=parts.address("plans", sight.name),
        q=asked.q,
        type_label=sight.type.replace("_", " ").capitalize() or "Type",
        types=_options(_choices(types), asked.type),
        has_types=Html("" if sight.type else " hidden"),
        action_label=sight.action.capitalize(),
        actions=_options(_choices(actions), asked.action),
        shows=_options(show, asked.show),
    )


def _choices(counts: Counter[str]) -> dict[str, str]:
    found = {word: f"{parts.spelled(word)} ({counts[word]:,})" for word in sorted(counts)}
    return {"": "all", **{word: shown for word, shown in found.items() if word}}


def _options(choices: dict[str, str], chosen: str) -> Html:
    return join(
        render(
            _OPTION,
            word=word,
            shown=shown,
            selected=Html(" selected" if word == chosen else ""),
        )
        for word, shown in choices.items()
    )


def _pages(sight: Sight, asked: Asked, number: int, count: int) -> Html:
    place = partial(parts.address, "plans", sight.name, **asked._asdict())
    label, pages = f"Pages of {sight.table.place}", paging.pages(count, CARDS)
    return paging.pager(label, number, pages, lambda n: place(page=n))
