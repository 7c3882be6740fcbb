"""Run the whole demo with nothing but the standard library: `python -I -S`.

-I ignores the environment and the user's packages, -S leaves site-packages out, so an
import of anything that is not in the standard library fails.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOORS = {
    "make_demo_data": 0,
    "download_mapping_demo": 0,
    "build_attachment_inventory": 0,
    "mapping_verifier": 0,
    "auth_qbo_demo": 0,
    "qbo_attach_demo": 1,
    "reconcile_attachments": 1,
    "customers_check": 1,
    "customers_match": 0,
    "customers_import": 1,
    "csv_salespro_appointments": 1,
    "csv_salespro_users": 1,
    "salespro_history": 0,
    "database check": 0,
    "wms_demo make": 0,
    "wms_fetch": 0,
    "wms_plan": 0,
    "wms_apply": 1,
    "wms_sync status": 0,
    "mis_demo make": 0,
    "mis_fetch": 0,
    "mis_plan": 0,
    "mis_push": 1,
    "mis_sync_customers analyze": 0,
    "status": 0,
    "clean": 0,
}
CODE = """
import sys
sys.path.insert(0, {root!r})
from src.kit import stage
from src import {door}
sys.exit(stage.run({door}.main, sys.argv[1:]))
"""


def main(folder: Path) -> int:
    """Run every door below `folder`; return 0 if each ended as it should."""
    settings = {"DATA_DIR": "data", "LOG_DIR": "logs", "FILES_DIR": "files"}
    argv = ["--progress", "off"]
    for name, value in settings.items():
        argv += ["--set", f"{name}={folder / value}"]
    for command, expected in DOORS.items():
        door, *words = command.split()
        code = CODE.format(root=str(ROOT), door=door)
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code, *words, *argv],
            stdout=subprocess.DEVNULL,
        )
        print(f"{command}: exit {ended.returncode}")
        if ended.returncode != expected:
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
