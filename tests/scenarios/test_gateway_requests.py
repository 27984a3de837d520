"""The configurations beside the Kubernetes manifests, asked what those gateways ask.

The questions are put together from what the gateways are known to send: no cluster runs here.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from extauthz.demo.dev_pki import DevPki, make_dev_pki, write_dev_pki
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from support.forms import rfc2253, url_pem, xfcc
from support.manifest_service import written
from support.manifests import EXAMPLES
from support.questions import allowed, headers, policy, question, reason
from support.service import RealService

Started = Callable[[str], RealService]

HOST = "web.example.com"
GATEWAY = "spiffe://cluster.local/ns/istio-ingress/sa/istio-ingressgateway"
SIDECAR = "spiffe://cluster.local/ns/web/sa/web"
HASH = "5d" * 32
"""Of a workload's certificate, which nobody forwards."""
ISTIO = ["istio/extauthz.yaml", "gateway-api/extauthz.yaml"]
XFCC = [*ISTIO, "envoy-gateway/extauthz.yaml"]
BAD = [("revoked", "revoked"), ("rogue", "untrusted_issuer"), ("expired", "expired")]


@pytest.fixture(scope="module")
def authority() -> DevPki:
    return make_dev_pki(datetime.now(UTC))


@pytest.fixture(scope="module", params=["native", "grpcio"])
def service(
    request: pytest.FixtureRequest, authority: DevPki, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    """Start the service of an example, each once for all tests."""
    folder = tmp_path_factory.mktemp("gateways")
    write_dev_pki(authority, folder / "pki")
    running: dict[str, RealService] = {}
    with ExitStack() as stack:

        def started(example: str) -> RealService:
            if example not in running:
                path = written(EXAMPLES / example, folder, transport=str(request.param))
                running[example] = stack.enter_context(RealService(path))
            return running[example]

        yield started


def certificate(authority: DevPki, client: str) -> x509.Certificate:
    return authority.clients[client].credential.certificate


def der(authority: DevPki, client: str) -> bytes:
    return certificate(authority, client).public_bytes(Encoding.DER)


def with_xfcc(value: str, *, path: str = "/") -> CheckRequest:
    asked = question(host=HOST, path=path)
    asked.attributes.request.http.headers["x-forwarded-client-cert"] = value
    return asked


def istio_gateway(authority: DevPki, client: str, *, by: str | None = None) -> str:
    """Return the element of an Istio gateway: Hash, Cert, Subject, URI and DNS, never Chain.

    By is there only if the gateway's own server certificate has a URI name.
    """
    return xfcc(
        der(authority, client),
        by=[] if by is None else [by],
        subject=rfc2253(certificate(authority, client).subject),
        uris=[""],
        dns=[f"{client}.clients.example"],
    )


def istio_sidecar(caller: str) -> str:
    """Return the element that an Istio sidecar appends about a workload: neither Cert nor Chain, and no Subject."""
    return xfcc(None, by=[SIDECAR], hash_=HASH, subject="", uris=[caller])


def envoy_gateway(authority: DevPki, client: str) -> str:
    """Return the element of Envoy Gateway with ``certDetailsToAdd: [Cert, Chain]``."""
    issuing = authority.issuing.credential.certificate.public_bytes(Encoding.DER)
    leaf = der(authority, client)
    return xfcc(leaf, chain=[leaf, issuing])


def element(example: str, authority: DevPki, client: str) -> str:
    """Return what the gateway of an example writes about a client."""
    write = envoy_gateway if example.startswith("envoy-gateway") else istio_gateway
    return write(authority, client)


@pytest.mark.parametrize("example", XFCC)
def test_a_client_of_the_gateway_gets_in_under_its_own_name(service: Started, authority: DevPki, example: str) -> None:
    answer = service(example).check(with_xfcc(element(example, authority, "alice")))
    assert (allowed(answer), policy(answer)) == (True, "partners")
    assert headers(answer)["x-client-cert-subject"] == "CN=alice,OU=Engineering,O=Example"


@pytest.mark.parametrize("example", XFCC)
@pytest.mark.parametrize(("client", "why"), BAD)
def test_a_bad_client_of_the_gateway_is_refused(
    service: Started, authority: DevPki, example: str, client: str, why: str
) -> None:
    answer = service(example).check(with_xfcc(element(example, authority, client)))
    assert (allowed(answer), reason(answer)) == (False, why)


@pytest.mark.parametrize("example", XFCC)
def test_the_path_of_operations_is_for_them_alone(service: Started, authority: DevPki, example: str) -> None:
    alice, ops = (
        service(example).check(with_xfcc(element(example, authority, client), path="/ops/x"))
        for client in ("alice", "ops")
    )
    assert (allowed(alice), reason(alice)) == (False, "organizational_unit_not_allowed")
    assert (allowed(ops), policy(ops)) == (True, "operations")


@pytest.mark.parametrize("example", XFCC)
def test_a_gateway_that_keeps_what_the_client_sent_is_found_out(
    service: Started, authority: DevPki, example: str
) -> None:
    both = ",".join([element(example, authority, "ops"), element(example, authority, "alice")])
    answer = service(example).check(with_xfcc(both))
    assert (allowed(answer), reason(answer)) == (False, "source_ambiguous")


@pytest.mark.parametrize("example", XFCC)
def test_a_gateway_that_forwards_nothing_lets_nobody_in(service: Started, example: str) -> None:
    answer = service(example).check(question(host=HOST))
    assert (allowed(answer), reason(answer)) == (False, "no_certificate")


@pytest.mark.parametrize("example", XFCC)
def test_a_host_of_no_policy_is_closed(service: Started, authority: DevPki, example: str) -> None:
    asked = with_xfcc(element(example, authority, "alice"))
    asked.attributes.request.http.host = "other.example.com"
    answer = service(example).check(asked)
    assert (allowed(answer), reason(answer)) == (False, "no_policy")


def test_behind_a_sidecar_the_client_of_the_gateway_is_the_client(service: Started, authority: DevPki) -> None:
    header = ",".join([istio_gateway(authority, "alice", by=GATEWAY), istio_sidecar(GATEWAY)])
    answer = service("istio/extauthz-sidecar.yaml").check(with_xfcc(header))
    assert allowed(answer)
    assert headers(answer)["x-client-cert-subject"] == "CN=alice,OU=Engineering,O=Example"


@pytest.mark.parametrize(
    ("by", "caller"),
    [(None, GATEWAY), (SIDECAR, GATEWAY), (GATEWAY, SIDECAR), (GATEWAY, f"{GATEWAY}-2")],
    ids=["no By", "By of another", "handed on by another", "handed on by one with a longer name"],
)
def test_behind_a_sidecar_an_element_of_anybody_but_the_gateway_is_refused(
    service: Started, authority: DevPki, by: str | None, caller: str
) -> None:
    header = ",".join([istio_gateway(authority, "alice", by=by), istio_sidecar(caller)])
    answer = service("istio/extauthz-sidecar.yaml").check(with_xfcc(header))
    assert (allowed(answer), reason(answer)) == (False, "source_untrusted")


def test_a_workload_behind_the_sidecar_has_no_certificate_to_show(service: Started) -> None:
    answer = service("istio/extauthz-sidecar.yaml").check(with_xfcc(istio_sidecar(SIDECAR)))
    assert (allowed(answer), reason(answer)) == (False, "source_ambiguous")


@pytest.mark.parametrize("example", ISTIO)
def test_names_without_a_certificate_are_nobody(service: Started, example: str) -> None:
    waypoint = xfcc(None, by=[GATEWAY], uris=[SIDECAR])
    answer = service(example).check(with_xfcc(waypoint))
    assert (allowed(answer), reason(answer)) == (False, "certificate_not_forwarded")


def by_contour(authority: DevPki, client: str, context: str | None = None) -> CheckRequest:
    """Return the question of Contour's Envoy: the leaf, and what the route says of itself."""
    asked = question(host=HOST)
    asked.attributes.source.certificate = url_pem(der(authority, client))
    if context is not None:
        asked.attributes.context_extensions["policy"] = context
    return asked


@pytest.mark.parametrize(
    ("client", "context", "chosen"),
    [("alice", None, "partners"), ("ops", None, "partners"), ("ops", "payments", "payments")],
)
def test_a_client_of_contour_gets_in_where_the_route_lets_it(
    service: Started, authority: DevPki, client: str, context: str | None, chosen: str
) -> None:
    answer = service("contour/extauthz.yaml").check(by_contour(authority, client, context))
    assert (allowed(answer), policy(answer)) == (True, chosen)


@pytest.mark.parametrize(("client", "why"), BAD)
def test_a_bad_client_of_contour_is_refused(service: Started, authority: DevPki, client: str, why: str) -> None:
    answer = service("contour/extauthz.yaml").check(by_contour(authority, client))
    assert (allowed(answer), reason(answer)) == (False, why)


def test_a_route_of_contour_asks_for_more_than_another(service: Started, authority: DevPki) -> None:
    answer = service("contour/extauthz.yaml").check(by_contour(authority, "alice", "payments"))
    assert (allowed(answer), reason(answer)) == (False, "organizational_unit_not_allowed")


def test_a_header_of_the_client_is_nothing_to_contour(service: Started, authority: DevPki) -> None:
    answer = service("contour/extauthz.yaml").check(with_xfcc(envoy_gateway(authority, "ops")))
    assert (allowed(answer), reason(answer)) == (False, "no_certificate")
