"""Deletions that are killed at any line, their logs damaged: nothing comes of it twice."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from src import mapping_verifier, qbo_attach_demo, reconcile_attachments, undo
from src.attachments.records import FINDINGS, LOGGED_BUT_ABSENT, PLAN, TAKEN_BACK
from src.kit import reading, tables
from src.kit.errors import NOTHING_DONE, OK, SOME_ROWS_FAILED
from tests.attachments.afterwards import edit, last_run, there
from tests.attachments.campaign import Campaign, count_lines

POINTS = int(os.environ.get("UNDO_CRASH_POINTS", "2"))  # of each test
MODELS = ("honoured", "ignored", "forgotten")
FILES, EDITED = 4, "scan 3.pdf"
ONCE = Counter({f"scan {number}.pdf": 1 for number in range(FILES)})
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")


@pytest.fixture(scope="module")
def reversed_(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """Return a campaign that is done, and about to be taken back but for one file."""
    campaign = Campaign(tmp_path_factory.mktemp("reversed") / "root")
    campaign.files = FILES
    campaign.prepare()
    campaign.finish()
    edit(campaign.root / "data/fake_qbo", EDITED, Note="mine")
    run_id = last_run(campaign.root / "logs")
    assert campaign.run(lambda argv: undo.main([*argv, run_id])) == SOME_ROWS_FAILED
    return campaign


def settled(campaign: Campaign) -> int:
    """Apply until nothing is left to be done; return the last exit code."""
    for _ in range(4):
        if (code := campaign.run(qbo_attach_demo.main)) in (OK, NOTHING_DONE):
            break
    return code


def sent_again(campaign: Campaign) -> Counter[str]:
    """Plan and decide that all goes again, until it has; return what is there."""
    for _ in range(6):
        campaign.run(mapping_verifier.main)
        decide_to_send(campaign)
        campaign.run(qbo_attach_demo.main)
        if (found := there(campaign.root / "data/fake_qbo")) == ONCE:
            break
    return found


def decide_to_send(campaign: Campaign) -> None:
    """Decide that everything that was taken back is sent again."""
    path = campaign.root / "logs" / PLAN.name
    rows = [
        row._replace(decision="send") if row.status == TAKEN_BACK else row
        for row in reading.table(path, PLAN)
    ]
    tables.write(path, PLAN.row, rows)


Killed = Callable[..., Iterator[Campaign]]


@pytest.fixture
def killed(reversed_: Campaign, tmp_path: Path) -> Killed:
    """Return what yields campaigns that were killed, at lines all along the way.

    `share` of five puts the lines of several tests between each other.
    """

    def at_lines(share: int, *settings: str) -> Iterator[Campaign]:
        lines = count_lines(reversed_.copy(tmp_path / "counted", *settings))
        step = max(1, lines // POINTS)
        for line in range(1 + step * share // 5, lines, step):
            campaign = reversed_.copy(tmp_path / str(line), *settings)
            assert campaign.kill_at(line)
            yield campaign
            shutil.rmtree(campaign.root)

    return at_lines


def absent(campaign: Campaign) -> set[str]:
    """Return the files of which a reconciliation says that only the log has them.

    A log that lost a deletion together with its intent calls the file sent.
    """
    campaign.run(reconcile_attachments.main)
    rows = reading.table(campaign.root / "logs" / FINDINGS.name, FINDINGS)
    return {row.file_name for row in rows if row.class_ == LOGGED_BUT_ABSENT}


@needs_fork
@pytest.mark.parametrize("model", MODELS)
def test_a_kill_at_each_enumerated_line_takes_all_back_and_doubles_nothing(killed, model):
    settings = (f"FAKE_QBO_REQUEST_IDS={model}", "FAKE_QBO_FAIL_RATE=0", "QBO_PARALLEL=1")
    for campaign in killed(MODELS.index(model), *settings):
        assert settled(campaign) == OK, campaign.root

        assert there(campaign.root / "data/fake_qbo") == {EDITED: 1}, campaign.root
        assert sent_again(campaign) == ONCE, campaign.root


@needs_fork
def test_a_person_who_plans_anew_after_a_kill_gets_every_file_once(killed):
    for campaign in killed(3):
        assert sent_again(campaign) == ONCE, campaign.root


@needs_fork
def test_unattended_nothing_goes_again_after_a_kill(killed):
    for campaign in killed(4):
        left = there(campaign.root / "data/fake_qbo")

        for _ in range(2):
            campaign.run(mapping_verifier.main)
            campaign.run(qbo_attach_demo.main)

        assert there(campaign.root / "data/fake_qbo") == left, campaign.root


@needs_fork
def test_kills_and_damaged_logs_double_nothing_and_lose_nothing_of_a_person(killed):
    dice = Random("damage")
    for campaign in killed(2):
        done = campaign.damage(dice)

        code = settled(campaign)
        left = there(campaign.root / "data/fake_qbo")

        assert code in (OK, NOTHING_DONE), done
        assert left[EDITED] == 1 and set(left.values()) == {1}, (done, left)
        again = sent_again(campaign)
        assert again[EDITED] == 1 and set(again.values()) == {1}, (done, campaign.root)
        assert set(ONCE - again) == absent(campaign), (done, campaign.root)
