"""The operators' endpoints: what they answer, and to whom they do not."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from extauthz.observe.metrics import Metrics, ReloadResult
from extauthz.service.admin_app import AdminApp
from extauthz.service.readiness import Readiness
from extauthz.service.reload import Reloader, ReloadReport, Trigger
from extauthz.service.status.html_page import html_bytes
from extauthz.service.status.json_form import json_bytes
from extauthz.service.status.style import CONTENT_SECURITY_POLICY
from support.boards import FakeBoard
from support.statuses import STATUS

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
FAILED = ReloadReport(
    result=ReloadResult.FAILURE,
    trigger=Trigger.ADMIN,
    at=AT,
    problems=("c.yaml:1:1: a: bad hunter2",),
    places=("c.yaml:1:1: a",),
)
DONE = ReloadReport(result=ReloadResult.SUCCESS, trigger=Trigger.ADMIN, at=AT, warnings=("permissive",))


class FakeReloader:
    """Reports what it is told to."""

    def __init__(self) -> None:
        self.last: ReloadReport | None = None
        self.next = DONE
        self.triggers: list[Trigger] = []

    async def reload(self, trigger: Trigger) -> ReloadReport:
        self.triggers.append(trigger)
        self.last = self.next
        return self.next


class Client:
    """Calls the application without a network."""

    def __init__(self) -> None:
        self.readiness = Readiness()
        self.reloader = FakeReloader()
        self.metrics = Metrics(version="1")
        self.board = FakeBoard()
        self.app = AdminApp(self.metrics.registry, self.readiness, cast("Reloader", self.reloader), self.board)
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def ask(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[bytes, bytes]] = (),
        *,
        query: bytes = b"",
        server: tuple[str, int | None] = ("127.0.0.1", 9190),
    ) -> "Client":
        async def send(message: Any) -> None:  # noqa: ANN401  (ASGI's own type)
            if message["type"] == "http.response.start":
                self.status, self.headers = message["status"], dict(message["headers"])
            else:
                self.body = message["body"]

        async def receive() -> Any:  # noqa: ANN401  (the same)
            pytest.fail("nobody reads a body")

        scope = {"method": method, "path": path, "headers": list(headers), "query_string": query, "server": server}
        await self.app(scope, receive, send)
        return self

    def json(self) -> Any:  # noqa: ANN401  (a document)
        return json.loads(self.body)


@pytest.fixture
def client() -> Client:
    return Client()


async def test_it_is_alive_before_it_is_ready(client: Client) -> None:
    assert (await client.ask("GET", "/healthz")).status == 200
    assert (await client.ask("GET", "/readyz")).status == 503
    assert client.json() == {
        "ready": False,
        "reasons": ["loading"],
        "waiting_for_crls": [],
        "crl_problems": [],
        "last_reload": None,
    }


async def test_it_is_ready_while_it_serves(client: Client) -> None:
    client.readiness.serve()
    assert (await client.ask("GET", "/readyz")).status == 200
    assert client.json() == {
        "ready": True,
        "reasons": [],
        "waiting_for_crls": [],
        "crl_problems": [],
        "last_reload": None,
    }


async def test_what_is_wrong_with_crls_is_asked_for_at_each_request(client: Client) -> None:
    problems: list[dict[str, object]] = []
    client.app = AdminApp(
        client.metrics.registry, client.readiness, cast("Reloader", client.reloader), client.board, lambda: problems
    )
    await client.ask("GET", "/readyz")
    problems.append({"source": "a.crl"})
    assert client.json()["crl_problems"] == []
    await client.ask("GET", "/readyz")
    assert client.json()["crl_problems"] == [{"source": "a.crl"}]


async def test_it_is_alive_and_not_ready_while_it_drains(client: Client) -> None:
    client.readiness.serve()
    client.readiness.drain()
    assert (await client.ask("GET", "/readyz")).status == 503
    assert client.json()["reasons"] == ["draining"]
    assert (await client.ask("GET", "/healthz")).status == 200


async def test_a_failed_reload_is_told_by_its_place_and_does_not_make_it_unready(client: Client) -> None:
    client.readiness.serve()
    client.reloader.last = FAILED
    assert (await client.ask("GET", "/readyz")).status == 200
    assert client.json()["last_reload"] == {
        "result": "failure",
        "trigger": "admin",
        "at": "2026-06-01T12:00:00.000Z",
        "problems": ["c.yaml:1:1: a"],
        "warnings": [],
    }


EVIL = [(b"host", b"evil.example:9190")]
SECRET = ("hunter2", "Trillian", "permissive", "O=Magrathea", "/etc/", "c.yaml")
CRL_PROBLEM: dict[str, object] = {
    "source": "a.crl",
    "where": "/etc/crls/a.crl",
    "required": True,
    "problem": "no CRL of CN=Issuing,O=Magrathea",
    "last_attempt": None,
    "last_success": None,
    "crls_in_use": 0,
}


@pytest.mark.parametrize("ready", [True, False])
async def test_under_a_strangers_name_readiness_is_told_and_nothing_that_the_configuration_says(ready: bool) -> None:
    client = Client()
    if ready:
        client.readiness.serve()
    directory: dict[str, object] = {"source": "state_directory", "problem": "/etc/state cannot be written"}
    client.app = AdminApp(
        client.metrics.registry,
        client.readiness,
        cast("Reloader", client.reloader),
        client.board,
        lambda: [CRL_PROBLEM, directory],
    )
    key = 'c.yaml:1:1: policies[0].require["CN=Trillian McMillan"]'
    client.reloader.last = replace(FAILED, problems=(f"{key}: hunter2",), places=(key,), warnings=DONE.warnings * 2)
    assert (await client.ask("GET", "/readyz", EVIL)).status == (200 if ready else 503)
    assert [one for one in SECRET if one in client.body.decode()] == []
    told = client.json()
    assert told["ready"] is ready
    assert (told["last_reload"]["result"], told["last_reload"]["problems"], told["last_reload"]["warnings"]) == (
        "failure",
        1,
        2,
    )
    outline = {key: value for key, value in CRL_PROBLEM.items() if key not in {"where", "problem"}}
    assert told["crl_problems"] == [outline, {"source": "state_directory"}]


@pytest.mark.parametrize("host", [b"127.0.0.1:9190", b"localhost:9190", b"10.0.0.7:9190"])
async def test_under_a_name_of_its_own_readiness_comes_with_the_sentences(client: Client, host: bytes) -> None:
    client.app = AdminApp(
        client.metrics.registry,
        client.readiness,
        cast("Reloader", client.reloader),
        client.board,
        lambda: [CRL_PROBLEM],
    )
    client.reloader.last = DONE
    await client.ask("GET", "/readyz", [(b"host", host)])
    assert client.json()["crl_problems"] == [CRL_PROBLEM]
    assert client.json()["last_reload"]["warnings"] == ["permissive"]
    await client.ask("GET", "/readyz", [(b"host", host), *EVIL])
    assert "permissive" not in client.body.decode()


async def test_a_reload_that_works_is_200(client: Client) -> None:
    assert (await client.ask("POST", "/-/reload")).status == 200
    assert (client.json()["result"], client.json()["warnings"]) == ("success", ["permissive"])
    assert client.reloader.triggers == [Trigger.ADMIN]


async def test_a_reload_that_fails_is_422_with_every_problem(client: Client) -> None:
    client.reloader.next = FAILED
    assert (await client.ask("POST", "/-/reload")).status == 422
    assert client.json()["problems"] == ["c.yaml:1:1: a: bad hunter2"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_a_post_reloads(client: Client, method: str) -> None:
    assert (await client.ask(method, "/-/reload")).status == 405
    assert client.headers[b"allow"] == b"POST"
    assert client.reloader.triggers == []


@pytest.mark.parametrize(
    "header",
    [
        (b"origin", b"https://evil.example"),
        (b"origin", b"null"),
        (b"origin", b"http://127.0.0.1:9190"),
        (b"sec-fetch-site", b"cross-site"),
        (b"sec-fetch-site", b"none"),
    ],
)
async def test_a_page_in_a_browser_cannot_reload(client: Client, header: tuple[bytes, bytes]) -> None:
    assert (await client.ask("POST", "/-/reload", [header])).status == 403
    assert client.reloader.triggers == []


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_what_is_read_is_not_written(client: Client, method: str, path: str) -> None:
    assert (await client.ask(method, path)).status == 405
    assert client.headers[b"allow"] == b"GET, HEAD"


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
async def test_a_head_has_the_headers_and_no_body(client: Client, path: str) -> None:
    await client.ask("HEAD", path)
    assert client.body == b""
    assert int(client.headers[b"content-length"]) > 0


@pytest.mark.parametrize("path", ["/", "/metrics/", "/-/quit", "//healthz", "/HEALTHZ", ""])
async def test_there_is_nothing_else(client: Client, path: str) -> None:
    assert (await client.ask("GET", path)).status == 404


async def test_metrics_come_as_text_unless_asked_for_otherwise(client: Client) -> None:
    await client.ask("GET", "/metrics")
    assert client.headers[b"content-type"] == b"text/plain; version=0.0.4; charset=utf-8"
    names = {family.name for family in parse_text(client.body.decode())}
    assert "extauthz_checks" in names


async def test_metrics_come_as_openmetrics_to_whoever_accepts_it(client: Client) -> None:
    accept = b"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    await client.ask("GET", "/metrics", [(b"accept", accept)])
    assert client.headers[b"content-type"].startswith(b"application/openmetrics-text; version=1.0.0")
    names = {family.name for family in parse_openmetrics(client.body.decode())}  # type: ignore[no-untyped-call]  # published without types
    assert "extauthz_checks" in names


@pytest.mark.parametrize(
    "accept", [b"application/openmetrics-text;version=abc", b"text/plain;version=x.y", b";;;", b"\xff", b","]
)
async def test_nonsense_in_accept_gets_text(client: Client, accept: bytes) -> None:
    await client.ask("GET", "/metrics", [(b"accept", accept)])
    assert client.status == 200
    assert client.body.startswith(b"# HELP")


async def test_no_answer_is_to_be_kept(client: Client) -> None:
    await client.ask("GET", "/readyz")
    assert client.headers[b"cache-control"] == b"no-store"


async def test_a_defect_is_a_500_without_its_words(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_trigger: Trigger) -> ReloadReport:
        raise RuntimeError("secret")

    monkeypatch.setattr(client.reloader, "reload", broken)
    assert (await client.ask("POST", "/-/reload")).status == 500
    assert client.body == b"internal error\n"


@pytest.mark.parametrize(
    ("headers", "connection"),
    [
        ([], None),
        ([(b"content-length", b"0")], None),
        ([(b"content-length", b"1")], b"close"),
        ([(b"transfer-encoding", b"chunked")], b"close"),
    ],
)
async def test_a_body_that_nobody_reads_ends_the_connection(
    headers: list[tuple[bytes, bytes]], connection: bytes | None
) -> None:
    answer = await Client().ask("POST", "/-/reload", headers)
    assert answer.status == 200
    assert answer.headers.get(b"connection") == connection


@pytest.mark.parametrize("query", [b"", b"format=html"])
async def test_the_status_is_a_page_that_may_do_nothing(client: Client, query: bytes) -> None:
    assert (await client.ask("GET", "/status", query=query)).status == 200
    assert client.body == html_bytes(STATUS)
    assert client.headers == {
        b"content-type": b"text/html; charset=utf-8",
        b"content-length": str(len(client.body)).encode(),
        b"cache-control": b"no-store",
        b"x-content-type-options": b"nosniff",
        b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
        b"referrer-policy": b"no-referrer",
        b"cross-origin-resource-policy": b"same-origin",
    }


async def test_the_status_is_json_where_that_is_asked_for(client: Client) -> None:
    assert (await client.ask("GET", "/status", query=b"format=json")).status == 200
    assert (client.headers[b"content-type"], client.body) == (b"application/json", json_bytes(STATUS))


@pytest.mark.parametrize("query", [b"format=xml", b"format=JSON", b"format=json&format=html", b"x=1", b"format"])
async def test_no_other_form_is_guessed(client: Client, query: bytes) -> None:
    assert (await client.ask("GET", "/status", query=query)).status == 400
    assert b"format=json" in client.body


async def test_the_head_of_the_page_is_that_of_the_page(client: Client) -> None:
    await client.ask("HEAD", "/status")
    assert (client.status, client.body) == (200, b"")
    assert client.headers[b"content-length"] == str(len(html_bytes(STATUS))).encode()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT"])
async def test_the_status_can_only_be_read(client: Client, method: str) -> None:
    assert (await client.ask(method, "/status")).status == 405
    assert client.headers[b"allow"] == b"GET, HEAD"


@pytest.mark.parametrize("server", [("127.0.0.1", 9190), ("::1", 9190), ("10.0.0.7", 9190), ("fd00::7", 9190)])
async def test_whoever_comes_over_a_network_names_no_name_of_a_stranger(server: tuple[str, int]) -> None:
    client = Client()
    evil = [(b"host", b"evil.example:9190")]
    for query in (b"", b"format=json"):
        assert (await client.ask("GET", "/status", evil, query=query, server=server)).status == 421
        assert client.body.startswith(b"ask for the address itself, for localhost, or for a name in listen.admin")
    two = [(b"host", b"localhost:9190"), *evil]
    assert (await client.ask("GET", "/status", two, server=server)).status == 421
    for own in (b"localhost:9190", b"10.0.0.7:9190", b"[fd00::7]:9190"):
        assert (await client.ask("GET", "/status", [(b"host", own)], server=server)).status == 200


async def test_a_name_of_the_configuration_counts_for_as_long_as_it_is_there(client: Client) -> None:
    host = [(b"host", b"ops.example:9190")]
    assert (await client.ask("GET", "/status", host)).status == 421
    client.board.names.append("ops.example")
    assert (await client.ask("GET", "/status", host)).status == 200
    client.board.names.clear()
    assert (await client.ask("GET", "/status", host)).status == 421


async def test_a_socket_in_the_file_system_has_no_name_to_be_asked_by(client: Client) -> None:
    evil = [(b"host", b"evil.example")]
    assert (await client.ask("GET", "/status", evil, server=("/run/admin.sock", None))).status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_probes_and_scrapes_may_name_it_as_they_like(client: Client, path: str) -> None:
    client.readiness.serve()
    assert (await client.ask("GET", path, [(b"host", b"extauthz.auth.svc")], server=("10.0.0.7", 9190))).status == 200


async def test_many_who_ask_for_the_status_at_once_cost_one(client: Client) -> None:
    others = [Client() for _ in range(50)]
    for one in others:
        one.app = client.app
    await asyncio.gather(*(one.ask("GET", "/status", query=b"format=json") for one in others))
    assert {one.body for one in others} == {json_bytes(STATUS)}
    assert client.board.collected == 1


async def test_nothing_that_operators_are_answered_is_guessed_at_or_kept(client: Client) -> None:
    for path in ("/status", "/metrics", "/healthz", "/readyz", "/nothing"):
        await client.ask("GET", path)
        assert client.headers[b"x-content-type-options"] == b"nosniff"
        assert client.headers[b"cache-control"] == b"no-store"
        assert b"set-cookie" not in client.headers
