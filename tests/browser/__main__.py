"""Write a picture of each page of what DATA_DIR and LOG_DIR hold: light, dark, telephone.

    python -m tests.browser shots DIR [PLACE ...]
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from src.config import ROOT
from tests.browser.driver import Chromium, missing

PLACES = (
    *("/", "/sync/wms", "/sync/wms/history", "/sync/mis", "/sync/mis/history"),
    *("/plans", "/plans/wms_plan", "/plans/mis_plan", "/logs", "/logs/wms_runlog", "/runs"),
)
LOOKS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 390)}
USAGE = "python -m tests.browser shots DIR [PLACE ...]"


def main(words: Sequence[str]) -> int:
    """Write the pictures; print where each lies."""
    if len(words) < 2 or words[0] != "shots":
        print(USAGE, file=sys.stderr)
        return 2
    if why := missing():
        print(why, file=sys.stderr)
        return 2
    folder = Path(words[1])
    folder.mkdir(parents=True, exist_ok=True)
    with served() as url, tempfile.TemporaryDirectory() as profile:
        browser = Chromium(Path(profile))
        try:
            shoot(browser, url, words[2:] or PLACES, folder)
        finally:
            browser.close()
    return 0


@contextmanager
def served() -> Iterator[str]:
    """Yield the address of what the settings in force show."""
    command = [sys.executable, "-m", "src.serve", "--port", "0", "--while-stdin"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as door:
        yield door.stdout.readline().strip().rstrip("/")
        door.stdin.close()


def shoot(browser: Chromium, url: str, places: Sequence[str], folder: Path) -> None:
    """Write a picture of each place in each look."""
    for look, (scheme, width) in LOOKS.items():
        browser.scheme(scheme)
        browser.size(width, 844, is_phone=look == "phone")
        for place in places:
            browser.go(url + place)
            name = re.sub(r"[^a-z0-9]+", "-", place.lower()).strip("-") or "overview"
            path = folder / f"{name}-{look}.png"
            browser.shot(path)
            print(path)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
