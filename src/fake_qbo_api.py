"""Attach one file to one record of the simulated company."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from src import config
from src.attachments.outgoing import Outgoing
from src.kit import stage
from src.kit.clock import REAL
from src.kit.errors import OK, SOME_ROWS_FAILED
from src.office import connect

NOT_FOUND = 404


class Response(NamedTuple):
    """What the company answered; `intuit_id` is empty where it refused."""

    status_code: int
    intuit_id: str
    intuit_tid: str
    error: str
    duration_ms: int


def attach_file(entity_type: str, entity_id: str, path: str | Path) -> Response:
    """Return the answer to attaching a file, as the settings in force let it happen.

    A file that cannot be read answers 404. One call is one request without an id, so
    calling twice attaches twice; `qbo_attach_demo` is what does it exactly once.
    """
    return _attach(config.load(os.environ), entity_type, entity_id, str(path))


def _attach(
    settings: config.Settings, entity_type: str, entity_id: str, path: str
) -> Response:
    began = REAL.monotonic()
    try:
        file = Outgoing(path)
    except OSError as error:
        took = round((REAL.monotonic() - began) * 1000)
        return Response(NOT_FOUND, "", "", f"{path}: {error.strerror}", took)
    file.key = file.sha256[:32]
    file.entity_type, file.entity_id = entity_type, entity_id
    file.name = os.path.basename(path)
    company = connect.company(settings)
    with connect.realm_lock(settings):
        answer = company.upload([file], "")[0]
    status = answer.status_code or (200 if answer.remote_id else 500)
    return Response(
        status, answer.remote_id, answer.trace_id, answer.error, answer.duration_ms
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Attach one file and print the answer."""
    run = stage.start("fake_qbo_api", __doc__, argv, _options)
    settings = config.load(run.environ)
    args = run.args
    answer = _attach(settings, args.entity_type, args.entity_id, args.path)
    for name, value in answer._asdict().items():
        print(stage.printable(f"{name:12} {value}"))
    return OK if answer.intuit_id else SOME_ROWS_FAILED


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("entity_type", help="for example Invoice")
    parser.add_argument("entity_id")
    parser.add_argument("path")


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
