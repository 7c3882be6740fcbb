"""What a cell of an export means: moments, amounts, yes and no; nothing is guessed.

A rule turns the cells of a block's column into values and says which cells are wrong. A
block in which nothing is odd costs one look at the whole of it, any other cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone, tzinfo
from functools import partial

from src.kit.database import Value

Wrong = dict[int, str]  # what is wrong, by the cell's place in its block
Rule = Callable[[Sequence[str]], tuple[list[Value], Wrong]]
One = Callable[[str], Value]  # of one cell; raises ValueError

SELF_EXPLAINING = "Could not parse"  # such a reason needs no column's name before it
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_USUAL = rf"(?:{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{3}}Z)?"
_ALL_USUAL = re.compile(f"{_USUAL}(?:\n{_USUAL})*")
_MOMENT = re.compile(
    rf"({_DAY})[T ]([0-9]{{2}}:[0-9]{{2}})(?::([0-9]{{2}})(?:\.([0-9]{{1,6}}))?)?"
    r" ?(?:([Zz])|([+-][0-9]{2}):?([0-5][0-9])?)?"
)
_MONEY = re.compile(
    r"(-|\()?\$?(?=\.?[0-9])([0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?(\))?"
)
_AMERICAN_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_IN_PARENTHESES = re.compile(r"\(([^()]*)\)")
WHOLE_DIGITS = 13  # of an amount, as numeric(15,2) takes them
_YES = frozenset("true 1 yes y t active".split())
_NO = frozenset(["", *"false 0 no n f inactive".split()])


def moments(zone: tzinfo | None) -> Rule:
    """Return the rule of ISO timestamps; `zone` is that of those without one.

    The values are UTC ISO-8601 with microseconds, so that they compare as texts.
    """
    one = partial(moment, zone=zone)
    days: set[str] = set()

    def rule(cells: Sequence[str]) -> tuple[list[Value], Wrong]:
        joined = "\n".join(cells)
        if joined.count("\n") != len(cells) - 1 or not _ALL_USUAL.fullmatch(joined):
            return _each(cells, one)
        new = {cell[:10] for cell in cells} - days - {""}
        if not all(map(_is_day, new)):
            return _each(cells, one)
        days.update(new)
        return [cell[:-1] + "000+00:00" if cell else None for cell in cells], {}

    return rule


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def moment(text: str, zone: tzinfo | None) -> str | None:
    """Return the UTC moment that an ISO timestamp names, None for a blank.

    >>> moment("2025-06-06 00:16+02:00", None)
    '2025-06-05T22:16:00.000000+00:00'
    """
    cell = text.strip()
    if not cell:
        return None
    found = _MOMENT.fullmatch(cell)
    if not found:
        raise ValueError(_no_moment(text, _expected(cell)))
    day, minutes, seconds, fraction, utc, hours, more = found.groups()
    offset = "+00:00" if utc else f"{hours}:{more or '00'}" if hours else ""
    precise = (
        f"{day}T{minutes}:{seconds or '00'}.{(fraction or '').ljust(6, '0')}{offset}"
    )
    try:
        at = datetime.fromisoformat(precise)
        if at.tzinfo is None:
            at = _in_zone(at, zone, text)
        return at.astimezone(timezone.utc).isoformat(timespec="microseconds")
    except (OverflowError, ValueError) as error:
        is_ours = str(error).startswith(SELF_EXPLAINING)
        said = str(error) if is_ours else _no_moment(text, _expected(cell))
        raise ValueError(said) from None


def _expected(cell: str) -> str:
    """Return what should stand there, and what of it is missing or is not true."""
    such = "as in 2025-06-06T00:16:45.538Z"
    if not re.match(_DAY, cell):
        return f"expected date, time and zone, {such}"
    if not _is_day(cell[:10]):
        return f"expected a date that exists, {such}"
    if len(cell) == 10:
        return f"it is a date without time and zone, expected both, {such}"
    return f"expected a time and a zone that exist, {such}"


def _in_zone(at: datetime, zone: tzinfo | None, text: str) -> datetime:
    if zone is None:
        raise ValueError(
            _no_moment(text, "it names no time zone, set SALESPRO_TIMEZONE")
        )
    first, second = (at.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ValueError(
            _no_moment(text, "the clocks changed then; write its offset, as +02:00")
        )
    return first


def _no_moment(text: str, way_out: str) -> str:
    return f"Could not parse datetime: {text[:60]}; {way_out}"


def amount(text: str) -> str | None:
    """Return the digits of an amount of money, None for a blank.

    A point is the decimal point and commas part thousands, as SalesPro writes them.
    More than two decimals, or a comma elsewhere, is another country's or a slip.

    >>> [amount(text) for text in ("$1,234.50", "1234.5", "(12.00)", "")]
    ['1234.50', '1234.5', '-12.00', None]
    """
    cell = text.strip()
    if not cell:
        return None
    found = _MONEY.fullmatch(cell)
    if not found or (found[1] == "(") != bool(found[4]):
        raise ValueError(
            f"Could not parse amount: {text[:60]}; expected one such as 1234.50 or "
            "$1,234.50"
        )
    whole = found[2].replace(",", "").lstrip("0") or "0"
    if len(whole) > WHOLE_DIGITS:
        raise ValueError(f"Could not parse amount: {text[:60]}; more than 15 digits")
    digits = f"{whole}.{found[3]}" if found[3] else whole
    return f"-{digits}" if found[1] and digits.strip("0.") else digits


def price(text: str) -> str | None:
    """Return an amount that a sale can have: what was sold is never worth less than 0.

    A negative one is a refund or a slip, and the export has no word for either.
    """
    found = amount(text)
    if found and found.startswith("-"):
        raise ValueError(
            f"negative amount: {text[:60]}; a sale is not negative, correct the row"
        )
    return found


def flag(text: str) -> bool:
    """Return whether a cell says yes; a blank says no.

    >>> flag("TRUE"), flag("n"), flag("")
    (True, False, False)
    """
    folded = text.strip().lower()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise ValueError(f"neither yes nor no: {text[:60]}; expected TRUE or FALSE")


def day(text: str) -> str | None:
    """Return a date as ISO writes it, None for a blank.

    With slashes it is read as month/day/year, which is what SalesPro writes; a first
    number above 12 is therefore refused.

    >>> day("2025-06-18"), day("6/18/2025")
    ('2025-06-18', '2025-06-18')
    """
    cell = text.strip()
    if not cell:
        return None
    american = _AMERICAN_DAY.fullmatch(cell)
    iso = "{2}-{0:0>2}-{1:0>2}".format(*american.groups()) if american else cell
    if not re.fullmatch(_DAY, iso) or not _is_day(iso):
        raise ValueError(
            f"Could not parse date: {text[:60]}; expected 2025-06-18 or 06/18/2025"
        )
    return iso


def office(text: str, limit: int = 0) -> str | None:
    """Return the id of an office: what stands last in parentheses behind its name.

    >>> office("Denver (main) (D12)"), office("Denver")
    ('D12', None)
    """
    found = _IN_PARENTHESES.findall(text)
    return _short(found[-1].strip() or None, limit) if found else None


def texts(limit: int) -> Rule:
    """Return the rule of texts that a column of so many characters takes (0: any)."""

    def one(text: str) -> str | None:
        return _short(text or None, limit)

    def rule(cells: Sequence[str]) -> tuple[list[Value], Wrong]:
        if limit and max(map(len, cells)) > limit:
            return _each(cells, one)
        return [cell or None for cell in cells], {}

    return rule


def _short(found: str | None, limit: int) -> str | None:
    if limit and found and len(found) > limit:
        raise ValueError(
            f"{len(found):,} characters, {limit} at most; shorten it: {found[:40]}"
        )
    return found


def distinct(one: One) -> Rule:
    """Return the rule of cells that repeat: each spelling is looked at once a block."""

    def rule(cells: Sequence[str]) -> tuple[list[Value], Wrong]:
        try:
            found = {cell: one(cell) for cell in set(cells)}
        except ValueError:
            return _each(cells, one)
        return [found[cell] for cell in cells], {}

    return rule


def _each(cells: Sequence[str], one: One) -> tuple[list[Value], Wrong]:
    found: list[Value] = []
    wrong: Wrong = {}
    for place, cell in enumerate(cells):
        value = None
        try:
            value = one(cell)
        except ValueError as error:
            wrong[place] = str(error)
        found.append(value)
    return found, wrong
