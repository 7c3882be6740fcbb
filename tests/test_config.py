"""Settings: where they come from, which are refused; the normalization rules."""

import doctest
import importlib
import os
import pkgutil
import random
import subprocess
import sys
import unicodedata

import pytest

from src import config, kit
from src.config import __main__ as settings_door
from src.kit.settings import Setting, shown_value

MODULES = [
    "src.config",
    *(f"src.kit.{module.name}" for module in pkgutil.iter_modules(kit.__path__)),
]


@pytest.fixture
def load(tmp_path):
    """Return what loads the settings from the given variables alone."""

    def load(**environ: str) -> config.Settings:
        folders = {"DATA_DIR": f"{tmp_path}/data", "LOG_DIR": f"{tmp_path}/logs"}
        return config.load({"ENV_FILE": os.devnull, **folders, **environ})

    return load


@pytest.fixture
def env_file(tmp_path):
    """Return what writes an `.env` file and returns the variable that names it."""

    def write(text: str, encoding: str = "utf-8") -> dict[str, str]:
        path = tmp_path / "settings.env"
        path.write_text(text, encoding)
        return {"ENV_FILE": str(path)}

    return write


# --- where a setting comes from -------------------------------------------------------


def test_every_setting_has_a_default_that_can_be_used(load):
    settings = load()

    assert settings.qbo_api == "fake"
    assert settings.legacy_id_prefixes == ("80",)
    assert settings.attach_layout == "Attach/{client}/{scope}/{txnid}/{file}"
    assert (
        settings.scope_types
        == settings.scope_clients
        == settings.scope_extensions
        == set()
    )
    assert (settings.scope_since, settings.scope_max_bytes) == ("", 0)
    assert (settings.qbo_files_per_request, settings.qbo_parallel) == (10, 1)
    assert (settings.qbo_requests_per_minute, settings.qbo_settle_seconds) == (0, 0.0)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(env_file):
    environ = env_file("QBO_REALM_ID=file\nFAKE_QBO_SEED=file\n") | {
        "QBO_REALM_ID": "own"
    }

    found = config.sources(environ)

    assert found["QBO_REALM_ID"] == ("own", "environment")
    assert found["FAKE_QBO_SEED"] == ("file", ".env")
    assert found["QBO_API"] == ("fake", "default")
    assert list(found) == [setting.name for setting in config.SETTINGS]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("FAKE_QBO_SEED=a b", "a b"),
        ("  export FAKE_QBO_SEED = a ", "a"),
        ("FAKE_QBO_SEED='a # b'", "a # b"),
        ('FAKE_QBO_SEED="a"', "a"),
        ("FAKE_QBO_SEED=a # a comment", "a"),
        ("FAKE_QBO_SEED=a#b=c", "a#b=c"),
        ("# FAKE_QBO_SEED=no\n\nFAKE_QBO_SEED=é\r", "é"),
        ("FAKE_QBO_SEED=1\nFAKE_QBO_SEED=2", "2"),
        ("FAKE_QBO_SEED=", ""),
        ("FAKE_QBO_SEED='", "'"),
    ],
)
def test_a_line_of_the_file_is_read_as_a_shell_would(line, value, env_file):
    assert config.sources(env_file(line))["FAKE_QBO_SEED"] == (value, ".env")


def test_a_byte_order_mark_in_the_file_does_not_matter(env_file):
    assert config.sources(env_file("RUN_ID=1", "utf-8-sig"))["RUN_ID"] == ("1", ".env")


def test_a_line_without_an_equals_sign_is_named(env_file):
    with pytest.raises(
        config.BadSetting, match=r"settings.env: line 2: expected NAME=value"
    ):
        config.sources(env_file("RUN_ID=1\nrubbish\n"))


def test_a_file_that_is_no_text_is_named(env_file):
    with pytest.raises(config.BadSetting, match="settings.env: is no UTF-8 text"):
        config.sources(env_file("RUN_ID=é", "latin-1"))


def test_a_file_that_was_named_and_is_not_there_is_refused(tmp_path):
    with pytest.raises(config.BadSetting, match="ENV_FILE=.*none.env: no such file"):
        config.sources({"ENV_FILE": f"{tmp_path}/none.env"})


def test_the_folders_of_data_and_logs_are_made(load, tmp_path):
    settings = load(
        DATA_DIR=f"{tmp_path}/a/b", LOG_DIR=f"{tmp_path}/c", FILES_DIR="files"
    )

    assert settings.data_dir == tmp_path / "a" / "b" and settings.data_dir.is_dir()
    assert settings.log_dir == tmp_path / "c" and settings.log_dir.is_dir()
    assert settings.files_dir == config.ROOT / "files"
    assert settings.fake_qbo_dir == settings.data_dir / "fake_qbo"


# --- values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("LEGACY_ID_PREFIX", " 80, ab ,,", "legacy_id_prefixes", ("80", "AB")),
        ("LEGACY_ID_PREFIX", "", "legacy_id_prefixes", ()),
        ("ATTACH_LAYOUT", "/{txnid}/{file}/ ", "attach_layout", "{txnid}/{file}"),
        ("SCOPE_TYPES", "Bill, TXN", "scope_types", {"bill", "txn"}),
        ("SCOPE_CLIENTS", "Smith & Co", "scope_clients", {"smith & co"}),
        ("SCOPE_EXTENSIONS", "PDF, .Jpg", "scope_extensions", {".pdf", ".jpg"}),
        ("SCOPE_SINCE", " 2015-08-26 ", "scope_since", "2015-08-26"),
        ("SCOPE_MAX_MB", "2.5", "scope_max_bytes", 2_500_000),
        ("QBO_API", " FAKE ", "qbo_api", "fake"),
        ("QBO_FILES_PER_REQUEST", "1", "qbo_files_per_request", 1),
        ("QBO_REQUESTS_PER_MINUTE", "500", "qbo_requests_per_minute", 500),
        ("QBO_PARALLEL", "", "qbo_parallel", 1),
        ("QBO_SETTLE_SECONDS", "0.5", "qbo_settle_seconds", 0.5),
        ("LOG_SKIPS", "Summary", "log_skips", "summary"),
        ("FAKE_QBO_FAIL_RATE", "0", "fake_qbo_fail_rate", 0.0),
        ("FAKE_QBO_FAIL_RATE", "1", "fake_qbo_fail_rate", 1.0),
        ("FAKE_QBO_REQUEST_IDS", "ignored", "fake_qbo_request_ids", "ignored"),
    ],
)
def test_a_good_value_is_understood(name, text, field, value, load):
    assert getattr(load(**{name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "way_out"),
    [
        ("QBO_API", "real", "choose one of fake, http"),
        ("LOG_SKIPS", "", "choose one of rows, summary"),
        ("FAKE_QBO_REQUEST_IDS", "yes", "choose one of honoured, ignored, forgotten"),
        ("SCOPE_MAX_MB", "-1", "expected a number such as 0"),
        ("SCOPE_MAX_MB", "9" * 400, "expected at most 1e+12"),
        ("QBO_SETTLE_SECONDS", "1e3", "expected a number such as 0"),
        ("QBO_SETTLE_SECONDS", "٣", "expected a number such as 0"),
        ("QBO_SETTLE_SECONDS", "nan", "expected a number such as 0"),
        ("FAKE_QBO_FAIL_RATE", "1.1", "expected at most 1"),
        ("FAKE_QBO_FAIL_RATE", "10%", "expected a number such as 0.1"),
        ("QBO_PARALLEL", "0", "expected a whole number from 1"),
        ("QBO_PARALLEL", "1.5", "expected a whole number from 1"),
        ("QBO_FILES_PER_REQUEST", "ten", "expected a number such as 10"),
        ("QBO_REQUESTS_PER_MINUTE", ".", "expected a number such as 0"),
        *(
            ("SCOPE_SINCE", text, "expected a date such as 2015-08-26")
            for text in (
                "26.8.2015",
                "2015-8-26",
                "2015-02-30",
                "20150826",
                "2015-W01-1",
                "x",
            )
        ),
        ("DATA_DIR", "", "expected a folder such as data"),
        ("FILES_DIR", "~nobody-of-that-name/x", "expected a folder such as files"),
        ("LOG_DIR", "a\0b", "expected a folder such as logs"),
    ],
)
def test_a_bad_value_is_one_sentence_with_what_would_do(name, text, way_out, load):
    with pytest.raises(config.BadSetting) as refused:
        load(**{name: text})

    assert refused.value.exit_code == 2
    assert str(refused.value) == f"{name}={text}: {way_out}"


OTHER = "mysql://user@localhost/books, or nothing for SQLite"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql+pymysql://u:s3cret@h/d", "mysql[+]pymysql:// is .*; leave [+]pymysql out"),
        ("mariadb+mariadbconnector://u:s3cret@h/d", "; leave [+]mariadbconnector out"),
        ("postgresql+psycopg2://u:s3cret@h/d", "; leave [+]psycopg2 out"),
        ("sqlite:////s3cret/eaur.db", "SQLite is what .*; leave it empty"),
        ("mysql+s3cret", OTHER),
        ("mssql+pyodbc://u:s3cret@h/d", OTHER),
        ("mysql+s3cret@h://d", OTHER),
    ],
)
def test_a_url_of_another_program_is_refused_with_what_to_change(url, said, load):
    with pytest.raises(config.BadSetting, match=f"^MIS_DATABASE_URL: .*{said}$") as refused:
        load(MIS_DATABASE_URL=url)

    assert "s3cret" not in str(refused.value)


# --- normalization --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "prefixes", "normal"),
    [
        (" 801a2b-1409571840\t", ("80",), "1A2B-1409571840"),
        ("80 80-1", ("80",), "-1"),
        ("1A-80", ("80",), "1A-80"),
        ("80", ("80",), ""),
        (None, ("80",), ""),
        ("   ", ("80",), ""),
        ("00123", ("80",), "00123"),
        ("80A", (), "80A"),
        ("TX-80-1", ("80", "TX-", "-"), "1"),
        ("80A", ("", "80"), "A"),
        ("straße", ("80",), "STRASSE"),
    ],
)
def test_a_legacy_id_has_one_spelling(raw, prefixes, normal):
    assert config.normalize_legacy_id(raw, prefixes) == normal


@pytest.mark.parametrize("rest", [*config.TRANSACTION_TYPES, *config.LIST_TYPES])
def test_every_spelling_of_a_type_is_its_rest_name(rest):
    spelled = config.INTERNAL_NAMES.get(rest, "").split()

    for name in (rest, rest.lower(), f" {rest.upper()} ", *spelled):
        assert config.normalize_entity_type(name) == rest
        assert config.normalize_entity_type(name.replace("_", " ").lower()) == rest


def test_an_unknown_type_stays_as_it_is():
    assert config.normalize_entity_type(" SALESORDER ") == "SALESORDER"


@pytest.mark.parametrize(
    ("name", "type_class"),
    [
        *((name, "txn") for name in ("Txn", "TXN", "Bill", "CASH_SALE", "SalesOrder")),
        *(
            (name, "list")
            for name in ("List", "CUSTOMER", "KLASS", "", "something new")
        ),
        *((name, "txn") for name in config.DESKTOP_ONLY),
    ],
)
def test_every_type_belongs_to_a_class(name, type_class):
    assert config.normalize_type_class(name) == type_class


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Scan.PDF", "scan.pdf"),
        ("é.pdf", "e\u0301.PDF"),
        ("STRASSE", "straße"),
        ("Å", "å"),
    ],
)
def test_two_spellings_of_a_file_name_are_one(one, other):
    assert config.normalize_file_name(one) == config.normalize_file_name(other)


@pytest.mark.parametrize(
    "one, other", [("a.pdf", "a .pdf"), ("e.pdf", "é.pdf"), ("1", "١")]
)
def test_two_file_names_that_differ_stay_apart(one, other):
    assert config.normalize_file_name(one) != config.normalize_file_name(other)


@pytest.mark.parametrize(
    "normalize",
    [
        config.normalize_legacy_id,
        lambda text: config.normalize_legacy_id(text, ("8", "80", "A", "0A")),
        config.normalize_entity_type,
        config.normalize_type_class,
        config.normalize_file_name,
    ],
)
def test_normalizing_twice_changes_nothing(normalize):
    dice = random.Random(1)
    letters = [
        *"80A -_bßİıſé\u0301\u0345ᾳΐ\u3000",
        "80",
        " 80",
        "BILL",
        "txn",
        *map(chr, range(999)),
    ]
    for _ in range(10_000):
        once = normalize("".join(dice.choices(letters, k=dice.randint(0, 6))))
        assert normalize(once) == once


def test_a_normal_file_name_is_composed():
    name = config.normalize_file_name("E\u0301.PDF")

    assert name == "é.pdf" == unicodedata.normalize("NFC", name)


# --- the door -------------------------------------------------------------------------


def run(**environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "src.config"]
    variables = {**os.environ, "ENV_FILE": os.devnull, **environ}
    return subprocess.run(
        command,
        cwd=config.ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_door_prints_every_setting_and_its_source():
    done = run(SCOPE_CLIENTS="Smith")

    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert [line.split()[0] for line in lines] == [
        setting.name for setting in config.SETTINGS
    ]
    [line] = [line for line in lines if line.startswith("SCOPE_CLIENTS")]
    assert line.split()[1:3] == ["Smith", "environment"]


def test_the_door_says_a_bad_value_in_one_sentence():
    done = run(QBO_PARALLEL="many")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "QBO_PARALLEL=many: expected a number such as 1\n"


def test_help_is_the_first_sentence_of_the_module(capsys):
    with pytest.raises(SystemExit):
        settings_door.main(["--help"])

    assert "python -m src.config" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("is_secret", "text", "shown"),
    [
        (True, "hunter2", "********"),
        (True, "", "-"),
        (False, "x", "x"),
        (False, "", "-"),
    ],
)
def test_a_secret_is_never_shown(is_secret, text, shown):
    setting = Setting("TOKEN", "", "a token", is_secret)

    assert shown_value(setting, text) == shown


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
