import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from support import http_answers, pki
from support.http_server import HttpServer

AUTHORIZATION = "envoy.service.auth.v3.Authorization"
CA = pki.make_ca("Root", not_after=pki.FAR)
SERVER = CA.issue("server", dns=["authz.example"], eku=[pki.SERVER_AUTH], not_after=pki.FAR)
CLIENT = CA.issue("probe", not_after=pki.FAR)
Run = Callable[..., Any]


@pytest.fixture
def servicer() -> health.HealthServicer:
    servicer = health.HealthServicer()
    servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    servicer.set(AUTHORIZATION, health_pb2.HealthCheckResponse.NOT_SERVING)
    return servicer


@pytest.fixture
def server() -> Iterator[grpc.Server]:
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        yield server
        server.stop(None).wait()


@pytest.fixture
def address(server: grpc.Server, servicer: health.HealthServicer) -> str:
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return f"127.0.0.1:{port}"


@pytest.fixture
def tls_address(server: grpc.Server, servicer: health.HealthServicer) -> str:
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    credentials = grpc.ssl_server_credentials([(SERVER.key_pem, SERVER.pem)], CA.pem, require_client_auth=True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    return f"127.0.0.1:{port}"


def test_serving_is_status_0(run: Run, address: str) -> None:
    outcome = run("health", "--address", address)
    assert (outcome.status, outcome.out, outcome.err) == (0, "SERVING\n", "")


def test_not_serving_is_status_1(run: Run, address: str) -> None:
    outcome = run("health", "--address", address, "--service", AUTHORIZATION)
    assert (outcome.status, outcome.out) == (1, "NOT_SERVING\n")


def test_an_unknown_service_is_status_1_and_named(run: Run, address: str) -> None:
    outcome = run("health", "--address", address, "--service", "nobody")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"extauthz: {address} does not know a service 'nobody'\n"


def test_a_server_without_health_service_is_named(run: Run, server: grpc.Server) -> None:
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    outcome = run("health", "--address", address)
    assert outcome.status == 1
    assert outcome.err == f"extauthz: {address} speaks gRPC but has no health service: it is not extauthz\n"


def test_nobody_there_is_status_1_and_one_line(run: Run, tmp_path: Path) -> None:
    outcome = run("health", "--address", f"unix:{tmp_path}/nobody.sock")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"extauthz: unix:{tmp_path}/nobody.sock cannot be reached: ")
    assert outcome.err.count("\n") == 1


def test_a_server_that_does_not_answer_in_time_is_status_1(run: Run, server: grpc.Server) -> None:
    class Silent(health.HealthServicer):  # type: ignore[misc]  # no type information is published for it
        def Check(self, request: object, context: grpc.ServicerContext) -> object:  # noqa: N802  (gRPC named it)
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "as if it had been")
            raise AssertionError

    health_pb2_grpc.add_HealthServicer_to_server(Silent(), server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    outcome = run("health", "--address", address)
    assert (outcome.status, outcome.err) == (1, f"extauthz: {address} did not answer in time\n")


def test_a_unix_socket_works(run: Run, server: grpc.Server, servicer: health.HealthServicer, tmp_path: Path) -> None:
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    server.add_insecure_port(f"unix:{tmp_path}/s")
    server.start()
    assert run("health", "--address", f"unix:{tmp_path}/s").status == 0


def test_mutual_tls_works_with_the_name_in_the_certificate(run: Run, tls_address: str, tmp_path: Path) -> None:
    for name, content in (("ca", CA.pem), ("cert", CLIENT.pem), ("key", CLIENT.key_pem)):
        (tmp_path / name).write_bytes(content)
    tls = ("--tls-ca", tmp_path / "ca", "--tls-cert", tmp_path / "cert", "--tls-key", tmp_path / "key")
    named = run("health", "--address", tls_address, *tls, "--tls-server-name", "authz.example")
    assert (named.status, named.out) == (0, "SERVING\n")
    unnamed = run("health", "--address", tls_address, *tls)
    assert (unnamed.status, unnamed.out) == (1, "")


@pytest.mark.parametrize(("status", "exit_status", "said"), [(200, 0, "SERVING\n"), (503, 1, "NOT_SERVING\n")])
def test_the_admin_listener_says_it_too(run: Run, status: int, exit_status: int, said: str) -> None:
    with HttpServer() as server:
        server.behave("/readyz", http_answers.status(status))
        outcome = run("health", "--address", server.url("").rstrip("/"))
    assert (outcome.status, outcome.out, outcome.err) == (exit_status, said, "")


def test_what_is_no_admin_listener_is_named(run: Run) -> None:
    with HttpServer() as server:
        url = server.url("").rstrip("/")
        outcome = run("health", "--address", url)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"extauthz: {url} answered 404: it is not the admin listener of extauthz\n"


def test_an_admin_listener_that_is_not_there_is_status_1_and_one_line(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        outcome = run("health", "--address", url)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith(f"extauthz: {url} cannot be reached: ")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tls-ca", "/x", "--tls-cert", "/y"], "--tls-cert and --tls-key go together"),
        (["--tls-cert", "/x", "--tls-key", "/y"], "TLS needs --tls-ca"),
        (["--tls-server-name", "x"], "TLS needs --tls-ca"),
        (["--tls-ca", "/nonexistent/ca.pem"], "cannot read /nonexistent/ca.pem: No such file or directory"),
        (["--timeout", "0"], "0.0 is not in the range"),
        (["--address", "http://127.0.0.1:1", "--service", "x"], "the admin listener knows neither"),
        (["--address", "http://127.0.0.1:1", "--tls-ca", "/x"], "the admin listener knows neither"),
        (["--address", "http://127.0.0.1"], "is not http://HOST:PORT"),
        (["--address", "http://127.0.0.1:1/readyz"], "is not http://HOST:PORT"),
        (["--address", "http://127.0.0.1:99999"], "is not http://HOST:PORT"),
        (["--address", "https://127.0.0.1:1/check"], "the HTTP listener needs --denied"),
        (["--address", "http://127.0.0.1:1/check", "--denied", "--service", "x"], "the HTTP listener knows none"),
        (["--address", "http://127.0.0.1:1/check", "--denied", "--tls-ca", "/x"], "https:// and --tls-ca"),
        (["--address", "https://127.0.0.1:1/check", "--denied"], "https:// and --tls-ca"),
        (["--address", "https://127.0.0.1:1/check", "--denied", "--tls-ca", "/x"], "cannot be read"),
        (["--address", "http://127.0.0.1:1", "--denied"], "is not http://HOST:PORT/PREFIX"),
        (["--address", "http://127.0.0.1/check", "--denied"], "is not http://HOST:PORT/PREFIX"),
    ],
)
def test_bad_options_are_status_2(run: Run, arguments: list[str], words: str) -> None:
    outcome = run("health", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert words in outcome.err
