"""What is fetched is fetched once, and counts in every worker."""

from support.edge_pki import EdgePki
from support.http_server import HttpServer
from support.pki import Leaf, distribution_point
from support.questions import question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService
from support.workers import ask_anew


def verdicts(service: RealService, client: Leaf) -> set[str]:
    """Return the answers over a number of connections: with two workers, one is missed once in a million."""
    return {reason(ask_anew(service, question(client))) for _ in range(20)}


def test_a_url_is_asked_once_for_all(start: StartService, site: Site, pki: EdgePki) -> None:
    client = pki.issue("alice")
    with HttpServer() as server:
        server.serve("/ca.crl", pki.crl(client))
        state = str(site.folder / "state")
        service = start(workers=2, revocation={"crls": [{"url": server.url("/ca.crl")}], "state_directory": state})
        assert verdicts(service, client) == {"revoked"}
        assert server.count("/ca.crl") == 1
        label = server.url("/ca.crl")
        assert service.metric("extauthz_crl_fetch_total", crl=label, result="success") == 1.0


def test_a_distribution_point_that_one_worker_meets_is_fetched_once_and_counts_in_all(
    start: StartService, pki: EdgePki
) -> None:
    with HttpServer() as server:
        server.serve("/own.crl", pki.crl())
        client = pki.issue("with point", distribution_points=[distribution_point(server.url("/own.crl"))])
        points = {"hosts": ["127.0.0.1"]}
        service = start(workers=2, revocation={"distribution_points": points, "fetch": {"private_addresses": True}})
        assert reason(ask_anew(service, question(client))) == "crl_missing"
        eventually(lambda: verdicts(service, client) == {"allowed"} or None, "the CRL in all", show=service.stderr)
        assert server.count("/own.crl") == 1
