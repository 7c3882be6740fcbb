"""The simulated company, served: state in a folder, a trace id and a log line per call."""

import time
from itertools import count
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import NamedTuple

from src.adapters.fakes import ledger, xml_face
from src.adapters.fakes.core import Core, Manners
from src.adapters.fakes.givens import MAPPING, MappingRow
from src.adapters.fakes.oauth import AuthorizationServer, Switches
from src.adapters.fakes.routes import Routes, World
from src.adapters.fakes.scenario import Faults, Temper
from src.adapters.fakes.throttle import Allowance, Throttle
from src.adapters.qbo import MARK
from src.adapters.qbo_errors import faults_of
from src.kit import tables
from src.kit.appender import Appender
from src.kit.clock import REAL, Clock
from src.kit.serving import Call, Reply, Server
from src.kit.tables import Number, Timestamp

REQUESTS = "requests.csv"


class Served(NamedTuple):
    """One call that was answered."""

    ts: Timestamp
    intuit_tid: str
    method: str
    path: str
    request_id: str
    status: Number
    code: str
    duration_ms: Number
    row_check: str


class Character(NamedTuple):
    """Everything that makes one simulated company differ from another."""

    realm: str
    temper: Temper = Temper()
    manners: Manners = Manners(keeps_contents=True)
    allowance: Allowance = Allowance()
    switches: Switches = Switches()
    latency: float = 0.0  # seconds until a write has its effect, at most


def served(folder: Path, port: int, character: Character, clock: Clock = REAL) -> Server:
    """Return a server of the company in a folder, bound and not yet serving."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / Path(MAPPING.name).name).exists():
        tables.write(folder / Path(MAPPING.name).name, MappingRow, [])
    world = _world(folder, character, clock)
    server = Server(port, _no_answer)
    server.app = Logged(folder, world, server.url)
    return server


def _world(folder: Path, character: Character, clock: Clock) -> World:
    core = Core(folder, clock, character.manners)
    faults = Faults(folder, character.temper)
    for effect in core.remember(character.temper.request_ids == "honoured"):
        faults.met(effect.file_name)
        if effect.status == ledger.FAILED:
            faults.failed([effect.tag.removeprefix(MARK)])
    return World(
        core,
        faults,
        character.temper,
        AuthorizationServer(folder, clock, character.switches),
        Throttle(character.allowance, clock),
        clock,
        character.realm,
        character.latency,
    )


def _no_answer(call: Call) -> Reply:
    return Reply(503)


class Logged:
    """An application that gives each answer a trace id, and each call a log line."""

    def __init__(self, folder: Path, world: World, url: str) -> None:
        self.world = world
        self._app, self._clock = xml_face.either(Routes(world, url).answer), world.clock
        self._log = Appender(folder / REQUESTS, Served)
        self._lock, self._number = Lock(), count(1)
        # Two starts within a second have different ids all the same.
        self._start = f"1-{int(self._clock.now().timestamp()):08x}-{token_hex(6)}"

    def __call__(self, call: Call) -> Reply:
        """Return the application's answer."""
        began = time.perf_counter()
        reply = self._app(call)
        tid = f"{self._start}{next(self._number):012x}"
        took = round((time.perf_counter() - began) * 1000)
        is_error = isinstance(reply.body, bytes) and b'ault"' in reply.body[:400]
        faults = faults_of(reply.body) if is_error or reply.status == 429 else []
        row = (
            self._clock.timestamp(),
            tid,
            call.method,
            call.path,
            call.query.get("requestid", ""),
            str(reply.status),
            faults[0].code if faults else "",
            str(took),
        )
        with self._lock:
            self._log.append([row])
        return reply._replace(headers={**reply.headers, "intuit_tid": tid})
