"""What is measured with: a legacy tree and its mapping at production scale."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

from src.adapters.fakes.givens import MappingRow
from src.kit import tables

FILES, MAPPING_ROWS = 170_000, 300_000
CLIENTS = 420
TYPES = ("INVOICE", "BILL", "CHECK", "GENERAL_JOURNAL", "ESTIMATE", "CASH_SALE")


def make(root: Path, scale: float) -> None:
    """Write `files/Attach` and the simulated company's mapping below `root`.

    Files are small (2 kB on average), because the disk is not what is measured.
    """
    dice = Random(1)
    files, number = 0, 0
    rows = []
    while files < FILES * scale:
        number += 1
        norm = f"{0x1000 + number * 7:X}-{1_400_000_000 + number * 13}"
        folder = f"{root}/files/Attach/Client {number % CLIENTS:03}/Txn/80{norm.lower()}"
        os.makedirs(folder)
        for _ in range(dice.choice((1, 1, 1, 1, 3))):
            files += 1
            name = f"Statement {files}, signed" if files % 10 == 0 else f"Scan {files}"
            with open(f"{folder}/{name}.pdf", "wb") as file:
                file.write(b"%%PDF-1.4 %d " % files + b"x" * dice.randint(400, 3600))
        if dice.random() < 0.98:
            rows.append(_mapping(norm, number, dice))
    for more in range(number + 1, int(MAPPING_ROWS * scale) + 1):
        norm = f"{0x9000000 + more * 7:X}-{1_400_000_000 + more * 13}"
        rows.append(_mapping(norm, more, dice))
    (root / "data/fake_qbo").mkdir(parents=True)
    tables.write(root / "data/fake_qbo/mapping.csv", MappingRow, rows)


def _mapping(norm: str, number: int, dice: Random) -> MappingRow:
    kind = dice.choice(TYPES)
    return MappingRow(norm, kind, kind, str(1000 + number))


if __name__ == "__main__":
    make(Path(sys.argv[1]), float(sys.argv[2]))
