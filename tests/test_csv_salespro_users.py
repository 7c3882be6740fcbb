"""The door that imports users: the file it takes, and the one it makes."""

from src import csv_salespro_users
from src.kit import errors
from src.salespro.records import PLAN
from tests.salespro.counter import Sales, user


def test_a_missing_file_is_refused_and_recorded(desk):
    sales = Sales(desk, "")

    assert desk.run(csv_salespro_users, "no.csv") == errors.NOTHING_DONE

    assert desk.err == "no.csv: File not found; check the path\n"
    assert [found["status"] for found in sales.history()] == ["failed"]


def test_a_dry_run_shows_each_field_that_would_change(desk):
    sales = Sales(desk, "")
    sales.take_users(user("U1", first_name="A", last_login="2025-06-01"))
    path = sales.users(user("U1", first_name="B", last_login="6/2/2025"))

    assert desk.run(csv_salespro_users, str(path), "--dry-run") == errors.OK

    assert [(r.field, r.before, r.after) for r in sales.rows(PLAN)] == [
        ("first_name", "A", "B"),
        ("last_login", "2025-06-01", "2025-06-02"),
    ]
    assert sales.user_values("first_name") == {"U1": "A"}


def test_an_export_of_appointments_is_not_taken_for_one_of_users(desk):
    path = Sales(desk, "").export(["a"], header=["_id"])

    assert desk.run(csv_salespro_users, str(path)) == errors.NOTHING_DONE

    assert "missing column(s) User Object ID; found _id" in desk.err
