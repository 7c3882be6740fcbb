"""The two synchronizations as pages show them: what differs between them, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from src.kit.sessions import FETCHED, PLANNED
from src.kit.living import Subject
from src.kit.sync_manager import SyncManager
from src.mis import counting as mis
from src.mis.customer_sync import BATCH_SIZE
from src.office.pages.office import Office
from src.office.pipelines import MIS, WMS, Pipeline
from src.wms import counting as wms


class Sync(NamedTuple):
    """One synchronization."""

    pipeline: Pipeline
    title: str
    about: str
    subject: Subject
    stages: Mapping[str, str]  # what is at work after the stage that ended last
    door: str  # that writes what was planned, in a session or by itself
    record: tuple[str, ...]  # columns of the run log: type, ids, name
    batch_size: int = 0  # that is proposed; 0 = it has none

    @property
    def name(self) -> str:
        """Return what it is called in addresses."""
        return self.pipeline.name

    @property
    def place(self) -> str:
        """Return the address of its page."""
        return f"/sync/{self.name}"

    @property
    def log(self) -> str:
        """Return what its run log is called in addresses."""
        return self.pipeline.log.name.removesuffix(".csv")

    @property
    def plan(self) -> str:
        """Return what its plan is called in addresses."""
        return self.pipeline.decided_in.rpartition("/")[2].removesuffix(".csv")

    def manager(self, office: Office) -> SyncManager:
        """Return what starts, cancels and shows its sessions."""
        return office.wms if self.pipeline is WMS else office.mis


OF_WMS = Sync(
    WMS,
    "WMS synchronization",
    "Brings the warehouse and QuickBooks Desktop to the same state: what changed is "
    "fetched from both, planned as one card per field, and written where nothing waits "
    "for a person.",
    wms.SUBJECT,
    {"": "fetching", FETCHED: "planning", PLANNED: "writing to both sides"},
    "wms_apply",
    ("type", "id", "wms_id", "name"),
)
OF_MIS = Sync(
    MIS,
    "MIS synchronization",
    "Sends applicants and students of the MIS to QuickBooks Online as customers: people "
    "are read, names are planned, and what is new or changed is sent in batches.",
    mis.SUBJECT,
    {"": "fetching", FETCHED: "planning", PLANNED: "sending to QuickBooks"},
    "mis_push",
    ("type", "quickbooks_id", "mis_id", "display_name"),
    BATCH_SIZE,
)
SYNCS = {sync.name: sync for sync in (OF_WMS, OF_MIS)}
