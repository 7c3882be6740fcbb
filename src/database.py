"""Look after the database: check it, bring its schema up to date, open a shell."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence

from src import config
from src.adapters import migrations
from src.config import Settings
from src.kit import stage
from src.kit.database import Database
from src.kit.stage import Run
from src.office import connect_database

MIGRATE = 'run "python -m src.database migrate", or let the next import do it'


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command and print what came of it."""
    run = stage.start("database", __doc__, argv, _options)
    return _COMMANDS[run.args.command](run, config.load(run.environ))


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "command",
        choices=list(_COMMANDS),
        help="check = test the connection, show schema and rows; migrate = make what "
        "is missing; shell-hint = show the command that opens a shell",
    )


def check(run: Run, settings: Settings) -> int:
    """Print what the database is, its schema files and how many rows it has."""
    if not connect_database.is_there(settings):
        _print(f"database: {settings.database_file}: not there yet; {MIGRATE}", {})
        return stage.OK
    with connect_database.database(settings, prepared=False) as found:
        there = ", ".join(migrations.applied(found).values())
        missing = ", ".join(one.name for one in migrations.pending(found))
        lines = {"schema": there or "nothing yet"}
        if missing:
            lines["pending"] = f"{missing}; {MIGRATE}"
        _print(
            f"database: {found.product}, {found.label}", lines | dict(_counts(found))
        )
    return stage.OK


def _counts(found: Database) -> Iterator[tuple[str, str]]:
    there = migrations.applied(found)
    for migration in migrations.known():
        for table in migration.tables() if migration.number in there else ():
            ((count,),) = found.rows(f"SELECT COUNT(*) FROM {table}", "i")
            yield table, f"{count:,} row{'' if count == 1 else 's'}"


def migrate(run: Run, settings: Settings) -> int:
    """Carry out the schema files that are pending."""
    with connect_database.database(settings, prepared=False) as found:
        names = migrations.migrate(found, run.clock.timestamp())
        done = f"applied {', '.join(names)}" if names else "nothing was pending"
        _print(f"database: {found.label}: {done}", {})
    return stage.OK


def shell_hint(run: Run, settings: Settings) -> int:
    """Print the command that opens a shell; where the password comes from beside it."""
    command, note = connect_database.shell(settings)
    print(stage.printable(command))
    if note:
        run.say(note)
    return stage.OK


_COMMANDS = {"check": check, "migrate": migrate, "shell-hint": shell_hint}


def _print(head: str, lines: dict[str, str]) -> None:
    print(stage.printable(head))
    for name, text in lines.items():
        print(stage.printable(f"  {name:24} {text}"))


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
