"""The MIS as it is read: its tables, and one row of what they say of a person.

Tables and columns from the public original (acr-dev-dept/eaur_mis_quickbooks). Names are
matched whatever their case; what is missing there is empty here.
"""

from typing import NamedTuple

from src.mis.records import APPLICANT, STUDENT


class Raw(NamedTuple):
    """One person as the MIS has it: every value as text, NULL as an empty one."""

    type: str
    mis_id: str
    identifier: str
    tracking_id: str
    first_name: str
    last_name: str
    phone1: str
    phone2: str
    email1: str
    email2: str
    sex: str
    national_id: str
    country_id: str  # country_of_birth: an id, or the name itself
    country_name: str
    country_nationality: str
    campus_id: str
    campus_full: str
    campus_short: str
    intake_id: str
    intake_month: str
    intake_no: str
    intake_start: str
    program_id: str
    program_full: str
    program_short: str
    mode_id: str
    mode_full: str
    mode_short: str
    level_id: str
    level_full: str
    level_short: str
    type_id: str  # prg_type
    type_full: str
    type_short: str
    registrations: str
    status: str
    quickbooks_id: str
    sync_token: str
    leased_by: str
    leased_until: str  # UTC, as the MIS writes times: 2026-11-21 20:00:00


class Status(NamedTuple):
    """What is written back into the MIS about one person."""

    type: str
    mis_id: str
    status: str
    quickbooks_id: str = ""  # empty = what is there stays
    sync_token: str = ""
    pushed_at: str = ""  # UTC, as 2026-11-21 20:00:00; empty = what is there stays


class Lookup(NamedTuple):
    """Where the names for an id stand."""

    table: str
    key: str
    names: dict[str, str]  # field of Raw → column


class People(NamedTuple):
    """Where the people of one type stand: field → its column.

    Of several columns, separated by blanks, the first one that is not empty counts. A
    field that Raw does not have is there for its look-up alone.
    """

    type: str
    table: str
    key: str
    own: dict[str, str]
    registered: dict[str, str]  # columns of the registration that counts
    lookups: dict[str, Lookup]  # field that has the id → where its names are


MYSQL = "CHAR"  # what MySQL and MariaDB alone cast to, to have a text
REGISTRATIONS = "tbl_register_program_ug"
REG_NO = "reg_no"  # joins a student and the registrations
# The columns that the synchronization adds. The last one is added after the indexes:
# where it is, they are there too.
TRACKING = {
    "QuickBk_Status": "INT DEFAULT 0",
    "pushed_by": "VARCHAR(200) DEFAULT 'System Auto Push'",
    "pushed_date": "{datetime}",
    "quickbooks_id": "VARCHAR(255)",
    "sync_token": "VARCHAR(50)",
    "qb_run_id": "VARCHAR(200)",
    "qb_lease_until": "{datetime}",
}
STATUS, LEASED_BY, LEASED_UNTIL = "QuickBk_Status", "qb_run_id", "qb_lease_until"
TRACKED = {  # those that are read with a person
    "status": STATUS,
    "quickbooks_id": "quickbooks_id",
    "sync_token": "sync_token",
    "leased_by": LEASED_BY,
    "leased_until": LEASED_UNTIL,
}


def _lookup(table: str, key: str, **names: str) -> Lookup:
    return Lookup(table, key, names)


_CAMPUS = _lookup(
    "tbl_campus",
    "camp_id",
    campus_full="camp_full_name",
    campus_short="camp_short_name",
)
_INTAKE = _lookup(
    "tbl_intake",
    "intake_id",
    intake_month="intake_month",
    intake_no="intake_no",
    intake_start="intake_start",
)
_PROGRAM = _lookup(
    "tbl_specialization",
    "splz_id",
    program_full="splz_full_name",
    program_short="splz_short_name",
)
_LEVEL = _lookup(
    "tbl_level",
    "level_id",
    level_full="level_full_name",
    level_short="level_short_name",
)
_MODE = _lookup(
    "tbl_program_mode",
    "prg_mode_id",
    mode_full="prg_mode_full_name",
    mode_short="prg_mode_short_name",
)
_PROGRAM_TYPE = _lookup(
    "tbl_program_type",
    "prg_type_id",
    type_full="prg_type_full_name",
    type_short="prg_type_short_name",
)
_COUNTRY = _lookup(
    "tbl_country",
    "cntr_id",
    country_name="cntr_name",
    country_nationality="cntr_nationality",
)
APPLICANTS = People(
    APPLICANT,
    "tbl_online_application",
    "appl_Id",
    own={
        "mis_id": "appl_Id",
        "identifier": "appl_Id",
        "tracking_id": "tracking_id",
        "first_name": "first_name",
        "last_name": "family_name",
        "phone1": "phone1",
        "email1": "email1",
        "sex": "sex",
        "national_id": "nation_Id_passPort_no",
        "country_id": "country_of_birth",
        "campus_id": "camp_id",
        "intake_id": "intake_id",
        "program_id": "opt_1",
        "mode_id": "prg_mode_id",
        **TRACKED,
    },
    registered={},
    lookups={
        "country_id": _COUNTRY,
        "campus_id": _CAMPUS,
        "intake_id": _INTAKE,
        "program_id": _PROGRAM,
        "mode_id": _MODE,
    },
)
STUDENTS = People(
    STUDENT,
    "tbl_personal_ug",
    "per_id_ug",
    own={
        "mis_id": "per_id_ug",
        "identifier": REG_NO,
        "first_name": "fname",
        "last_name": "lname",
        "phone1": "phone1",
        "phone2": "phone2",
        "email1": "email1",
        "email2": "email2",
        "sex": "sex",
        "national_id": "national_id",
        "type_id": "prg_type",
        **TRACKED,
        "quickbooks_id": "quickbooks_id qk_id",  # qk_id is the original's
    },
    registered={
        "campus_id": "camp_id",
        "intake_id": "intake_id",
        "program_id": "splz_id prg_id",
        "specialization_id": "splz_id",
        "level_id": "level_id",
    },
    lookups={
        "campus_id": _CAMPUS,
        "intake_id": _INTAKE,
        "specialization_id": _PROGRAM,
        "level_id": _LEVEL,
        "type_id": _PROGRAM_TYPE,
    },
)
PEOPLE = {people.type: people for people in (APPLICANTS, STUDENTS)}
