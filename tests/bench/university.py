"""A MIS of any size, for measurements: students with registrations, and applicants."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from src.adapters.sqlite_file import SqliteFile
from src.mis.records import APPLICANT, RUNLOG, STUDENT
from src.mis.store import Store
from src.mis.tables import Status
from tests.bench.measure import once
from tests.mis.university import University

ROOT = Path(__file__).resolve().parent.parent.parent
_LOOKS = {"camp_id": 1, "intake_id": 1, "prg_mode_id": 1}


def made(*words: str) -> None:
    """Make a MIS in a process of its own: root, people, how many are synchronized."""
    once([sys.executable, "-m", "tests.bench.university", *words], str(ROOT))


def make(root: Path, count: int, synced: int) -> None:
    """Put `count` people, half of them students, into the demo's place."""
    for folder in ("data", "logs"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    database = SqliteFile(root / "data/mis.db")
    university = University(database)
    university.put("tbl_campus", {"camp_id": 1, "camp_full_name": "Huye Campus"})
    university.put("tbl_intake", {"intake_id": 1, "intake_month": "May", "intake_no": 1})
    applicants = range(1, count // 2 + 1)
    university.put("tbl_online_application", *(_applicant(n) for n in applicants))
    students = range(1, count - count // 2 + 1)
    university.put("tbl_personal_ug", *(_student(n) for n in students))
    university.put("tbl_register_program_ug", *map(_registration, students))
    store = Store(database)
    store.prepare()
    for type_, people in ((APPLICANT, applicants), (STUDENT, students)):
        store.write(Status(type_, str(n), "1", str(n), "0") for n in people[:synced])
    database.close()


def _applicant(number: int) -> dict[str, str | int | None]:
    who = {"appl_Id": number, "first_name": f"Aline {number % 997}"}
    return {**who, "family_name": f"Uwera {number}", "phone1": f"0788{number:06}", **_LOOKS}


def _student(number: int) -> dict[str, str | int | None]:
    who = {"per_id_ug": number, "reg_no": f"REG/{number}", "fname": f"Jean {number % 997}"}
    return {**who, "lname": f"Mugisha {number}", "email1": f"jean{number}@example.org"}


def _registration(number: int) -> dict[str, str | int | None]:
    when = {"reg_active": 1, "reg_date": "2026-09-01 00:00:00"}
    return {"reg_prg_id": number, "reg_no": f"REG/{number}", "camp_id": 1, "intake_id": 1, **when}


def requests(root: Path) -> int:
    """Return how many requests the run log names."""
    with open(root / "logs" / RUNLOG.name, encoding="utf-8-sig", newline="") as file:
        return len({row["request_id"] for row in csv.DictReader(file)} - {""})


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
