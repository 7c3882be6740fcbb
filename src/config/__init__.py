"""Every setting and every normalization rule; `python -m src.config` prints the settings."""

from src.config.normalize import (
    DEFAULT_PREFIXES,
    DESKTOP_ONLY,
    INTERNAL_NAMES,
    LIST_TYPES,
    TRANSACTION_TYPES,
    normalize_entity_type,
    normalize_file_name,
    normalize_legacy_id,
    normalize_sent_name,
    normalize_type_class,
)
from src.config.settings import DEMO_REALM, ROOT, SETTINGS, Settings, load, sources
from src.kit.settings import BadSetting

__all__ = [
    "DEFAULT_PREFIXES",
    "DEMO_REALM",
    "DESKTOP_ONLY",
    "INTERNAL_NAMES",
    "LIST_TYPES",
    "ROOT",
    "SETTINGS",
    "TRANSACTION_TYPES",
    "BadSetting",
    "Settings",
    "load",
    "normalize_entity_type",
    "normalize_file_name",
    "normalize_legacy_id",
    "normalize_sent_name",
    "normalize_type_class",
    "sources",
]
