"""Show where every pipeline stands, and the next command to type."""

from __future__ import annotations

from collections.abc import Sequence

from src import config
from src.kit import stage
from src.office import overview


def main(argv: Sequence[str] | None = None) -> int:
    """Print one block per pipeline."""
    run = stage.start("status", __doc__, argv)
    settings = config.load(run.environ)
    for standing in overview.standings(settings):
        outcomes = ", ".join(
            f"{count:,} {word}" for word, count in standing.outcomes.most_common()
        )
        lines = {
            "last run": standing.last_run or "never",
            "in the log": outcomes or "nothing yet",
            "open errors": f"{standing.open_errors:,}",
            "left behind": standing.earlier.told,
            "unattempted": f"{standing.not_attempted:,}" * bool(standing.not_attempted),
            "in doubt": "" if standing.in_doubt is None else f"{standing.in_doubt:,}",
            "next": standing.next_step,
        }
        print(standing.name)
        for name, text in lines.items():
            if text:
                print(stage.printable(f"  {name:12} {text}"))
    return stage.OK


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
