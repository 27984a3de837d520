"""How an operator accepts a CRL that goes back on purpose: what the runbook says is what works, and less does not."""

import shutil
from pathlib import Path

import pytest

from support.edge_pki import EdgePki
from support.http_server import HttpServer
from support.pki import Leaf
from support.questions import allowed, question, reason
from support.service import RealService
from support.service_site import Site

NEWER, OLDER = 8, 7


@pytest.fixture
def site(tmp_path: Path, pki: EdgePki) -> Site:
    return Site(tmp_path, pki, "native")


@pytest.fixture
def client(pki: EdgePki) -> Leaf:
    return pki.issue("alice")


def problems(service: RealService) -> list[str]:
    return [one["problem"] for one in service.get("/readyz").json()["crl_problems"]]


def test_a_file_is_taken_after_the_memory_was_removed_while_the_service_was_stopped(
    site: Site, pki: EdgePki, client: Leaf
) -> None:
    file, memory = site.folder / "issuing.crl", site.folder / "state" / "last-seen.json"
    site.write(revocation={"crls": [{"path": file.name}], "state_directory": "state"})
    file.write_bytes(pki.crl(client, number=NEWER))
    with RealService(site.path) as service:
        assert service.stop() == 0
    file.write_bytes(pki.crl(number=OLDER))
    with RealService(site.path, wait=False) as service:
        service.wait_for_crls()
        memory.unlink()
        service.reload()
        assert reason(service.check(question(client))) == "crl_invalid"
        assert service.stop() == 0
    memory.unlink(missing_ok=True)
    with RealService(site.path) as service:
        assert problems(service) == []
        assert allowed(service.check(question(client)))


def test_a_url_is_taken_only_when_what_was_fetched_is_removed_too(site: Site, pki: EdgePki, client: Leaf) -> None:
    state = site.folder / "state"
    with HttpServer() as server:
        url = server.url("/ca.crl")
        site.write(revocation={"crls": [{"url": url}], "state_directory": "state"})
        server.serve("/ca.crl", pki.crl(client, number=NEWER))
        with RealService(site.path) as service:
            assert service.stop() == 0
        server.serve("/ca.crl", pki.crl(number=OLDER))
        (state / "last-seen.json").unlink()
        with RealService(site.path) as service:
            service.event("CRL problem")
            assert reason(service.check(question(client))) == "revoked"
            assert service.stop() == 0
        (state / "last-seen.json").unlink()
        shutil.rmtree(state / "fetched")
        with RealService(site.path) as service:
            assert problems(service) == []
            assert allowed(service.check(question(client)))
