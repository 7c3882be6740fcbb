"""What a simulated company raises where QuickBooks would answer with an error."""

from __future__ import annotations

from src.adapters.qbo_errors import CODES, Fault


class Refusal(Exception):
    """A request is refused: an HTTP status and the error in the body."""

    def __init__(self, code: str, detail: str, element: str = "", status: int = 400) -> None:
        self.status = status
        text = CODES[code].text if code in CODES else "An error without a name"
        self.fault = Fault(code, text, detail, element)
        super().__init__(str(self.fault))
