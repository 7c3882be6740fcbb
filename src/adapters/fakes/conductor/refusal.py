"""What a simulated company file raises where Conductor or QuickBooks answers an error.

Statuses, codes and texts are Conductor's and qbXML's where somebody has seen them. What
nobody has established stands in `UNKNOWN`, in one place.
"""

from __future__ import annotations

from typing import NamedTuple

INTEGRATION = "INTEGRATION_ERROR"
CONNECTION = "INTEGRATION_CONNECTION_ERROR"
INVALID = "INVALID_REQUEST_ERROR"
AUTHENTICATION = "AUTHENTICATION_ERROR"
PERMISSION = "PERMISSION_ERROR"
INTERNAL = "INTERNAL_ERROR"
GENERIC = "An internal server error occurred. Please try again."
PARSE_ERROR = "0x80040400"  # what QuickBooks answers to a request it cannot parse
NOT_THERE = "500"  # a query names something that is not there


class Guess(NamedTuple):
    """How an answer looks that nobody has described."""

    status: int
    type: str
    code: str
    integration_code: str = ""


UNKNOWN = {
    "validation": Guess(400, INVALID, "INVALID_REQUEST"),
    "missing route": Guess(404, INVALID, "RESOURCE_MISSING"),
    "unknown end user": Guess(404, INVALID, "RESOURCE_MISSING"),
    "unknown record, Conductor's way": Guess(404, INVALID, "RESOURCE_MISSING"),
    "unknown record, QuickBooks' way": Guess(502, INTEGRATION, "QBD_REQUEST_ERROR", "500"),
    "cursor": Guess(400, INVALID, "INVALID_CURSOR"),
    "permission": Guess(403, PERMISSION, "PERMISSION_DENIED"),
    "rate limit": Guess(429, INVALID, "RATE_LIMIT_EXCEEDED"),
    "internal": Guess(500, INTERNAL, "INTERNAL_ERROR"),
    "empty transaction": Guess(502, INTEGRATION, "QBD_REQUEST_ERROR", "3180"),
    "either or": Guess(502, INTEGRATION, "QBD_REQUEST_ERROR", PARSE_ERROR),
    "foreign line": Guess(502, INTEGRATION, "QBD_REQUEST_ERROR", "3120"),
    "colon in a name": Guess(502, INTEGRATION, "QBD_REQUEST_ERROR", "3000"),
}


class Refusal(Exception):
    """A request is refused: an HTTP status and the fields of the error in the body."""

    status: int
    type: str
    code: str
    message: str
    user_message: str
    integration_code: str
    retry_after: str = ""  # seconds that a program is asked to wait

    def __init__(self, guess: Guess, message: str, user_message: str = "") -> None:
        self.status, self.type, self.code, self.integration_code = guess
        self.message = message
        self.user_message = user_message or message
        super().__init__(message)

    def body(self, request_id: str = "req_simulated") -> dict[str, dict[str, object]]:
        """Return the answer's JSON; integrationCode is left out where there is none."""
        error: dict[str, object] = {
            "message": self.message,
            "userFacingMessage": self.user_message,
            "type": self.type,
            "code": self.code,
            "httpStatusCode": self.status,
            "requestId": request_id,
        }
        if self.integration_code:
            error["integrationCode"] = self.integration_code
        return {"error": error}


# --- before QuickBooks is asked -------------------------------------------------------


def invalid(message: str) -> Refusal:
    """Return the refusal of a body or query that Conductor's own checks stop."""
    return Refusal(UNKNOWN["validation"], message, GENERIC)


def bad_key() -> Refusal:
    """Return the refusal of a secret key."""
    return Refusal(
        Guess(401, AUTHENTICATION, "API_KEY_INVALID"),
        "The API key in the request is invalid.",
    )


def forbidden() -> Refusal:
    """Return the refusal of what a key may not do."""
    return Refusal(UNKNOWN["permission"], "This API key may not access the resource.")


def no_route(path: str) -> Refusal:
    """Return the refusal of a path that is none."""
    return Refusal(UNKNOWN["missing route"], f"No such route: {path}")


def no_end_user(found: str) -> Refusal:
    """Return the refusal of an end user that nobody knows."""
    return Refusal(UNKNOWN["unknown end user"], f"No such EndUser: '{found}'")


def rate_limited() -> Refusal:
    """Return the refusal of too many requests."""
    return Refusal(UNKNOWN["rate limit"], "Too many requests; try again later.")


def broken() -> Refusal:
    """Return Conductor's own failure."""
    return Refusal(UNKNOWN["internal"], "An internal error occurred.", GENERIC)


def bad_cursor(reason: str) -> Refusal:
    """Return the refusal of a cursor: expired, at its end, or nobody's."""
    return Refusal(UNKNOWN["cursor"], f"The cursor {reason}; start the list again.")


# --- the line to QuickBooks -----------------------------------------------------------


def not_set_up() -> Refusal:
    """Return the refusal of a company whose Web Connector was never set up."""
    return Refusal(
        Guess(409, CONNECTION, "INTEGRATION_CONNECTION_NOT_SET_UP"),
        "The end user has not finished setting up the QuickBooks Desktop connection.",
    )


def not_active() -> Refusal:
    """Return the refusal while the Web Connector is offline."""
    return Refusal(
        Guess(409, CONNECTION, "INTEGRATION_CONNECTION_NOT_ACTIVE"),
        "The QuickBooks Web Connector is not running on the end user's computer.",
    )


def no_connection(hresult: str = "0x80040420") -> Refusal:
    """Return that QuickBooks refused the connection."""
    return Refusal(
        Guess(502, CONNECTION, "QBD_CONNECTION_ERROR", hresult),
        f"QBD Connection Error ({hresult}): QuickBooks denied access to the company file.",
    )


def timed_out() -> Refusal:
    """Return that QuickBooks did not answer in time; it may have done the work."""
    return Refusal(
        Guess(504, CONNECTION, "QBD_REQUEST_TIMEOUT"),
        "Request timed out after 90 seconds",
    )


# --- QuickBooks itself ----------------------------------------------------------------


def rejected(integration_code: str, told: str) -> Refusal:
    """Return what QuickBooks itself refuses, by its status code."""
    guess = Guess(502, INTEGRATION, "QBD_REQUEST_ERROR", integration_code)
    return Refusal(guess, f"QBD Request Error ({integration_code}): {told}", told)


def stale(given: str) -> Refusal:
    """Return the refusal of a revision that is not the newest."""
    return rejected(
        "3200",
        f'The provided revision number (edit sequence) "{given}" is out-of-date.',
    )


def duplicate_name(name: str) -> Refusal:
    """Return the refusal of a name that another record has."""
    return rejected("3100", f'The name "{name}" of the list element is already in use.')


def not_in_query(found: str) -> Refusal:
    """Return the refusal of a query that names something that is not there."""
    return rejected(
        NOT_THERE,
        "The query request has not been fully completed. There was a required element "
        f'("{found}") that could not be found in QuickBooks.',
    )


def missing(found: str, is_404: bool = False) -> Refusal:
    """Return the refusal to read a record that is not there."""
    if is_404:
        guess = UNKNOWN["unknown record, Conductor's way"]
        return Refusal(guess, f"No such record: '{found}'")
    return not_in_query(found)


def not_found(found: str) -> Refusal:
    """Return the refusal to change or delete a record that is not there."""
    return rejected(
        "3120", f'Object "{found}" specified in the request cannot be found.'
    )


def bad_reference(what: str, found: str, place: str) -> Refusal:
    """Return the refusal of a reference to nothing."""
    return rejected(
        "3140",
        f'There is an invalid reference to QuickBooks {what} "{found}" in the {place}.',
    )


def in_use(code: str = "3175") -> Refusal:
    """Return the refusal while somebody has the record open."""
    return rejected(
        code,
        "The request failed because it is already in use. QuickBooks error message: "
        "The list element is in use.",
    )


def referred_to(found: str) -> Refusal:
    """Return the refusal to delete what others refer to."""
    return rejected("3160", f'Cannot delete the object "{found}": it is referred to.')


def not_understood(kind: str, told: str) -> Refusal:
    """Return a refusal whose looks are a guess, by its name in `UNKNOWN`."""
    guess = UNKNOWN[kind]
    if not guess.integration_code:
        return Refusal(guess, told)
    return Refusal(
        guess, f"QBD Request Error ({guess.integration_code}): {told}", told
    )
