"""The status page of the real process: what happened is on it, and what strangers wrote is not."""

import http.client
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from extauthz import __version__
from support.edge_pki import EdgePki
from support.pki import Leaf
from support.questions import question
from support.service import PATIENCE, RealService, eventually
from support.service_site import Site, StartService
from support.workers import ask_anew, replace_workers

SECRET = "/orders?token=hunter2"  # noqa: S105  (what must not be shown)


@pytest.fixture(scope="session")
def transport() -> str:
    """Return one transport: the page does not depend on it."""
    return "native"


@pytest.fixture(scope="module")
def site_of_all(tmp_path_factory: pytest.TempPathFactory, pki: EdgePki) -> Site:
    return Site(tmp_path_factory.mktemp("site"), pki, "native")


@pytest.fixture(scope="module")
def service(site_of_all: Site) -> Iterator[RealService]:
    """Run one service for the tests that only look."""
    site_of_all.write()
    with RealService(site_of_all.path) as one:
        yield one


@pytest.fixture
def stranger(pki: EdgePki) -> Leaf:
    return EdgePki(pki.directory / "elsewhere").issue("mallory")


def status(service: RealService) -> Any:  # noqa: ANN401  (a document)
    reply = service.get("/status?format=json")
    assert reply.status == 200, reply.body
    return reply.json()


def latest(service: RealService) -> Sequence[Mapping[str, Any]]:
    return list(status(service)["denials"]["latest"])


def policy_of(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    (found,) = (one for one in document["policies"] if one["name"] == name)
    return dict(found)


def test_it_says_what_runs(service: RealService, site_of_all: Site) -> None:
    document = status(service)
    assert (document["phase"], document["ready"], document["workers"]) == ("serving", True, {})
    assert document["build"]["version"] == __version__
    assert document["configuration"]["generation"] == 1
    assert document["configuration"]["digest"] == service.event("ready")["config"]
    assert [(one["name"], one["address"]) for one in document["listeners"]] == [
        ("grpc", service.grpc_address),
        ("admin", service.admin_address),
    ]
    assert [one["type"] for one in document["sources"]] == ["envoy_peer"]
    (anchor,) = document["anchors"]
    assert anchor["fingerprint8"] == site_of_all.pki.root.sha256.hex()[:8]
    assert document["crls"] == {"checked": False, "problems": [], "sources": []}


def test_a_deny_is_there_at_once_without_what_the_client_wrote(
    service: RealService, stranger: Leaf, site_of_all: Site
) -> None:
    before = policy_of(status(service), "everybody")
    service.check(question(stranger, host="secret.example", path=SECRET))
    document = status(service)
    (first, *_) = document["denials"]["latest"]
    assert (first["reason"], first["policy"], first["listener"]) == ("untrusted_issuer", "everybody", "grpc")

    def logged() -> Mapping[str, object] | None:
        return next((one for one in site_of_all.decisions() if one["decision_id"] == first["decision_id"]), None)

    line = eventually(logged, "its line in the decision log")
    assert first["fingerprint8"] == str(line["sha256"])[:8]
    assert policy_of(document, "everybody")["denied"] == before["denied"] + 1
    page = service.get("/status").body
    for shown in (page, service.get("/status?format=json").body):
        assert first["decision_id"] in shown
        for hidden in ("mallory", "hunter2", "secret.example", str(line["sha256"])):
            assert hidden not in shown


def test_allows_are_counted_and_not_listed(service: RealService, pki: EdgePki) -> None:
    before = status(service)
    service.check(question(pki.issue("alice")))
    after = status(service)
    assert policy_of(after, "everybody")["allowed"] == policy_of(before, "everybody")["allowed"] + 1
    assert after["sources"][0]["checks"] == before["sources"][0]["checks"] + 1
    assert len(after["denials"]["latest"]) == len(before["denials"]["latest"])


def test_a_hundred_denials_are_kept(service: RealService) -> None:
    for _ in range(105):
        service.check(question(None))
    found = latest(service)
    assert len(found) == 100
    assert {one["reason"] for one in found} == {"no_certificate"}
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)


def test_the_page_comes_with_its_policy_and_nothing_to_keep(service: RealService) -> None:
    for method in ("GET", "HEAD"):
        reply = service.admin(method, "/status")
        assert reply.status == 200
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
        assert "set-cookie" not in reply.headers
        assert (reply.body == "") == (method == "HEAD")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_browsers_post_is_refused(service: RealService, method: str) -> None:
    reply = service.admin(method, "/status", {"origin": "https://evil.example", "content-length": "0"})
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_a_name_that_resolves_to_loopback_is_told_nothing(service: RealService) -> None:
    for path in ("/status", "/status?format=json"):
        reply = service.get(path, {"host": "evil.example"})
        assert reply.status == 421
        assert status(service)["configuration"]["digest"] not in reply.body
    assert service.get("/status", {"host": f"localhost:{service.admin_address.rpartition(':')[2]}"}).status == 200


def test_subjects_come_with_a_setting_escaped_and_go_with_it(start: StartService, site: Site, pki: EdgePki) -> None:
    markup = EdgePki(pki.directory / "markup").issue("<img src=x onerror=alert(1)>")
    listen: dict[str, Any] = {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}}
    service = start(listen=listen)
    service.check(question(markup))
    assert latest(service)[0]["subject"] is None
    with_subjects = {**listen, "admin": {**listen["admin"], "status": {"identities": True}}}
    site.write(listen=with_subjects)
    assert service.reload().status == 200
    service.check(question(markup))
    document = status(service)
    subject = document["denials"]["latest"][0]["subject"]
    assert document["denials"]["identities"] is True
    assert "<img src=x onerror=alert(1)" in subject.replace("\\", "")
    page = service.get("/status").body
    assert "<img" not in page
    assert subject in unescape(page)
    site.write(listen=listen)
    assert service.reload().status == 200
    site.write(listen=with_subjects)
    assert service.reload().status == 200
    assert [one["subject"] for one in latest(service)] == [None, None], "what was forgotten does not come back"


def test_a_crl_its_age_and_what_is_wrong_with_it_are_there(start: StartService, site: Site, pki: EdgePki) -> None:
    (site.folder / "issuing.crl").write_bytes(pki.crl(7, 8, 9, number=41))
    service = start(revocation={"crls": [{"path": "issuing.crl"}]})
    (source,) = status(service)["crls"]["sources"]
    assert (source["source"], source["standing"], source["problems"]) == ("issuing.crl", "good", [])
    (crl,) = source["crls"]
    assert (crl["number"], crl["entries"], crl["issuer"]) == ("41", 3, "CN=Issuing CA,O=Example")
    assert 3600 <= crl["age_seconds"] < 3600 + 600
    assert 86_400 - 600 < crl["remaining_seconds"] <= 86_400
    site.pki.write("garbage", b"<html>maintenance</html>").rename(site.folder / "issuing.crl")

    def bad() -> Mapping[str, Any] | None:
        (one,) = status(service)["crls"]["sources"]
        return one if one["problems"] else None

    now_bad = eventually(bad, "the problem on the page", show=service.stderr)
    assert (now_bad["standing"], now_bad["rejected"]) == ("attention", 1)
    assert now_bad["crls"][0]["number"] == "41", "the last good one goes on counting"
    assert now_bad["problems"][0] in unescape(service.get("/status").body)


def test_a_reload_is_a_new_generation_and_a_failed_one_is_told(start: StartService, site: Site) -> None:
    service = start()
    first = status(service)["configuration"]
    assert (first["generation"], first["last_reload"], first["standing"]) == (1, None, "attention")
    assert "revocation" in first["warnings"][0]
    site.write(policies=[{"name": "new", "when": {}, "require": {}}])
    assert service.reload().status == 200
    document = status(service)
    second = document["configuration"]
    assert (second["generation"], second["last_reload"]["result"]) == (2, "success")
    assert second["digest"] != first["digest"]
    assert second["digests_in_use"] == [second["digest"]]
    assert [one["name"] for one in document["policies"]] == ["new", ""]
    site.write(policies=[])
    assert service.reload().status == 422
    third = status(service)["configuration"]
    assert (third["generation"], third["digest"], third["standing"]) == (2, second["digest"], "bad")
    places = service.get("/readyz").json()["last_reload"]["problems"]
    (sentence,), (place,) = third["last_reload"]["problems"], places
    assert sentence.startswith(f"{place}: ")


def test_probes_are_told_where_a_mistake_is_and_not_what_stands_there(start: StartService, site: Site) -> None:
    service = start()
    site.write(listen={"http": {"address": "127.0.0.1:0", "dialect": "nginx", "callers": {"secret": "hunter2"}}})
    assert service.reload().status == 422
    (sentence,) = status(service)["configuration"]["last_reload"]["problems"]
    ready = service.get("/readyz")
    (place,) = ready.json()["last_reload"]["problems"]
    assert "hunter2" in sentence
    assert place.endswith(": listen.http.callers.secret")
    assert "hunter2" not in ready.body


def test_a_name_that_the_configuration_gives_is_answered_from_the_next_reload_on(
    start: StartService, site: Site
) -> None:
    service = start()
    named = {"host": "ops.example:9190"}
    assert service.get("/status", named).status == 421
    listen = {
        "grpc": {"address": "127.0.0.1:0"},
        "admin": {"address": "127.0.0.1:0", "status": {"hosts": ["ops.example"]}},
    }
    site.write(listen=listen)
    assert service.reload().status == 200
    assert service.get("/status", named).status == 200
    assert service.get("/status", {"host": "evil.example"}).status == 421


def test_a_policy_that_a_reload_took_away_keeps_its_counts(start: StartService, site: Site, pki: EdgePki) -> None:
    service = start()
    service.check(question(pki.issue("alice")))
    site.write(policies=[{"name": "new", "when": {}, "require": {}}])
    assert service.reload().status == 200
    gone = policy_of(status(service), "everybody")
    assert (gone["configured"], gone["hits"]) == (False, 1)


def test_the_page_is_of_all_workers(start: StartService, stranger: Leaf) -> None:
    service = start(workers=2)
    assert status(service)["workers"] == {"starting": 0, "serving": 2, "stopping": 0, "waiting": 0}
    asked = 24
    for _ in range(asked):  # each worker gets one of them, but for once in millions of runs
        ask_anew(service, question(stranger))
    one, other = service.workers
    document = status(service)
    assert len(document["denials"]["latest"]) == policy_of(document, "everybody")["denied"] == asked
    assert document["denials"]["processes_late"] == 0
    replace_workers(service, one)
    after = status(service)
    assert policy_of(after, "everybody")["denied"] == asked, "counts outlive a worker"
    assert 0 < len(after["denials"]["latest"]) < asked, "denials are those of the processes that run now"
    assert document["denials"]["processes_ended"] == 0
    assert after["denials"]["processes_ended"] > 0, "and those of the others are missed out loud"
    assert after["samples_unread"] == 0
    os.kill(other, signal.SIGSTOP)
    try:
        state = Path(f"/proc/{other}/stat")
        eventually(lambda: True if ") T " in state.read_text() else None, "the worker standing still")
        frozen = status(service)
    finally:
        os.kill(other, signal.SIGCONT)
    assert frozen["denials"]["processes_late"] == 1
    assert frozen["denials"]["latest"] == after["denials"]["latest"], "its last known ones are shown"


def test_the_http_listener_and_a_unix_socket_are_there_too(start: StartService, site: Site) -> None:
    service = start(
        listen={
            "grpc": {"address": "127.0.0.1:0"},
            "http": {"address": "127.0.0.1:0", "dialect": "nginx", "callers": {"addresses": ["127.0.0.1/32"]}},
            "admin": {"address": f"unix:{site.folder}/admin.sock"},
        }
    )
    document = status(service)
    assert [(one["name"], one["speaks"]) for one in document["listeners"]] == [
        ("grpc", "gRPC, transport native"),
        ("http", "HTTP, dialect nginx"),
        ("admin", "HTTP, for operators"),
    ]
    assert document["sources"] == [
        {"type": "envoy_peer", "listeners": ["grpc"], "checks": 0},
        {"type": "nginx", "listeners": ["http"], "checks": 0},
    ]
    host, _, port = service.http_address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
    connection.request("GET", "/check", headers={"x-original-method": "GET", "x-original-uri": SECRET})
    assert connection.getresponse().status == 403
    connection.close()
    (denial,) = latest(service)
    assert denial["listener"] == "http"
