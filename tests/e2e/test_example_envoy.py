"""examples/envoy runs as its README says: the programs accept the files as they are, and answer what it promises."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import extauthz
from extauthz.demo.envoy import find_envoy
from extauthz.demo.process import ManagedProcess
from support.https_client import Credentials, HttpsClient
from support.proxies.example import free_ports, replaced
from support.service import RealService, eventually

EXAMPLE = Path(__file__).parents[2] / "examples" / "envoy"
README = (EXAMPLE / "README.md").read_text()
CURL = re.compile(r"^curl --cacert (\S+) --cert (\S+) --key (\S+) https://localhost:8443(\S+)$", re.MULTILINE)
COMMAND = re.compile(r"`extauthz ([a-z-]+)")
UPSTREAM = "extauthz.demo.upstream"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the example with the PKI of its first step."""
    copy = tmp_path_factory.mktemp("example") / "envoy"
    shutil.copytree(EXAMPLE, copy)
    run(copy, sys.executable, "-P", "-m", "extauthz", "dev-pki", "pki")
    return copy


def environment() -> dict[str, str]:
    """Return the variables with which this very package is found from any directory."""
    return {**os.environ, "PYTHONPATH": str(Path(extauthz.__file__).parents[1])}


def run(directory: Path, *command: str) -> str:
    """Run a program in the example's directory; it must succeed."""
    done = subprocess.run(command, cwd=directory, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_extauthz_accepts_its_file_as_it_is(directory: Path) -> None:
    assert "0 warnings" in run(directory, sys.executable, "-P", "-m", "extauthz", "validate", "extauthz.yaml")


def test_envoy_accepts_its_file_as_it_is(directory: Path) -> None:
    run(directory, str(find_envoy()), "--mode", "validate", "-c", "envoy.yaml")


def test_the_doctor_finds_nothing_in_its_files(directory: Path) -> None:
    command = ("doctor", "--config", "extauthz.yaml", "--envoy", "envoy.yaml")
    assert "nothing found" in run(directory, sys.executable, "-P", "-m", "extauthz", *command)


@pytest.mark.parametrize("command", sorted(set(COMMAND.findall(README))))
def test_the_commands_of_the_readme_exist(directory: Path, command: str) -> None:
    run(directory, sys.executable, "-P", "-m", "extauthz", command, "--help")


class InDirectory(ManagedProcess):
    """A program that is started in the example's directory, through a shell that becomes it."""

    def __init__(self, directory: Path, name: str, *command: str) -> None:
        arguments = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(directory), *command]
        super().__init__(name, arguments, directory / f"{name}.log", environment=environment())


@pytest.fixture(scope="module")
def port(directory: Path) -> Iterator[int]:
    """Start everything, the well-known ports of the files replaced by free ones; return that of the edge.

    Only on the transport that is the default, as the files are run as they are.
    """
    edge, admin = free_ports(2)
    config, bootstrap = directory / "extauthz.yaml", directory / "envoy.yaml"
    with ExitStack() as running:
        assert f"python -m {UPSTREAM} 8080" in README
        upstream = running.enter_context(InDirectory(directory, "upstream", sys.executable, "-P", "-m", UPSTREAM, "0"))
        config.write_text(
            replaced(config.read_text(), {"127.0.0.1:9191": "127.0.0.1:0", "127.0.0.1:9190": "127.0.0.1:0"})
        )
        service = running.enter_context(RealService(config))
        ports = {
            8443: edge,
            9901: admin,
            8080: upstream.wait_for(lambda: announced_port(upstream.log_path), timeout=20, what="no port"),
            9191: int(service.grpc_address.rpartition(":")[2]),
        }
        changes = {f"port_value: {old}}}": f"port_value: {new}}}" for old, new in ports.items()}
        bootstrap.write_text(replaced(bootstrap.read_text(), changes))
        command = (str(find_envoy()), "-c", "envoy.yaml", "--disable-hot-restart", "--concurrency", "1")
        envoy = running.enter_context(InDirectory(directory, "envoy", *command))
        envoy.wait_for(lambda: accepts(edge) or None, timeout=20, what="it does not listen")
        eventually(lambda: health_was_asked(service) or None, "the first health check")
        yield edge


def announced_port(log: Path) -> int | None:
    found = re.search(r"http://127\.0\.0\.1:([0-9]+)", log.read_text())
    return int(found[1]) if found else None


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def health_was_asked(service: RealService) -> bool:
    labels = {"grpc_type": "unary", "grpc_service": "grpc.health.v1.Health", "grpc_method": "Check"}
    return bool(service.metric("grpc_server_started_total", **labels))


@pytest.mark.parametrize(
    ("number", "status"), [(0, 200), (1, 403), (2, 403)], ids=["good client", "revoked client", "not of Ops"]
)
def test_the_requests_of_the_readme_get_what_it_says(directory: Path, port: int, number: int, status: int) -> None:
    ca, certificate, key, path = CURL.findall(README)[number]
    credentials = Credentials(directory / certificate, directory / key)
    with HttpsClient(port, server_ca=directory / ca, credentials=credentials) as client:
        answer = client.request(path)
    assert answer.status == status
    if status == 200:
        assert answer.identity_headers()["x-client-cert-subject"] == "CN=alice,OU=Engineering,O=Example"


def test_a_client_of_ops_gets_in_where_others_do_not(directory: Path, port: int) -> None:
    clients = directory / "pki" / "clients"
    credentials = Credentials(clients / "ops.chain.pem", clients / "ops.key")
    with HttpsClient(port, server_ca=directory / "pki" / "root-ca.pem", credentials=credentials) as client:
        assert client.request("/ops/x").identity_headers()["x-client-cert-policy"] == "operations"
