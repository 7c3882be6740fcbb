"""Every setting: its name, its default, what it is for, and how its text is parsed.

A setting comes from the environment, else from the file `.env` beside the Makefile
(ENV_FILE names another one), else from its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from src.kit.settings import Setting, Texts
from src.kit.settings import sources as _sources

ROOT = Path(__file__).resolve().parent.parent.parent

DEMO_REALM = "1234567890"  # the simulated company's id
DEMO_END_USER = "end_usr_demo"  # of the simulated company file
SETTINGS = (
    Setting("DATA_DIR", "data", "folder of the stage files"),
    Setting("FILES_DIR", "files", "folder that holds the legacy tree"),
    Setting("LOG_DIR", "logs", "folder of the run logs and receipts"),
    Setting("LEGACY_ID_PREFIX", "80", "prefixes of legacy ids, comma-separated"),
    Setting("ATTACH_LAYOUT", "Attach/{client}/{scope}/{txnid}/{file}", "a file's place"),
    Setting("SCOPE_TYPES", "", "legacy or QuickBooks types to migrate, empty = all"),
    Setting("SCOPE_CLIENTS", "", "clients to migrate, empty = all"),
    Setting("SCOPE_EXTENSIONS", "", "file extensions to migrate, empty = all"),
    Setting("SCOPE_SINCE", "", "leave out files last modified before this date"),
    Setting("SCOPE_MAX_MB", "", "leave out files above this size in MB"),
    Setting("QBO_API", "fake", "fake = a simulated company in process, http = a real one"),
    Setting("QBO_ENVIRONMENT", "sandbox", "sandbox or production: picks Intuit's hosts"),
    Setting("QBO_BASE_URL", "", "another host, such as a local fake_qbo_server"),
    Setting("QBO_REALM_ID", DEMO_REALM, "the company's id"),
    Setting("QBO_CLIENT_ID", "", "the app's key, from developer.intuit.com"),
    Setting("QBO_CLIENT_SECRET", "", "the app's secret", secret=True),
    Setting(
        "QBO_REDIRECT_URI", "http://localhost:8000/callback", "as registered with the app"
    ),
    Setting("QBO_TOKEN_FILE", "~/.carryover/qbo_token.json", "where the login is kept"),
    Setting("QBO_DEADLINE_SECONDS", "60", "longest request, and 1 s more per 100 kB"),
    Setting("QBO_FILES_PER_REQUEST", "10", "files sent together, at most 8 MB"),
    Setting("QBO_REQUESTS_PER_MINUTE", "", "empty = 500, no limit for fake"),
    Setting("QBO_PARALLEL", "", "requests in flight, empty = 10, 1 for fake"),
    Setting("QBO_SETTLE_SECONDS", "", "wait before a look-up, empty = 120, 0 for fake"),
    Setting("QBO_BACKOFF_SECONDS", "", "first wait before a retry, 0.5, 0.01 for fake"),
    Setting("DATABASE_URL", "", "empty = SQLite in DATA_DIR, or postgresql://…", secret=True),
    Setting("BATCH_SIZE", "500", "records written to the database together"),
    Setting("SALESPRO_TIMEZONE", "", "zone of timestamps without one: +02:00, Africa/Kigali"),
    Setting("CONDUCTOR_API", "fake", "fake = a simulated company file, http = Conductor"),
    Setting("CONDUCTOR_BASE_URL", "", "another host, such as a fake_conductor_server"),
    Setting("CONDUCTOR_SECRET_KEY", "", "sk_conductor_…, from Conductor", secret=True),
    Setting("CONDUCTOR_END_USER_ID", DEMO_END_USER, "the company file's end user"),
    Setting("CONDUCTOR_DEADLINE_SECONDS", "120", "longest request; QuickBooks has 90"),
    Setting("CONDUCTOR_SETTLE_SECONDS", "", "wait before a look-up, empty = 120, 0 for fake"),
    Setting("WMS_DATABASE_URL", "", "empty = wms.db in DATA_DIR, or postgresql://…", secret=True),
    Setting("WMS_SKEW_SECONDS", "120", "changes nearer than this have no order"),
    Setting("MIS_DATABASE_URL", "", "empty = mis.db in DATA_DIR, or mysql://…", secret=True),
    Setting("MIS_PUSHED_BY", "System Auto Push", "what pushed_by says in the MIS"),
    Setting("MIS_NAME_TEMPLATE", "{name} ({id})", "a customer's name where its own is taken"),
    Setting("CUSTOM_FIELD_MODE", "notes", "notes, enhanced (custom fields) or both"),
    Setting("CUSTOM_FIELD_IDS", "", "definitions there are: Campus=1000000001, Intake=…"),
    Setting("LOG_SKIPS", "rows", "rows = one line per skip, summary = one per run"),
    Setting("SERVE_TOKEN", "", "what serve asks for; needed off this machine", secret=True),
    Setting("FAKE_QBO_FAIL_RATE", "0.1", "share of simulated requests that fail"),
    Setting("FAKE_QBO_SEED", "1", "seed of the simulated failures"),
    Setting("FAKE_QBO_REQUEST_IDS", "honoured", "or ignored, or forgotten (restart)"),
    Setting("FAKE_CONDUCTOR_FAIL_RATE", "0", "share of simulated requests that fail"),
    Setting("FAKE_CONDUCTOR_SEED", "1", "seed of the simulated failures"),
    Setting("RUN_ID", "", "fixed id of the run, for reproducible files"),
)


class Settings(NamedTuple):
    """Every setting, parsed. Folders are absolute."""

    data_dir: Path
    files_dir: Path
    log_dir: Path
    legacy_id_prefixes: tuple[str, ...]
    attach_layout: str
    scope_types: frozenset[str]
    scope_clients: frozenset[str]
    scope_extensions: frozenset[str]
    scope_since: str  # ISO date, compares with timestamps as text
    scope_max_bytes: int  # 0 = no limit
    qbo_api: str
    qbo_environment: str
    qbo_base_url: str  # empty = Intuit's
    qbo_realm_id: str
    qbo_client_id: str
    qbo_client_secret: str
    qbo_redirect_uri: str
    qbo_token_file: Path
    qbo_deadline_seconds: float
    qbo_files_per_request: int
    qbo_requests_per_minute: int  # 0 = no limit
    qbo_parallel: int
    qbo_settle_seconds: float
    qbo_backoff_seconds: float
    database_url: str  # empty = SQLite
    batch_size: int
    salespro_timezone: str  # see clock.zone; empty = a timestamp without one is refused
    conductor_api: str
    conductor_base_url: str  # empty = Conductor's
    conductor_secret_key: str
    conductor_end_user_id: str
    conductor_deadline_seconds: float
    conductor_settle_seconds: float
    wms_database_url: str  # empty = SQLite
    wms_skew_seconds: float
    mis_database_url: str  # empty = SQLite
    mis_pushed_by: str
    mis_name_template: str
    custom_field_mode: str
    custom_field_ids: Mapping[str, str]  # name of the field -> DefinitionId
    log_skips: str
    serve_token: str  # empty = whoever is on this machine may ask
    fake_qbo_fail_rate: float
    fake_qbo_seed: str
    fake_qbo_request_ids: str
    fake_conductor_fail_rate: float
    fake_conductor_seed: str

    @property
    def fake_qbo_dir(self) -> Path:
        """Return the folder that holds the simulated company."""
        return self.data_dir / "fake_qbo"

    @property
    def database_file(self) -> Path:
        """Return where the SQLite database lies."""
        return self.data_dir / "carryover.db"

    @property
    def fake_conductor_dir(self) -> Path:
        """Return the folder that holds the simulated company file of QuickBooks Desktop."""
        return self.data_dir / "fake_conductor"

    @property
    def wms_database_file(self) -> Path:
        """Return where the warehouse's SQLite database lies."""
        return self.data_dir / "wms.db"

    @property
    def mis_database_file(self) -> Path:
        """Return where the demo's MIS lies."""
        return self.data_dir / "mis.db"


def load(environ: Mapping[str, str]) -> Settings:
    """Return the settings in force; create DATA_DIR and LOG_DIR.

    Raises BadSetting with the name, the value and what would do.
    """
    settings = parse(sources(environ))
    for folder in (settings.data_dir, settings.log_dir):
        folder.mkdir(parents=True, exist_ok=True)
    return settings


def sources(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return each setting's text and where it came from."""
    return _sources(SETTINGS, environ, ROOT / ".env")


# Defaults that depend on the company: requests a minute, in flight, settle, backoff.
_LOCAL = ("0", "1", "0", "0.01")
_REMOTE = ("500", "10", "120", "0.5")
_REQUEST_IDS = ("honoured", "ignored", "forgotten")


def parse(found: Mapping[str, tuple[str, str]]) -> Settings:
    """Return the settings that texts and their sources stand for; raises BadSetting."""
    texts = Texts({name: text for name, (text, _) in found.items()}, ROOT)
    api = texts.choice("QBO_API", ("fake", "http"))
    minute, parallel, settle, backoff = _LOCAL if api == "fake" else _REMOTE
    extensions = texts.folded("SCOPE_EXTENSIONS")
    return Settings(
        data_dir=texts.path("DATA_DIR", "a folder such as data"),
        files_dir=texts.path("FILES_DIR", "a folder such as files"),
        log_dir=texts.path("LOG_DIR", "a folder such as logs"),
        legacy_id_prefixes=tuple(map(str.upper, texts.words("LEGACY_ID_PREFIX"))),
        attach_layout=texts.text("ATTACH_LAYOUT").strip("/ "),
        scope_types=texts.folded("SCOPE_TYPES"),
        scope_clients=texts.folded("SCOPE_CLIENTS"),
        scope_extensions=frozenset("." + word.lstrip(".") for word in extensions),
        scope_since=texts.date("SCOPE_SINCE"),
        scope_max_bytes=round(texts.number("SCOPE_MAX_MB", "0") * 1_000_000),
        qbo_api=api,
        qbo_environment=texts.choice("QBO_ENVIRONMENT", ("sandbox", "production")),
        qbo_base_url=texts.url("QBO_BASE_URL").rstrip("/"),
        qbo_realm_id=texts.text("QBO_REALM_ID"),
        qbo_client_id=texts.text("QBO_CLIENT_ID"),
        qbo_client_secret=texts.text("QBO_CLIENT_SECRET"),
        qbo_redirect_uri=texts.text("QBO_REDIRECT_URI"),
        qbo_token_file=texts.path("QBO_TOKEN_FILE", "a file such as ~/token.json"),
        qbo_deadline_seconds=texts.number("QBO_DEADLINE_SECONDS", "60", 3600),
        qbo_files_per_request=texts.whole("QBO_FILES_PER_REQUEST", "10", 1),
        qbo_requests_per_minute=texts.whole("QBO_REQUESTS_PER_MINUTE", minute),
        qbo_parallel=texts.whole("QBO_PARALLEL", parallel, 1),
        qbo_settle_seconds=texts.number("QBO_SETTLE_SECONDS", settle),
        qbo_backoff_seconds=texts.number("QBO_BACKOFF_SECONDS", backoff),
        database_url=texts.database_url("DATABASE_URL"),
        batch_size=texts.whole("BATCH_SIZE", "500", 1),
        salespro_timezone=texts.zone("SALESPRO_TIMEZONE"),
        **_desktop(texts),
        **_mis(texts),
        log_skips=texts.choice("LOG_SKIPS", ("rows", "summary")),
        serve_token=texts.text("SERVE_TOKEN"),
        fake_qbo_fail_rate=texts.number("FAKE_QBO_FAIL_RATE", "0.1", 1.0),
        fake_qbo_seed=texts.text("FAKE_QBO_SEED"),
        fake_qbo_request_ids=texts.choice("FAKE_QBO_REQUEST_IDS", _REQUEST_IDS),
    )


def _desktop(texts: Texts) -> dict[str, Any]:
    """Return what concerns QuickBooks Desktop and the warehouse."""
    api = texts.choice("CONDUCTOR_API", ("fake", "http"))
    settle = "0" if api == "fake" else "120"
    return {
        "conductor_api": api,
        "conductor_base_url": texts.url("CONDUCTOR_BASE_URL").rstrip("/"),
        "conductor_secret_key": texts.text("CONDUCTOR_SECRET_KEY"),
        "conductor_end_user_id": texts.text("CONDUCTOR_END_USER_ID"),
        "conductor_deadline_seconds": texts.number("CONDUCTOR_DEADLINE_SECONDS", "120", 3600),
        "conductor_settle_seconds": texts.number("CONDUCTOR_SETTLE_SECONDS", settle),
        "wms_database_url": texts.database_url("WMS_DATABASE_URL"),
        "wms_skew_seconds": texts.number("WMS_SKEW_SECONDS", "120"),
        "fake_conductor_fail_rate": texts.number("FAKE_CONDUCTOR_FAIL_RATE", "0", 1.0),
        "fake_conductor_seed": texts.text("FAKE_CONDUCTOR_SEED"),
    }


_MODES = ("notes", "enhanced", "both")


def _mis(texts: Texts) -> dict[str, Any]:
    """Return what concerns the MIS and its customers."""
    return {
        "mis_database_url": texts.database_url("MIS_DATABASE_URL", "mysql", "mariadb"),
        "mis_pushed_by": texts.text("MIS_PUSHED_BY"),
        "mis_name_template": texts.template("MIS_NAME_TEMPLATE", ("name", "id")),
        "custom_field_mode": texts.choice("CUSTOM_FIELD_MODE", _MODES),
        "custom_field_ids": texts.pairs("CUSTOM_FIELD_IDS"),
    }
