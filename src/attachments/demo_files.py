"""Real little files for the demo tree: PDF, PNG, TXT, CSV that open in their programs."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from random import Random

WORDS = (
    "delivery invoice statement balance quantity freight discount warehouse receipt "
    "approved shipped returned carton pallet pieces unit price total net gross"
).split()
BUILDERS = ("pdf", "pdf", "pdf", "png", "txt", "csv")  # how often each kind occurs

PAGES = (1, 2, 4, 8)  # a page is 1-2 kB, so files take 2 kB on average and up to 20
PAGE_SHARES = (80, 12, 6, 2)


def build(kind: str, title: str, dice: Random) -> bytes:
    """Return the content of a file of a kind: pdf, png, txt or csv."""
    pages = dice.choices(PAGES, PAGE_SHARES)[0]
    return {"pdf": pdf, "png": png, "txt": txt, "csv": csv}[kind](title, dice, pages)


def txt(title: str, dice: Random, pages: int = 1) -> bytes:
    """Return some lines of text."""
    count = pages * dice.randint(4, 20)
    lines = [title, *(_sentence(dice) for _ in range(count))]
    return ("\n".join(lines) + "\n").encode()


def csv(title: str, dice: Random, pages: int = 1) -> bytes:
    """Return a little price list."""
    rows = [f"{title},quantity,price"]
    for number in range(pages * dice.randint(5, 30)):
        price = dice.randint(100, 99_999) / 100
        rows.append(f"{dice.choice(WORDS)} {number},{dice.randint(1, 90)},{price:.2f}")
    return ("\n".join(rows) + "\n").encode()


def _sentence(dice: Random) -> str:
    return " ".join(dice.choices(WORDS, k=8)).capitalize() + "."


def pdf(title: str, dice: Random, pages: int = 1) -> bytes:
    """Return a PDF with some lines of text on each page, its cross-references right."""
    kids = b" ".join(b"%d 0 R" % number for number in range(4, 4 + 2 * pages, 2))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in range(pages):
        objects += _page(title, dice, 5 + 2 * number)
    return _with_references(objects)


def _page(title: str, dice: Random, stream: int) -> tuple[bytes, bytes]:
    """Return a page and, as the object of the number `stream`, its text."""
    lines = [title, *(_sentence(dice) for _ in range(dice.randint(3, 36)))]
    shown = b"".join(b"(%s) Tj T*\n" % _pdf_text(line) for line in lines)
    text = b"BT /F1 11 Tf 50 780 Td 14 TL\n" + shown + b"ET"
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
        b"/Resources << /Font << /F1 3 0 R >> >> >>" % stream,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    )


def _with_references(objects: Sequence[bytes]) -> bytes:
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(content))
    )


def _pdf_text(line: str) -> bytes:
    text = line.encode("latin-1", "replace")
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def png(title: str, dice: Random, pages: int = 1) -> bytes:
    """Return a small picture: bars in one colour, its title as a comment."""
    width, height = 64, 48 * pages
    colour = bytes(dice.randrange(256) for _ in range(3))
    bars = [dice.randrange(height) for _ in range(width)]
    rows = b"".join(
        b"\0" + b"".join(colour if y > bar else b"\xff\xff\xff" for bar in bars)
        for y in range(height)
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + _chunk(b"tEXt", b"Title\0" + title.encode("latin-1", "replace"))
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check
