"""The authentication layer of the demo."""

from __future__ import annotations

from src import auth_qbo_demo


def test_the_session_and_the_companys_id_are_printed(desk):
    assert desk.run(auth_qbo_demo, QBO_REALM_ID="42") == 0

    assert desk.out == "fake-qbo-session for company 42\n"
