"""A worker that can never listen ends the start at once, with the reason, instead of being started again and again."""

import os
import socket
from pathlib import Path

import pytest

import extauthz
import support
from support.edge_pki import EdgePki
from support.http_proxy import http_listener
from support.service import RealService
from support.service_site import Site, StartService

SABOTAGE = Path(support.__file__).parent / "sabotage"


@pytest.fixture(scope="session")
def transport() -> str:
    return "native"


def refused(service: RealService) -> str:
    """Wait until the start has failed; return what the operator is told."""
    assert service.wait() == 2
    assert service.events("a worker ended and is started again") == []
    assert service.events("ready") == []
    (told,) = [line for line in service.stderr() if not line.startswith("{")]
    return told


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_taken(workers: int, start: StartService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        service = start(wait=False, workers=workers, listen=http_listener(address=address))
        assert refused(service) == f"cannot listen on {address}: address already in use"


@pytest.mark.parametrize("workers", [1, 2])
def test_tls_files_that_openssl_alone_refuses(workers: int, start: StartService, site: Site, pki: EdgePki) -> None:
    """Blank lines within PEM: whoever parses it by the letter does not mind."""
    odd = site.folder / "odd.pem"
    odd.write_bytes(pki.server.certificate.read_bytes().replace(b"\n", b"\n\n", 4))
    tls = {"cert": str(odd), "key": str(pki.server.key)}
    service = start(wait=False, workers=workers, listen=http_listener(tls=tls))
    told = refused(service)
    assert told.startswith("cannot listen on 127.0.0.1:")
    assert "OpenSSL cannot use its TLS files: " in told


def test_a_defect_where_a_worker_begins_to_listen(site: Site) -> None:
    site.write(workers=2)
    path = os.pathsep.join((str(SABOTAGE), str(Path(extauthz.__file__).parents[1])))
    environment = {"EXTAUTHZ_SABOTAGE": "extauthz.service.serving:tame_collector", "PYTHONPATH": path}
    with RealService(site.path, wait=False, environment=environment) as service:
        assert refused(service).endswith(": internal error ZeroDivisionError; see the log")
        assert service.events("a worker cannot begin to accept")
