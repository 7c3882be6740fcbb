"""The served company: its log, its restarts, its door."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from http.client import RemoteDisconnected
from pathlib import Path
from threading import Thread

import pytest

from src.adapters.fakes.core import Manners
from src.adapters.fakes.scenario import Temper
from src.kit.errors import LOCKED, NOTHING_DONE, Refused
from tests.adapters.fakes.town import CHARACTER, MULTIPART, Town

ROOT = Path(__file__).parents[3]


# --- every call -----------------------------------------------------------------------


def test_each_answer_has_a_trace_id_and_a_line(open_town):
    town = open_town("2,create Customer,503", "3,create Customer,drop")
    town.log_in()
    said = [
        town.create(rest="requestid=r1", DisplayName="A"),
        town.query("select"),
        town.create(),
    ]
    with pytest.raises(RemoteDisconnected):
        town.create()
    said.append(town.raw("GET", "/nowhere"))

    lines = [line for line in town.requests() if "oauth2" not in line.path]
    assert [line.status for line in lines] == ["200", "400", "503", "0", "404"]
    assert [line.code for line in lines] == ["", "4000", "", "", ""]
    traced = [line.intuit_tid for line in lines if line.status != "0"]
    assert [one.headers["intuit_tid"] for one in said] == traced
    assert (lines[0].request_id, lines[0].method) == ("r1", "POST")


def test_the_login_is_traced_too(town):
    assert town.raw("GET", "/connect/oauth2").headers["intuit_tid"]
    assert town.raw("GET", "/.well-known/openid_configuration/").headers["intuit_tid"]

    assert [line.path for line in town.requests()][0] == "/connect/oauth2"


def test_no_token_is_in_the_log(town):
    granted = town.log_in()
    town.query("select * from Customer")

    log = (town.folder / "requests.csv").read_text()
    assert granted["access_token"] not in log and granted["refresh_token"] not in log


@pytest.mark.parametrize("code", ["3200", "3100", "3001"])
def test_the_log_knows_the_code_of_each_dialect(open_town, code):
    town = open_town(f",query,{ {'3200': 401, '3100': 403, '3001': 429}[code] }")

    town.query("select * from Customer")

    assert town.requests()[-1].code == code


# --- restarts -------------------------------------------------------------------------


def test_a_restart_loses_nothing(town):
    made = town.create(DisplayName="A").named()
    town.upload("a.pdf")
    link = town.query("select * from Attachable").found["Attachable"][0]["Id"]

    town.restart()

    assert town.query("select * from Customer").found["Customer"] == [made]
    assert (
        town.count(),
        town.query("select * from Attachable").found["Attachable"][0]["Id"],
    ) == (1, link)
    assert town.call("GET", f"download/{link}").status == 200
    assert len({line.intuit_tid for line in town.requests()}) == len(town.requests())


def test_a_refresh_token_is_good_after_a_restart(town):
    refresh = town.log_in()["refresh_token"]
    town.restart()

    again = town.tokens(grant_type="refresh_token", refresh_token=refresh)

    assert again["token_type"] == "bearer"
    assert town.query("select * from Customer").status == 200


@pytest.mark.parametrize(
    ("request_ids", "count", "count_later"),
    [("honoured", 1, 1), ("ignored", 2, 3), ("forgotten", 1, 2)],
)
def test_request_ids_may_be_ignored_or_forgotten(open_town, request_ids, count, count_later):
    town = open_town(character=CHARACTER._replace(temper=Temper(request_ids=request_ids)))
    for _ in "12":
        town.upload("a", rest="requestid=r1")
    assert town.count() == count

    town.restart()
    town.upload("a", rest="requestid=r1")
    assert town.count() == count_later


def test_request_ids_may_be_forgotten_after_a_while(open_town):
    town = open_town(character=CHARACTER._replace(manners=Manners(forgets_after=60)))
    town.tick = 1.0
    for tick in (1.0, 61.0, 61.1, 61.2):
        town.tick = tick
        town.upload("a", rest="requestid=r1")

    assert town.count() == 2


def test_a_company_may_hide_tags_and_keep_no_contents(open_town):
    town = open_town(character=CHARACTER._replace(manners=Manners(False, 0.0, False)))
    town.upload("a", Tag="carryover:k")

    (record,) = town.query("select * from Attachable").found["Attachable"]
    assert "Tag" not in record
    assert town.query("select * from Attachable where Tag = 'carryover:k'").found == {}
    assert town.raw("GET", "/" + record["TempDownloadUri"].split("/", 3)[3]).status == 404


def test_a_busy_company_lets_writes_wait(open_town):
    town = open_town(character=CHARACTER._replace(latency=2.0))
    town.create(DisplayName="A")
    town.upload("a")

    assert len(town.waited) == 3 and all(0 < one <= 2 for one in town.waited[1:])


@pytest.mark.parametrize(
    "line",
    ["x,*,500", "1-,*,500", ",*,418", ",*,slow:", ",*,slow:1.2.3", ",*,slow:.", "1-2-3,*,500"],
)
def test_a_scenario_that_is_none_is_refused_at_the_start(open_town, line):
    with pytest.raises(Refused, match=r"scenario\.csv"):
        open_town(line)


def test_a_line_of_the_scenario_is_for_certain_calls(open_town):
    town = open_town("2-3,query,500", ",create *,503")

    assert [town.query("select * from Customer").status for _ in "1234"] == [
        200,
        500,
        500,
        200,
    ]
    assert town.create("vendor", DisplayName="A").status == 503


def test_chance_spares_nobody_and_a_second_try_fares_better(open_town):
    town = open_town(character=CHARACTER._replace(temper=Temper(0.5, "7")))
    said = []
    for number in range(40):
        try:
            said.append(town.upload(f"{number}.pdf").status)
        except RemoteDisconnected:
            said.append(0)

    assert {200, 429} < set(said) and 8 < said.count(200) < 32


# --- lengths --------------------------------------------------------------------------


def headed(town: Town, *headers: str) -> tuple[int, str]:
    """Return status and code of an upload of which only the headers are sent."""
    town.token or town.log_in()
    path = f"/v3/company/{CHARACTER.realm}/upload"
    kind = MULTIPART["Content-Type"]
    told = [
        f"POST {path} HTTP/1.1",
        f"Authorization: Bearer {town.token}",
        f"Content-Type: {kind}",
    ]
    with socket.create_connection(("127.0.0.1", town.server.server_port), timeout=5) as line:
        line.sendall("\r\n".join([*told, *headers, "", ""]).encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status, re.findall(rb'"code": "(\d+)"', answer.read())[0].decode()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([], 400, "6020"),
        (["Transfer-Encoding: chunked"], 400, "6020"),
        (["Content-Length: -1"], 400, "6020"),
        (["Content-Length: 5", "Content-Length: 6"], 400, "6020"),
        (["Content-Length: many"], 400, "6020"),
        (["Content-Length: 0"], 400, "6041"),
        (["Content-Length: 120000000"], 413, "6030"),
        (["Content-Length: 99999999999", "Expect: 100-continue"], 413, "6030"),
    ],
)
def test_an_upload_tells_its_length(town, headers, status, code):
    assert headed(town, *headers) == (status, code)
    assert town.count() == 0


def test_a_client_that_will_close_the_line_is_heard(town):
    body = b'{"DisplayName":"B"}'

    assert town.call("POST", "customer", body, Connection="close").status == 200


def test_writers_at_once_get_an_id_each(town):
    town.log_in()
    threads = [Thread(target=town.create, kwargs={"DisplayName": f"N{n}"}) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = town.query("select * from Customer maxresults 1000").found["Customer"]
    assert sorted(int(one["Id"]) for one in found) == list(range(1, 41))
    assert len({line.intuit_tid for line in town.requests()}) == len(town.requests())


# --- the door -------------------------------------------------------------------------


@pytest.fixture
def door(tmp_path):
    """Return a function that starts the door as a process of its own."""
    started = []

    def start(*options: str) -> subprocess.Popen:
        state = str(tmp_path / "company")
        command = [sys.executable, "-m", "src.fake_qbo_server", "--state", state, *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        # Fixed settings: whatever .env lies about concerns no test.
        environ = {**os.environ, "ENV_FILE": os.devnull}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environ, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_well(door, number):
    process = door("--port", "0")
    said = process.stdout.readline()
    assert re.fullmatch(r"QBO_BASE_URL=http://127\.0\.0\.1:\d+\n", said)

    process.send_signal(number)

    _, told = process.communicate(timeout=10)
    assert process.returncode == 0
    assert told.endswith("stopped; nothing is lost\n") and "Traceback" not in told


def test_one_folder_has_one_server(door):
    first = door("--port", "0")
    first.stdout.readline()

    second = door("--port", "0")

    _, told = second.communicate(timeout=10)
    assert (second.returncode, told.count("\n")) == (LOCKED, 1)
    assert "server.lock" in told


def test_a_port_in_use_is_told_in_one_sentence(door):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = door("--port", port)
        _, told = process.communicate(timeout=10)

    assert process.returncode == NOTHING_DONE
    assert (told.count("\n"), f"--port {port}: " in told) == (1, True)


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_is_none_is_told_in_a_sentence(door, port):
    process = door("--port", port)
    _, told = process.communicate(timeout=10)

    assert process.returncode == NOTHING_DONE
    assert "Traceback" not in told and port in told
