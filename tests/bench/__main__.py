"""Measure speed and memory beside the peers found on this machine (`make bench`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from src import config
from src.kit import tables
from tests.adapters import databases
from tests.bench import imports, peers, screen, university, uploads, warehouse
from tests.bench.measure import Cost, in_turn, once

ROOT = Path(__file__).resolve().parent.parent.parent
OF_ATTACHMENTS = ("inventory", "verify", "whole")  # parts that need the tree


class Row(NamedTuple):
    """One comparison: ours, the peer's, their ratio and what it should be at most."""

    what: str
    ours: str
    peer: str
    ratio: str
    target: str
    verdict: str


def compare(what: str, ours: float, peer: float | None, target: float) -> Row:
    """Return the row of a ratio; `peer` is None where it is not installed."""
    if peer is None:
        return Row(what, f"{ours:.3g}", "", "", f"<= {target:g} x", "no peer here")
    ratio = ours / peer
    verdict = "met" if ratio <= target else "missed"
    figures = (f"{ours:.3g}", f"{peer:.3g}", f"{ratio:.2f}", f"<= {target:g} x")
    return Row(what, *figures, verdict)


def limit(what: str, ours: float, most: float, unit: str) -> Row:
    """Return the row of an absolute limit."""
    verdict = "met" if ours <= most else "missed"
    return Row(what, f"{ours:.3g} {unit}", "", "", f"<= {most:g} {unit}", verdict)


def told(what: str, ours: float, unit: str) -> Row:
    """Return the row of a figure that nothing is asked of."""
    return Row(what, f"{ours:.3g} {unit}", "", "", "", "told")


class Bench:
    """The measurements, in a folder that is thrown away."""

    def __init__(self, root: Path, args: Namespace) -> None:
        self.root, self.args = root, args
        self.scale, self.rounds = args.scale, args.runs

    def door(self, name: str, *more: str) -> list[str]:
        """Return the command of a door, working in the bench's folders."""
        folders = {"DATA_DIR": "data", "LOG_DIR": "logs", "FILES_DIR": "files"}
        pairs = [f"{key}={self.root / value}" for key, value in folders.items()]
        command = [sys.executable, "-m", f"src.{name}", "--progress", "off"]
        for pair in (*pairs, "FAKE_QBO_FAIL_RATE=0", *more):
            command += ["--set", pair]
        return command

    def turns(self, ours: Sequence[str], found: dict[str, list[str]]) -> dict[str, Cost]:
        """Return the medians of ours and the peers."""
        commands = {"ours": ours, **found}
        return in_turn(commands, self.rounds, str(ROOT), self._forget_plan)

    def _forget_plan(self) -> None:
        """Take the last plan away, or its decisions would be looked for."""
        shutil.rmtree(self.root / "logs", ignore_errors=True)

    def parts(self) -> Sequence[Callable[[], Iterator[Row]]]:
        """Return what is measured, in this order."""
        return (
            self.inventory,
            self.verify,
            self.index,
            self.append,
            self.uploads,
            self.attaching,
            self.appointments,
            self.customers,
            self.wms_plan,
            self.mis,
            self.screen,
            self.start,
            self.whole,
        )

    def make_tree(self) -> None:
        """Make the legacy tree, its mapping and its inventory.

        In a process of its own: a child's peak memory begins with its parent's.
        """
        make = [sys.executable, "-m", "tests.bench.material"]
        once([*make, str(self.root), str(self.scale)], str(ROOT))
        for door in ("download_mapping_demo", "build_attachment_inventory"):
            once(self.door(door), str(ROOT))

    # --- the rows ---------------------------------------------------------------------

    def inventory(self) -> Iterator[Row]:
        """Compare the walk with find and rclone."""
        tree = str(self.root / "files/Attach")
        found = {
            **peers.program("find", "find", tree, "-type", "f", "-printf", "%P,%s,%T@\n"),
            **peers.program(
                "rclone", "rclone", *"lsf -R --files-only -F pst --csv".split(), tree
            ),
        }
        costs = self.turns(self.door("build_attachment_inventory"), found)
        ours = costs["ours"]
        find, rclone = costs.get("find"), costs.get("rclone")
        yield compare("inventory: CPU s, find", ours.cpu, find and find.cpu, 1.5)
        yield compare("inventory: wall s, rclone", ours.wall, rclone and rclone.wall, 0.65)
        yield limit("inventory: peak memory", ours.memory, 40, "MB")

    def verify(self) -> Iterator[Row]:
        """Compare the plan with a bare join of pandas and duckdb."""
        names = {
            "inventory": self.root / "data/attachments_inventory.csv",
            "mapping": self.root / "data/mapping_export.csv",
            "out": self.root / "peer.csv",
        }
        found = {}
        for name, source in peers.JOIN.items():
            found |= peers.python(name, source, **names)
        costs = self.turns(self.door("mapping_verifier"), found)
        ours, pandas, duckdb = costs["ours"], costs.get("pandas"), costs.get("duckdb")
        yield compare("verify: wall s, pandas", ours.wall, pandas and pandas.wall, 0.6)
        yield compare("verify: MB, pandas", ours.memory, pandas and pandas.memory, 0.25)
        yield compare("verify: wall s, duckdb", ours.wall, duckdb and duckdb.wall, 2)

    def index(self) -> Iterator[Row]:
        """Compare the idempotency index, checks verified, with polars and pandas."""
        for count in (170_000, 1_000_000):
            log = self.root / f"log_{count}.csv"
            part = [sys.executable, "-m", "tests.bench.parts"]
            once([*part, "log", str(log), str(int(count * self.scale))], str(ROOT))
            found = {}
            for name, source in peers.INDEX.items():
                found |= peers.python(name, source, log=log)
            costs = self.turns([*part, "index", str(log)], found)
            ours, polars, pandas = costs["ours"], costs.get("polars"), costs.get("pandas")
            what = f"index of {count:,}"
            yield compare(f"{what}: wall s, polars", ours.wall, polars and polars.wall, 1.2)
            yield compare(f"{what}: MB, polars", ours.memory, polars and polars.memory, 0.3)
            yield compare(f"{what}: wall s, pandas", ours.wall, pandas and pandas.wall, 1.5)
            once([*part, "sealed", str(log)], str(ROOT))  # seals it
            sealed = once([*part, "sealed", str(log)], str(ROOT))
            what = f"sealed log of {count:,} opened: wall s, polars"
            yield compare(what, sealed.wall, polars and polars.wall, 1.2)

    def append(self) -> Iterator[Row]:
        """Compare durable appends with SQLite's."""
        rates = {}
        for verb in ("append", "sqlite"):
            command = [sys.executable, "-m", "tests.bench.parts", verb, str(self.root)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            rates[verb] = float(done.stdout)
        ours, theirs = 1e6 / rates["append"], 1e6 / rates["sqlite"]
        yield compare("append: us a row, SQLite WAL FULL", ours, theirs, 1.25)

    def uploads(self) -> Iterator[Row]:
        """Compare uploads of 10 kB with other clients', over plain HTTP and over TLS."""
        files = max(20, int(3000 * min(1.0, 10 * self.scale)))
        uploads.make_files(self.root / "uploads", files)
        for name, is_tls in (("HTTP", False), ("TLS", True)):
            costs = uploads.beside_peers(self.root, files, self.rounds, is_tls)
            if not costs:
                continue
            session, quickbooks = costs.get("requests"), costs.get("quickbooks")
            per_file = 1000 / files
            for what, label in (("one by one", "ours"), ("in tens", "tens")):
                ours = costs[label].wall * per_file
                yield compare(
                    f"upload {what}, {name}: ms, requests.Session",
                    ours,
                    session and session.wall * per_file,
                    0.5,
                )
                yield compare(
                    f"upload {what}, {name}: ms, python-quickbooks",
                    ours,
                    quickbooks and quickbooks.wall * per_file,
                    0.125 if is_tls else 0.5,
                )

    def attaching(self) -> Iterator[Row]:
        """Measure the whole uploader over HTTP: its share of a pace, and CPU a file."""
        small = min(1.0, 10 * self.scale)
        paced = self._planned("paced", max(30, int(1500 * small)))
        share, throttled = uploads.at_a_pace(paced.door("qbo_attach_demo"), paced.root)
        yield limit("allowed rate left unused", 100 * (1 - share), 3, "%")
        yield limit("throttled after the first second", throttled, 0, "answers")
        files = max(30, int(5000 * small))
        sunk = self._planned("sunk", files)
        cost = uploads.into_a_sink(sunk.door("qbo_attach_demo"), sunk.root)
        yield limit("CPU a file, log and journal too", 1000 * cost.cpu / files, 0.5, "ms")

    def _planned(self, name: str, files: int) -> Bench:
        """Return a bench of its own with so many files of 10 kB, ready to be uploaded."""
        some = Bench(self.root / name, self.args)
        uploads.make_tree(some.root, files)
        for door in uploads.PLANNING:
            once(some.door(door), str(ROOT))
        return some

    def appointments(self) -> Iterator[Row]:
        """Compare an import of appointments, checks and log too, with bare upserts."""
        base = Bench(self.root / "appointments", self.args)
        export = base.root / "appointments.csv"
        imports.exports("appointments", str(export), self._count(500_000))
        door = base.door("csv_salespro_appointments")
        costs = imports.beside_sqlite_utils(door, base.root, export, self.rounds)
        ours, peer = costs["ours"], costs.get("sqlite_utils")
        what = "appointments into SQLite"
        yield compare(f"{what}: wall s, sqlite-utils", ours.wall, peer and peer.wall, 0.25)
        yield compare(f"{what}: CPU s, sqlite-utils", ours.cpu, peer and peer.cpu, 1)
        yield limit(f"{what}: peak memory", ours.memory, 120, "MB")
        what = "appointments into PostgreSQL"
        if not (databases.binaries() and shutil.which("psql")):
            yield Row(f"{what}: wall s, psql", "", "", "", "<= 2 x", "no server here")
            return
        with databases.running() as server:
            costs = imports.beside_psql(server, door, export, self.rounds)
        yield compare(f"{what}: wall s, psql", costs["ours"].wall, costs["psql"].wall, 2)
        yield limit(f"{what}: peak memory", costs["ours"].memory, 120, "MB")

    def customers(self) -> Iterator[Row]:
        """Measure 1,000,000 customers on the ladder, 500,000 stored; a part imported."""
        base = Bench(self.root / "customers", self.args)
        few, many = base.root / "few.csv", base.root / "many.csv"
        database = str(base.root / "data/carryover.db")
        imports.exports("stored", database, self._count(500_000))
        for export, count in ((many, 1_000_000), (few, 100_000)):
            imports.exports("customers", str(export), self._count(count))
        check = [*base.door("customers_check"), str(many)]
        yield told("check of 1,000,000 customers", once(check, str(ROOT)).wall, "s")
        ladder = once(base.door("customers_match"), str(ROOT))
        yield limit("1,000,000 customers, 500,000 stored", ladder.wall, 90, "s")
        yield told("the same: CPU", ladder.cpu, "s")
        yield limit("the same: peak memory", ladder.memory, 600, "MB")
        once([*base.door("customers_check"), str(few)], str(ROOT))
        once(base.door("customers_match"), str(ROOT))
        door = base.door("customers_import")
        yield told("import of 100,000, 10,000 changed", once(door, str(ROOT)).wall, "s")
        base = Bench(self.root / "new_customers", self.args)
        once([*base.door("customers_check"), str(few)], str(ROOT))
        once(base.door("customers_match"), str(ROOT))
        door = base.door("customers_import")
        yield told("import of 100,000, all new", once(door, str(ROOT)).wall, "s")

    def wms_plan(self) -> Iterator[Row]:
        """Measure the plan of 100,000 customers on three sides, some changed and none."""
        for changed, most, what in ((5, 15, "5 % changed"), (0, 6, "none changed")):
            base = Bench(self.root / f"wms_{changed}", self.args)
            warehouse.sides(str(base.root), self._count(100_000), str(changed))
            door = [*base.door("wms_plan"), "customers"]
            cost = in_turn({"ours": door}, self.rounds, str(ROOT))["ours"]
            yield limit(f"plan of 100,000, {what}", cost.wall, most, "s")
            yield limit("the same: peak memory", cost.memory, 400, "MB")

    def mis(self) -> Iterator[Row]:
        """Measure 10,000 people into the simulated company, and previews of a large MIS."""
        base = Bench(self.root / "mis", self.args)
        university.made(str(base.root), self._count(10_000), "0")
        yield told("fetch of 10,000 people", once(base.door("mis_fetch"), str(ROOT)).wall, "s")
        plan = in_turn({"ours": base.door("mis_plan")}, self.rounds, str(ROOT))["ours"]
        yield limit("plan of 10,000 people", plan.wall, 3, "s")
        yield told("the same: peak memory", plan.memory, "MB")
        yield told("push of 10,000 people", once(base.door("mis_push"), str(ROOT)).wall, "s")
        yield limit("requests for 10,000 creates", university.requests(base.root), 350, "")
        yield told("push with nothing to do", once(base.door("mis_push"), str(ROOT)).wall, "s")
        for synced, what in (("0", "none synchronized"), ("500000", "all synchronized")):
            base = Bench(self.root / f"mis_{synced}", self.args)
            university.made(str(base.root), self._count(1_000_000), synced)
            preview = [*base.door("mis_sync_customers"), "preview-students", "--limit", "10"]
            cost = in_turn({"ours": preview}, self.rounds, str(ROOT))["ours"]
            yield limit(f"preview of 10, 1,000,000 {what}", cost.wall, 0.3, "s")

    def screen(self) -> Iterator[Row]:
        """Measure pages, REST and report over logs of 170,000 rows that grow meanwhile."""
        base = Bench(self.root / "screen", self.args)
        part = [sys.executable, "-m", "tests.bench.screen"]
        size = [str(base.root / "logs"), self._count(screen.ROWS)]
        once([*part, "attachments", *size], str(ROOT))
        report = in_turn({"ours": base.door("report")}, self.rounds, str(ROOT))["ours"]
        yield limit("report: log and plan of 170,000", report.wall, 3, "s")
        yield told("the same: CPU", report.cpu, "s")
        yield told("the same: peak memory", report.memory, "MB")
        once([*part, "customers", *size], str(ROOT))
        university.made(str(base.root), self._count(2050), self._count(2000))
        followed = screen.memory(base.door("status"), str(ROOT))
        yield limit("following two logs of 170,000", followed, 60, "MB")
        with screen.served(base.door("serve"), base.root, str(ROOT)) as (asked, began):
            yield limit("first page, two logs of 170,000", began, 2, "s")
            times = max(3, int(screen.ASKED * min(1.0, self.scale)))
            for place, most in screen.PLACES.items():
                yield limit(f"GET {place}, p99", asked.p99(place, times), most, "ms")

    def _count(self, full: int) -> str:
        return str(max(30, int(full * self.scale)))

    def start(self) -> Iterator[Row]:
        """Measure what `--help` of the largest door takes beyond a bare interpreter."""
        commands = {
            "ours": [sys.executable, "-m", "src.qbo_attach_demo", "--help"],
            "bare": [sys.executable, "-c", "pass"],
        }
        costs = in_turn(commands, 10, str(ROOT))
        more = costs["ours"].wall - costs["bare"].wall
        yield limit("start of a door", 1000 * more, 60, "ms")

    def whole(self) -> Iterator[Row]:
        """Measure the chain from an empty start, and runs that find nothing to do."""
        shutil.rmtree(self.root / "logs", ignore_errors=True)
        doors = (
            "download_mapping_demo",
            "build_attachment_inventory",
            "mapping_verifier",
            "qbo_attach_demo",
        )
        costs = [once(self.door(door), str(ROOT)) for door in doors]
        yield limit("end to end, 4 stages", sum(cost.wall for cost in costs), 60, "s")
        yield limit("largest stage", max(cost.memory for cost in costs), 150, "MB")
        again = once(self.door("qbo_attach_demo"), str(ROOT))
        yield limit("run with nothing to do", again.wall, 4, "s")
        quiet = once(self.door("qbo_attach_demo", "LOG_SKIPS=summary"), str(ROOT))
        yield limit("the same, LOG_SKIPS=summary", quiet.wall, 4, "s")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and write it as a CSV."""
    args = _arguments(argv)
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), args)
        parts = [part for part in bench.parts() if args.only in part.__name__]
        if any(part.__name__ in OF_ATTACHMENTS for part in parts):
            bench.make_tree()
        for part in parts:
            for row in part():
                rows.append(row)
                print("{:38} {:>9} {:>8} {:>6}  {:10} {}".format(*row), flush=True)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    tables.write(args.out, Row, rows)
    print(f"wrote {args.out}")
    return 0


def _arguments(argv: Sequence[str] | None) -> Namespace:
    log_dir = Path(config.sources({})["LOG_DIR"][0])
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 = 170,000 files")
    parser.add_argument("--runs", type=int, default=3, help="rounds, medians are shown")
    parser.add_argument("--only", default="", help="parts whose name has this word")
    parser.add_argument("--out", type=Path, default=ROOT / log_dir / "bench.csv")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
