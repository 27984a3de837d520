"""A question without a certificate: only what extauthz itself says is a denial."""

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from extauthz.cli.health_denied import CHECK
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse
from support import http_answers, pki
from support.http_server import HttpServer, server_context

PERMISSION_DENIED: Final = grpc.StatusCode.PERMISSION_DENIED.value[0]
DECIDED: Final = ("x-extauthz-decision-id", "1")
CA = pki.make_ca("Root", not_after=pki.FAR)
SERVER = CA.issue("server", dns=["authz.example"], eku=[pki.SERVER_AUTH], not_after=pki.FAR)
CLIENT = CA.issue("probe", not_after=pki.FAR)
Run = Callable[..., Any]
Answering = Callable[[bytes | None], str]


class _Asked:
    """A server that is healthy and gives one answer to every Check; without an answer it knows no Check."""

    def __init__(self) -> None:
        self.questions: list[CheckRequest] = []

    def handler(self, answer: bytes) -> grpc.GenericRpcHandler:
        def check(question: CheckRequest, _: grpc.ServicerContext) -> bytes:
            self.questions.append(question)
            return answer

        service, method = CHECK.strip("/").split("/")
        one: grpc.RpcMethodHandler[CheckRequest, bytes] = grpc.unary_unary_rpc_method_handler(
            check, request_deserializer=CheckRequest.FromString
        )
        return grpc.method_handlers_generic_handler(service, {method: one})


@pytest.fixture
def asked() -> _Asked:
    return _Asked()


@pytest.fixture
def answering(asked: _Asked) -> Iterator[Answering]:
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)

        def start(answer: bytes | None) -> str:
            servicer = health.HealthServicer()
            servicer.set("", health_pb2.HealthCheckResponse.SERVING)
            servicer.set("nothing", health_pb2.HealthCheckResponse.NOT_SERVING)
            health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
            if answer is not None:
                server.add_generic_rpc_handlers((asked.handler(answer),))
            port = server.add_insecure_port("127.0.0.1:0")
            server.start()
            return f"127.0.0.1:{port}"

        yield start
        server.stop(None).wait()


def answer(code: int, decision_id: str = "1") -> bytes:
    one = CheckResponse(status={"code": code})
    one.dynamic_metadata["decision_id"] = decision_id
    return bytes(one.SerializeToString())


def test_a_denial_over_grpc_is_status_0(run: Run, answering: Answering, asked: _Asked) -> None:
    outcome = run("health", "--denied", "--address", answering(answer(PERMISSION_DENIED)))
    assert (outcome.status, outcome.out, outcome.err) == (0, "SERVING\nDENIED\n", "")
    (question,) = asked.questions
    assert question.attributes.source.certificate == ""
    assert dict(question.attributes.request.http.headers) == {}
    assert question.attributes.request.http.host == "extauthz.invalid"


@pytest.mark.parametrize("allow", [answer(0), b""], ids=["status 0", "no status"])
def test_an_allow_over_grpc_is_status_1(run: Run, answering: Answering, allow: bytes) -> None:
    outcome = run("health", "--denied", "--address", answering(allow))
    assert (outcome.status, outcome.out, outcome.err) == (1, "SERVING\nALLOWED\n", "")


def test_what_is_healthy_and_decides_nothing_is_status_1(run: Run, answering: Answering) -> None:
    address = answering(None)
    outcome = run("health", "--denied", "--address", address)
    assert (outcome.status, outcome.out) == (1, "SERVING\n")
    assert outcome.err == f"extauthz: {address} speaks gRPC but does not decide: it is not extauthz\n"


@pytest.mark.parametrize(
    "denial", [answer(PERMISSION_DENIED, ""), CheckResponse(status={"code": PERMISSION_DENIED}).SerializeToString()]
)
def test_a_denial_of_something_else_over_grpc_is_status_1(run: Run, answering: Answering, denial: bytes) -> None:
    address = answering(denial)
    outcome = run("health", "--denied", "--address", address)
    assert (outcome.status, outcome.out) == (1, "SERVING\n")
    assert outcome.err == f"extauthz: {address} denies without a decision id: nothing of extauthz decides there\n"


def test_what_does_not_serve_is_not_asked(run: Run, answering: Answering, asked: _Asked) -> None:
    address = answering(answer(PERMISSION_DENIED))
    outcome = run("health", "--denied", "--address", address, "--service", "nothing")
    assert (outcome.status, outcome.out) == (1, "NOT_SERVING\n")
    assert asked.questions == []


@pytest.mark.parametrize(
    ("status", "exit_status", "said"), [(200, 1, "ALLOWED\n"), (403, 0, "DENIED\n"), (401, 0, "DENIED\n")]
)
def test_the_http_listener_is_asked_at_its_prefix(run: Run, status: int, exit_status: int, said: str) -> None:
    with HttpServer() as server:
        server.behave("/check", lambda exchange: exchange.send(http_answers.head(status, [DECIDED])))
        outcome = run("health", "--denied", "--address", server.url("/check"))
    assert (outcome.status, outcome.out, outcome.err) == (exit_status, said, "")


def test_over_tls_the_certificate_must_have_the_name_and_ours_is_shown(run: Run, tmp_path: Path) -> None:
    for name, content in (("ca", CA.pem), ("cert", CLIENT.pem), ("key", CLIENT.key_pem)):
        (tmp_path / name).write_bytes(content)
    tls = server_context(SERVER, tmp_path)
    tls.load_verify_locations(tmp_path / "ca")
    tls.verify_mode = ssl.CERT_REQUIRED
    authority = ("--tls-ca", tmp_path / "ca")
    ours = ("--tls-cert", tmp_path / "cert", "--tls-key", tmp_path / "key")
    with HttpServer(tls=tls) as server:
        server.behave("/check", lambda exchange: exchange.send(http_answers.head(403, [DECIDED])))
        ask = ("health", "--denied", "--address", server.url("/check"), *authority)
        named = run(*ask, *ours, "--tls-server-name", "authz.example")
        unnamed = run(*ask, *ours)
        nobody = run(*ask, "--tls-server-name", "authz.example")
    assert (named.status, named.out, named.err) == (0, "DENIED\n", "")
    assert (unnamed.status, unnamed.out) == (1, "")
    assert "cannot be reached" in unnamed.err
    assert (nobody.status, nobody.out) == (1, "")


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_that_extauthz_did_not_decide_is_none(run: Run, status: int) -> None:
    """A proxy, a firewall or a wrong path says no as well."""
    with HttpServer() as server:
        server.behave("/check", http_answers.status(status))
        url = server.url("/check")
        outcome = run("health", "--denied", "--address", url)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == (
        f"extauthz: {url} answered {status} without x-extauthz-decision-id: nothing of extauthz decides there\n"
    )


def test_an_http_listener_that_is_not_there_is_status_1_and_one_line(run: Run) -> None:
    with HttpServer() as server:
        url = server.url("/check")
    outcome = run("health", "--denied", "--address", url)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"extauthz: {url} cannot be reached: ")
    assert outcome.err.count("\n") == 1
