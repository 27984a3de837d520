"""The real process with the headers of RFC 9440, as a proxy in front of the asking one writes them."""

import pytest

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse
from support import pki as forms
from support.edge_pki import EdgePki
from support.questions import allowed, headers, question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService

CERT = "Client-Cert"
CHAIN = "Client-Cert-Chain"


@pytest.fixture
def service(start: StartService, pki: EdgePki) -> RealService:
    """Return a service that knows the root alone: the issuing CA has to come with the request."""
    return start(sources=[{"type": "rfc9440"}], trust={"anchors": [str(pki.directory / "root.pem")]})


def asked(*lines: tuple[str, str]) -> CheckRequest:
    """Return a question whose header lines are sent unmerged, as with ``encode_raw_headers``."""
    made = question()
    for name, value in lines:
        made.attributes.request.http.header_map.headers.add(key=name, raw_value=value.encode())
    return made


def ask(service: RealService, *lines: tuple[str, str]) -> CheckResponse:
    return service.check(asked(*lines))


def test_the_certificate_and_its_chain_are_read_from_their_headers(service: RealService, pki: EdgePki) -> None:
    alice = pki.issue("alice")
    answer = ask(service, (CERT, forms.byte_sequence(alice.der)), (CHAIN, forms.byte_sequence(pki.issuing.der)))
    assert (allowed(answer), reason(answer)) == (True, "allowed")
    assert headers(answer)["x-client-cert-cn"] == "alice"


def test_merged_headers_are_read_too_and_the_chain_in_several_lines(service: RealService, pki: EdgePki) -> None:
    leaf = forms.byte_sequence(pki.issue("bob").der)
    root, issuing = (forms.byte_sequence(one.der) for one in (pki.root, pki.issuing))
    merged = question()
    merged.attributes.request.http.headers[CERT.lower()] = leaf
    merged.attributes.request.http.headers[CHAIN.lower()] = f"{issuing},{root}"
    assert allowed(service.check(merged))
    assert allowed(ask(service, (CERT, leaf), (CHAIN, issuing), (CHAIN, root)))


def test_what_is_kept_for_a_certificate_does_not_outlive_a_change_of_its_chain(
    service: RealService, pki: EdgePki
) -> None:
    carol = (CERT, forms.byte_sequence(pki.issue("carol").der))
    chain = (CHAIN, forms.byte_sequence(pki.issuing.der))
    answers = [ask(service, *lines) for lines in ((carol, chain), (carol,), (carol, chain), (carol, (CHAIN, "junk")))]
    assert [reason(answer) for answer in answers] == ["allowed", "untrusted_issuer", "allowed", "source_malformed"]


def test_what_is_not_as_the_standard_has_it_is_denied_with_its_reason(
    service: RealService, pki: EdgePki, site: Site
) -> None:
    leaf = forms.byte_sequence(pki.issue("dave").der)
    chain = forms.byte_sequence(pki.issuing.der)
    cases = {
        ((CERT, leaf), (CERT, leaf)): "source_ambiguous",
        ((CERT, f"{leaf},{leaf}"),): "source_malformed",
        ((CERT, leaf + ";verified"),): "source_malformed",
        ((CERT, ""),): "source_malformed",
        ((CHAIN, chain),): "source_inconsistent",
        ((CERT, leaf), (CHAIN, f"{leaf}, {chain}")): "source_inconsistent",
        ((CERT, leaf), (CHAIN, f"{chain},")): "source_malformed",
        ((CERT, ":" + "A" * 140_000),): "source_too_large",
        (("x-client-cert", leaf),): "no_certificate",
    }
    for lines, expected in cases.items():
        answer = ask(service, *lines)
        assert (answer.status.code, answer.denied_response.status.code, reason(answer)) == (7, 403, expected)
    log = eventually(
        lambda: found if len(found := site.decisions()) == len(cases) else None, "every decision in the log"
    )
    assert [line["reason"] for line in log] == list(cases.values())
