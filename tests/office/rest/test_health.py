"""Whether the server can do its part."""

from __future__ import annotations

import os

import pytest


def test_all_is_well_and_nothing_runs(caller):
    found = caller.get("/health")

    idle = {"wms": None, "mis": None}
    assert (found.status, found.data) == (200, {"status": "ok", "sessions": idle})


def test_sessions_that_run_are_named(caller):
    caller.wms.conduct()

    with caller.holds(caller.mis, "s7"):
        assert caller.get("/health").data["sessions"] == {"wms": None, "mis": "s7"}


@pytest.mark.parametrize("setting", ["LOG_DIR", "DATA_DIR"])
def test_a_folder_that_is_gone_is_told(caller, setting):
    folder = caller.logs if setting == "LOG_DIR" else caller.data
    folder.rename(folder.with_name("elsewhere"))

    found = caller.get("/health")
    assert found.status == 503
    assert found.error.startswith(f"{setting}: the folder is not there; ")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may do anything")
def test_a_folder_that_cannot_be_written_is_told(caller):
    caller.logs.chmod(0o500)

    assert caller.get("/health").status == 503


def test_health_takes_no_question(caller):
    assert caller.get("/health?x=1").status == 400
