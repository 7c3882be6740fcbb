"""Import a SalesPro export of appointments: newer rows win, nothing is stored twice."""

from __future__ import annotations

from collections.abc import Sequence

from src import config
from src.kit import stage
from src.office import salespro_import
from src.salespro.shapes import APPOINTMENTS


def main(argv: Sequence[str] | None = None) -> int:
    """Read the export, compare it with the database, store what is new or changed."""
    run = stage.start(
        "csv_salespro_appointments", __doc__, argv, salespro_import.options
    )
    return salespro_import.carry_out(run, config.load(run.environ), APPOINTMENTS)


if __name__ == "__main__":
    raise SystemExit(stage.run(main))
