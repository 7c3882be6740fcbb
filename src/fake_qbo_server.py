"""Serve a simulated QuickBooks Online company over HTTP, for any client, on this machine.

What it holds is in the folder --state and survives restarts: ledger.csv (files), records.csv
(everything else), requests.csv (every call). scenario.csv there scripts faults, a line
each: call (3, 1-4, empty = every), match (*.pdf, query, batch, create Customer), answer
(429, 401, 403, 503, 500, drop, 500_applied, drop_applied, cut_applied, empty_applied,
garbage_applied, slow:3, 400:6041, 200:6041, wrong_size). custom_fields.csv there
(definition_id,name) has the custom fields of its customers and vendors. With a COMMAND it
serves while that runs, logged in, with the settings that lead to it, and ends with its
exit code.
"""

from __future__ import annotations

import socket
from argparse import REMAINDER, ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from src import config
from src.adapters.fakes import server
from src.adapters.fakes.core import Manners
from src.adapters.fakes.oauth import Switches
from src.adapters.fakes.scenario import Temper
from src.adapters.fakes.throttle import Allowance
from src.attachments import demo
from src.kit import serving, stage
from src.kit.locks import Lock
from src.office import demo_login


def main(argv: Sequence[str] | None = None) -> int:
    """Print the URL and serve until a signal comes."""
    run = stage.start("fake_qbo_server", __doc__, argv, _options)
    settings = config.load(run.environ)
    folder = Path(run.args.state or settings.fake_qbo_dir).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not (run.args.state or run.args.command):
        for note in demo.make_if_missing(settings.files_dir, folder):
            run.say(note)
    character = _character(run, settings)
    with Lock(folder / "server.lock"):
        served = serving.bound(
            lambda port: server.served(folder, port, character), run.args.port
        )
        if run.args.command:
            return _during(run, settings, served)
        said = f"company {settings.qbo_realm_id} in {folder}; use it with QBO_API=http and "

        def announce() -> None:
            print(f"QBO_BASE_URL={served.url}", flush=True)
            run.say(f"{said}the line above; Ctrl-C stops")

        if serving.serve(served, announce, run.args.while_stdin):
            run.say("stopped; nothing is lost")
    return stage.OK


def _during(run: stage.Run, settings: config.Settings, served: serving.Server) -> int:
    """Serve while a command runs, with a login; return its exit code."""
    with TemporaryDirectory(prefix="carryover-") as folder:
        token_file = Path(folder) / "token.json"

        def environ() -> Mapping[str, str]:
            demo_login.log_in(served.url, token_file)
            leading = _leading_to(served.url, token_file)
            return {**run.environ, **_unhurried(run), **leading}

        return serving.during(served, run.args.command, environ)


def _unhurried(run: stage.Run) -> dict[str, str]:
    """Return settings that suit a company on this machine, unless others are set."""
    suitable = {
        "QBO_SETTLE_SECONDS": f"{2 * run.args.latency:g}",
        "QBO_BACKOFF_SECONDS": "0.01",
        "QBO_REQUESTS_PER_MINUTE": str(_allowance(run).per_minute),
    }
    sources = config.sources(run.environ)
    return {name: text for name, text in suitable.items() if sources[name][1] == "default"}


def _leading_to(url: str, token_file: Path) -> dict[str, str]:
    """Return the settings that lead to the company that is served there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "QBO_API": "http",
        "QBO_BASE_URL": url,
        "QBO_CLIENT_ID": demo_login.CLIENT,
        "QBO_CLIENT_SECRET": demo_login.CLIENT,
        "QBO_REDIRECT_URI": f"http://localhost:{port}/callback",
        "QBO_TOKEN_FILE": str(token_file),
    }


def _character(run: stage.Run, settings: config.Settings) -> server.Character:
    args = run.args
    temper = Temper(
        args.fail_rate, settings.fake_qbo_seed, settings.fake_qbo_request_ids
    )
    return server.Character(
        settings.qbo_realm_id,
        temper,
        Manners(not args.no_contents, args.forget_after, not args.no_tags),
        _allowance(run),
        Switches(
            settings.qbo_realm_id,
            args.access_seconds,
            args.rotate,
            fail_next_refresh=args.fail_next_refresh,
            is_denied=args.deny,
        ),
        args.latency,
    )


def _allowance(run: stage.Run) -> Allowance:
    """Return Intuit's limits, none for a command, or those that are asked for."""
    args = run.args
    usual = Allowance(0, batches_per_minute=0) if args.command else Allowance()
    given = (args.requests_per_minute, args.parallel, args.batches_per_minute)
    limits = (mine if one is None else one for one, mine in zip(given, usual))
    return Allowance(*limits, args.time_scale)


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--port", type=serving.port, default=8080, help="0 = a free one")
    add("--state", metavar="DIR", help="default: DATA_DIR/fake_qbo")
    add("--fail-rate", type=float, default=0.0, help="share of calls that fail (0-1)")
    add("--latency", type=float, default=0.0, metavar="S", help="before an effect, at most")
    add("--requests-per-minute", type=int, metavar="N", help="default: 500; 0 = no limit")
    add("--batches-per-minute", type=int, metavar="N", help="default: 120; 0 = no limit")
    add("--parallel", type=int, metavar="N", help="default: 10; 0 = no limit")
    add("--time-scale", type=float, default=1.0, help="60 makes a minute a second")
    add("--forget-after", type=float, default=0.0, metavar="S", help="request ids, 0 = never")
    add("--access-seconds", type=float, default=3600.0, metavar="S", help="of a token")
    add("--rotate", choices=("daily", "always", "never"), default="daily")
    add("--fail-next-refresh", default="", metavar="ERROR", help="such as invalid_grant")
    add("--deny", action="store_true", help="decline every login")
    add("--while-stdin", action="store_true", help="end when standard input ends")
    add("--no-tags", action="store_true", help="never show an attachable's Tag")
    add("--no-contents", action="store_true", help="keep no file contents to download")
    add("command", nargs=REMAINDER, metavar="COMMAND", help="serve while this runs")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
