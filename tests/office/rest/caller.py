"""A caller of the API: folders of its own, managers whose sessions start as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from src import config
from src.kit import web
from src.kit.counting import closed
from src.kit.errors import LOCKED
from src.kit.serving import Call, Reply
from src.kit.sync_manager import SyncManager
from src.mis import counting as mis
from src.mis.counting import SUBJECT as MIS
from src.mis.customer_sync import CustomerSync
from src.office.overview import Watch
from src.office.rest import routes
from src.office.rest.operations import Rest
from src.wms.counting import SUBJECT as WMS
from tests.mis.bureau import Bureau
from tests.office.pages.visitor import Nobody
from tests.office.rest import schema
from tests.wms.control import Control, Started

CUSTOMERS, WAREHOUSE = "/api/v1/sync/customers", "/api/v1/sync/wms"
LOCKED_SENTENCE = "/srv/logs/mis_sync.lock: held by process 4711 on host; wait"


class Answer(NamedTuple):
    """An answer of the API."""

    status: int
    json: dict[str, Any]

    @property
    def data(self) -> Any:
        """Return what was asked for."""
        return self.json["data"]

    @property
    def error(self) -> str:
        """Return why it was refused."""
        return self.json["error"]


class Caller:
    """Asks the API; every answer is held against the description of its address."""

    def __init__(self, root: Path) -> None:
        self.wms, self.mis = Control(root), Control(root / "mis")
        self.data, self.logs = self.wms.data, self.wms.logs
        folders = {"DATA_DIR": self.data, "LOG_DIR": self.logs}
        settings = config.load({name: str(path) for name, path in folders.items()})
        self.bureau = Bureau(self.logs)
        managers = self._manager(self.wms, WMS), self._manager(self.mis, MIS)
        counting = mis.Counting(self.data, self.logs, closed(self.logs))
        self.mis.outside = self.mis.outside._replace(counting=counting)
        self.mis.manager = SyncManager(self.mis.outside)
        managers = (managers[0], self.mis.manager)
        service = CustomerSync(
            self.bureau.outside._replace(last_session=self.mis.manager.last_session)
        )
        clock = self.wms.clock
        self.rest = Rest(settings, Watch(settings), *managers, service, clock)
        self._site = web.site(routes.routes(self.rest), Nobody(), lambda *_: web.Html(""))
        self.description = json.loads(self.reply("GET", "/api/v1/openapi.json").body)

    def _manager(self, control: Control, subject) -> SyncManager:  # noqa: ANN001
        control.outside = control.outside._replace(log_dir=self.logs, subject=subject)
        control.manager = SyncManager(control.outside)
        return control.manager

    def reply(self, method: str, place: str, body: bytes = b"", **headers: str) -> Reply:
        """Return the answer as it goes out."""
        path, _, query = place.partition("?")
        pairs = [tuple(one.split("=", 1)) for one in query.split("&") if one]
        call = Call(method, path, dict(pairs), headers, body, len(body), pairs)
        return self._site(call)

    def get(self, place: str) -> Answer:
        """Return the answer to a GET."""
        return self._checked("get", place, self.reply("GET", place))

    def post(self, place: str, sent: Any = None) -> Answer:
        """Return the answer to a POST of JSON, or of nothing."""
        body = b"" if sent is None else json.dumps(sent).encode()
        headers = {"content-type": "application/json"} if body else {}
        return self._checked("post", place, self.reply("POST", place, body, **headers))

    def _checked(self, method: str, place: str, reply: Reply) -> Answer:
        assert reply.content_type == "application/json"
        answer = Answer(reply.status, json.loads(reply.body))
        assert described(self.description, method, place, answer) == []
        return answer

    def holds(self, control: Control, session_id: str) -> Any:
        """Return what lets a session be at work, whose row is there."""
        control.writer(session_id).start(control.outside.subject.types)
        return control.living(session_id)

    def loses(self, control: Control) -> None:
        """Let sessions that are started find that another one was faster."""
        control.on_launch = lambda *_: Started(LOCKED, LOCKED_SENTENCE)


def described(document: Any, method: str, place: str, answer: Answer) -> list[str]:
    """Return where an answer is not as its address is described."""
    path = place.partition("?")[0]
    patterns = {one: re.sub(r"\{\w+\}", "[^/]+", one) for one in document["paths"]}
    known = [one for one, pattern in patterns.items() if re.fullmatch(pattern, path)]
    assert len(known) == 1, f"{path} is not described"
    responses = document["paths"][known[0]][method]["responses"]
    assert str(answer.status) in responses, f"{path}: {answer.status} is not described"
    content = responses[str(answer.status)]["content"]["application/json"]
    return schema.problems(content["schema"], answer.json, document)
