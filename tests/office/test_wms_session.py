"""Sessions of the warehouse in the background, and the doors that one is made of."""

from __future__ import annotations

import os
import subprocess
import sys

from src.config import ROOT
from src.kit import stage
from src.office import wms_session

def test_a_session_in_the_background_has_types_options_and_an_id_of_its_own(desk):
    run = stage.start("wms_sync", "", [f"--set=LOG_DIR={desk.logs}"])
    outside = wms_session.outside(desk.config, run)
    launched = outside.launch("s1", ("items",), {"full": True, "nonsense": True})

    while launched.ended() is None:
        pass

    assert launched.ended() == 2
    assert launched.said().endswith("error: unrecognized arguments: --nonsense")


def test_each_session_has_a_new_id_unless_one_is_set(desk):
    free, fixed = (stage.start("wms_sync", "", words) for words in ([], ["--set=RUN_ID=7"]))
    ids = {wms_session.outside(desk.config, free).new_id() for _ in range(3)}

    assert len(ids) == 3
    assert wms_session.outside(desk.config, fixed).new_id() == "7"


# --- the doors ------------------------------------------------------------------------


def commands(*options: object) -> list[str]:
    return [" ".join(one.command[2:]) for one in wms_session.stages(*options)]


def test_a_session_is_three_doors_in_this_order():
    assert commands(["items", "invoices"]) == [
        "src.wms_fetch items invoices --progress off",
        "src.wms_plan items invoices --progress off",
        "src.wms_apply --progress off",
    ]


def test_options_go_to_the_door_that_has_them():
    assert commands(["items"], True, True) == [
        "src.wms_fetch items --full --progress off",
        "src.wms_plan items --force --progress off",
        "src.wms_apply --progress off",
    ]


PROGRAM = """
from src.office import wms_session
manager = wms_session.manager()
print(manager.get_sync_status()["status"], manager.get_sync_history())
"""


def test_a_program_has_a_manager_in_one_line(tmp_path):
    environ = {**os.environ, "DATA_DIR": str(tmp_path), "LOG_DIR": str(tmp_path)}

    said = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environ, capture_output=True
    )

    assert said.stdout == b"None []\n"
