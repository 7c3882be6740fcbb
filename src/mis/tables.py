"""The MIS as it is read: its tables, and one row of what they say of a person.

Tables and columns from the public original (acr-dev-dept/eaur_mis_quickbooks). Names are
matched whatever their case; what is missing there is empty here.
"""

from typing import NamedTuple


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
