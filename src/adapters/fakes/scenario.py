"""What goes wrong in a simulated company: by script (scenario.csv) and by chance.

`call` is the n-th call that matches (`3`, `1-4`, empty = every one), `match` a pattern
for the file name (`*.pdf`) or, beside uploads, the call (`query`, `create Customer`),
`answer` what happens:

    429, 429:7, 401, 403, 503   refused, without effect (429:7 asks to wait 7 s)
    500, drop                   no effect, and no answer that tells
    500_applied, drop_applied   the effect is there, and no answer that tells
    cut_applied, empty_applied, garbage_applied
                                the effect is there, the answer is cut, empty, nonsense
    slow:3                      the answer comes after 3 s, byte by byte
    400:6041, 200:6041          refused by a code: whole request, or this file alone
    wrong_size                  the file is kept, one byte short

A batch is one call, `batch`, and then each of its items a call of its own, as if it came
alone: what 200:6240 says is said of that item, everything else of the whole batch. By
chance a batch meets what any call meets, and each item, ten times less often, an error of
its own.

In process, where there is no line, what is wrong with the answer is one and the same.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from src.adapters.fakes.refusal import Refusal
from src.kit import reading
from src.kit.errors import Refused
from src.kit.tables import GIVEN, Table

_ANSWER = re.compile(
    r"(?:401|403|429(?::[0-9]+)?|50[0-9]|(?:500|drop|cut|empty|garbage)_applied|drop"
    r"|slow:[0-9]+(?:\.[0-9]+)?|[24]00:[0-9]+|wrong_size)"
)
_CALLS = re.compile(r"(?:[0-9]{1,9}(?:-[0-9]{1,9})?)?")


class Step(NamedTuple):
    """One line of a scenario."""

    call: str
    match: str
    answer: str


class Grammar(NamedTuple):
    """What may happen in one kind of simulated company."""

    table: Table
    answer: re.Pattern[str]
    misfortunes: Sequence[str]  # what happens to an unlucky request, by chance
    of_items: Sequence[str] = ("",)  # and to an unlucky item of a request


TABLE = Table("DATA_DIR", "fake_qbo/scenario.csv", Step, GIVEN, "make demo-data")
QUICKBOOKS_ONLINE = Grammar(
    TABLE,
    _ANSWER,
    ("429", "429", "429", "500", "500_applied", "drop", "drop_applied"),
    ("200:6000", "200:6000", "200:10000"),
)
BATCH = "batch"
SHARE_OF_ITEMS = 0.1  # how much rarer an item is unlucky than the batch that it is in


class Temper(NamedTuple):
    """How a company behaves."""

    fail_rate: float = 0.0
    seed: str = "1"
    request_ids: str = "honoured"  # honoured, ignored, forgotten (at a restart)


class Asked(NamedTuple):
    """One write, alone or in a batch, as the scenario knows it."""

    name: str  # such as `create Customer`
    body: Mapping[str, Any]
    request_id: str = ""  # its own

    @property
    def lucky_by(self) -> str:
        """Return what its luck hangs on: the same for the same request, wherever it is."""
        told = self.request_id or json.dumps(self.body, sort_keys=True, default=str)
        return f"{self.name} {told}"


class Faults:
    """Tells what happens to each call; what it said before decides what it says next."""

    def __init__(
        self, folder: Path, temper: Temper, grammar: Grammar = QUICKBOOKS_ONLINE
    ) -> None:
        self._temper, self._grammar = temper, grammar
        self._steps = _load(folder, grammar)
        self._met: Counter[Step] = Counter()
        self._failures: Counter[str] = Counter()

    def failed(self, names: Iterable[str]) -> None:
        """Count a failure, so that the next try of the same may fare better."""
        self._failures.update(names)

    @property
    def count(self) -> int:
        """Return how many failures there were."""
        return sum(self._failures.values())

    def met(self, name: str) -> str:
        """Return what the script has for a call, empty = nothing special."""
        matching = [s for s in self._steps if fnmatchcase(name, s.match or "*")]
        self._met.update(set(matching))
        covering = (s.answer for s in matching if _covers(s.call, self._met[s]))
        return next(covering, "")

    def fate(self, names: Sequence[str], lucky_by: str) -> tuple[str, list[str]]:
        """Return what happens to a whole call, and to each part of it."""
        own = [self.met(name) for name in names]
        whole = next((f for f in own if f and not f.startswith("200")), "")
        return whole or self._misfortune(lucky_by), own

    def of_write(self, asked: Asked) -> str:
        """Return what happens to one write; it counts as a failure."""
        whole, [own] = self.fate([asked.name], asked.lucky_by)
        fate = whole or own
        self.failed([asked.lucky_by] * bool(fate))
        return fate

    def of_batch(self, items: Sequence[Asked], request_id: str) -> tuple[str, list[str]]:
        """Return what happens to a batch as a whole, and inside it to each item."""
        lucky_by = f"{BATCH} {request_id or [one.lucky_by for one in items]}"
        whole, own = self.fate([BATCH, *(one.name for one in items)], lucky_by)
        whole = whole or own[0]
        fates = [
            said if said.startswith("200:") else self._of_item(one.lucky_by)
            for one, said in zip(items, own[1:])
        ]
        unlucky = [one.lucky_by for one, fate in zip(items, fates) if fate]
        self.failed([lucky_by] if whole else unlucky)
        return whole, fates

    def _of_item(self, name: str) -> str:
        rate = self._temper.fail_rate * SHARE_OF_ITEMS
        return self._chosen(name, rate, self._grammar.of_items)

    def _misfortune(self, name: str) -> str:
        return self._chosen(name, self._temper.fail_rate, self._grammar.misfortunes)

    def _chosen(self, name: str, rate: float, misfortunes: Sequence[str]) -> str:
        """Return one of the misfortunes, or none, as the dice of a name fall."""
        if not rate:
            return ""
        dice = Random(f"{self._temper.seed}|{name}|{self._failures[name]}")
        return dice.choice(misfortunes) if dice.random() < rate else ""


def is_without_effect(fate: str) -> bool:
    """Return whether a call that meets this leaves nothing behind."""
    return fate.partition(":")[0].isdigit() and fate[0] in "45" and not fate.startswith(
        "400"
    ) or fate == "drop"


def refusal_of(fate: str) -> Refusal | None:
    """Return the refusal that a fate such as 200:6240 is, None where it is none."""
    status, _, code = fate.partition(":")
    is_one = code and status in ("200", "400")
    return Refusal(code, "a simulated failure", status=int(status)) if is_one else None


def _load(folder: Path, grammar: Grammar) -> list[Step]:
    path = folder / "scenario.csv"
    if not path.exists():
        return []
    steps = list(reading.table(path, grammar.table))
    for line, step in enumerate(steps, 2):
        place = f"{grammar.table.place}: line {line}"
        if not grammar.answer.fullmatch(step.answer):
            raise Refused(
                f"{place}: {step.answer!r} is no answer; the server's --help lists them"
            )
        if not _CALLS.fullmatch(step.call):
            raise Refused(f"{place}: call {step.call!r}; give a number, or two as 1-4")
    return steps


def _covers(call: str, number: int) -> bool:
    first, _, last = call.partition("-")
    return not call or int(first) <= number <= int(last or first)
