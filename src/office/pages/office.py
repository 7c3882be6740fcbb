"""What pages are made from: the settings, what is followed, the two syncs, the clock."""

from __future__ import annotations

from typing import NamedTuple

from src.config import Settings
from src.kit.clock import REAL, Clock
from src.kit.sync_manager import SyncManager
from src.office.overview import Watch
from src.office.pages.assets import PLAIN, Assets


class Office(NamedTuple):
    """What a view may ask; views get it as their first argument."""

    settings: Settings
    watch: Watch
    wms: SyncManager
    mis: SyncManager
    clock: Clock = REAL
    assets: Assets = PLAIN
