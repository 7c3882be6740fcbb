"""Tell one record's story, from its source line to its present state: why KEY."""

from __future__ import annotations

from collections.abc import Sequence

from src import config
from src.kit import stage


def main(argv: Sequence[str] | None = None) -> int:
    """Print the biography of the record that a key means."""
    run = stage.start("why", __doc__, argv, lambda parser: parser.add_argument("key"))
    config.load(run.environ)
    return stage.OK


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
