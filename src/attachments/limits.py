"""What QuickBooks Online takes: file types, sizes, names; and what nobody wants there.

Facts from Intuit's Attachable and upload pages; where they give no figure, from what
clients observed.
"""

from __future__ import annotations

import re

LARGEST_FILE = 99_000_000  # bytes; the request around it may not pass 100 MB (6030)
LARGE_FILE = 20_000_000  # bytes; the user interface shows no larger ones
LONGEST_NAME = 1000  # characters of Attachable.FileName
REQUEST_BYTES = 8_000_000  # files that travel together
REQUESTS_PER_MINUTE = 500  # per company, for everybody together

CONTENT_TYPES = {
    ".ai": "application/postscript",
    ".csv": "text/csv",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".eps": "application/postscript",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".rtf": "application/rtf",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "text/xml",
}
# Types that no attachment can point to; QuickBooks answers 6050.
NO_ATTACHMENTS = frozenset(
    {"Transfer", "InventoryAdjustment", "Class", "Department", "Term", "TaxCode"}
)
_MAGIC = {
    ".doc": b"\xd0\xcf\x11\xe0",
    ".docx": b"PK",
    ".gif": b"GIF8",
    ".jpeg": b"\xff\xd8\xff",
    ".jpg": b"\xff\xd8\xff",
    ".ods": b"PK",
    ".pdf": b"%PDF",
    ".png": b"\x89PNG",
    ".rtf": b"{\\rtf",
    ".xls": b"\xd0\xcf\x11\xe0",
    ".xlsx": b"PK",
}
_JUNK = re.compile(
    r"thumbs\.db|desktop\.ini|\.ds_store|\._.*|~\$.*|\.~lock\..*|.*\.(?:lnk|url|tmp)|"
    r"\.carryover-demo",
    re.IGNORECASE | re.DOTALL,
)


def extension(name: str) -> str:
    """Return a name's extension in lower case, with its dot.

    >>> extension("Scan.PDF"), extension("README")
    ('.pdf', '')
    """
    stem, dot, last = name.rpartition(".")
    return dot + last.casefold() if stem else ""


def is_junk(name: str) -> bool:
    """Return whether a file is what systems and programs leave behind."""
    return bool(_JUNK.fullmatch(name))


def content_type(name: str) -> str:
    """Return the MIME type that QuickBooks is told for a name."""
    return CONTENT_TYPES.get(extension(name), "application/octet-stream")


def wrong_magic(name: str, start: bytes) -> str:
    """Return a note if a file's first bytes are not those of its extension."""
    magic = _MAGIC.get(extension(name))
    if magic is None or start.startswith(magic):
        return ""
    return f"the content does not begin as a {extension(name)} file does"
