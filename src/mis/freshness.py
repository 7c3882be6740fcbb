"""Whether what was fetched may be planned with: whole, of this company, newer than a push."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from src.kit import receipts
from src.kit.errors import Refused
from src.kit.reading import Reading, Reject
from src.mis.company import Company
from src.mis.custom_fields import Budget
from src.mis.history import History
from src.mis.records import NAMES, PEOPLE, RUNLOG


def check_company(log_dir: Path, realm_id: str) -> None:
    """Raise Refused where the names are known to be of another company."""
    found = receipts.source(receipts.last(log_dir, NAMES.place, receipts.FILE))
    if found and found != realm_id:
        raise Refused(
            f"{NAMES.place}: is of the company {found}, and QBO_REALM_ID is {realm_id}; "
            f'run "{NAMES.made_by}" again'
        )


def check_whole(log_dir: Path, rows: Reading) -> None:
    """Raise Refused where a name is missing: who is not seen there is created again."""
    fetched = receipts.last(log_dir, NAMES.place, receipts.FILE)
    if rows.rejects:
        problem = f"line {rows.rejects[0].line} cannot be read"
    elif fetched and int(fetched.rows or 0) != rows.count:
        problem = f"has {rows.count:,} rows, {int(fetched.rows or 0):,} were fetched"
    else:
        return
    raise Refused(f'{NAMES.place}: {problem}; run "{NAMES.made_by}" again')


def check_custom_fields(company: Company, budget: Budget) -> None:
    """Raise Refused where it is not known which custom fields the customers have."""
    if company.unshown and budget.definitions:
        raise Refused(
            f"{NAMES.place}: {company.unshown:,} customer(s) were fetched without "
            f"custom fields (CUSTOM_FIELD_MODE was notes); run "
            f'"{NAMES.made_by}" again'
        )


def check_newer(history: History) -> None:
    """Raise Refused where something was sent after the names were fetched."""
    if history.newer:
        raise Refused(
            f"{NAMES.place}: was fetched before {history.newer:,} customer(s) were pushed "
            f'({RUNLOG.place}); run "{NAMES.made_by}" again'
        )


def notes(log_dir: Path, now: datetime, people: Reading) -> Iterator[str]:
    """Yield how old the files are, and whether people are missing."""
    for table in (NAMES, PEOPLE):
        fetched = receipts.last(log_dir, table.place, receipts.FILE)
        if fetched is None:
            yield f"{table.place}: nobody wrote down when it was fetched"
            continue
        ago = (now - datetime.fromisoformat(fetched.ts)).total_seconds()
        yield f"{table.place} was fetched {_duration(ago)} ago"
        count = int(fetched.rows or 0)
        if table is PEOPLE and count != people.count:
            yield f"{table.place}: has {people.count:,} rows, {count:,} were fetched"


def _duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> _duration(59), _duration(3600), _duration(200_000)
    ('less than a minute', '60 minutes', '55 hours')
    """
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes > 120:
        return f"{minutes // 60:,} hours"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def rejected(reject: Reject) -> str:
    """Return why a line could not be read, without anything that stands in it."""
    reason = reject.reason
    if reject.column:  # it begins with the cell, which may be anything
        reason = f"{reject.column} is no {reason.rpartition(' is no ')[2]}"
    return f'{reject.file}: line {reject.line}: {reason}; run "{PEOPLE.made_by}" again'
