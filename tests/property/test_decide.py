"""Contract properties of the decision, whatever comes in."""

from datetime import datetime, timedelta
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.model.decision import Decision
from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import compile_when
from extauthz.policy.rules.all_of import all_of
from extauthz.policy.rules.any_of import any_of_rule
from extauthz.policy.rules.base import Rule
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.rules.distinguished_name import subject_contains_rule
from extauthz.policy.rules.max_lifetime import max_lifetime_rule
from extauthz.policy.rules.negation import not_rule
from extauthz.policy.rules.organization import organizational_unit_rule
from extauthz.policy.rules.subject_alt_name import SanPresentRule, san_dns_rule
from extauthz.policy.token import JWT_NAMESPACE, TokenBinding, TokenBindingMode
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.sources.xfcc import XfccSource
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.response import write_check_response
from support import pki
from support.engines import assembled

ID = "0123456789abcdef" * 2
CA = pki.make_ca("Property CA", not_before=pki.NOW - 90 * pki.DAY, not_after=pki.NOW + 90 * pki.DAY)
LEAVES = (
    CA.issue("alice", organizational_unit="Ops", not_before=pki.NOW - pki.DAY, not_after=pki.NOW + pki.DAY),
    CA.issue("bob", no_san=True, not_before=pki.NOW + pki.HOUR, not_after=pki.NOW + 2 * pki.DAY),
    CA.issue("mallory", not_before=pki.NOW - 2 * pki.DAY, not_after=pki.NOW - pki.HOUR),
    pki.make_ca("Rogue").issue("alice", organizational_unit="Ops"),
)

RULES: tuple[Rule, ...] = (
    common_name_rule(["alice"]),
    common_name_rule(["re:[a-m].*"]),
    organizational_unit_rule(["Ops"]),
    subject_contains_rule(["CN="]),
    SanPresentRule(),
    san_dns_rule(["*.example"]),
    max_lifetime_rule(timedelta(days=3)),
    any_of_rule([all_of([common_name_rule(["bob"])]), all_of([organizational_unit_rule(["Ops"])])]),
    not_rule(all_of([common_name_rule(["mallory"])])),
)

rules = st.lists(st.sampled_from(RULES), max_size=4).map(tuple)
instants = st.builds(
    lambda seconds: pki.NOW + timedelta(seconds=seconds), st.integers(min_value=-3 * 86_400, max_value=3 * 86_400)
)
leaves = st.sampled_from(LEAVES)
junk = st.text(max_size=60)


@lru_cache(maxsize=1)
def trust() -> CertificateTrust:
    return CertificateTrust(ChainVerifier([parse_certificate(CA.der)], [], ChainMode.VERIFY))


def engine(conditions: tuple[Rule, ...], *, fresh: bool = False, paths: tuple[str, ...] = ()) -> Engine:
    known = CertificateTrust(ChainVerifier([parse_certificate(CA.der)], [], ChainMode.VERIFY)) if fresh else trust()
    method = ClientCertAuthMethod(ClientCertConfig(rules=conditions), trust=known)
    policy = Policy(name="p", method=method, token_binding=TokenBinding(mode=TokenBindingMode.IF_PRESENT))
    return assembled(
        sources=SourceReader([EnvoyPeerSource(), XfccSource()]),
        policies=[(compile_when(paths=paths), policy)],
        headers=HeaderRenderer(),
        trust=known,
        digest="",
    )


requests = st.builds(
    lambda certificate, xfcc, path, host, payload, name: AuthRequest(
        source_certificate=certificate,
        headers={"x-forwarded-client-cert": (xfcc,)} if xfcc else {},
        path=path,
        host=host,
        metadata={JWT_NAMESPACE: {"jwt": payload}} if payload is not None else {},
        underscored_headers=(name,),
    ),
    st.one_of(junk, leaves.map(lambda leaf: pki.url_pem(leaf.der))),
    st.one_of(st.just(""), junk, leaves.map(lambda leaf: pki.xfcc(leaf.der, subject=pki.rfc2253(leaf.name)))),
    st.one_of(junk, st.just("/a"), st.just("/a/%2e%2e")),
    st.one_of(junk, st.just("pay.example.com")),
    st.one_of(
        st.none(), st.recursive(junk, lambda inner: st.dictionaries(st.sampled_from(["cnf", "x5t#S256"]), inner))
    ),
    junk,
)


@given(request=requests, now=instants, conditions=rules)
def test_whatever_is_asked_there_is_a_decision_with_a_fitting_reason(
    request: AuthRequest, now: datetime, conditions: tuple[Rule, ...]
) -> None:
    decision = engine(conditions, paths=("/**",)).decide(request, now)
    assert isinstance(decision, Decision)
    assert decision.allowed == (decision.reason in ALLOW_REASONS)
    assert decision.reason is not Reason.INTERNAL_ERROR
    assert [step.number for step in decision.steps] == sorted(step.number for step in decision.steps)
    for name, value in decision.headers.set:
        assert value.isascii()
        assert value.isprintable()
        assert name not in decision.headers.remove


@given(leaf=leaves, now=instants, conditions=rules)
@settings(max_examples=60)
def test_same_question_same_answer_with_and_without_memory(
    leaf: pki.Leaf, now: datetime, conditions: tuple[Rule, ...]
) -> None:
    request = AuthRequest(source_certificate=pki.url_pem(leaf.der))
    assert engine(conditions).decide(request, now) == engine(conditions, fresh=True).decide(request, now)


REMEMBERING = [engine((), fresh=True), engine((common_name_rule(["alice"]),), fresh=True, paths=("/**",))]
NEAR = st.builds(
    lambda leaf, edge, off: edge(leaf) + timedelta(microseconds=off),
    leaves,
    st.sampled_from([lambda leaf: leaf.cert.not_valid_before_utc, lambda leaf: leaf.cert.not_valid_after_utc]),
    st.sampled_from([-1_000_001, -1, 0, 1, 999_999, 1_000_000]),
)


@given(request=requests, now=st.one_of(instants, NEAR), which=st.sampled_from([0, 1]))
@settings(max_examples=400)
def test_an_engine_that_was_asked_a_thousand_things_answers_as_a_new_one(
    request: AuthRequest, now: datetime, which: int
) -> None:
    """The bytes too, which are prepared and kept."""
    fresh = [engine((), fresh=True), engine((common_name_rule(["alice"]),), fresh=True, paths=("/**",))][which]
    known, anew = REMEMBERING[which].decide(request, now), fresh.decide(request, now)
    assert known == anew
    writer = AnswerWriter(DenyAnswer())
    assert writer.write(known, ID) == write_check_response(anew, DenyAnswer(), ID)


@given(leaf=leaves, now=instants, conditions=rules, more=rules)
def test_another_condition_never_turns_a_deny_into_an_allow(
    leaf: pki.Leaf, now: datetime, conditions: tuple[Rule, ...], more: tuple[Rule, ...]
) -> None:
    request = AuthRequest(source_certificate=pki.url_pem(leaf.der))
    fewer = engine(conditions).decide(request, now)
    stricter = engine((*conditions, *more)).decide(request, now)
    assert fewer.allowed or not stricter.allowed


@given(leaf=leaves, now=instants)
def test_allow_is_only_ever_for_a_trusted_certificate_within_its_validity(leaf: pki.Leaf, now: datetime) -> None:
    decision = engine(()).decide(AuthRequest(source_certificate=pki.url_pem(leaf.der)), now)
    certificate = leaf.cert
    within = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    assert decision.allowed == (within and leaf.issuer is CA)
