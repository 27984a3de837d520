"""A service is ready when it can answer, and does not start with what it cannot use."""

import socket
import subprocess
import sys
from pathlib import Path

from support.questions import allowed, question
from support.service_site import Site, StartService


def test_when_it_says_ready_it_answers(start: StartService, site: Site) -> None:
    service = start()
    assert service.get("/readyz").status == 200
    assert service.get("/healthz").status == 200
    assert allowed(service.check(question(site.pki.issue("alice"))))


def test_the_ready_line_tells_addresses_and_digest(start: StartService) -> None:
    service = start()
    ready = service.event("ready")
    assert ready["grpc"].startswith("127.0.0.1:")
    assert ready["admin"].startswith("127.0.0.1:")
    assert service.metric("extauthz_config_info", hash=ready["config"]) == 1.0
    assert service.stdout() == ""


def test_permissive_choices_are_logged(start: StartService) -> None:
    (warning,) = start().events("configuration warning")
    assert "revocation" in warning["warning"]
    assert warning["level"] == "warning"


def test_every_problem_is_on_standard_error_and_the_status_is_2(start: StartService, site: Site) -> None:
    service = start(wait=False, trust={"anchors": ["missing.pem"]}, policies=[], surprise=1)
    assert service.wait() == 2
    lines = [line for line in service.stderr() if not line.startswith("{")]
    assert [line.split(": ")[1] for line in lines] == ["trust.anchors[0]", "policies", "surprise"]
    assert all(line.startswith(f"{site.path}:1:") for line in lines)
    assert service.events("ready") == []


def test_a_missing_configuration_is_one_clear_line(tmp_path: Path) -> None:
    command = (sys.executable, "-P", "-m", "extauthz", "serve", "--config", str(tmp_path / "no.yaml"))
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.strip() == f"{tmp_path / 'no.yaml'}: the configuration file does not exist"
    assert ended.stdout == ""


def test_a_taken_grpc_port_is_one_clear_line(start: StartService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        service = start(wait=False, listen={"grpc": {"address": address}, "admin": {"address": "127.0.0.1:0"}})
        assert service.wait() == 2
    assert f"cannot listen on {address}: address already in use" in service.stderr()


def test_a_taken_admin_port_is_one_clear_line(start: StartService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        service = start(wait=False, listen={"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": address}})
        assert service.wait() == 2
    assert f"cannot listen on {address}: address already in use" in service.stderr()


def test_a_second_service_cannot_share_the_port_of_the_first(start: StartService) -> None:
    """With SO_REUSEPORT it would silently take half of the requests."""
    first = start()
    listen = {"grpc": {"address": first.grpc_address}, "admin": {"address": "127.0.0.1:0"}}
    second = start(wait=False, listen=listen)
    assert second.wait() == 2
    assert first.get("/readyz").status == 200
