"""Whatever is done, taken back and killed in any order: both sides agree in the end."""

from __future__ import annotations

import os

import pytest

from src.kit.errors import SOME_ROWS_FAILED
from src.wms.records import RUNLOG, UNDO
from tests.wms.deadly import Deadly, Killed
from tests.wms.walk import ADJUSTMENT, SYNCS, Walk

STEPS = int(os.environ.get("WMS_WALK_STEPS", "40"))
SEEDS = range(int(os.environ.get("WMS_WALK_SEEDS", "1")))
BETWEEN = 20  # steps between two synchronizations


class UndoWalk(Walk):
    """A walk in which people take runs back, any of the last ones."""

    def take_back(self, fail_rate: float = 0.0, may_die: bool = False) -> None:
        """Take a run back, perhaps through failures and up to a sudden death."""
        both, dice = self.both, self.dice
        path = both.desk.path(RUNLOG)
        rows = both.log() if path.exists() else []
        runs = list(dict.fromkeys(row.run_id for row in rows))[-4:]
        both.opened(fail_rate, str(dice.random()))
        deadly = Deadly(both)
        if may_die:
            deadly.at = dice.randrange(1, 60)
        try:
            if runs and both.fetch(*SYNCS) == 0 and self._planned(dice.choice(runs)):
                self.done["undo"] += both.apply() <= SOME_ROWS_FAILED
        except Killed:
            self.done["killed"] += 1
        finally:
            deadly.removed()
            both.opened()

    def _planned(self, run_id: str) -> bool:
        code = self.both.undo_fetched(run_id)
        return code <= SOME_ROWS_FAILED and any(c.action == UNDO for c in self.both.cards)

    def _unsure(self) -> set[str]:
        held = {card.wms_id for card in self.both.cards if card.kind == ADJUSTMENT.name}
        ours = [one for one in self.both.records(ADJUSTMENT) if one.head.wms_id in held]
        return super()._unsure() | {line.cells[0] for one in ours for line in one.lines}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_with_runs_taken_back_ends_in_agreement(both, seed):
    walk = UndoWalk(both, seed)
    for _ in range(0, STEPS, BETWEEN):
        walk.steps(BETWEEN)
        walk.sync(fail_rate=0.1, may_die=walk.dice.random() < 0.3)
        walk.take_back(fail_rate=0.1, may_die=walk.dice.random() < 0.4)

    assert walk.done["undo"] or walk.done["killed"]
    for _ in range(4):
        walk.sync()
    before = walk.waiting()
    walk.sync()

    assert walk.waiting() == before
    assert walk.unfinished() == []
    assert walk.created_twice() == []
    assert walk.different() == []
    assert walk.lost() == []
    assert walk.moved() == {}
