"""Every setting and every normalization rule; `python -m src.config` prints the settings."""

from src.config.names import (
    FREE_MAIL_DOMAINS,
    LEGAL_FORMS,
    normalize_address,
    normalize_customer_name,
    normalize_domain,
    normalize_email,
    normalize_phone,
)
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
from src.config.people import (
    normalize_display_name,
    normalize_line,
    normalize_person_email,
    normalize_person_name,
    normalize_person_phone,
)
from src.config.settings import DEMO_REALM, ROOT, SETTINGS, Settings, load, sources
from src.kit.settings import BadSetting

__all__ = [
    "DEFAULT_PREFIXES",
    "DEMO_REALM",
    "DESKTOP_ONLY",
    "FREE_MAIL_DOMAINS",
    "INTERNAL_NAMES",
    "LEGAL_FORMS",
    "LIST_TYPES",
    "ROOT",
    "SETTINGS",
    "TRANSACTION_TYPES",
    "BadSetting",
    "Settings",
    "load",
    "normalize_address",
    "normalize_customer_name",
    "normalize_display_name",
    "normalize_domain",
    "normalize_email",
    "normalize_entity_type",
    "normalize_file_name",
    "normalize_legacy_id",
    "normalize_line",
    "normalize_person_email",
    "normalize_person_name",
    "normalize_person_phone",
    "normalize_phone",
    "normalize_sent_name",
    "normalize_type_class",
    "sources",
]
