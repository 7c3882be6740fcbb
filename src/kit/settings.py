"""Settings: texts from the environment, a file or a default, parsed or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from src.kit.clock import zone


class BadSetting(ValueError):
    """A setting's value cannot be used; the message says which and what would do."""

    exit_code = 2


def _of_another_program(url: str, known: Sequence[str]) -> str:
    """Return what is wrong with a database's URL; only its scheme is repeated."""
    scheme, _, rest = url.partition("://")
    program, _, driver = scheme.partition("+")  # as SQLAlchemy names its drivers
    if rest and f"{program}://" in known and driver.isalnum():
        return f"{scheme}:// is written for another program; leave +{driver} out"
    if url.startswith("sqlite:"):
        return "SQLite is what there is without a URL; leave it empty"
    return f"expected a URL such as {known[0]}user@localhost/books, or nothing for SQLite"


class Setting(NamedTuple):
    """One setting: its name, its default as text, and what it is for."""

    name: str
    default: str
    meaning: str
    secret: bool = False


def sources(
    settings: Iterable[Setting], environ: Mapping[str, str], env_file: Path
) -> dict[str, tuple[str, str]]:
    """Return each setting's text and where it came from; ENV_FILE names another file."""
    named = environ.get("ENV_FILE")
    if named and not Path(named).exists():
        raise BadSetting(f"ENV_FILE={named}: no such file")
    from_file = _read_env_file(Path(named or env_file))
    defaults = {setting.name: setting.default for setting in settings}
    layers = (("environment", environ), (".env", from_file), ("default", defaults))
    return {
        name: next((layer[name], place) for place, layer in layers if name in layer)
        for name in defaults
    }


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSetting(f"{path}: is no UTF-8 text; save it as such") from None
    found = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip().removeprefix("export ")
        if line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            if not equals:
                raise BadSetting(f"{path}: line {number}: expected NAME=value")
            found[name.strip()] = _unquote(value.strip())
    return found


def _unquote(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()


def shown_value(setting: Setting, text: str) -> str:
    """Return a setting's text as it may be shown to whoever looks on.

    >>> shown_value(Setting("TOKEN", "", "", secret=True), "abc")
    '********'
    """
    return "********" if setting.secret and text else text or "-"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


class Texts:
    """The texts of the settings in force, as values; raises BadSetting."""

    def __init__(self, texts: Mapping[str, str], root: Path) -> None:
        self._texts, self._root = texts, root

    def text(self, name: str) -> str:
        """Return the text without the blanks around it."""
        return self._texts[name].strip()

    def path(self, name: str, example: str) -> Path:
        """Return an absolute path; a relative one is below the root."""
        text = self.text(name)
        try:
            if text:
                return (self._root / Path(text).expanduser()).resolve()
        except (RuntimeError, ValueError):  # no such user after `~`; a NUL
            pass
        raise BadSetting(f"{name}={text}: expected {example}")

    def words(self, name: str) -> tuple[str, ...]:
        """Return the comma-separated words of a text."""
        found = (word.strip() for word in self._texts[name].split(","))
        return tuple(word for word in found if word)

    def folded(self, name: str) -> frozenset[str]:
        """Return the words of a text, whatever their case."""
        return frozenset(word.casefold() for word in self.words(name))

    def pairs(self, name: str) -> dict[str, str]:
        """Return the comma-separated NAME=NUMBER pairs of a text."""
        found = [word.partition("=") for word in self.words(name)]
        pairs = {key.strip(): value.strip() for key, _, value in found}
        if len(pairs) != len(found) or not all(map(_is_digits, pairs.values())):
            raise BadSetting(f"{name}={self.text(name)}: expected pairs such as Campus=1")
        return pairs

    def template(self, name: str, fields: Sequence[str]) -> str:
        """Return a text in which every one of some fields stands in braces."""
        text = self.text(name)
        rest = text
        for field in fields:
            rest = rest.replace("{%s}" % field, "")
        if "{" in rest or "}" in rest or not all("{%s}" % one in text for one in fields):
            wanted = " and ".join("{%s}" % one for one in fields)
            raise BadSetting(f"{name}={text}: expected a text with {wanted} in it")
        return text

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """Return the one of some words that a text is."""
        value = self.text(name).casefold()
        if value not in allowed:
            shown = self._texts[name]
            raise BadSetting(f"{name}={shown}: choose one of {', '.join(allowed)}")
        return value

    def number(self, name: str, default: str, most: float = 1e12) -> float:
        """Return a number from 0; `default` stands for an empty text."""
        text = self.text(name) or default
        if not text.isascii() or not text.replace(".", "", 1).isdigit():
            raise BadSetting(f"{name}={text}: expected a number such as {default}")
        if float(text) > most:
            raise BadSetting(f"{name}={text}: expected at most {most:g}")
        return float(text)

    def whole(self, name: str, default: str, least: int = 0) -> int:
        """Return a whole number."""
        if (value := self.number(name, default)) % 1 or value < least:
            shown = self._texts[name]
            raise BadSetting(f"{name}={shown}: expected a whole number from {least}")
        return int(value)

    def url(self, name: str) -> str:
        """Return an http(s) URL, or nothing."""
        text = self.text(name)
        if text and not text.startswith(("http://", "https://")):
            raise BadSetting(f"{name}={text}: expected a URL such as http://127.0.0.1:8080")
        return text

    def database_url(self, name: str, *more: str) -> str:
        """Return a database's URL, or nothing; it may hold a password.

        It is PostgreSQL's, or has one of `more` schemes.
        """
        text = self.text(name)
        known = [f"{scheme}://" for scheme in (*more, "postgresql", "postgres")]
        if text and not text.startswith(tuple(known)):
            raise BadSetting(f"{name}: {_of_another_program(text, known)}")
        return text

    def zone(self, name: str) -> str:
        """Return a time zone's name that `clock.zone` understands, or nothing."""
        text = self.text(name)
        try:
            if text:
                zone(text)
        except ValueError:
            raise BadSetting(
                f"{name}={text}: expected an offset such as +02:00, UTC, or a zone that "
                "this machine knows, such as Africa/Kigali"
            ) from None
        return text

    def date(self, name: str) -> str:
        """Return an ISO date, or nothing."""
        text = self.text(name)
        try:
            if not text or date.fromisoformat(text).isoformat() == text:
                return text
        except ValueError:
            pass
        raise BadSetting(f"{name}={text}: expected a date such as 2015-08-26")
