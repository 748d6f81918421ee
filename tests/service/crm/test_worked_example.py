"""The README's relay for Chinese CRMs does what it says, both ways, word for word."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import uvicorn
from pydantic import SecretStr

from service.app import create_app
from service.clock import utc_now
from service.crm.drain import Drain, drained
from service.crm.field_map import read_fields
from service.crm.settings import CrmSettings
from service.crm.webhook_out import WebhookOut
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.rules.source import PROJECT
from tests.rules.test_readmes import blocks
from tests.service.crm.conftest import decision
from tests.service.crm.fake_hubspot import answering

TEXT = (PROJECT / "service" / "crm" / "README.md").read_text(encoding="utf-8")
SECRET = "0123456789abcdef"
FXIAOKE = {"appId": "A", "appSecret": "S", "permanentCode": "P", "currentOpenUserId": "U"}
XIAOSHOUYI = {
    **{"client_id": "C", "client_secret": "S", "redirect_uri": "https://a.example"},
    **{"username": "u@a.example", "password": "pw12345678"},
}
Answer = tuple[int, dict[str, str], Any]


class FakeFxiaoke:
    """Takes what the documentation of 纷享销客 says."""

    credentials = FXIAOKE
    update = "update_fxiaoke"
    record: ClassVar = {"_id": "5ea6cdd489225f0001fbc39d", "create_time": 1767139200000}

    def __init__(self) -> None:
        self.url, self.busy = "", 0
        self.taken: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, _headers: Any, body: bytes) -> Answer:
        told = json.loads(body)
        if (method, path) == ("POST", "/cgi/corpAccessToken/get/V2"):
            assert told == {name: FXIAOKE[name] for name in list(FXIAOKE)[:3]}
            token = {"errorCode": 0, "errorMessage": "success", "expiresIn": 7200}
            return 200, {}, token | {"corpAccessToken": "T", "corpId": "FSCID_1"}
        assert (method, path) == ("POST", "/cgi/crm/v2/data/update")
        assert (told["corpAccessToken"], told["corpId"]) == ("T", "FSCID_1")
        record = told["data"]["object_data"]
        assert record.pop("dataObjectApiName") == "LeadsObj"
        if self.busy:
            self.busy -= 1
            return 200, {}, {"errorCode": 20016, "errorMessage": "token expired"}
        self.taken.append({"id": record.pop("_id"), **record})
        return 200, {}, {"errorCode": 0, "errorMessage": "OK", "traceId": "E-1"}


class FakeXiaoshouyi:
    """Takes what 销售易 takes by its objects of version 2."""

    credentials = XIAOSHOUYI
    update = "update_xiaoshouyi"
    record: ClassVar = {"id": 1544109615041172, "createdAt": 1767139200000}

    def __init__(self) -> None:
        self.url, self.busy = "", 0
        self.taken: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        if (method, path) == ("POST", "/oauth2/token.action"):
            asked = {name: value for name, [value] in parse_qs(body.decode()).items()}
            assert asked == {"grant_type": "password", **XIAOSHOUYI}
            return 200, {}, {"access_token": "T", "token_type": "Bearer", "issued_at": "1"}
        assert headers["Authorization"] == "Bearer T"
        start, _, name = path.rpartition("/")
        assert (method, start) == ("PATCH", "/rest/data/v2.0/xobjects/lead")
        if self.busy:
            self.busy -= 1
            return 200, {}, {"code": "1020025", "msg": "too many requests"}
        self.taken.append({"id": name, **json.loads(body)["data"]})
        return 200, {}, {"code": "200", "msg": "OK", "data": {}}


CRMS = [(FakeFxiaoke, 0), (FakeXiaoshouyi, 1)]
EACH = pytest.mark.parametrize(("kind", "place"), CRMS, ids=["fxiaoke", "xiaoshouyi"])


@pytest.fixture(scope="module")
def relay() -> dict[str, Any]:
    """Return what the README's program defines."""
    [program] = blocks(TEXT, "python")
    names: dict[str, Any] = {}
    exec(compile(program, "README.md", "exec"), names)
    return names


class Silent(WSGIRequestHandler):
    """Says nothing."""

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def served(application: Any) -> Iterator[str]:
    """Serve a WSGI application on a port of this machine."""
    server = make_server("127.0.0.1", 0, application, handler_class=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@EACH
def test_scores_reach_the_crm_once_by_its_own_names(
    kind: Any, place: int, relay: dict[str, Any], store: SqlStore, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(blocks(TEXT, "toml")[place], encoding="utf-8")
    fields = read_fields("webhook", own)
    leads = [fields.lead_id(str(n)) for n in range(12)]
    store.write([decision(lead_id, utc_now(), 30 + n) for n, lead_id in enumerate(leads)])
    pauses: list[float] = []
    with answering(kind()) as crm:
        credentials = {**crm.credentials, "url": crm.url}
        application = relay["relay"](SECRET, credentials, relay[crm.update])
        with served(application) as url:
            crm.busy = 1
            forged = WebhookOut(f"{url}/score", "another secret 1", fields, utc_now)
            assert Drain(store, forged, utc_now, Random(1)).round().pushed == 0
            assert crm.taken == []
            out = WebhookOut(f"{url}/score", SECRET, fields, utc_now)
            drain = Drain(store, out, utc_now, Random(1))
            assert drained(drain, pauses.append).pushed == 0
            drain = Drain(store, out, utc_now, Random(1))
            assert drained(drain, pauses.append).pushed == 12
    assert sorted(int(one["id"]) for one in crm.taken) == [*range(12)]
    score, label = fields.outgoing["score"], fields.outgoing["label"]
    assert {one["id"]: one[score] for one in crm.taken} == {str(n): 30 + n for n in range(12)}
    assert {one[label] for one in crm.taken} == {"MQL"}
    assert set(crm.taken[0]) == {"id", *fields.outgoing.values()}


@EACH
def test_leads_of_the_crm_reach_the_service(
    kind: Any, place: int, relay: dict[str, Any], settings: Settings, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(blocks(TEXT, "toml")[place], encoding="utf-8")
    agreed = CrmSettings(webhook_secret=SecretStr(SECRET), webhook_fields=own)
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'crm.db'}")))
    writer = GroupWriter(store)
    app = create_app(settings, sink=writer, store=store, crm=agreed)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    deed = {"kind": "申请演示", "occurred_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat()}
    told = (f"http://127.0.0.1:{port}", SECRET, kind.record, [deed | {"id": "E-7"}])
    first, again = relay["tell_service"](*told), relay["tell_service"](*told)
    server.should_exit = True
    thread.join()
    name = read_fields("webhook", own).lead_id(str(kind.record.get("_id") or kind.record["id"]))
    assert first["lead_id"] == again["lead_id"] == name
    [lead] = store.known([(name, None)]).values()
    assert [kept[0] for kept in lead.activities] == ["demo_requested"]
    assert lead.created_at == 1767139200000 * 1000
    writer.close()
