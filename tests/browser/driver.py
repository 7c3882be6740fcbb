"""A real browser, headless, told what to do over the WebDriver protocol (W3C).

`Chromium` is one browser with its ChromeDriver; `page` has what a person does and sees.
Scripts of ours only read, so that what is tested is what the page itself can do.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's own name for one
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TAB, ENTER, SPACE = "\ue004", "\ue007", " "
SHIFT = "\ue008"
PAUSE = 0.03  # seconds between two looks: they cost the browser time of its own
PATIENCE = 10.0  # seconds until what a page should show has to be there
REBOUND = "rebound.example"  # a name that somebody lets point to this machine
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # a container's user is root
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1280,900",
)
_STARTED = re.compile(r"started successfully on port (\d+)")
T = TypeVar("T")


class Refused(Exception):
    """What the browser could not do, in its own words."""


def missing() -> str:
    """Return what is not installed here, nothing if all is there."""
    if not any(map(shutil.which, NAMES)):
        return "Chromium is not installed (Debian: apt-get install chromium)"
    if not shutil.which("chromedriver"):
        return "ChromeDriver is not installed (Debian: apt-get install chromium-driver)"
    return ""


class Chromium:
    """One browser with one window; `close` ends it."""

    def __init__(self, profile: Path) -> None:
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._wire = HTTPConnection("127.0.0.1", self._port(), timeout=60)
        self._session = ""
        found = self._ask(
            "POST", "/session", {"capabilities": {"alwaysMatch": _wishes(profile)}}
        )
        self._session = f"/session/{found['sessionId']}"

    def _port(self) -> int:
        for line in self._driver.stdout or ():
            if found := _STARTED.search(line):
                return int(found.group(1))
        raise Refused("chromedriver ended before it listened")

    def close(self) -> None:
        """End browser and driver."""
        try:
            self._do("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait(10)

    # --- the protocol -----------------------------------------------------------------

    def _do(
        self, method: str, command: str, content: Mapping[str, Any] | None = None
    ) -> Any:
        return self._ask(method, self._session + command, content)

    def _ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        body = json.dumps(content or {}) if method == "POST" else None
        self._wire.request(method, path, body, {"Content-Type": "application/json"})
        found = json.loads(self._wire.getresponse().read())["value"]
        if isinstance(found, dict) and "error" in found:
            raise Refused(f"{found['error']}: {found['message'].splitlines()[0]}")
        return found

    def tell(self, command: str, **params: object) -> Any:
        """Tell the browser itself something (Chrome DevTools Protocol)."""
        content = {"cmd": command, "params": params}
        return self._do("POST", "/goog/cdp/execute", content)

    # --- what a person does -----------------------------------------------------------

    def go(self, url: str) -> None:
        """Open an address."""
        self._do("POST", "/url", {"url": url})

    def click(self, css: str) -> None:
        """Click what the selector finds first."""
        self._do("POST", f"/element/{self._found(css)}/click")

    def type(self, css: str, text: str) -> None:
        """Type into a field."""
        self._do("POST", f"/element/{self._found(css)}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is; "+" joins some at once."""
        actions = []
        for key in keys:
            at_once = key.split("+") if len(key) > 1 else [key]
            actions += [{"type": "keyDown", "value": one} for one in at_once]
            actions += [{"type": "keyUp", "value": one} for one in reversed(at_once)]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self._do("POST", "/actions", {"actions": [source]})

    def _found(self, css: str) -> str:
        found = self._do("POST", "/element", {"using": "css selector", "value": css})
        return str(found[ELEMENT])

    # --- what a person sees -----------------------------------------------------------

    @property
    def url(self) -> str:
        """Return the address that is open."""
        return str(self._do("GET", "/url"))

    @property
    def title(self) -> str:
        """Return the title of the page."""
        return str(self._do("GET", "/title"))

    def text(self, css: str = "body") -> str:
        """Return what is written there, as it is shown."""
        return str(self._do("GET", f"/element/{self._found(css)}/text"))

    def texts(self, css: str) -> list[str]:
        """Return what is written in each that the selector finds."""
        found = self._do("POST", "/elements", {"using": "css selector", "value": css})
        return [str(self._do("GET", f"/element/{one[ELEMENT]}/text")) for one in found]

    def read(self, expression: str) -> Any:
        """Return the value of an expression that only reads."""
        content = {"script": f"return ({expression})", "args": []}
        return self._do("POST", "/execute/sync", content)

    def until(self, look: Callable[[], T], seconds: float = PATIENCE) -> T:
        """Return what `look` finds as soon as it is something; raises AssertionError."""
        end = time.monotonic() + seconds
        while True:
            try:
                if found := look():
                    return found
            except Refused:  # the page was just replaced
                pass
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds:g} s; shown:\n{self.text()}")
            Event().wait(PAUSE)

    def shot(self, path: Path, is_whole: bool = True) -> None:
        """Write a picture of the page, down to its end or of what the window shows."""
        found = self.tell("Page.captureScreenshot", captureBeyondViewport=is_whole)
        path.write_bytes(base64.b64decode(found["data"]))

    def complaints(self) -> list[str]:
        """Return what the console says since the last time: errors, broken policies."""
        found: Sequence[Mapping[str, Any]] = self._do(
            "POST", "/se/log", {"type": "browser"}
        )
        return [f"{one['level']} {one['message']}" for one in found]

    # --- how it looks -----------------------------------------------------------------

    def size(self, width: int, height: int, is_phone: bool = False) -> None:
        """Give the window another size, or that of a phone."""
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if is_phone else 1,
            mobile=is_phone,
        )

    def scheme(self, name: str) -> None:
        """Prefer `light` or `dark`."""
        # Without reduced motion, colours take a while to become what they are.
        wishes = {"prefers-color-scheme": name, "prefers-reduced-motion": "reduce"}
        features = [{"name": wish, "value": value} for wish, value in wishes.items()]
        self.tell("Emulation.setEmulatedMedia", features=features)

    def scripts(self, are_on: bool) -> None:
        """Let pages run scripts, or not."""
        self.tell("Emulation.setScriptExecutionDisabled", value=not are_on)


def _wishes(profile: Path) -> dict[str, Any]:
    binary = next(filter(None, map(shutil.which, NAMES)))
    arguments = [*ARGUMENTS, f"--user-data-dir={profile}"]
    return {
        "goog:chromeOptions": {"binary": binary, "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
        "pageLoadStrategy": "normal",
    }
