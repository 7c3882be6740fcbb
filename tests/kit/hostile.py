"""Cells that a spreadsheet, a CSV reader or a terminal would rather change."""

from __future__ import annotations

import random

# fmt: off
MEASURED = [  # facts/spreadsheets.md: what LibreOffice changed, and what it left alone
    *("00123", "1E5", "12e5", "5000000000000412003", "=1+1", "1,234.50"),
    *("1.10", "-12.50"),
    *("3/8", "MAR-1", "10%", "$5", "12:30"),
    *("+250 788", "1-2", "TRUE", "1_000", "0x1F", "NaN", "'t Hooft", "r000123"),
    *("x\\ny",),
    *("2026-11-20T09:15:42+00:00", "  leading blanks", "é日本", "007.pdf"),
]
ODD = [
    *("", " ", "  ", "'", "''", "'''00123", "' 5", "'=1", "' '=1", " =1+1 "),
    *("'true", "@A1"),
    *("=cmd|' /C calc'!A0", '=HYPERLINK("http://x";"y")', "-2+3+cmd", "+", "-"),
    *("=", "@"),
    *("true", "False", "falſe", "ſat 12", "1 jan", "jan 1", "sept-2"),
    *("12 june 2020", "may"),
    *("1.2.3", "1 2", "1e", "e1", "E", "(5)", "(1,234.50)", "€ 5", "5 €", "£7"),
    *("¥7", "5:6:7 pm"),
    *("123456789012345", "1234567890123456", "-1", "-0", "0", "00", "٣", "１２"),
    *("＝1+1", "½"),
    *('"', '""', 'a"b', '"a"', ",", ";", "a;b", "a,b", "a\tb", "\t1", "a\nb"),
    *("a\r\nb", "\r"),
    *("\0", "a\0b", "\x1b[2J", "\x7f", "\x85", "\xa0", "\xa05", "\xad"),
    *("\u200b", "\u2028x"),
    *("\u3000 5", "\ufeff", "\ufffe", "\uffff", "\ufffd", "\udcff.pdf"),
    *("\ud83d", "😀", "e\u0301"),
    *("\\", "\\n", "\\\\n", "\\x41", "\\u0041", "C:\\new\\table", "_x000D_"),
    *("_x0041_", "_x005F_"),
    *("&amp;", "<b>", "]]>", "#N/A", "#REF!", "{1;2}", "ID", "R1C1", "A1"),
    *("sep=;", "null"),
]
_TOKENS = [
    *MEASURED,
    *ODD,
    *map(chr, range(0xA1)),
    *("\u2028", "\u2029", "\u3000", "\ud800", "\udfff", "\U0010ffff", "'", "'"),
    *("' ", " "),
    *"0123456789.,:/%$€£¥()+-=@;eExXnrtu",
    *("jan", "January", "feb", "MAR", "apr", "may", "june", "jul", "aug"),
    *("sept", "oct"),
    *("Nov", "dec", "mon", "tue", "wednesday", "thu", "fri", "sat", "sun", "am", "PM"),
    *("true", "FALSE", "Txn", "é", "日本", "😀", "e\u0301", "\u202e", "_x000D_", "\\x"),
]

# fmt: on


def texts(count: int, seed: int = 1, longest: int = 6) -> list[str]:
    """Return random texts that mix odd tokens; the same for the same seed."""
    dice = random.Random(seed)
    lengths = [dice.randint(0, longest) for _ in range(count)]
    return ["".join(dice.choices(_TOKENS, k=length)) for length in lengths]
