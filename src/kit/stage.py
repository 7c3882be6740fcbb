"""What every door does the same: options, signals, errors, summary, exit code."""

from __future__ import annotations

import gc
import math
import os
import signal
import sys
import traceback
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from src.kit import receipts
from src.kit.clock import REAL, Clock
from src.kit.errors import (
    INPUT_OUTPUT,
    OK,
    SIGNALLED,
    Refused,
    sentence,
)
from src.kit.progress import Progress

Options = Callable[[ArgumentParser], object]
STOP_ERRORS, STOP_MINUTES = "stop after N errors", "stop after N minutes"


class Balance(NamedTuple):
    """Where a door's input records went; the parts add up to what was read."""

    read: int
    out: int = 0
    rejected: int = 0
    skipped: int = 0
    held: int = 0
    failed: int = 0
    not_attempted: int = 0

    def holds(self) -> bool:
        """Return whether no record was lost or made up."""
        return self.read == sum(self[1:]) and min(self) >= 0

    @property
    def undone(self) -> int:
        """Return how many records there is something left to do about."""
        return self.rejected + self.held + self.failed + self.not_attempted


class Report(NamedTuple):
    """What a run has to say at its end."""

    counts: Mapping[str, int]
    balance: Balance | None = None
    files: Sequence[tuple[str, int]] = ()  # written whole: place, rows
    notes: Sequence[str] = ()
    next_step: str = ""
    exit_code: int = OK
    appended: tuple[str, int] = ("", 0)  # to the log: place, rows
    source: str = ""  # the given file that all this is about
    warnings: Sequence[str] = ()  # what was left undone, and why; said whatever happens


class Run:
    """One start of a door: its options, its id, the signal that asked it to stop."""

    def __init__(self, door: str, args: Namespace, clock: Clock = REAL) -> None:
        self.door, self.args, self.clock = door, args, clock
        self.environ: Mapping[str, str] = {**os.environ, **dict(args.set)}
        self.run_id = self.environ.get("RUN_ID") or new_run_id(clock)
        self.started = clock.timestamp()
        self.signal = 0  # the number of the signal that asked to stop

    def say(self, text: str) -> None:
        """Write a sentence for the person at the terminal, to standard error."""
        print(printable(text), file=sys.stderr, flush=True)

    def progress(self, label: str, total: int = 0) -> Progress:
        """Return a progress display as the options want it."""
        shown = None if self.args.progress == "off" else sys.stderr
        return Progress(label, total, shown, self.clock)

    @contextmanager
    def stopping_gently(self) -> Iterator[None]:
        """Let the first SIGINT or SIGTERM only be noted; the second ends the process.

        Windows: Ctrl-Break too, which is what one program can send to another there.
        """

        def note(number: int, _: object) -> None:
            if self.signal:
                os._exit(SIGNALLED + number)
            self.signal = number
            self.say("stopping after what is in flight; once more to stop at once")

        names = ("SIGINT", "SIGTERM", "SIGBREAK")
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = [signal.signal(number, note) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before):
                signal.signal(number, handler)

    def finish(self, report: Report, log_dir: Path) -> int:
        """Append the run's receipts, print the summary, return the exit code."""
        balance, code = report.balance, report.exit_code
        assert balance is None or balance.holds(), f"records lost: {balance}"
        origin = receipts.origin(report.source)
        counts = balance._asdict() if balance else {}
        detail = receipts.words({**counts, "exit": code, **origin})
        facts = [(receipts.RUN, "", balance.read if balance else 0, detail)]
        detail = receipts.words(origin)
        facts += [(receipts.FILE, place, rows, detail) for place, rows in report.files]
        now = self.clock.timestamp()
        receipts.append(
            log_dir,
            *(
                (now, self.run_id, self.door, kind, subject, str(rows), "", detail)
                for kind, subject, rows, detail in facts
            ),
        )
        if self.args.brief:
            report = Report(report.counts, balance, warnings=report.warnings)
        print(printable("\n".join(_summary(self, report))))
        return SIGNALLED + self.signal if self.signal else code


def _summary(run: Run, report: Report) -> Iterator[str]:
    dry = " --dry-run" if getattr(run.args, "dry_run", False) else ""
    yield f"{run.door}{dry}: {'; '.join(_counts(report.counts)) or _idle(report.balance)}"
    if report.balance:
        read, *parts = report.balance
        names = [name.replace("_", " ") for name in Balance._fields[1:]]
        told = [f"{n:,} {name}" for n, name in zip(parts, names) if n]
        yield f"  {read:,} read = {' + '.join(told) or '0'}"
    if report.appended[1]:
        yield f"  appended to {_rows(*report.appended)}"
    for place, rows in report.files:
        yield f"  wrote {_rows(place, rows)}"
    for note in (*report.notes, *report.warnings):
        yield f"  {note}"
    if report.next_step:
        yield f"  next: {report.next_step}"


def _idle(balance: Balance | None) -> str:
    return "nothing done" if balance and balance.undone else "nothing to do"


def _rows(place: str, rows: int) -> str:
    return f"{place} ({rows:,} row{'' if rows == 1 else 's'})"


def _counts(counts: Mapping[str, int]) -> Iterator[str]:
    for word, count in counts.items():
        if count:
            yield f"{count:,} {word}"


def new_run_id(clock: Clock) -> str:
    """Return an id that no other run has: the time, and six hexadecimal digits."""
    return f"{clock.now():%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"


def printable(text: str) -> str:
    r"""Return text that cannot steer a terminal; line ends stay.

    >>> printable("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode()
        for c in text
    )


# --- options --------------------------------------------------------------------------


def start(
    door: str, doc: str | None, argv: Sequence[str] | None, options: Options | None = None
) -> Run:
    """Return the run that the command line asks for; `--help` and misuse end here."""
    _use_utf8()
    parser = ArgumentParser(
        prog=f"python -m src.{door}",
        description=doc,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--progress", choices=("auto", "off"), default="auto")
    parser.add_argument("--debug", action="store_true", help="show a traceback")
    parser.add_argument("--brief", action="store_true", help="say no more than the sum")
    parser.add_argument(
        "--set",
        action="append",
        type=_assignment,
        default=[],
        metavar="NAME=VALUE",
        help="use this setting for this run (see python -m src.config)",
    )
    if options:
        options(parser)
    return Run(door, parser.parse_args(argv))


def acting_options(parser: ArgumentParser) -> None:
    """Add the options of a door that acts on the outside."""
    parser.add_argument("--dry-run", action="store_true", help="decide, send nothing")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="send at most N")
    parser.add_argument("--max-errors", type=whole_number, metavar="N", help=STOP_ERRORS)
    parser.add_argument("--max-minutes", type=float, metavar="N", help=STOP_MINUTES)
    parser.add_argument("--workers", type=whole_number, metavar="N", help="requests at once")


def seconds_allowed(args: Namespace) -> float:
    """Return what --max-minutes allows, 0 for no limit."""
    minutes = args.max_minutes
    if minutes is None:
        return 0.0
    if not (math.isfinite(minutes) and minutes > 0):
        raise Refused(f"--max-minutes {minutes}: expected a number above 0")
    return 60 * float(minutes)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def whole_number(text: str) -> int:
    """Return a whole number from 1; for an option that takes one."""
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def percentage(text: str) -> float:
    """Return a percentage from 0 to 100; for an option that takes one."""
    try:
        percent = float(text)
    except ValueError:
        percent = math.nan
    if not 0 <= percent <= 100:
        raise ArgumentTypeError(f"{text!r} is no percentage from 0 to 100")
    return percent


def _use_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


# --- the outermost frame --------------------------------------------------------------


@contextmanager
def uncollected() -> Iterator[None]:
    """Do without the garbage collector: rows hold no cycles, and looking costs a tenth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def run(main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None) -> int:
    """Return the exit code of a door; every expected failure is one sentence."""
    try:
        return main(argv)
    except KeyboardInterrupt:
        return _fail("stopped; start the same command again", SIGNALLED + signal.SIGINT)
    except BrokenPipeError:  # whoever read our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SIGNALLED + getattr(signal, "SIGPIPE", 13)
    except OSError as error:
        return _fail(_told(sentence(error), argv), INPUT_OUTPUT)
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is None:
            raise
        return _fail(_told(str(error), argv), code)


def _told(text: str, argv: Sequence[str] | None) -> str:
    """Return the sentence, with --debug below the traceback of what is being told."""
    is_debug = "--debug" in (sys.argv if argv is None else argv)
    return traceback.format_exc() + text if is_debug else text


def _fail(text: str, code: int) -> int:
    print(printable(text), file=sys.stderr)
    return code
