"""Delivery against a remote side in memory: what arrives, how often, what is said."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from src.kit import acting, answers, runlog
from src.kit.answers import APPLIED, NOT_APPLIED, UNKNOWN, Answer, Found, Unanswered
from src.kit.book import Book, Intent, Shelf
from src.kit.clock import Clock
from src.kit.delivery import Delivery, Limits, Tools
from src.kit.errors import (
    AUTHORIZE_AGAIN,
    IN_DOUBT,
    OK,
    SOME_ROWS_FAILED,
    STOPPED_EARLY,
)
from src.kit.logbook import Author
from src.kit.memory import key_of
from src.kit.requests import Desk, Item, Outcome, Outside
from src.kit.retry import Pace, Pacer, Patience
from src.kit.stage import Balance
from src.kit.tables import Number, Timestamp

SIZE = 7
SETTLE = 120.0


class Sent(NamedTuple):
    """One attempt, as the log of this test has it."""

    ts: Timestamp
    run_id: str
    name: str
    key: str
    request_id: str
    attempt: Number
    status_code: Number
    remote_id: str
    outcome: str
    error: str
    row_check: str


class Time:
    """A clock that only sleep advances."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> Clock:
        start = datetime(2026, 11, 20, tzinfo=timezone.utc)
        return Clock(
            lambda: start + timedelta(seconds=self.seconds),
            lambda: self.seconds,
            self.sleep,
        )

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def refused(status: int, **more: object) -> Answer:
    return Answer(NOT_APPLIED, status, error=f"refused with {status}", **more)


THROTTLED = refused(429, retry_after=30.0)
INVALID = refused(400)
UNAUTHORIZED = refused(401)
FAULT = Answer(NOT_APPLIED, 200, error="a fault of this file")
WITHDRAWN = Answer(NOT_APPLIED, error="it changed", is_withdrawn=True)
SILENCE = Answer(UNKNOWN, error="no answer")
UNAVAILABLE = Answer(UNKNOWN, 503, error="unavailable")


class Remote:
    """The remote side: a script of answers first, success after it.

    A script entry is one answer for all items, a list with one per item (None = takes
    it), or `lost` with the names that arrive although nobody hears so.
    """

    def __init__(self, script: Sequence[object] = (), honours_ids: bool = False) -> None:
        self.script, self.honours_ids = list(script), honours_ids
        self.effects: list[tuple[str, str]] = []  # key, remote id
        self.requests: list[tuple[str, tuple[str, ...]]] = []  # request id, names
        self.calls: Counter[str] = Counter()
        self.always: Answer | None = None
        self.wrong_size: set[str] = set()
        self.shows_nothing = False
        self.unanswered: dict[str, Answer] = {}  # by question
        self._replies: dict[str, list[Answer]] = {}

    def outside(self) -> Outside:
        return Outside(self.send, self.find, self.list_all, self.count)

    def send(self, cargos: Sequence[str], request_id: str) -> list[Answer]:
        self.requests.append((request_id, tuple(cargos)))
        if self.honours_ids and request_id in self._replies:
            return self._replies[request_id]
        said = self.script.pop(0) if self.script else self.always
        arrived = getattr(said, "arrived", None)
        if arrived is not None:
            taken = [self.take(name) for name in cargos if name in arrived]
            if len(taken) == len(cargos):
                self._replies[request_id] = taken
            return [SILENCE] * len(cargos)
        each = said if isinstance(said, list) else [said] * len(cargos)
        found = [a or self.take(name) for a, name in zip(each, cargos, strict=True)]
        if answers.is_stored(found[0].status_code):
            self._replies[request_id] = found
        return found

    def take(self, name: str) -> Answer:
        self.effects.append((key(name), f"id-{len(self.effects) + 1}"))
        size = SIZE + (name in self.wrong_size)
        return Answer(APPLIED, 200, self.effects[-1][1], size)

    def find(self, items: Sequence[Item]) -> dict[str, list[Found]]:
        self._asked("find")
        keys = {item.key for item in items}
        return {} if self.shows_nothing else self._shown(keys)

    def list_all(self, had_history: bool) -> dict[str, list[Found]]:
        self._asked("list_all")
        return self._shown({key for key, _ in self.effects})

    def count(self) -> int:
        self._asked("count")
        return len(self.effects)

    def _asked(self, question: str) -> None:
        self.calls[question] += 1
        if question in self.unanswered:
            raise Unanswered(question, self.unanswered[question])

    def _shown(self, keys: Iterable[str]) -> dict[str, list[Found]]:
        shown: dict[str, list[Found]] = {}
        for known, remote_id in self.effects:
            if known in keys:
                odd = known in {key(name) for name in self.wrong_size}
                shown.setdefault(known, []).append(Found(remote_id, SIZE + odd))
        return shown

    def names(self) -> list[str]:
        """Return what is there, by name, in order of the alphabet."""
        names = {key(name): name for name in ALPHABET}
        return sorted(names[known] for known, _ in self.effects)


def lost(*arrived: str) -> SimpleNamespace:
    """Return a script entry: these arrive, and no answer is heard."""
    return SimpleNamespace(arrived=arrived)


def key(name: str) -> str:
    return key_of([name])


ALPHABET = [f"{first}{second}" for first in " abcdefgh" for second in "abcdefghijklmnop"]
ALPHABET = [name.strip() for name in ALPHABET]


class Run:
    """Runs of one pipeline in one folder; the last one's traces are in reach."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.time, self.remote = folder, Time(), Remote()
        self.limits = Limits(items_per_request=1, settle_seconds=SETTLE)
        self.pace = Pace()
        self.asked_to_stop = False
        self.runs = 0
        self.shelf = Shelf(
            *(folder / "log.csv", folder / "inflight.csv", "logs/log.csv"),
            *(Sent, ("name", "key"), "1"),
        )

    def of(self, names: Iterable[str], **limits: object) -> Delivery:
        """Deliver what is not done yet, as a door does; return the delivery."""
        self.runs += 1
        author = Author(f"run-{self.runs}", "test", self.time.clock())
        limits = self.limits._replace(**limits)
        items = {key(name): Item(key(name), SIZE, name, name) for name in names}
        with acting.open_book(self.shelf, author) as book:
            desk = Desk(book, self.to_row)
            delivery = Delivery(desk, self.remote.outside(), limits, self.tools())
            delivery.resolve_doubt(lambda keys: {k: i for k, i in items.items() if k in keys})
            delivery.deliver(self.fresh(book, desk, delivery, items.values()))
            acting.end(book, delivery, self.remote.count)
        unfinished = Counter(desk.unfinished.values())
        doubt = unfinished["in_doubt"] + unfinished["held"]
        balance = Balance(0, failed=sum(unfinished.values()) - doubt)
        self.told = desk.told
        self.code, self.unfinished = acting.exit_code(balance, delivery), desk.unfinished
        return delivery

    def tools(self) -> Tools:
        clock = self.time.clock()
        patience = Patience(Random(1), 0.5)
        return Tools(clock, patience, Pacer(self.pace, clock), lambda: self.asked_to_stop)

    @staticmethod
    def fresh(
        book: Book, desk: Desk, delivery: Delivery, items: Iterable[Item]
    ) -> Iterable[Item]:
        for item in items:
            if not (
                book.index.is_settled(item.key)
                or desk.is_taken(item.key)
                or delivery.is_there(item)
            ):
                yield item

    @staticmethod
    def to_row(outcome: Outcome) -> tuple[str, ...]:
        item, word, request_id, attempt, answer, found, error = outcome
        return (
            *("2026-11-20T00:00:00.000000+00:00", "run", item.source or "", item.key),
            *(request_id, str(attempt or ""), str(answer.status_code or "")),
            *(answer.remote_id or found.remote_id, word, error),
        )

    # --- traces -----------------------------------------------------------------------

    def log(self) -> list[Sent]:
        rows = runlog.rows(self.shelf.log, Sent)
        return [Sent(*map(runlog.text, row)) for row in rows]

    def words(self, name: str) -> list[str]:
        return [row.outcome for row in self.log() if row.key == key(name)]

    def ids(self, name: str) -> list[str]:
        return [rid for rid, names in self.remote.requests if name in names]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


# --- answers that tell ----------------------------------------------------------------


def test_what_is_sent_arrives_once_and_is_logged_with_its_remote_id(run):
    run.of("abc")

    assert run.remote.names() == ["a", "b", "c"]
    assert [(row.outcome, row.remote_id) for row in run.log()] == [
        ("uploaded", "id-1"),
        ("uploaded", "id-2"),
        ("uploaded", "id-3"),
    ]
    assert run.code == OK


def test_a_second_run_sends_nothing(run):
    run.of("abc")
    sent = len(run.remote.requests)

    run.of("abc")

    assert len(run.remote.requests) == sent


def test_a_throttled_request_goes_again_under_its_id_when_it_was_asked_to(run):
    run.remote.script = [THROTTLED]

    run.of("a")

    assert len(set(run.ids("a"))) == 1
    assert run.words("a") == ["failed", "uploaded"]
    assert run.time.seconds == pytest.approx(30, abs=0.6)


def test_each_attempt_has_a_number_of_its_own(run):
    run.remote.script = [THROTTLED, THROTTLED]

    run.of("a")

    assert [row.attempt for row in run.log()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ([], {"uploaded": 1}),
        ([THROTTLED], {"uploaded": 1, "tried again": 1}),
        ([INVALID], {"failed": 1}),
        ([lost("a")], {"recovered": 1}),
        ([lost()], {"uploaded": 1, "tried again": 1}),
        ([THROTTLED, INVALID], {"failed": 1, "tried again": 1}),
    ],
)
def test_what_became_of_a_thing_in_the_end_is_what_is_told(run, script, told):
    run.remote.script = script

    run.of("a")

    assert run.told == told


@pytest.mark.parametrize("honours_ids", [True, False])
def test_a_stored_refusal_is_not_repeated_and_the_next_run_takes_another_id(
    run, honours_ids
):
    run.remote = Remote([INVALID], honours_ids)
    run.of("a")
    assert (run.code, len(run.remote.requests)) == (SOME_ROWS_FAILED, 1)

    run.of("a")

    assert len(set(run.ids("a"))) == 2
    assert run.words("a") == ["failed", "uploaded"]


def test_a_refusal_that_no_server_stores_keeps_the_id_in_the_next_run(run):
    run.remote.script = [refused(403)]
    run.of("a")

    run.of("a")

    assert len(set(run.ids("a"))) == 1
    assert run.words("a") == ["failed", "uploaded"]


def test_a_request_refused_as_a_whole_goes_file_by_file(run):
    run.remote.script = [INVALID, None, INVALID, None]

    run.of("abc", items_per_request=3)

    assert [names for _, names in run.remote.requests] == [
        ("a", "b", "c"),
        *(("a",), ("b",), ("c",)),
    ]
    assert run.remote.names() == ["a", "c"]
    assert run.unfinished == {key("b"): "failed"}


def test_a_fault_of_one_file_fails_that_file_alone(run):
    run.remote.script = [[None, FAULT, None]]

    run.of("abc", items_per_request=3)

    assert run.remote.names() == ["a", "c"]
    assert len(run.remote.requests) == 1
    assert run.unfinished == {key("b"): "failed"}


def test_a_wrong_size_is_held_and_never_sent_again(run):
    run.remote.wrong_size = {"a"}
    run.of("a")
    assert run.words("a") == ["held"]
    assert run.log()[0].error == "7 bytes were sent, 8 are there"

    run.of("a")

    assert run.remote.names() == ["a"]


def test_companions_of_a_file_that_changed_go_without_it(run):
    beside = refused(0)
    run.remote.script = [[beside, WITHDRAWN, beside]]

    run.of("abc", items_per_request=3)

    assert run.words("b") == ["file_changed"]
    assert run.remote.names() == ["a", "c"]


def test_a_lost_authorization_stops_the_run(run):
    run.remote.script = [UNAUTHORIZED]

    delivery = run.of("abcdef")

    assert delivery.is_unauthorized
    assert run.remote.names() in ([], ["b"])  # what had left already
    assert run.code == 77


# --- answers that do not tell ---------------------------------------------------------


def test_what_arrived_unheard_is_recovered_after_the_settle_time(run):
    run.remote.script = [lost("a")]

    run.of("a")

    assert run.words("a") == ["in_doubt", "recovered"]
    assert run.remote.names() == ["a"]
    assert run.time.seconds >= SETTLE


def test_nothing_is_looked_up_before_the_settle_time_is_over(run):
    looked: list[float] = []
    run.remote.script = [lost("a")]
    find = run.remote.find
    run.remote.find = lambda keys: looked.append(run.time.seconds) or find(keys)

    run.of("a")

    assert looked == [SETTLE]


@pytest.mark.parametrize("unheard", [lost(), SILENCE, UNAVAILABLE, Answer(UNKNOWN, 409)])
def test_a_request_that_never_arrived_goes_again_whole_under_its_id(run, unheard):
    run.remote.script = [unheard]

    run.of("ab", items_per_request=2)

    assert run.words("a") == run.words("b") == ["in_doubt", "absent", "uploaded"]
    assert [names for _, names in run.remote.requests] == [("a", "b")] * 2
    assert len(set(run.ids("a"))) == 1


def test_where_a_part_arrived_the_rest_goes_alone_under_a_new_id(run):
    run.remote.script = [lost("b")]

    run.of("abc", items_per_request=3)

    assert [names for _, names in run.remote.requests[1:]] == [("a",), ("c",)]
    assert run.words("b") == ["in_doubt", "recovered"]
    assert run.words("c") == ["in_doubt", "absent", "uploaded"]
    assert len({rid for rid, _ in run.remote.requests}) == 3


def test_several_hits_are_left_in_doubt_and_never_sent_again(run):
    def doubled(keys: Sequence[str]) -> dict[str, list[Found]]:
        return {key("a"): [Found("id-1"), Found("id-2")]}

    run.remote.script, run.remote.find = [lost("a")], doubled
    run.of("a")
    assert run.code == IN_DOUBT
    assert run.log()[-1].error == "is there 2 times: id-1, id-2"
    run.remote.take("a")

    run.of("a")

    assert (run.code, len(run.remote.requests)) == (IN_DOUBT, 1)


# --- brakes ---------------------------------------------------------------------------


def test_twenty_failures_in_a_row_stop_the_run(run):
    run.remote.always = refused(403)

    delivery = run.of(ALPHABET)

    assert "too many failures in a row" in delivery.stopped_by
    assert len(run.remote.requests) <= 21
    assert run.code == STOPPED_EARLY


@pytest.mark.parametrize("answer", [UNAVAILABLE, SILENCE, refused(0), refused(403)])
@pytest.mark.parametrize("workers", [1, 4])
def test_an_outage_costs_hardly_more_requests_than_rows(run, answer, workers):
    run.remote.always = answer

    run.of(ALPHABET, workers=workers)

    rows = len({name for _, names in run.remote.requests for name in names})
    assert len(run.remote.requests) <= 1.1 * rows + 10


def test_retries_have_a_budget_and_the_rows_beyond_it_fail(run):
    run.remote.script = [THROTTLED._replace(retry_after=0.1)] * 500

    run.of(ALPHABET)

    retries = len(run.remote.requests) - len({n for _, n in run.remote.requests})
    assert 10 <= retries <= 11 + 0.2 * len(run.remote.requests)
    assert set(run.unfinished.values()) == {"failed"}


def test_one_row_is_sent_four_times_at_most(run):
    run.remote.always = THROTTLED

    run.of("a")

    assert run.words("a") == ["failed"] * 4


@pytest.mark.parametrize(
    ("limits", "most", "said"),
    [
        ({"max_items": 3}, 3, ""),
        ({"max_errors": 2}, 3, "--max-errors 2"),
        ({"max_seconds": 60.0}, 122, "--max-minutes 1"),
    ],
)
def test_limits_end_the_run(run, limits, most, said):
    run.pace = Pace(per_minute=60)
    if "max_errors" in limits:
        run.remote.always = refused(403)

    delivery = run.of(ALPHABET, **limits)

    assert len(run.remote.requests) <= most
    assert delivery.stopped_by == said
    assert delivery.limit_reached == ("max_items" in limits)


def test_a_signal_ends_the_run_and_what_has_left_is_logged(run):
    def send(cargos: Sequence[str], request_id: str) -> list[Answer]:
        run.asked_to_stop = True
        return run.remote.send(cargos, request_id)

    run.remote.outside = lambda: Outside(
        send, run.remote.find, run.remote.list_all, run.remote.count
    )

    delivery = run.of("abcdefgh")

    assert delivery.stopped_by == "a signal"
    assert [row.name for row in run.log()] == run.remote.names() != []
    assert len(run.remote.names()) <= 2


def test_the_pacer_slows_the_run_down_and_ends_nothing(run):
    run.pace = Pace(per_minute=60)

    run.of(ALPHABET[:90])

    assert len(run.remote.names()) == 90
    assert run.time.seconds == pytest.approx(89, abs=2)


def test_items_that_are_metered_leave_as_a_minute_has_room_for_them(run):
    run.pace = Pace(per_minute=50)

    run.of(ALPHABET[:130], items_per_request=30, batches_per_minute=120)

    assert [len(names) for _, names in run.remote.requests] == [30, 20, 30, 20, 30]
    assert run.time.seconds == pytest.approx(120, abs=4)


def test_a_metered_request_that_goes_again_counts_again(run):
    run.pace, run.remote.script = Pace(per_minute=50), [refused(429, retry_after=0.1)]

    run.of(ALPHABET[:30], items_per_request=30, batches_per_minute=120)

    assert len(run.remote.requests) == 2
    assert run.time.seconds >= 60


def test_requests_that_are_not_metered_by_item_count_once(run):
    run.pace = Pace(per_minute=50)

    run.of(ALPHABET[:130], items_per_request=30)

    assert run.time.seconds < 6


def test_a_throttled_request_out_of_patience_does_not_end_the_run(run):
    run.remote.script = [THROTTLED] * 4

    run.of("abc", workers=1)

    assert run.remote.names() == ["a", "b", "c"]


# --- the start ------------------------------------------------------------------------


def test_a_clean_start_with_an_equal_count_lists_nothing_and_waits_for_nothing(run):
    run.of("a")

    run.of("ab")

    assert (run.remote.calls["list_all"], run.time.seconds) == (0, 0)


def test_a_first_run_against_an_empty_side_lists_nothing(run):
    run.of("a")

    assert run.remote.calls["list_all"] == 0


@pytest.mark.parametrize("left", [(), ("log.csv",), ("receipts.csv",)])
def test_a_start_without_the_books_lists_once_and_adopts(run, left):
    run.of("abc")
    for path in run.folder.glob("*.csv"):
        if path.name not in left:
            path.unlink()

    run.of("abcd")

    assert run.remote.calls["list_all"] == 1
    assert run.remote.names() == ["a", "b", "c", "d"]


def test_a_start_with_history_and_doubt_waits_before_it_lists(run):
    run.of("abc")
    run.shelf.log.unlink()

    run.of("abc")

    assert run.time.seconds >= SETTLE
    assert run.remote.names() == ["a", "b", "c"]
    assert [row.outcome for row in run.log()] == ["recovered"] * 3


def test_a_restored_backup_is_noticed_by_the_count(run):
    run.of("a")
    backup = {path: path.read_bytes() for path in run.folder.glob("*.csv")}
    run.of("ab")
    for path, content in backup.items():
        path.write_bytes(content)

    run.of("ab")

    assert run.remote.calls["list_all"] == 1
    assert run.remote.names() == ["a", "b"]


def test_a_run_that_ends_before_it_met_all_that_was_listed_remembers_it(run):
    run.of("bc")
    run.shelf.log.unlink()
    run.of("abc", max_items=1)

    run.of("abc")

    assert run.remote.names() == ["a", "b", "c"]
    assert run.remote.calls["list_all"] == 1


def test_a_run_over_other_items_forgets_nothing_that_was_listed(run):
    run.of("ab")
    run.shelf.log.unlink()
    run.of("c")

    run.of("abc")

    assert run.remote.names() == ["a", "b", "c"]


def test_doubt_that_a_signal_left_open_is_not_sealed_away(run):
    run.of("abc")
    run.shelf.log.write_bytes(b"".join(run.shelf.log.read_bytes().splitlines(True)[:2]))
    run.asked_to_stop = True
    run.of("abc")
    assert run.code == IN_DOUBT
    run.asked_to_stop = False

    run.of("abc")

    assert run.time.seconds >= SETTLE
    assert run.remote.names() == ["a", "b", "c"]


@pytest.mark.parametrize("honours_ids", [True, False])
@pytest.mark.parametrize("arrived", [(), ("a",), ("b",), ("a", "b")])
def test_what_a_killed_run_left_open_is_resolved_first(run, arrived, honours_ids):
    class Killed(Exception):
        pass

    def kill(cargos: Sequence[str], request_id: str) -> list[Answer]:
        Remote.send(run.remote, cargos, request_id)
        raise Killed

    run.remote = Remote([lost(*arrived)], honours_ids)
    run.remote.send = kill
    with pytest.raises(Killed):
        run.of("ab", items_per_request=2)
    del run.remote.send

    run.of("abc", items_per_request=2)

    assert run.remote.names() == ["a", "b", "c"]
    assert run.code == OK


def test_intents_are_in_the_journal_before_a_request_leaves(run):
    seen = []

    def send(cargos: Sequence[str], request_id: str) -> list[Answer]:
        journal = runlog.rows(run.shelf.journal, Intent)
        seen.append(request_id in [runlog.text(row[4]) for row in journal if row])
        return Remote.send(run.remote, cargos, request_id)

    run.remote.send = send
    run.of("abc")

    assert seen == [True] * 3


def test_a_clean_end_leaves_an_empty_journal(run):
    run.of("abc")

    assert list(runlog.rows(run.shelf.journal, Intent)) == []


# --- threads --------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [2, 4])
def test_threads_give_the_same_result_as_one_worker(run, workers):
    names = ALPHABET[:60]
    run.remote.script = [THROTTLED, lost(names[0]), INVALID, *[None] * 9, SILENCE]

    run.of(names, workers=workers)
    run.of(names, workers=workers)

    assert run.remote.names() == sorted(names)


def test_a_run_that_died_without_a_trace_in_log_or_journal_is_still_known(run):
    run.of("a")
    run.remote.script = ["what no adapter answers"]
    with pytest.raises(AttributeError):
        run.of("b")
    run.shelf.journal.unlink()
    run.time.seconds = 1000.0

    run.of("b")

    assert run.time.seconds >= 1000 + SETTLE
    assert run.remote.calls["list_all"] == 1


# --- answers that are clear in part ---------------------------------------------------


@pytest.mark.parametrize("shows_nothing", [False, True], ids=["listed", "lagging"])
def test_only_what_is_unclear_in_an_answer_is_looked_up_and_sent_again(run, shows_nothing):
    run.remote.script = [[None, SILENCE, FAULT]]
    run.remote.shows_nothing = shows_nothing

    run.of("abc", items_per_request=3)

    assert run.remote.names() == ["a", "b"]
    assert [names for _, names in run.remote.requests] == [("a", "b", "c"), ("b",)]
    assert run.code == SOME_ROWS_FAILED


def test_a_throttled_item_beside_an_unclear_one_goes_again_alone(run):
    run.remote.script = [[None, SILENCE, THROTTLED]]

    run.of("abc", items_per_request=3)

    assert run.remote.names() == ["a", "b", "c"]
    assert len({request_id for request_id, _ in run.remote.requests}) == 3


def test_what_is_found_in_another_size_is_held_and_never_sent_again(run):
    run.remote.wrong_size = {"a"}
    run.remote.script = [lost("a")]

    run.of("a")
    run.of("a")

    assert (run.remote.names(), run.unfinished) == (["a"], {})
    assert [row.outcome for row in run.log()] == ["in_doubt", "held"]
    assert "7 bytes were sent, 8 are there" in run.log()[-1].error


def test_a_request_that_ended_without_effect_goes_again_under_a_new_id(run):
    broken = Answer(UNKNOWN, 200, error="oops (10000)", code="10000")
    run.remote.script = [broken]

    run.of("a")

    assert run.remote.names() == ["a"]
    assert len({request_id for request_id, _ in run.remote.requests}) == 2


def test_an_outage_that_answers_200_stops_the_run_too(run):
    run.remote.always = Answer(UNKNOWN, 200, error="oops (10000)", code="10000")

    delivery = run.of(ALPHABET[:100])

    assert "too many failures in a row" in delivery.stopped_by
    assert len(run.remote.requests) <= 1.1 * 20 + 10
    assert run.code == IN_DOUBT


# --- advice ---------------------------------------------------------------------------


def advised(advice: str, status: int = 400) -> Answer:
    return Answer(NOT_APPLIED, status, error="refused", code="1", advice=advice)


def test_a_stored_refusal_that_may_go_again_goes_under_a_new_id(run):
    run.remote.script, run.remote.honours_ids = [advised(answers.RETRY)], True

    run.of("a")

    assert run.remote.names() == ["a"]
    assert len({request_id for request_id, _ in run.remote.requests}) == 2


def test_a_refusal_that_concerns_everything_stops_the_run(run):
    run.remote.always = advised(answers.STOP)

    delivery = run.of("abc")

    assert (delivery.stopped_by, run.code) == ("refused", STOPPED_EARLY)
    assert len(run.remote.requests) <= 2  # those that were in flight together


@pytest.mark.parametrize("status", [401, 403, 0])
def test_who_must_log_in_again_is_told_so_at_once(run, status):
    run.remote.always = advised(answers.REAUTHORIZE, status)

    run.of("abc")

    assert run.code == AUTHORIZE_AGAIN
    assert len(run.remote.requests) <= 2  # those that were in flight together


def test_a_throttle_that_is_no_429_narrows_the_pace_and_goes_again(run):
    run.remote.script = [advised(answers.SLOW_DOWN, 403)]

    run.of("a")

    assert run.remote.names() == ["a"]
    assert len({request_id for request_id, _ in run.remote.requests}) == 1


# --- questions without an answer ------------------------------------------------------

DOWN = Answer(UNKNOWN, error="no connection")
LOCKED_OUT = Answer(NOT_APPLIED, 401, error="expired")


def test_without_an_answer_at_the_start_nothing_is_sent_and_nothing_is_in_doubt(run):
    run.remote.unanswered = {"count": DOWN}

    delivery = run.of("abc")

    assert run.remote.requests == [] and run.code == STOPPED_EARLY
    assert "count: no connection; try again later" in delivery.stopped_by

    run.remote.unanswered = {}
    run.of("abc")
    assert run.remote.names() == ["a", "b", "c"]


def test_without_a_login_at_the_start_the_run_does_not_begin(run):
    run.remote.unanswered = {"count": LOCKED_OUT}

    with pytest.raises(Unanswered) as refused:
        run.of("abc")

    assert refused.value.exit_code == AUTHORIZE_AGAIN


def test_what_cannot_be_looked_up_stays_in_doubt_for_the_next_run(run):
    run.remote.script, run.remote.unanswered = [lost("a")], {"find": DOWN}

    run.of("a")
    assert run.code == IN_DOUBT

    run.remote.unanswered = {}
    run.of("a")
    assert (run.code, run.remote.names()) == (OK, ["a"])


def test_a_count_that_fails_at_the_end_makes_the_next_run_look(run):
    counts = iter([True, False])
    run.remote.count = lambda: 0 if next(counts) else run.remote._asked("down")
    run.remote.unanswered = {"down": DOWN}
    run.of("a")
    del run.remote.count

    run.of("ab")

    assert run.remote.names() == ["a", "b"] and run.remote.calls["list_all"] == 1


def test_a_mark_that_nobody_knows_is_learned_once_and_not_listed_for_ever(run):
    run.remote.take("p")

    run.of("ab")
    run.of("ab")
    run.of("ab")

    assert run.remote.calls["list_all"] == 1
    assert [row.outcome for row in run.log() if row.key == key("p")] == ["recovered"]

    run.of("p")
    assert run.remote.names() == ["a", "b", "p"]
