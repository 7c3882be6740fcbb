"""People as a Rwandan university has them, drawn by a seed; no two of one name."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

# Eight digits in every national id and passport of the demo: where they stand in a log,
# a report or a message, an id has leaked. No key or time holds them by chance.
CANARY = "47110815"

_WOMEN = (
    "Aline Chantal Claudine Clarisse Denise Diane Divine Esperance Francine Gisèle "
    "Grace Honorine Ines Jacqueline Jeannette Josiane Joyeuse Liliane Louise "
    "Marie-Claire Martine Nadine Noëlla Odette Pascaline Rosine Sandrine Solange "
    "Sylvie Thérèse Vestine Yvonne"
).split()
_MEN = (
    "Aimable Alexis Alphonse Bosco Charles Christian Claude Damascène Didier Emile "
    "Eric Eugène Fabrice Félix Fidèle Gaspard Gilbert Innocent Jackson Janvier "
    "Jean-Pierre Kevin Modeste Moses Olivier Patrick Philbert René Samuel Théogène "
    "Valens Xavier"
).split()
_FAMILIES = (
    "Bizimana Byiringiro Gasana Gatete Habyarimana Hakizimana Harerimana Hategekimana "
    "Iradukunda Irakoze Ishimwe Kabera Kagabo Kalisa Kamanzi Karangwa Kayitesi Kayumba "
    "Mbabazi Mugabo Mugisha Muhire Mukamana Mukandayisenga Mukarugwiza Mukeshimana "
    "Munyaneza Murekatete Murenzi Mushimiyimana Mutabazi Mutesi Muvunyi Ndagijimana "
    "Ndahiro Ndayambaje Ngabo Nikuze Niyigena Niyomugabo Niyonsaba Niyonzima "
    "Nkundimana Nkurunziza Nsabimana Nsengiyumva Nshimiyimana Ntaganda Ntakirutimana "
    "Nyiraneza Nyirahabimana Nzabonimpa Rukundo Rutayisire Ruzindana Rwigema Semana "
    "Sibomana Tuyisenge Tuyishime Twagirayezu Twahirwa Umuhoza Umurerwa Umutesi "
    "Uwamahoro Uwase Uwayezu Uwera Uwimana Uwineza Uwingabire Zaninka Zigama"
).split()
_MAIL = ("gmail.com", "gmail.com", "gmail.com", "yahoo.fr", "outlook.com", "eaur.ac.rw")
_NETWORKS = ("788", "782", "722", "733", "791")
_PHONES = ("+250 {} {} {}", "0{}{}{}", "0{} {} {}", "+250{}{}{}")
ABROAD = 0.04  # of all: with a passport, born elsewhere


class Someone(NamedTuple):
    """One person, whatever the MIS takes them for."""

    first: str
    last: str
    sex: str
    born: str
    phone: str
    email: str
    national_id: str
    is_abroad: bool


class Population:
    """People one after the other; the same seed gives the same."""

    def __init__(self, seed: str) -> None:
        self.dice = Random(f"mis {seed}")
        names = [
            (first, last, sex)
            for sex, firsts in (("Female", _WOMEN), ("Male", _MEN))
            for first in firsts
            for last in _FAMILIES
        ]
        self.dice.shuffle(names)
        self._names = iter(names)
        self._ids: Counter[str] = Counter()  # that begin alike

    def __iter__(self) -> Iterator[Someone]:
        return self

    def __next__(self) -> Someone:
        """Return somebody whom nobody is named like."""
        dice = self.dice
        first, last, sex = next(self._names)
        year, month = dice.randint(1994, 2007), dice.randint(1, 12)
        is_abroad = dice.random() < ABROAD
        start = "PC" if is_abroad else f"1{year}{7 if sex == 'Female' else 8}"
        return Someone(
            first,
            last,
            sex,
            f"{year}-{month:02}-{dice.randint(1, 28):02} 00:00:00",
            self._phone(),
            f"{_plain(first)}.{_plain(last)}{dice.randint(1, 99)}@{dice.choice(_MAIL)}",
            self._national_id(start),
            is_abroad,
        )

    def _phone(self) -> str:
        dice = self.dice
        parts = dice.choice(_NETWORKS), dice.randint(100, 999), dice.randint(100, 999)
        return dice.choice(_PHONES).format(*parts)

    def _national_id(self, start: str) -> str:
        """Return an id of sixteen digits, or of a passport; each is there once."""
        self._ids[start] += 1
        return f"{start}{CANARY}{self._ids[start]:02}"


def _plain(name: str) -> str:
    """Return a name as it stands in an e-mail address."""
    letters = unicodedata.normalize("NFD", name.casefold())
    return "".join(one for one in letters if one.isascii() and one.isalpha())
