"""The simulated company file, served: an id per request, and a log line per call."""

import time
from itertools import count
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import NamedTuple

from src.adapters.conductor_errors import fault_of
from src.adapters.fakes.conductor.core import Core, Manners
from src.adapters.fakes.conductor.faults import Faults, Temper
from src.adapters.fakes.conductor.routes import BASE, Routes, World
from src.kit.appender import Appender
from src.kit.clock import REAL, Clock
from src.kit.serving import Call, Reply, Server
from src.kit.tables import Number, Timestamp

REQUESTS = "requests.csv"


class Served(NamedTuple):
    """One call that was answered; status 0 = hung up on."""

    ts: Timestamp
    request_id: str
    method: str
    path: str
    query: str
    status: Number
    code: str
    duration_ms: Number
    row_check: str


class Character(NamedTuple):
    """Everything that makes one simulated company file differ from another."""

    end_user_id: str
    temper: Temper = Temper()
    manners: Manners = Manners()
    latency: float = 0.0  # seconds that QuickBooks takes for a request
    any_length: frozenset[str] = frozenset()  # fields whose length nobody checks


def served(folder: Path, port: int, character: Character, clock: Clock = REAL) -> Server:
    """Return a server of the company file in a folder, bound and not yet serving."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(
        Core(folder, clock, character.manners),
        Faults(folder, character.temper),
        clock,
        character.end_user_id,
        character.latency,
        character.any_length,
    )
    return Server(port, Logged(folder, world))


def base_url(server: Server) -> str:
    """Return what a client is given as its base URL."""
    return server.url + BASE


class Logged:
    """An application that gives each request an id, and each call a log line."""

    def __init__(self, folder: Path, world: World) -> None:
        self.world = world
        self._routes = Routes(world)
        self._log = Appender(folder / REQUESTS, Served)
        self._lock, self._number = Lock(), count(1)
        # Two starts within a second have different ids all the same.
        self._start = f"req_{token_hex(6)}"

    def __call__(self, call: Call) -> Reply:
        """Return the routes' answer."""
        began = time.perf_counter()
        request_id = f"{self._start}{next(self._number):06x}"
        reply = self._routes.answer(call, request_id)
        status = 0 if reply.line == "drop" else reply.status
        fault = fault_of(reply.body) if status >= 400 else None
        row = (
            self.world.clock.timestamp(),
            request_id,
            call.method,
            call.path,
            "&".join(f"{name}={value}" for name, value in call.pairs),
            str(status),
            (fault.integration_code or fault.code) if fault else "",
            str(round((time.perf_counter() - began) * 1000)),
        )
        with self._lock:
            self._log.append([row])
        headers = {**reply.headers, "Conductor-Request-Id": request_id}
        return reply._replace(headers=headers)
