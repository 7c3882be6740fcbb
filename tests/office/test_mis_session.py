"""Sessions of the MIS customers in the background."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from src import config
from src.config import ROOT
from src.kit import stage
from src.kit.errors import Refused
from src.office import mis_session


@pytest.mark.parametrize(
    ("objects", "options", "words"),
    [
        (["applicants"], {}, "applicants --quiet --progress off"),
        (["students"], {"force": True}, "students --quiet --progress off --force"),
        (
            ["applicants", "students"],
            {"batch_size": 20},
            "all --quiet --progress off --batch-size 20",
        ),
    ],
)
def test_a_session_is_the_door_with_types_and_options(objects, options, words):
    command = " ".join(mis_session.command(objects, options)[2:])

    assert command == f"src.mis_sync_customers {words}"


def test_a_session_in_the_background_says_why_it_did_not_come_to_it(desk):
    run = stage.start("mis_sync_customers", "", desk.argv())
    outside = mis_session.outside(desk.config, run)
    launched = outside.launch("s1", ("students",), {"batch_size": 500})

    while launched.ended() is None:
        pass

    assert launched.ended() == 2
    assert launched.said().startswith("batch_size 500: out of range; ")


def test_each_session_has_a_new_id_unless_one_is_set(desk):
    free, fixed = (stage.start("x", "", words) for words in ([], ["--set=RUN_ID=7"]))
    ids = {mis_session.outside(desk.config, free).new_id() for _ in range(3)}

    assert len(ids) == 3
    assert mis_session.outside(desk.config, fixed).new_id() == "7"


PROGRAM = """
from src.office import mis_session
manager = mis_session.manager()
print(manager.get_sync_status()["status"], manager.get_sync_history())
"""


def test_a_program_has_a_manager_in_one_line(tmp_path):
    environ = {**os.environ, "DATA_DIR": str(tmp_path), "LOG_DIR": str(tmp_path)}

    said = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environ, capture_output=True
    )

    assert said.stdout == b"None []\n"


def test_without_a_mis_no_session_is_worth_starting(tmp_path):
    settings = config.load({"DATA_DIR": str(tmp_path), "LOG_DIR": str(tmp_path)})
    outside = mis_session.outside(settings, stage.start("x", None, []))

    with pytest.raises(Refused, match='data/mis.db: not found; run "make mis"'):
        outside.check()
