"""What creates are made of, written down before they leave.

QuickBooks keeps no former values. Where nobody heard its answer and somebody has changed
the record there since, only this tells whose value is whose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from src.kit import runlog
from src.kit.appender import Appender
from src.wms.fields import Field, Kind
from src.wms.records import Sending, StoredHead
from src.wms.states import Stored
from src.wms.wire import Lined


class Sendings:
    """The creates whose outcome may be unknown yet."""

    def __init__(self, path: Path, stamp: Callable[[], tuple[str, str]]) -> None:
        self._path, self._stamp = path, stamp
        self._appender: Appender | None = None

    def note(self, key: str, kind: Kind, sent: Stored) -> None:
        """Write down what is about to leave.

        A killed run leaves it. A computer without power may not; then the next plan
        shows what both sides have, and a person sees it.
        """
        self._appender = self._appender or Appender(self._path, Sending)
        lines = [_named(kind.lines, line.cells) for line in sent.lines]
        values = {"cells": _named(kind.fields, sent.cells), "lines": lines}
        text = json.dumps(values, ensure_ascii=False)
        self._appender.append([(*self._stamp(), key, text)])

    def of(self, key: str, kind: Kind, head: StoredHead) -> Stored | None:
        """Return a record as it was sent last, None where nobody knows."""
        found = None
        for row in runlog.rows(self._path, Sending):
            if row and runlog.text(row[2]) == key:
                found = json.loads(runlog.text(row[3]))
        if found is None:
            return None
        lines = [Lined("", _cells(kind.lines, line)) for line in found["lines"]]
        return Stored(head, _cells(kind.fields, found["cells"]), tuple(lines))

    def end(self, is_settled: bool) -> None:
        """Close the file; forget what was sent where every outcome is known."""
        if is_settled and self._path.exists():
            self._appender = self._appender or Appender(self._path, Sending)
            self._appender.empty()
        if self._appender:
            self._appender.close()


def _named(fields: Sequence[Field], cells: Sequence[str]) -> dict[str, str]:
    return {field.name: cell for field, cell in zip(fields, cells) if cell}


def _cells(fields: Sequence[Field], found: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(found.get(field.name, "") for field in fields)
