"""Serve pages and a REST API about all five pipelines, to this machine's browser.

What they start runs in processes of its own: when this ends, or dies, sessions go on, and
the next start shows them. --host with another address than this machine's own needs the
setting SERVE_TOKEN, and --allow-host for each name that this machine is called by.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from threading import Thread

from src import config
from src.kit import net, serving, stage
from src.kit.errors import Refused
from src.kit.guarding import SHORTEST_TOKEN, Address
from src.office import site
from src.office.pages import assets
from src.office.rest import followed

PORT = 5000  # as the specification prints it
HINT = " (on a Mac the AirPlay receiver may hold it)"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the address and serve until a signal comes."""
    run = stage.start("serve", __doc__, argv, _options)
    settings = config.load(run.environ)
    args = run.args
    _check_token(args.host, settings.serve_token)
    served = _bound(args.host, args.port)
    names = [_spelled(name) for name in (args.host, *args.allow_host)]
    rest = followed.made(settings, run)
    linked = assets.load(config.ROOT / assets.FETCHED)
    served.app = site.app(rest, linked, Address(served.server_port, names))

    def announce() -> None:
        print(f"{served.url}/", flush=True)
        for note in linked.notes:
            run.say(note)
        run.say("open it in a browser; Ctrl-C stops, a session that runs goes on")
        Thread(target=followed.warm, args=(rest,), daemon=True).start()

    if serving.serve(served, announce, args.while_stdin):
        run.say("stopped; nothing is lost")
    return stage.OK


def _bound(host: str, port: int) -> serving.Server:
    """Return the server; on this machine `localhost` may be either of two addresses."""
    is_usual = host in ("localhost", serving.LOOPBACK)

    def start(port: int) -> serving.Server:
        own = serving.LOOPBACK if is_usual else host
        return serving.Server(port, _nobody, site.LIMITS, own)

    hint = HINT if port == PORT else ""
    served = serving.bound(start, port, f"--host {host} --port {port}{hint}")
    if is_usual:
        served.listen_also(serving.LOOPBACK_6)
    return served


def _nobody(call: serving.Call) -> serving.Reply:
    return site.refusal(503, "the server begins; ask again in a moment")


def _check_token(host: str, token: str) -> None:
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii()):
        told = f"SERVE_TOKEN: is too short; give {SHORTEST_TOKEN} letters and digits or more"
        raise Refused(told)
    if not (token or net.is_loopback(host)):
        told = "others could start and cancel; set SERVE_TOKEN to a long random text"
        raise Refused(f"--host {host}: {told}")


def _spelled(name: str) -> str:
    """Return a name as a Host header has it."""
    return f"[{name}]" if ":" in name and name.count(":") > 1 and name[0] != "[" else name


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--port", type=serving.port, default=PORT, help="0 = a free one")
    add("--host", default=serving.LOOPBACK, metavar="ADDRESS", help="where to listen")
    add("--allow-host", action="append", default=[], metavar="NAME", help="answer to it, too")
    add("--while-stdin", action="store_true", help="end when standard input ends")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
