"""The users' export: both generations, offices, days, and what has no moment."""

from __future__ import annotations

import pytest

from src.kit import errors
from src.salespro.demo import USER_HEADER
from src.salespro.records import ERRORS, REJECTS
from src.salespro.shapes import USERS
from tests.salespro.counter import user

SECOND = (
    "objectId,username,nameFirst,nameLast,isActive,isManager,createdAt,updatedAt"
).split(",")
MOMENT, NEWER = "2025-07-01T10:00:00.000Z", "2025-07-02T10:00:00.000Z"


def second(
    id: str, updated: str = MOMENT, name: str = "Al", manager: str = "TRUE"
) -> list[str]:
    return [id, "al", name, "Bo", "TRUE", manager, MOMENT, updated]


def test_a_first_generation_user_is_stored_field_by_field(sales):
    code = sales.take_users(
        user(
            "U1",
            first_name="Zoë",
            last_login="6/18/2025",
            assigned_office="Denver, North (D12)",
            license_number="00123",
            additional_amount="$1,250.50",
            send_credit_apps="TRUE",
        )
    )

    assert code == errors.OK
    wanted = {
        "first_name": ("t", "Zoë"),
        "last_login": ("t", "2025-06-18"),
        "office_id": ("t", "D12"),
        "license_number": ("t", "00123"),
        "is_active": ("b", True),
        "send_credit_apps": ("b", True),
        "is_manager": ("b", None),
    }
    for name, (kind, value) in wanted.items():
        assert sales.user_values(name, kind) == {"U1": value}
    assert str(sales.user_values("additional_amount", "m")["U1"]) == "1250.50"


def test_the_second_generation_adds_its_columns_and_keeps_the_others(sales):
    sales.take_users(user("U1", email="al@example.com", first_name="Old"))

    assert sales.take_users(second("U1"), header=SECOND) == errors.OK

    assert sales.user_values("email") == {"U1": "al@example.com"}
    assert sales.user_values("first_name") == {"U1": "Al"}
    assert sales.user_values("is_manager", "b") == {"U1": True}


def test_without_a_moment_the_file_is_the_newest(sales):
    sales.take_users(user("U1", first_name="A"), user("U2"))

    sales.take_users(user("U1", first_name="B"), user("U2"))

    assert sales.user_values("first_name")["U1"] == "B"
    assert sales.counts() == {"processed": 2, "updated": 1, "unchanged": 1}


def test_a_file_without_moments_does_not_overwrite_what_names_one(sales):
    sales.take_users(second("U1", name="New"), second("U2", name="Al"), header=SECOND)

    code = sales.take_users(
        user("U1", first_name="Old", username="al", last_name="Bo"),
        user("U3", first_name="Jo"),
    )

    assert code == errors.SOME_ROWS_FAILED
    assert sales.user_values("first_name") == {"U1": "New", "U2": "Al", "U3": "Jo"}
    [held] = sales.rows(ERRORS)
    assert (held.key, held.outcome, held.category) == ("U1", "held", "undated")
    assert "nobody knows whether this or what is stored is newer" in held.error


def test_a_file_without_moments_may_say_what_is_stored(sales):
    sales.take_users(second("U1"), header=SECOND)

    code = sales.take_users(["U1", "al", "TRUE"], header=[SECOND[0], SECOND[1], SECOND[5]])

    assert code == errors.OK
    assert sales.counts() == {"processed": 1, "unchanged": 1}


def test_with_a_moment_the_newer_wins(sales):
    sales.take_users(second("U1", NEWER, "New"), header=SECOND)

    sales.take_users(second("U1", MOMENT, "Old"), header=SECOND)

    assert sales.user_values("first_name") == {"U1": "New"}
    assert sales.counts() == {"processed": 1, "stale": 1}


def test_two_rows_of_a_user_that_differ_are_held(sales):
    code = sales.take_users(
        user("U1", first_name="A"), user("U1", first_name="B"), user("U2")
    )

    assert code == errors.SOME_ROWS_FAILED
    assert sales.user_values("first_name") == {"U2": None}
    assert {found.error for found in sales.rows(ERRORS)} == {
        "line 2 has the same id and says something else; export it again",
        "line 3 has the same id and says something else; export it again",
    }


def test_two_equal_rows_of_a_user_are_one(sales):
    assert sales.take_users(user("U1"), user("U1")) == errors.OK

    assert sales.counts() == {"processed": 2, "created": 1, "stale": 1}


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"last_login": "18/6/2025"}, "Last Login"),
        ({"active/inactive": "retired"}, "Active/Inactive"),
        ({"additional_amount": "1,23"}, "Additional Amount"),
        ({"assigned_office": f"x ({'y' * 51})"}, "Assigned Office"),
        ({"username": "x" * 256}, "Username"),
    ],
)
def test_a_bad_cell_of_a_user_is_a_reject(sqlite_sales, cells, column):
    sales = sqlite_sales

    assert sales.take_users(user("U1", **cells), user("U2")) == errors.SOME_ROWS_FAILED

    assert [found.column for found in sales.rows(REJECTS)] == [column]
    assert list(sales.user_values("username")) == ["U2"]


def test_a_reduction_is_an_additional_amount_too(sqlite_sales):
    assert sqlite_sales.take_users(user("U1", additional_amount="(5.00)")) == errors.OK

    assert str(sqlite_sales.user_values("additional_amount", "m")["U1"]) == "-5.00"


def test_an_earlier_file_again_warns_that_it_puts_old_values_back(sqlite_sales):
    sales = sqlite_sales
    first = sales.export(user("U1", first_name="A"), header=USER_HEADER)
    sales.take_users_of(first)
    sales.take_users(user("U1", first_name="B"))

    sales.take_users_of(first)

    assert "and other files since: it may put older values back" in sales.out
    assert sales.user_values("first_name") == {"U1": "A"}


def test_a_users_import_has_a_kind_of_its_own_in_the_history(sqlite_sales):
    sqlite_sales.take_users(user("U1"))

    kinds = sqlite_sales.query("SELECT sync_type FROM salespro_sync_history", "t")

    assert kinds == [("csv_users",)]
    assert len(sqlite_sales.stored(USERS)) == 1
