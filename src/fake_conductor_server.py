"""Serve a simulated company file of QuickBooks Desktop as Conductor does, on this machine.

What it holds is in the folder --state and survives restarts; requests.csv there has every
call, ledger.csv every effect. scenario.csv there scripts faults, a line each: call (3,
1-4, empty = every), match (create customers, list *, read invoices), answer (401, 409,
429:7, 500, 502:3175, 504, 504_applied, drop, drop_applied, cut_applied, garbage_applied,
slow:3). Any key that starts with sk_conductor_ is good. Raw qbXML (passthrough) is not
simulated, nor are resources that no pipeline uses. With a COMMAND it serves while that
runs, with the settings that lead to it, and ends with its exit code.
"""

from __future__ import annotations

from argparse import REMAINDER, ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path

from src import config
from src.adapters.fakes.conductor import server
from src.adapters.fakes.conductor.core import Manners
from src.adapters.fakes.conductor.faults import Temper
from src.kit import clock, serving, stage
from src.kit.locks import Lock


def main(argv: Sequence[str] | None = None) -> int:
    """Print the base URL and serve until a signal comes."""
    run = stage.start("fake_conductor_server", __doc__, argv, _options)
    settings = config.load(run.environ)
    folder = Path(run.args.state or settings.fake_conductor_dir).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    character = _character(run, settings)
    with Lock(folder / "server.lock"):
        served = serving.bound(
            lambda port: server.served(folder, port, character), run.args.port
        )
        if run.args.command:
            leading = _leading_to(server.base_url(served))
            return serving.during(
                served, run.args.command, lambda: {**run.environ, **leading}
            )
        said = f"end user {character.end_user_id} in {folder}; use it with CONDUCTOR_API=http,"

        def announce() -> None:
            print(f"CONDUCTOR_BASE_URL={server.base_url(served)}", flush=True)
            run.say(
                f"{said} CONDUCTOR_SECRET_KEY=sk_conductor_demo and the line above; "
                "Ctrl-C stops"
            )

        if serving.serve(served, announce, run.args.while_stdin):
            run.say("stopped; nothing is lost")
    return stage.OK


def _leading_to(url: str) -> dict[str, str]:
    """Return the settings that lead to the company file that is served there."""
    return {
        "CONDUCTOR_API": "http",
        "CONDUCTOR_BASE_URL": url,
        "CONDUCTOR_SECRET_KEY": "sk_conductor_demo",
    }


def _character(run: stage.Run, settings: config.Settings) -> server.Character:
    args = run.args
    return server.Character(
        settings.conductor_end_user_id,
        Temper(args.fail_rate, settings.fake_conductor_seed),
        Manners(
            utc_offset=args.utc_offset,
            clock_ahead=args.clock_ahead,
            slow_adjustments_above=args.slow_adjustments_above,
            missing_is_404=args.missing_is_404,
        ),
        args.latency,
    )


def _zone(text: str) -> str:
    try:
        clock.zone(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--port", type=serving.port, default=8081, help="0 = a free one")
    add("--state", metavar="DIR", help="default: DATA_DIR/fake_conductor")
    add("--fail-rate", type=float, default=0.0, help="share of calls that fail (0-1)")
    add("--latency", type=float, default=0.0, metavar="S", help="of each request")
    add(
        "--slow-adjustments-above",
        type=stage.whole_number,
        default=0,
        metavar="N",
        help="a list of more inventory adjustments times out, 0 = never",
    )
    add("--clock-ahead", type=float, default=0.0, metavar="S", help="of QuickBooks' clock")
    add(
        "--utc-offset",
        type=_zone,
        default="+00:00",
        metavar="±HH:MM",
        help="of QuickBooks' computer; write --utc-offset=-05:00",
    )
    add("--missing-is-404", action="store_true", help="what is missing is 404, not 502")
    add("--while-stdin", action="store_true", help="end when standard input ends")
    add("command", nargs=REMAINDER, metavar="COMMAND", help="serve while this runs")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
