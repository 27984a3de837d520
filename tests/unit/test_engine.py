"""``decide``: each step denies with its own reason, in its order, and an allow carries what the upstream needs."""

from datetime import timedelta

import pytest

from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import When, compile_when
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.token import JWT_NAMESPACE, TokenBinding, TokenBindingMode
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.sources.xfcc import XfccSource
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.binding import cert_thumbprint_s256
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from support import pki
from support.engines import assembled

CA = pki.make_ca("Test CA")
ALICE = CA.issue("alice", not_after=pki.NOW + pki.DAY)
BOB = CA.issue("bob")
ROGUE = pki.make_ca("Rogue CA").issue("alice")
TRUST = CertificateTrust(ChainVerifier([parse_certificate(CA.der)], [], ChainMode.VERIFY))


def policy(
    name: str, *, optional: bool = False, token: TokenBindingMode = TokenBindingMode.OFF, cn: str = ""
) -> Policy:
    rules = (common_name_rule([cn]),) if cn else ()
    return Policy(
        name=name,
        method=ClientCertAuthMethod(ClientCertConfig(rules=rules), trust=TRUST),
        certificate_optional=optional,
        token_binding=TokenBinding(mode=token),
    )


def engine(*policies: tuple[When, Policy], headers: HeaderRenderer | None = None) -> Engine:
    return assembled(
        sources=SourceReader([EnvoyPeerSource(), XfccSource()]),
        policies=policies or [(compile_when(), policy("any"))],
        headers=headers or HeaderRenderer(),
        trust=TRUST,
        digest="d1",
    )


def request(leaf: pki.Leaf | None = ALICE, **fields: object) -> AuthRequest:
    certificate = pki.url_pem(leaf.der) if leaf else ""
    return AuthRequest(source_certificate=certificate, **{"path": "/", **fields})  # type: ignore[arg-type]


def outcome_at(decision: Decision, number: int) -> Pass | Fail:
    return next(step.outcome for step in decision.steps if step.number == number)


def test_trusted_client_is_allowed_through_all_ten_steps() -> None:
    decision = engine().decide(request(), pki.NOW)
    assert decision.allowed
    assert decision.reason is Reason.ALLOWED
    assert decision.policy == "any"
    assert decision.sources == ("envoy_peer",)
    assert [step.number for step in decision.steps] == list(range(1, 11))
    assert all(isinstance(step.outcome, Pass) for step in decision.steps)
    assert ("x-client-cert-cn", "alice") in decision.headers.set
    assert decision.session_expires == pki.NOW + timedelta(hours=1)


def test_same_question_gets_the_same_answer() -> None:
    one, another = engine(), engine()
    assert one.decide(request(), pki.NOW) == another.decide(request(), pki.NOW) == one.decide(request(), pki.NOW)


@pytest.mark.parametrize(
    ("asked", "number", "reason"),
    [
        (request(path="/other"), 1, Reason.NO_POLICY),
        (request(path="/a/../b"), 1, Reason.PATH_AMBIGUOUS),
        (request(None, path="/a"), 2, Reason.NO_CERTIFICATE),
        (AuthRequest(source_certificate="%zz", path="/a"), 2, Reason.SOURCE_MALFORMED),
        (
            request(path="/a", headers={"x-forwarded-client-cert": (pki.xfcc(BOB.der),)}),
            2,
            Reason.SOURCE_CONFLICT,
        ),
        (
            request(path="/a", headers={"x-forwarded-client-cert": (pki.xfcc(ALICE.der, subject="CN=root"),)}),
            3,
            Reason.SOURCE_INCONSISTENT,
        ),
        (
            AuthRequest(source_certificate=pki.url_pem(b"\x30\x03\x02\x01\x05"), path="/a"),
            3,
            Reason.CERTIFICATE_MALFORMED,
        ),
        (request(CA.issue("old", not_after=pki.NOW - pki.SECOND), path="/a"), 4, Reason.EXPIRED),
        (request(ROGUE, path="/a"), 5, Reason.UNTRUSTED_ISSUER),
        (request(BOB, path="/a"), 8, Reason.COMMON_NAME_NOT_ALLOWED),
        (request(path="/a"), 9, Reason.TOKEN_BINDING_MISSING),
    ],
)
def test_first_step_that_fails_decides(asked: AuthRequest, number: int, reason: Reason) -> None:
    one = engine((compile_when(paths=["/a"]), policy("a", token=TokenBindingMode.REQUIRED, cn="alice")))
    decision = one.decide(asked, pki.NOW)
    assert not decision.allowed
    assert decision.reason is reason
    assert decision.steps[-1].number == number
    assert decision.detail
    assert decision.headers == HeaderMutations()
    assert decision.session_expires is None


def test_denied_claim_is_shown_as_far_as_it_was_read() -> None:
    decision = engine().decide(request(ROGUE), pki.NOW)
    assert decision.identity is not None
    assert decision.identity.common_name == "alice"
    assert isinstance(outcome_at(decision, 5), Fail)


def test_identity_too_large_for_a_header_denies() -> None:
    names = [f"{number}.{'x' * 60}.example" for number in range(300)]
    decision = engine().decide(request(CA.issue("many", dns=names)), pki.NOW)
    assert decision.reason is Reason.IDENTITY_TOO_LARGE
    assert decision.steps[-1].number == 10


def test_without_certificate_an_optional_policy_lets_in_and_removes_every_identity_header() -> None:
    one = engine((compile_when(), policy("open", optional=True)))
    decision = one.decide(request(None, underscored_headers=("x_client-cert-subject",)), pki.NOW)
    assert decision.allowed
    assert decision.reason is Reason.ALLOWED_WITHOUT_CERTIFICATE
    assert decision.identity is None
    assert decision.headers.set == ()
    assert {"x-client-cert-subject", "x_client_cert_subject", "x_client-cert-subject"} <= set(decision.headers.remove)


def test_optional_certificate_that_is_presented_must_be_good() -> None:
    one = engine((compile_when(), policy("open", optional=True)))
    assert one.decide(request(ROGUE), pki.NOW).reason is Reason.UNTRUSTED_ISSUER


def test_bound_token_without_certificate_is_denied_also_where_the_certificate_is_optional() -> None:
    one = engine((compile_when(), policy("open", optional=True, token=TokenBindingMode.IF_PRESENT)))
    payload = {"cnf": {"x5t#S256": cert_thumbprint_s256(ALICE.der)}}
    stolen = request(None, metadata={JWT_NAMESPACE: {"jwt": payload}})
    assert one.decide(stolen, pki.NOW).reason is Reason.TOKEN_BINDING_MISMATCH
    assert one.decide(request(metadata={JWT_NAMESPACE: {"jwt": payload}}), pki.NOW).allowed
    stolen_by_bob = request(BOB, metadata={JWT_NAMESPACE: {"jwt": payload}})
    assert one.decide(stolen_by_bob, pki.NOW).reason is Reason.TOKEN_BINDING_MISMATCH


def test_answer_changes_at_the_second_in_which_the_certificate_ends() -> None:
    one = engine()
    assert one.decide(request(), pki.NOW).allowed
    assert one.decide(request(), pki.NOW + pki.DAY).allowed
    assert one.decide(request(), pki.NOW + pki.DAY + pki.SECOND).reason is Reason.EXPIRED
    assert one.decide(request(), pki.NOW).allowed


def test_grpc_client_is_recognised_for_its_deny_body() -> None:
    one = engine()
    assert one.decide(request(ROGUE, headers={"content-type": ("application/grpc+proto",)}), pki.NOW).is_grpc
    assert not one.decide(request(ROGUE, headers={"content-type": ("application/json",)}), pki.NOW).is_grpc


def test_engine_says_what_a_transport_must_read() -> None:
    one = engine(headers=HeaderRenderer(prefix="x-id-"))
    assert one.wanted_headers == {"x-forwarded-client-cert", "content-type", "authorization"}
    assert one.managed_prefix == "x-id-"
    assert one.policy_names == ("any",)
    assert one.digest == "d1"


def test_decision_cannot_be_mistaken_for_a_bool() -> None:
    decision = engine().decide(request(), pki.NOW)
    with pytest.raises(TypeError):
        bool(decision)
    with pytest.raises(TypeError):
        bool(decision.steps[0].outcome)
    with pytest.raises(TypeError):
        bool(Fail(Reason.EXPIRED))
