"""Policies and bare names: one that did not ask for them is not widened, one that did gets no more than a name."""

from datetime import timedelta

import pytest

from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.model.decision import Decision
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import compile_when
from extauthz.policy.rules.max_lifetime import max_lifetime_rule
from extauthz.policy.rules.spiffe_id import spiffe_id_rule
from extauthz.policy.token import JWT_NAMESPACE, TokenBinding, TokenBindingMode
from extauthz.sources.select import SourceReader
from extauthz.sources.xfcc import XfccSource
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.binding import cert_thumbprint_s256
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.pins import CertPin, CertPinStore, ExpiringPin
from extauthz.trust.pinset import PinSet
from support import pki
from support.engines import assembled

CA = pki.make_ca("Mesh")
WAYPOINT = "spiffe://cluster.local/ns/web/sa/waypoint"
CART = "spiffe://cluster.local/ns/shop/sa/cart"
LEAF = CA.issue("cart", uris=[CART])
NAME = f"By={WAYPOINT};URI={CART}"
SHOP = ClientCertConfig(rules=(spiffe_id_rule(["spiffe://cluster.local/ns/shop/sa/*"]),))
PINS = PinSet(cert=(ExpiringPin(CertPin.from_der(LEAF.der)),))


def engine(
    config: ClientCertConfig = SHOP,
    *,
    accepts: bool = True,
    optional: bool = False,
    pins: CertPinStore | None = None,
    token: TokenBindingMode = TokenBindingMode.OFF,
) -> Engine:
    trust = CertificateTrust(ChainVerifier([parse_certificate(CA.der)], [], ChainMode.VERIFY))
    policy = Policy(
        name="shop",
        method=ClientCertAuthMethod(config, pins=pins, trust=trust),
        certificate_optional=optional,
        accepts_forwarded_identity=accepts,
        token_binding=TokenBinding(mode=token),
    )
    return assembled(
        sources=SourceReader([XfccSource(by=(WAYPOINT,), identity_only=("cluster.local",))]),
        policies=[(compile_when(), policy)],
        headers=HeaderRenderer(),
        trust=trust,
        digest="d1",
    )


def asking(header: str = NAME) -> AuthRequest:
    return AuthRequest(headers={"x-forwarded-client-cert": (header,)}, path="/")


def decide(one: Engine, header: str = NAME) -> Decision:
    return one.decide(asking(header), pki.NOW)


def test_a_policy_that_takes_names_lets_the_workload_in_and_says_how_it_knows() -> None:
    decision = decide(engine())
    assert (decision.allowed, decision.reason) == (True, Reason.ALLOWED_BY_FORWARDED_IDENTITY)
    assert decision.forwarded == ForwardedIdentity(CART, (WAYPOINT,), ("xfcc",))
    assert (decision.identity, decision.session_expires, decision.sources) == (None, None, ("xfcc",))
    assert [step.number for step in decision.steps] == [1, 2, 3, 7, 8, 9, 10]


def test_the_upstream_gets_the_name_and_nothing_that_only_a_certificate_has() -> None:
    headers = decide(engine()).headers
    assert dict(headers.set) == {
        "x-client-cert-san": f"uri:{CART}",
        "x-client-cert-spiffe-id": CART,
        "x-client-cert-policy": "shop",
    }
    assert {"x-client-cert-sha256", "x-client-cert-subject", "x-client-cert-session-expires"} <= set(headers.remove)


@pytest.mark.parametrize("optional", [False, True])
def test_a_policy_that_does_not_say_so_is_not_widened(*, optional: bool) -> None:
    decision = decide(engine(accepts=False, optional=optional))
    assert (decision.allowed, decision.reason) == (False, Reason.FORWARDED_IDENTITY_NOT_ALLOWED)
    assert decision.headers.set == ()


def test_no_name_is_nobody() -> None:
    decision = engine().decide(AuthRequest(), pki.NOW)
    assert (decision.allowed, decision.reason) == (False, Reason.NO_CERTIFICATE)


def test_a_workload_that_no_rule_names_is_denied() -> None:
    decision = decide(engine(), f"By={WAYPOINT};URI=spiffe://cluster.local/ns/bank/sa/till")
    assert (decision.allowed, decision.reason) == (False, Reason.SPIFFE_ID_NOT_ALLOWED)
    assert decision.forwarded is not None


@pytest.mark.parametrize(
    "config",
    [
        ClientCertConfig(rules=(max_lifetime_rule(timedelta(days=1)),)),
        ClientCertConfig().allow_subject("CN=cart"),
        ClientCertConfig().allow_issuer("CN=Mesh"),
        ClientCertConfig().with_require_san(),
        ClientCertConfig(pin_sets=(PINS,)),
    ],
    ids=["lifetime", "subject", "issuer", "any name", "pins"],
)
def test_what_only_a_certificate_can_show_denies(config: ClientCertConfig) -> None:
    decision = decide(engine(config))
    assert (decision.allowed, decision.reason) == (False, Reason.FORWARDED_IDENTITY_INSUFFICIENT)


def test_a_pin_store_denies_even_where_it_is_empty() -> None:
    assert decide(engine(pins=CertPinStore())).reason is Reason.FORWARDED_IDENTITY_INSUFFICIENT


@pytest.mark.parametrize("mode", [TokenBindingMode.REQUIRED, TokenBindingMode.IF_PRESENT])
def test_a_token_that_is_bound_to_a_certificate_does_not_go_with_a_name(mode: TokenBindingMode) -> None:
    payload = {"cnf": {"x5t#S256": cert_thumbprint_s256(LEAF.der)}}
    request = asking()._replace(metadata={JWT_NAMESPACE: {"payload": payload}})
    decision = engine(token=mode).decide(request, pki.NOW)
    assert (decision.allowed, decision.reason) == (False, Reason.TOKEN_BINDING_MISMATCH)
    assert decision.forwarded is not None


def test_a_certificate_in_the_place_of_a_name_is_verified_as_ever() -> None:
    one = engine()
    assert decide(one, pki.xfcc(LEAF.der, by=[WAYPOINT])).reason is Reason.ALLOWED
    rogue = pki.make_ca("Rogue").issue("cart", uris=[CART])
    assert decide(one, pki.xfcc(rogue.der, by=[WAYPOINT], uris=[CART])).reason is Reason.UNTRUSTED_ISSUER
    late = CA.issue("cart", uris=[CART], not_after=pki.NOW - pki.SECOND)
    assert decide(one, pki.xfcc(late.der, by=[WAYPOINT], uris=[CART])).reason is Reason.EXPIRED


def test_the_same_name_is_judged_once_and_each_name_for_itself() -> None:
    one = engine()
    first = decide(one)
    assert decide(one) is first
    assert one.decide(asking(), pki.NOW + pki.DAY) is first
    other = decide(one, f"By={WAYPOINT};URI=spiffe://cluster.local/ns/shop/sa/till")
    assert dict(other.headers.set)["x-client-cert-spiffe-id"] == "spiffe://cluster.local/ns/shop/sa/till"


def test_a_forged_identity_header_is_removed_beside_a_name() -> None:
    request = asking()._replace(underscored_headers=("x_client_cert_sha256",))
    assert "x_client_cert_sha256" in engine().decide(request, pki.NOW).headers.remove
