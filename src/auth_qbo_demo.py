"""Authorize against QuickBooks: who we are, and for which company."""

from __future__ import annotations

from collections.abc import Sequence

from src import config
from src.kit import stage
from src.office import connect


def main(argv: Sequence[str] | None = None) -> int:
    """Print the session and the company's id."""
    run = stage.start("auth_qbo_demo", __doc__, argv)
    settings = config.load(run.environ)
    session, realm_id = connect.authorize(settings)
    print(f"{session} for company {realm_id}")
    return stage.OK


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
