"""Uploads, measured: beside other clients, with log and journal, and at a company's pace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from src.adapters.fakes.givens import MappingRow
from src.adapters.fakes.server import REQUESTS, Served
from src.adapters.qbo_oauth import TokenFile, Tokens
from src.config import DEMO_REALM as REALM
from src.kit import runlog, tables
from src.office import demo_login
from tests.bench import peers
from tests.bench.measure import Cost, in_turn, once
from tests.bench.sink import SIZE

ROOT = Path(__file__).resolve().parent.parent.parent
SCALE = 10  # a minute in six seconds
PER_MINUTE = 499 * SCALE  # a scaled minute is shorter than our bucket thinks
PLANNING = ("download_mapping_demo", "build_attachment_inventory", "mapping_verifier")

OURS = """
import sys, os
from src.adapters.qbo_http import HttpCompany
from src.kit.net import Client
from src.attachments.outgoing import Outgoing
class Session:
    def token(self): return "x" * 900
url, folder, count, together = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
company = HttpCompany(Session(), Client(url), "1")
names = sorted(os.listdir(folder))[:count]
for start in range(0, count, together):
    files = [Outgoing(folder + "/" + name) for name in names[start : start + together]]
    for file in files:
        file.key, file.name = file.sha256[:32], "a.pdf"
        file.entity_type, file.entity_id = "Invoice", "1"
    answers = company.upload(files, "%032d" % start)
    assert all(one.remote_id for one in answers), answers
"""


@contextmanager
def served(*command: str, **environ: str) -> Iterator[str]:
    """Yield the URL that a server prints, while it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout
        yield process.stdout.readline().decode().strip().rpartition("=")[2]
    finally:
        process.kill()
        process.wait()


def make_files(folder: Path, count: int) -> None:
    """Write files of 10,000 bytes, each another."""
    folder.mkdir(parents=True)
    for number in range(count):
        _write(folder / f"{number:06}.pdf", number)


def make_tree(root: Path, count: int) -> None:
    """Write a legacy tree of such files, one an invoice, and the company's mapping."""
    rows = []
    for number in range(count):
        legacy = f"{0x1000 + number:X}-1409571840"
        folder = root / f"files/Attach/Client {number % 50}/Txn/80{legacy}"
        folder.mkdir(parents=True)
        _write(folder / "scan.pdf", number)
        rows.append(MappingRow(legacy, "INVOICE", "INVOICE", str(1000 + number)))
    (root / "data/fake_qbo").mkdir(parents=True)
    tables.write(root / "data/fake_qbo/mapping.csv", MappingRow, rows)


def _write(path: Path, number: int) -> None:
    head = b"%%PDF-1.4 %d " % number
    path.write_bytes(head + bytes(SIZE - len(head)))


def certificate(folder: Path) -> list[str]:
    """Return a certificate for localhost and its key, nothing without openssl."""
    files = [str(folder / "c.pem"), str(folder / "k.pem")]
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-out", files[0], "-keyout", files[1]]
    try:
        subprocess.run([*command.split(), *names], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return files


def beside_peers(root: Path, files: int, rounds: int, is_tls: bool) -> dict[str, Cost]:
    """Return what so many uploads cost: ours one by one, ours in tens, the peers'."""
    chain = certificate(root) if is_tls else []
    if is_tls and not chain:
        return {}
    if chain:
        os.environ["SSL_CERT_FILE"] = os.environ["SINK_CA"] = chain[0]
    with served("tests.bench.sink", *chain) as url:
        arguments = [url, str(root / "uploads"), str(files)]
        commands: dict[str, Sequence[str]] = {
            "ours": [sys.executable, "-c", OURS, *arguments, "1"],
            "tens": [sys.executable, "-c", OURS, *arguments, "10"],
        }
        for name, source in peers.UPLOAD.items():
            for label, command in peers.python(name, source).items():
                commands[label] = [*command, *arguments]
        return in_turn(commands, rounds, str(ROOT))


def _talking(url: str, root: Path, *more: str) -> list[str]:
    settings = {
        "QBO_API": "http",
        "QBO_BASE_URL": url,
        "QBO_TOKEN_FILE": root / "token.json",
        "QBO_CLIENT_ID": "bench",
        "QBO_CLIENT_SECRET": "bench",
        "QBO_SETTLE_SECONDS": "1",
    }
    return [*(f"--set={name}={value}" for name, value in settings.items()), *more]


def at_a_pace(door: Sequence[str], root: Path) -> tuple[float, int]:
    """Return the share of the allowed rate that a run used, and the throttled answers.

    The company allows 500 a minute, its time ten times as fast; what is throttled within
    the first second is not counted.
    """
    state = root / "company"
    limits = ("--time-scale", str(SCALE), "--parallel", "10", "--no-contents")
    with served("src.fake_qbo_server", "--port=0", "--state", str(state), *limits) as url:
        demo_login.log_in(url, root / "token.json")
        pace = f"--set=QBO_REQUESTS_PER_MINUTE={PER_MINUTE}"
        singly = ("--set=QBO_FILES_PER_REQUEST=1", "--set=QBO_PARALLEL=10")
        once([*door, *_talking(url, root, pace, *singly)], str(ROOT))
    rows = (row for row in runlog.rows(state / REQUESTS, Served) if row)
    calls = [Served(*map(runlog.text, row)) for row in rows]
    sent = [one for one in calls if one.path.endswith("/upload")]
    times = [datetime.fromisoformat(one.ts).timestamp() for one in sent]
    rate = 60 * (len(times) - 1) / (times[-1] - times[0])
    late = [one for one, at in zip(sent, times) if at > times[0] + 1]
    return rate / (500 * SCALE), sum(one.status == "429" for one in late)


def into_a_sink(door: Sequence[str], root: Path) -> Cost:
    """Return what a whole run costs, ten files a request, without a limit."""
    fast = ("--set=QBO_REQUESTS_PER_MINUTE=0", "--set=QBO_PARALLEL=2")
    tokens = Tokens("x" * 900, "none", REALM, demo_login.PLACE, *["9999-01-01T00:00:00+00:00"] * 3)
    TokenFile(root / "token.json", REALM, demo_login.PLACE).write(tokens)
    with served("tests.bench.sink") as url:
        return once([*door, *_talking(url, root, *fast)], str(ROOT))
