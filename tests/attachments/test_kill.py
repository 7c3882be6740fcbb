"""Exactly once, whatever is killed: the proof, and the control that must fail it."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from src.office import naive
from tests.attachments.campaign import Campaign, count_lines

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (no Windows)")

KILLS = int(os.environ.get("KILLS", "15"))  # per model of the company
POINTS = int(os.environ.get("CRASH_POINTS", "40"))  # of those that are enumerated
LONGEST_RUN = 0.06  # seconds in which most runs of ten files end
MODELS = ("honoured", "ignored", "forgotten")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    campaign = Campaign(tmp_path_factory.mktemp("prepared") / "root")
    campaign.prepare()
    return campaign


def campaigns(prepared: Campaign, folder: Path, *settings: str):
    """Yield fresh copies of a prepared campaign."""
    number = 0
    while True:
        number += 1
        copied = prepared.copy(folder / str(number))
        copied._settings = settings
        yield copied


@pytest.mark.parametrize("model", MODELS)
def test_random_kills_and_damaged_logs_lose_nothing_and_double_nothing(
    prepared, tmp_path, model
):
    dice, kills = Random(f"kills {model}"), 0
    settings = (f"FAKE_QBO_REQUEST_IDS={model}", "FAKE_QBO_FAIL_RATE=0.2")
    for campaign in campaigns(prepared, tmp_path, *settings):
        done = []
        while campaign.kill_after(dice.uniform(0, LONGEST_RUN)) and len(done) < 8:
            done.append(campaign.damage(dice))
        campaign.finish()

        assert campaign.lost_and_doubled() == (0, 0), (campaign.root, done)

        kills += campaign.kills
        if kills >= KILLS:
            break


@pytest.mark.parametrize("model", MODELS)
def test_a_kill_at_each_enumerated_line_loses_nothing_and_doubles_nothing(
    prepared, tmp_path, model
):
    settings = (f"FAKE_QBO_REQUEST_IDS={model}", "FAKE_QBO_FAIL_RATE=0")
    fresh = campaigns(prepared, tmp_path, *settings)
    lines = count_lines(next(fresh))
    for line in range(1, lines, max(1, lines * len(MODELS) // POINTS)):
        campaign = next(fresh)

        assert campaign.kill_at(line)
        campaign.finish()

        assert campaign.lost_and_doubled() == (0, 0), (line, campaign.root)


def test_the_naive_uploader_fails_the_same_test(prepared, tmp_path):
    dice, doubled = Random("naive"), 0
    for campaign in campaigns(prepared, tmp_path, "FAKE_QBO_FAIL_RATE=0"):
        campaign.upload = naive.main
        while campaign.kill_after(dice.uniform(0, LONGEST_RUN)):
            pass
        campaign.finish()

        doubled += campaign.lost_and_doubled()[1]
        if doubled or campaign.kills > 1000:
            break

    assert doubled > 0
