"""A real spreadsheet opens and saves our tables: every value must come back."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from src.kit import cells, reading, tables
from src.kit.tables import GENERATED, Number, Table, Timestamp
from tests.kit import hostile

SOFFICE = shutil.which("soffice")
LONGEST = 32_767  # UTF-16 units that a spreadsheet keeps in a cell
CSV = "csv:Text - txt - csv (StarCalc)"

pytestmark = pytest.mark.skipif(
    SOFFICE is None, reason="soffice (libreoffice-calc) is not installed"
)


class Wide(NamedTuple):
    """Three texts, and one of each kind that a spreadsheet may take for its own."""

    first: str
    second: str
    third: str
    size: Number
    ts: Timestamp


TABLE = Table("DATA_DIR", "wide.csv", Wide, GENERATED, "make wide")


def _fits(text: str) -> bool:
    written = cells.guard(cells.escape(text))
    return len(written.encode("utf-16-le")) // 2 <= LONGEST


def _rows() -> list[Wide]:
    long = ["x" * LONGEST, "é" * LONGEST, "7" * (LONGEST - 1), "😀" * (LONGEST // 2)]
    long += ["a,b; " * 6000, '"' * 30_000, "=" * (LONGEST - 1), "\n" * (LONGEST // 2)]
    texts = hostile.MEASURED + hostile.ODD + list(map(chr, range(0x180))) + long
    texts += hostile.texts(12_000, seed=7)
    assert all(map(_fits, texts))
    texts += [""] * (-len(texts) % 3)
    triples = zip(texts[::3], texts[1::3], texts[2::3])
    stamp = "2015-08-26T09:15:42.000001+00:00"
    return [Wide(*three, str(n), stamp) for n, three in enumerate(triples)]


def _convert(source: Path, target: str, folder: Path) -> Path:
    """Convert with the command of facts/spreadsheets.md; return what it wrote."""
    out = folder / target.partition(":")[0]
    subprocess.run(
        [
            *(
                str(SOFFICE),
                f"-env:UserInstallation=file://{folder}/profile",
                "--headless",
            ),
            *(["--infilter=CSV:44/59/9,34,76,1"] if source.suffix == ".csv" else []),
            *("--convert-to", target, "--outdir", str(out), str(source)),
        ],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*"))


def _differences(path: Path, rows: list[Wide]) -> list[tuple[Wide, Wide]]:
    found = reading.table(path, TABLE)
    pairs = list(zip(rows, found, strict=True))
    assert not found.rejects
    return [(before, after) for before, after in pairs if before != after]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Wide]]:
    rows = _rows()
    path = tmp_path_factory.mktemp("spreadsheet") / "wide.csv"
    tables.write(path, Wide, rows)
    return path, rows


@pytest.mark.parametrize("separator", ["44", "59", "9"])
def test_every_cell_survives_being_saved_as_csv(written, separator, tmp_path):
    path, rows = written

    saved = _convert(path, f"{CSV}:{separator},34,76", tmp_path)

    assert _differences(saved, rows) == []


def test_every_cell_survives_being_saved_as_xlsx(written, tmp_path):
    path, rows = written

    workbook = _convert(path, "xlsx", tmp_path)
    saved = _convert(workbook, f"{CSV}:44,34,76", tmp_path)

    assert _differences(saved, rows) == []


def test_a_table_of_unguarded_cells_would_not_survive(written, tmp_path):
    naive = tmp_path / "wide.csv"
    naive.write_text("first,second,third,size,ts\n00123,1.10,3/8,1,\n", "utf-8-sig")

    saved = _convert(naive, f"{CSV}:44,34,76", tmp_path)

    [(_, after)] = _differences(saved, [Wide("00123", "1.10", "3/8", "1", "")])
    assert "00123" not in after
