"""The API over real HTTP: the specification's calls, sessions that outlive the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from threading import Thread
from typing import Any

import pytest

from src.kit import stage
from src.kit.guarding import Address
from src.kit.serving import Server
from src.mis.records import APPLICANT
from src.office import connect_database, site
from src.office.pages import assets
from src.office.rest import followed, table
from tests.desk import Desk
from tests.mis.university import University
from tests.office.rest.caller import CUSTOMERS, Answer, described
from tests.raw import Asked, request

OPERATIONS = table.operations()


class Place(Asked):
    """A server of a desk, whose answers are held against their description."""

    def __init__(self, desk: Desk) -> None:
        run = stage.start("serve", "", desk.argv())
        rest = followed.made(desk.config, run)
        server = Server(0, lambda call: site.refusal(503, "it begins"), site.LIMITS)
        address = Address(server.server_port, ["127.0.0.1"])
        server.app = site.app(rest, assets.PLAIN, address)
        self.rest = rest
        super().__init__(server)
        self.description = json.loads(self.get("/api/v1/openapi.json").body)

    def call(self, method: str, path: str, sent: Any = None) -> Answer:
        """Return the answer, as curl gets it."""
        body = b"" if sent is None else json.dumps(sent).encode()
        headers = ["Content-Type: application/json"] if body else []
        headers += [f"Content-Length: {len(body)}"] * (method == "POST")
        whole = request(method, path, *headers) + body
        found = self.ask(whole)
        answer = Answer(found.status, json.loads(found.body))
        assert described(self.description, method.lower(), path, answer) == []
        return answer


@pytest.fixture
def school(desk) -> None:
    """Put a MIS with three applicants where the desk looks for one."""
    file = desk.config.mis_database_file
    with closing(connect_database.opened("", file, "MIS")) as database:
        University(database).many(APPLICANT, 3, first_name="Aline", family_name="Uwera")


@pytest.fixture
def place(desk, school) -> Iterator[Place]:
    """Return a server of the desk."""
    found = Place(desk)
    yield found
    found.rest.mis.cancel_sync()
    found.rest.mis.wait_for_end(20)
    found.stop()


@pytest.mark.parametrize(
    "one",
    [one for one in OPERATIONS if one.method == "GET" or one.path.endswith("cancel")],
    ids=lambda one: f"{one.method} {one.path}",
)
def test_every_address_answers_over_http_as_it_is_described(place, one):
    found = place.call(one.method, one.path.replace("{run_id}", "r1"))

    assert found.status in (one.status, *one.refusals)


def test_a_synchronization_runs_to_its_end_in_a_process_of_its_own(place):
    started = place.call("POST", f"{CUSTOMERS}/all", {"batch_size": 50})
    place.rest.mis.wait_for_end(60)
    found = place.call("GET", f"{CUSTOMERS}/status").data

    assert started.status == 202
    assert found["last_session"]["session_id"] == started.data["session_id"]
    assert found["last_session"]["status"] == "completed"
    assert found["last_session"]["synced_objects"] == 3


def test_of_two_starts_at_once_exactly_one_is_accepted(place):
    answers: list[Answer] = []

    def start() -> None:
        answers.append(place.call("POST", f"{CUSTOMERS}/applicants", {"batch_size": 50}))

    threads = [Thread(target=start) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    first, second = sorted(answers, key=lambda one: one.status)
    assert (first.status, second.status) == (202, 409)
    assert second.json["details"]["session_id"] == first.data["session_id"]


def test_a_session_goes_on_without_its_server_and_the_next_one_shows_it(desk, place):
    started = place.call("POST", f"{CUSTOMERS}/applicants")
    place.server.shutdown()

    other = Place(desk)
    try:
        running = other.call("GET", "/health").data["sessions"]["mis"]
        assert running in (started.data["session_id"], None)
        assert other.rest.mis.wait_for_end(60).status == "completed"
    finally:
        other.stop()
