"""TLS of all workers is the same, also of one that starts after a change."""

import pytest

from support.edge_pki import EdgePki
from support.mesh import GATEWAY, Mesh, ask, refused, served_name
from support.questions import allowed, reason
from support.service import RealService
from support.service_site import Site, StartService
from support.workers import replace_workers

CONNECTIONS = 12


@pytest.fixture
def mesh(site: Site) -> Mesh:
    return Mesh(site)


def names(service: RealService, mesh: Mesh) -> set[str]:
    """Return the names that the listener shows to a number of connections."""
    return {served_name(service, mesh) for _ in range(CONNECTIONS)}


def test_a_new_certificate_reaches_all_and_their_successors(start: StartService, mesh: Mesh) -> None:
    service = start(workers=2, listen=mesh.listen(client_ca=None))
    assert names(service, mesh) == {"first"}
    mesh.serve("second")
    assert service.reload().status == 200
    assert names(service, mesh) == {"second"}
    mesh.write("mesh.key", b"junk")
    assert service.reload().status == 422
    replace_workers(service, *service.workers)
    assert names(service, mesh) == {"second"}


def test_who_may_call_stays_as_it_was_bound_in_a_new_worker_too(start: StartService, mesh: Mesh, pki: EdgePki) -> None:
    service = start(workers=2, listen=mesh.listen(allowed_clients=[f"uri:{GATEWAY}"]))
    mesh.site.write(listen=mesh.listen(client_ca=None))
    mesh.serve("second")
    assert service.reload().status == 200
    replace_workers(service, *service.workers)
    for _ in range(CONNECTIONS // 2):
        assert allowed(ask(service, mesh, mesh.gateway, pki))
        assert reason(ask(service, mesh, mesh.other, pki)) == "caller_not_allowed"
    assert refused(lambda: ask(service, mesh, None, pki))
