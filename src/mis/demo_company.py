"""Who else has a name in the demo's company: vendors, employees, others' customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from src.mis.demo_problems import PLACED
from src.mis.records import APPLICANT, STUDENT

CREATE, UPDATE = "create", "update"
_VENDOR, _EMPLOYEE = "the name of a vendor", "the name of an employee"
_OTHER = "the name of somebody else's customer"
_INACTIVE = "the name of an inactive customer"
_SUFFIXED = "a suffixed name that is taken"


class Entry(NamedTuple):
    """One record in QuickBooks; an update has the name of what it changes."""

    operation: str
    entity: str
    record: Mapping[str, Any]


def company_changes() -> list[Entry]:
    """Return what people have entered in QuickBooks, in order; none of it is ours."""
    return list(_changes())


def _changes() -> Iterator[Entry]:
    yield _new("Vendor", _name(APPLICANT, _VENDOR), CompanyName="Gakwaya Catering")
    yield _new("Vendor", _name(STUDENT, _VENDOR).upper().replace(" ", "  "))
    yield _new("Vendor", "Kigali Stationers Ltd")
    yield _new("Employee", _name(APPLICANT, _EMPLOYEE))
    yield _new("Employee", _name(STUDENT, _EMPLOYEE).lower())
    yield _new("Customer", "Rwanda Education Board")
    yield _new(
        "Customer",
        _name(APPLICANT, _OTHER),
        Notes="rents the canteen\npays in cash",
        PrimaryPhone={"FreeFormNumber": "0788 400 100"},
    )
    suffixed = _name(APPLICANT, _SUFFIXED)
    yield _new("Customer", suffixed)
    yield _new("Customer", f"{suffixed} ({_number(APPLICANT, _SUFFIXED)})")
    for entity, name in (
        ("Customer", _name(APPLICANT, _INACTIVE)),
        ("Vendor", "Huye Printing House"),
    ):
        yield _new(entity, name, PrimaryPhone={"FreeFormNumber": "0788 400 200"})
        yield Entry(UPDATE, entity, {"DisplayName": name, "Active": False})


def _new(entity: str, name: str, **more: Any) -> Entry:
    return Entry(CREATE, entity, {"DisplayName": name, **_parts(entity, name), **more})


def _parts(entity: str, name: str) -> dict[str, str]:
    """Return the parts of a name that QuickBooks demands of an employee."""
    first, _, last = name.partition(" ")
    return {"GivenName": first, "FamilyName": last} if entity == "Employee" else {}


def _number(type_: str, label: str) -> int:
    return next(n for n, problem in PLACED[type_].items() if problem.label == label)


def _name(type_: str, label: str) -> str:
    cells = PLACED[type_][_number(type_, label)].cells
    return f"{cells['first']} {cells['last']}"
