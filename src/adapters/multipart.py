"""The body of an upload: metadata and content of each file, its length known in advance.

Names come from disks and may hold anything; here they can neither end a header nor begin
a part (percent-escaped as the WHATWG's form encoding does it). The boundary is made of
the request id, which is a digest of the contents: none of them can hold it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence

from src.adapters.qbo import MARK, File
from src.config import normalize_sent_name
from src.kit.answers import Withdrawn

TOGETHER = 8_000_000  # bytes; what is smaller is joined and sent at once
_ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}


class Upload:
    """One request's body; `blocks` may be called again for another attempt."""

    def __init__(self, files: Sequence[File], request_id: str) -> None:
        boundary = f"carryover-{request_id or uuid.uuid4()}"
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._files = files
        self._heads = [
            _head(file, number, boundary).encode() for number, file in enumerate(files, 1)
        ]
        self._end = f"--{boundary}--\r\n".encode()
        self.length = sum(map(len, self._heads)) + len(self._end)
        self.length += sum(file.size + 2 for file in files)

    def blocks(self) -> Iterator[bytes]:
        """Yield the body; raises Withdrawn where a file is not what was promised."""
        waiting: list[bytes] = []
        size = 0
        for block in self._pieces():
            waiting.append(block)
            size += len(block)
            if size > TOGETHER:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)

    def _pieces(self) -> Iterator[bytes]:
        for head, file in zip(self._heads, self._files):
            yield head
            left = file.size
            for block in file.blocks():
                left -= len(block)
                if left < 0:  # never more than was promised: it would look complete
                    raise _changed(file)
                yield block
            if left:
                raise _changed(file)
            yield b"\r\n"
        yield self._end


def _changed(file: File) -> Withdrawn:
    return Withdrawn(file.key, "its size changed while it was being sent")


def _head(file: File, number: int, boundary: str) -> str:
    """Return what stands in front of a file's content."""
    owner = {"type": file.entity_type, "value": file.entity_id}
    name = normalize_sent_name(file.name)
    metadata = {
        "FileName": name,
        "ContentType": file.content_type,
        "Tag": MARK + file.key,
    }
    if file.entity_id:
        metadata["AttachableRef"] = [{"EntityRef": owner, "IncludeOnSend": False}]
    quoted = "".join(_ESCAPES.get(c, c) for c in name)
    lines = (
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file_metadata_{number:02}"',
        "Content-Type: application/json; charset=UTF-8",
        "",
        json.dumps(metadata),
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file_content_{number:02}"; '
        f'filename="{quoted}"',
        f"Content-Type: {file.content_type}",
        "",
        "",
    )
    return "\r\n".join(lines)
