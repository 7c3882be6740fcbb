"""The attachments' plan at work, whichever way it goes: files are sent, or taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from src.adapters.qbo import Attachables, Change, Company, shown
from src.attachments.records import PLAN, REVERSE, TakenBack
from src.attachments.removing import (
    Doubts,
    Port,
    RemovalDesk,
    Removals,
    Remover,
    There,
    beside,
)
from src.attachments.upload import Context, Uploads
from src.config import Settings
from src.kit import plans, reading
from src.kit.answers import Answer
from src.kit.delivery import Bind
from src.kit.errors import Refused
from src.kit.receipts import Receipt
from src.kit.requests import Item, Outside
from src.kit.retry import Courtesy
from src.kit.tables import Table
from src.office import connect, pipelines


class Job(NamedTuple):
    """What is to be carried out."""

    settings: Settings
    run_id: str
    table: Table  # of the plan, as it is read
    uploads: Uploads

    @property
    def is_reverse(self) -> bool:
        """Return whether files are taken back."""
        return self.table is REVERSE

    def rows(self) -> reading.Reading:
        """Return the plan, ready to be iterated."""
        return reading.table(pipelines.path_of(self.settings, PLAN), self.table)

    def keep(self) -> None:
        """Keep a reverse plan: what an attempt was about is found there again."""
        if self.is_reverse:
            plans.keep(pipelines.path_of(self.settings, PLAN), self.run_id)


def job(settings: Settings, run_id: str, made: Receipt) -> Job:
    """Return what the plan that lies there asks for."""
    is_reverse = plans.is_reverse(pipelines.path_of(settings, PLAN), PLAN)
    where = (settings.qbo_realm_id, str(settings.files_dir))
    context = Context(*where, made.run_id, settings.log_skips == "rows")
    uploads = Removals(context) if is_reverse else Uploads(context)
    return Job(settings, run_id, REVERSE if is_reverse else PLAN, uploads)


def sides(
    job: Job, desk: RemovalDesk, found: Company, manners: Courtesy
) -> tuple[Outside, Bind]:
    """Return the company for a job, and what binds attempts that earlier runs left open."""
    doubts = Doubts(desk.book.index, _going(job), _applied(job.settings))
    remover = Remover(port(job.settings, found, manners))
    uploads = connect.attachables(job.settings, found, manners)
    outside = beside(uploads, remover, lambda: doubts.items().values())

    def bind(keys: set[str]) -> Mapping[str, Item]:
        gone = {key: item for key, item in doubts.items().items() if key in keys}
        left = keys - gone.keys()
        return {**gone, **(job.uploads.bind(job.rows(), left) if left else {})}

    return outside, bind


def _going(job: Job) -> Iterator[TakenBack]:
    if isinstance(job.uploads, Removals):
        yield from job.uploads.going(job.rows())


def _applied(settings: Settings) -> Iterator[TakenBack]:
    """Yield the rows of the reverse plans that were applied, the newest first."""
    for plan in plans.applied(settings.log_dir, REVERSE):
        try:
            yield from plan
        except Refused:  # it cannot be read to its end
            continue


def port(settings: Settings, company: Company, manners: Courtesy) -> Port:
    """Return what is asked of a company about its attachables, and deleted there."""
    looks = Attachables(connect.query(company, manners))
    ask = manners.asking(lambda found: company.read("Attachable", found))

    def read(found: str) -> There:
        record = ask(found)
        return There(shown(record), record)

    def delete(record: Mapping[str, Any], request_id: str) -> Answer:
        return company.write(Change("delete", "Attachable", record), request_id)

    return Port(read, looks.among, delete, connect.has_marks(settings))
