"""The tables of the MIS pipeline: who is there, who has which name, what is planned, done.

What stands in data/ of these may hold national ids and is readable by its owner alone;
the run log and its view hold none.
"""

from typing import NamedTuple

from src.kit.events import Event
from src.kit.tables import APPEND_ONLY, GENERATED, VIEW, Flag, Number, Table, Timestamp

PIPELINE = "mis"
FETCH, PLAN_IT, PUSH = "make mis-fetch", "make mis-plan", "make mis-push"
SYNC = "make mis-sync"
APPLICANT, STUDENT = "Applicant", "Student"  # also the values of the field CustomerType
TYPES = {"applicants": APPLICANT, "students": STUDENT}  # as the command line says them
# The specification's QuickBk_Status.
NOT_SYNCED, SYNCED, FAILED, IN_PROGRESS = "0", "1", "2", "3"


class Person(NamedTuple):
    """One applicant or student of the MIS, ids turned into names."""

    type: str
    mis_id: str  # the primary key: appl_Id, per_id_ug
    identifier: str  # what people know the record by: ApplicationID, RegNo
    first_name: str
    last_name: str
    phone: str
    email: str
    tracking_id: str
    gender: str
    birth_country: str
    national_id: str
    campus: str
    intake: str
    program: str
    program_mode: str  # applicants only
    level: str  # students only
    program_type: str  # students only
    registrations: Number  # of a student: among how many the one was chosen
    status: str  # QuickBk_Status, as the MIS has it
    quickbooks_id: str
    sync_token: str
    leased_by: str  # the run that has the record in its hands, if status is 3
    leased_until: Timestamp


class Coverage(NamedTuple):
    """How one field of one type was filled."""

    type: str
    field: str
    by_name: Number  # the readable name, or the value itself where no look-up is needed
    by_id: Number  # the id, because the look-up has no name for it
    empty: Number
    missing_column: str  # of the MIS, empty = all are there


class Named(NamedTuple):
    """One name in the company: of a customer, a vendor or an employee."""

    list: str  # Customer, Vendor, Employee
    id: str
    name: str
    active: Flag
    key: str  # ours, where the customer carries our mark
    sync_token: str
    content: str  # JSON: the fields of ours that it has now, where it is ours or may be


# What a plan row proposes. `adopt`: it is there already, only the MIS does not know.
CREATE, UPDATE, LINK, ADOPT, HOLD = "create", "update", "link", "adopt", "hold"
# What a reverse plan proposes: customers cannot be deleted, so they become inactive.
INACTIVATE, REACTIVATE, RESTORE, UNLINK = "inactivate", "reactivate", "restore", "unlink"
BACKWARD = frozenset((INACTIVATE, REACTIVATE, RESTORE, UNLINK))
TAKES_AWAY = frozenset((INACTIVATE, UNLINK))  # the person has no customer afterwards
# Why a customer has the name that it is to have.
REAL_NAME, SUFFIX, NUMBERED, KEPT = "real name", "suffix", "suffix and number", "kept"


class Planned(NamedTuple):
    """What is to be done about one person."""

    row: str
    action: str
    type: str
    mis_id: str
    identifier: str
    name: str  # the real one
    display_name: str
    rule: str  # why the customer has this display name
    taken_by: str  # who has the real name: "Vendor 12", "Applicant 7"
    known_as: str  # the customer that the MIS says it is, when the plan was made
    quickbooks_id: str
    sync_token: str  # that the plan saw
    fields: str  # that are sent, separated by blanks
    payload: str  # JSON: what is sent, beside Id, SyncToken and custom fields that stay
    before: str  # JSON: what QuickBooks has in these fields
    notes: str  # what was left out or cut, and why
    reason: str
    key: str  # of the effect
    decision: str
    row_check: str


class Goes(NamedTuple):
    """Where one custom field of one type goes."""

    type: str
    field: str
    definition_id: str
    goes_to: str  # notes, custom field, both
    why: str


class Pushed(NamedTuple):
    """One attempt at one customer, or what became of it without one."""

    seq: Number
    ts: Timestamp
    run_id: str
    realm_id: str
    type: str
    mis_id: str
    identifier: str
    display_name: str
    action: str
    sent: str  # fields with a digest of each value, so that a later change is noticed
    key: str
    request_id: str
    attempt: Number
    status_code: Number
    quickbooks_id: str
    sync_token: str
    trace_id: str
    duration_ms: Number
    outcome: str
    error: str
    row_check: str


DECISION_AT = Planned._fields.index("decision")
PEOPLE = Table("DATA_DIR", "mis_customers.csv", Person, GENERATED, FETCH)
COVERAGE = Table("DATA_DIR", "mis_coverage.csv", Coverage, GENERATED, FETCH)
NAMES = Table("DATA_DIR", "qbo_names.csv", Named, GENERATED, FETCH)
PLAN = Table("DATA_DIR", "mis_plan.csv", Planned, GENERATED, PLAN_IT)
BUDGET = Table("DATA_DIR", "mis_custom_fields.csv", Goes, GENERATED, PLAN_IT)
RUNLOG = Table("LOG_DIR", "mis_runlog.csv", Pushed, APPEND_ONLY, PUSH)
ERRORS = Table("LOG_DIR", "mis_errors.csv", Pushed, VIEW, PUSH)
SESSIONS = Table("LOG_DIR", "mis_sessions.csv", Event, APPEND_ONLY, SYNC)
