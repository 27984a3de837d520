"""What is kept is what would be worked out anew: never beyond its evidence, never for another request."""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, cast

import pytest

from extauthz import headers as headers_module
from extauthz.engine import Engine, Policy
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import compile_when
from extauthz.policy.rules.common_name import common_name_rule
from extauthz.policy.token import JWT_NAMESPACE, TokenBinding, TokenBindingMode
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.sources.xfcc import XfccSource
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.binding import cert_thumbprint_s256
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.crl.load import Crl, load_crl
from extauthz.trust.pins import CertPin, CertPinStore, ExpiringPin
from extauthz.trust.pinset import PinSet
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from support import pki
from support.engines import assembled

CA = pki.make_ca("Test CA")
ALICE = CA.issue("alice", not_after=pki.NOW + pki.DAY)
BOB = CA.issue("bob")
MOMENT = timedelta(microseconds=1)


def engine(
    config: ClientCertConfig | None = None,
    *,
    store: CrlStore | None = None,
    pins: CertPinStore | None = None,
    headers: HeaderRenderer | None = None,
    token: TokenBindingMode = TokenBindingMode.OFF,
    **options: Any,  # noqa: ANN401  (those of the engine)
) -> Engine:
    chain = ChainVerifier([parse_certificate(CA.der)], [], ChainMode.VERIFY)
    settings = RevocationSettings(when_missing=WhenUnknown.ALLOW)
    trust = CertificateTrust(chain, None if store is None else RevocationChecker(store, settings))
    method = ClientCertAuthMethod(config or ClientCertConfig(), pins=pins, trust=trust)
    policy = Policy(name="any", method=method, token_binding=TokenBinding(mode=token))
    return assembled(
        sources=SourceReader([EnvoyPeerSource(), XfccSource()]),
        policies=[(compile_when(), policy)],
        headers=headers or HeaderRenderer(),
        trust=trust,
        digest="d1",
        **options,
    )


def asking(leaf: pki.Leaf = ALICE, **fields: Any) -> AuthRequest:  # noqa: ANN401  (fields of the request, by name)
    return AuthRequest(source_certificate=pki.url_pem(leaf.der), path="/")._replace(**fields)


def test_the_same_certificate_within_a_second_gets_the_very_same_decision() -> None:
    one = engine()
    first = one.decide(asking(), pki.NOW)
    assert one.decide(asking(path="/other", method="POST"), pki.NOW + pki.SECOND - MOMENT) is first
    assert (one.hits, one.misses) == (1, 1)


def test_in_the_next_second_only_the_end_of_the_session_is_another() -> None:
    one = engine()
    first = one.decide(asking(), pki.NOW)
    second = one.decide(asking(), pki.NOW + pki.SECOND)
    assert first.session_expires is not None
    assert second.session_expires == first.session_expires + pki.SECOND
    told = dict(second.headers.set)
    assert told["x-client-cert-session-expires"] == "2026-06-01T13:00:01Z"
    assert replace(second, headers=first.headers, session_expires=first.session_expires) == first
    assert [name for name, _ in second.headers.set] == [name for name, _ in first.headers.set]
    assert one.misses == 1


def test_a_session_is_counted_from_the_whole_second() -> None:
    decision = engine().decide(asking(), pki.NOW + timedelta(milliseconds=900))
    assert decision.session_expires == pki.NOW + pki.HOUR


def test_a_session_that_ends_with_the_certificate_stays_the_same_decision() -> None:
    one = engine(ClientCertConfig(token_lifetime_secs=10 * 86_400))
    first = one.decide(asking(), pki.NOW)
    assert first.session_expires == ALICE_ENDS
    assert one.decide(asking(), pki.NOW + pki.HOUR) is first


ALICE_ENDS = pki.NOW + pki.DAY


def test_without_a_header_for_the_session_the_decision_still_says_its_end() -> None:
    one = engine(headers=HeaderRenderer(emit=["cn"]))
    one.decide(asking(), pki.NOW)
    later = one.decide(asking(), pki.NOW + pki.SECOND)
    assert later.session_expires == pki.NOW + pki.HOUR + pki.SECOND
    assert later.headers.set == (("x-client-cert-cn", "alice"),)


def test_a_clock_that_goes_back_gets_the_decision_of_its_second() -> None:
    one = engine()
    later = one.decide(asking(), pki.NOW + pki.HOUR)
    assert one.decide(asking(), pki.NOW) == engine().decide(asking(), pki.NOW) != later


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (ALICE_ENDS, Reason.ALLOWED),
        (ALICE_ENDS + MOMENT, Reason.EXPIRED),
        (ALICE_ENDS + pki.SECOND, Reason.EXPIRED),
    ],
)
def test_an_allow_ends_with_the_certificate_to_the_instant(at: datetime, reason: Reason) -> None:
    one = engine()
    assert one.decide(asking(), ALICE_ENDS).allowed
    assert one.decide(asking(), at).reason is reason


def test_an_allow_ends_when_the_revocation_data_changes() -> None:
    store = CrlStore()
    one = engine(store=store)
    assert one.decide(asking(), pki.NOW).allowed
    store.add_revoked(parse_certificate(ALICE.der).identity.issuer_dn, f"{ALICE.serial:x}")
    assert one.decide(asking(), pki.NOW).reason is Reason.REVOKED
    assert one.decide(asking(BOB), pki.NOW).allowed


def crl(*revoked: pki.Leaf, number: int, hours: int = 2) -> Crl:
    issued = CA.crl(list(revoked), number=number, next_update=pki.NOW + hours * pki.HOUR)
    return load_crl(issued, [parse_certificate(CA.der)])


def followed(**options: Any) -> tuple[Engine, CrlStore]:  # noqa: ANN401  (those of ``engine``)
    store = CrlStore()
    store.replace([crl(number=1)])
    return engine(store=store, explained=False, **options), store


def test_a_new_crl_that_says_nothing_new_of_a_client_changes_nothing_for_it() -> None:
    one, store = followed()
    first = one.decide(asking(), pki.NOW)
    store.replace([crl(BOB, number=2)])
    assert one.decide(asking(), pki.NOW) is first
    assert one.decide(asking(BOB), pki.NOW).reason is Reason.REVOKED
    assert one.misses == 2  # one for each of the two


def test_a_new_crl_revokes_and_another_takes_it_back() -> None:
    one, store = followed()
    assert one.decide(asking(), pki.NOW).allowed
    store.replace([crl(ALICE, number=2)])
    assert one.decide(asking(), pki.NOW).reason is Reason.REVOKED
    store.replace([crl(number=3)])
    assert one.decide(asking(), pki.NOW).allowed
    assert one.misses == 1


def test_an_allow_lasts_as_long_as_the_crl_that_came_since() -> None:
    one, store = followed()
    assert one.decide(asking(), pki.NOW).allowed
    store.replace([crl(number=2, hours=6)])
    assert one.decide(asking(), pki.NOW + pki.HOUR).allowed
    assert one.decide(asking(), pki.NOW + 5 * pki.HOUR).allowed
    assert one.decide(asking(), pki.NOW + 6 * pki.HOUR + MOMENT).reason is Reason.CRL_STALE
    assert one.misses == 1


def test_an_allow_ends_with_a_new_crl_that_ends_sooner() -> None:
    one, store = followed()
    assert one.decide(asking(), pki.NOW).allowed
    store.replace([crl(number=2, hours=1)])
    assert one.decide(asking(), pki.NOW).allowed
    assert one.decide(asking(), pki.NOW + pki.HOUR).allowed
    assert one.decide(asking(), pki.NOW + pki.HOUR + MOMENT).reason is Reason.CRL_STALE


def test_a_pin_that_expired_is_not_passed_over_when_a_crl_came_meanwhile() -> None:
    pins = PinSet(cert=(ExpiringPin(CertPin.from_der(ALICE.der), pki.NOW + pki.HOUR),))
    one, store = followed(config=ClientCertConfig(pin_sets=(pins,)))
    assert one.decide(asking(), pki.NOW).allowed
    store.replace([crl(number=2)])
    assert one.decide(asking(), pki.NOW + pki.HOUR).allowed
    assert one.decide(asking(), pki.NOW + pki.HOUR + MOMENT).reason is Reason.PIN_MISMATCH


def test_a_deny_is_judged_anew_as_it_has_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers_module, "MAX_VALUE_BYTES", 20)
    one, store = followed()
    grpc = asking(headers={"content-type": ("application/grpc",)})
    writer = AnswerWriter(DenyAnswer())
    for number in (2, 3):
        for request in (asking(), grpc):
            for second in range(2):
                decision = one.decide(request, pki.NOW + second * pki.SECOND)
                assert (decision.reason, decision.session_expires) == (Reason.IDENTITY_TOO_LARGE, None)
                assert writer.write(decision, "0" * 32)
        store.replace([crl(number=number)])
        assert str(number) in one.decide(asking(), pki.NOW).steps[5].outcome.detail


def test_threads_that_meet_over_a_new_crl_mix_nothing() -> None:
    """One that looked by an older CRL, and writes last, has its answer used for that CRL alone."""
    one, store = followed()
    assert one.decide(asking(), pki.NOW).allowed
    store.replace([crl(number=2, hours=48)])
    older = Slow(one._judge.sources)
    one._judge.sources = cast("SourceReader", older)
    thread = Thread(target=one.decide, args=(asking(), pki.NOW))
    thread.start()
    assert older.reached.wait(10.0)
    store.replace([crl(number=3, hours=1)])
    assert one.decide(asking(), pki.NOW).allowed
    older.go_on.set()
    thread.join(10.0)
    assert one.decide(asking(), pki.NOW + 5 * pki.HOUR).reason is Reason.CRL_STALE


class Slow:
    """Sources that keep the first thread waiting."""

    def __init__(self, sources: SourceReader) -> None:
        self._sources = sources
        self._first = True
        self.reached, self.go_on = Event(), Event()

    def read(self, request: AuthRequest) -> object:
        first, self._first = self._first, False
        if first:
            self.reached.set()
            assert self.go_on.wait(10.0)
        return self._sources.read(request)


def test_what_tells_its_steps_tells_those_of_the_crl_in_use() -> None:
    store = CrlStore()
    store.replace([crl(number=1)])
    one = engine(store=store)
    assert "1" in one.decide(asking(), pki.NOW).steps[5].outcome.detail
    store.replace([crl(number=77)])
    assert "77" in one.decide(asking(), pki.NOW).steps[5].outcome.detail


def test_the_deny_of_a_token_tells_of_the_crl_in_use() -> None:
    one, store = followed(token=TokenBindingMode.REQUIRED)
    assert one.decide(asking(), pki.NOW).reason is Reason.TOKEN_BINDING_MISSING
    store.replace([crl(number=77)])
    assert "77" in one.decide(asking(), pki.NOW).steps[5].outcome.detail


def test_an_identity_that_was_parsed_anew_is_judged_anew() -> None:
    """The engine remembers more judgements than assessments: then it is another object, and nothing is taken over."""
    one, store = followed()
    first = one.decide(asking(), pki.NOW)
    one.trust.forget_some(10)
    store.replace([crl(number=2)])
    again = one.decide(asking(), pki.NOW)
    assert again == first
    assert again is not first


def test_without_a_certificate_a_new_crl_changes_nothing() -> None:
    one, store = followed()
    for number in (2, 3):
        assert one.decide(AuthRequest(path="/"), pki.NOW).reason is Reason.NO_CERTIFICATE
        store.replace([crl(number=number)])


def test_a_pin_counts_to_the_instant_at_which_it_expires() -> None:
    pins = PinSet(cert=(ExpiringPin(CertPin.from_der(ALICE.der), pki.NOW + pki.SECOND / 2),))
    one = engine(ClientCertConfig(pin_sets=(pins,)))
    assert one.decide(asking(), pki.NOW).allowed
    assert one.decide(asking(), pki.NOW + pki.SECOND / 2).allowed
    assert one.decide(asking(), pki.NOW + pki.SECOND / 2 + MOMENT).reason is Reason.PIN_MISMATCH
    assert one.decide(asking(), pki.NOW).allowed


def test_a_pin_store_that_may_change_is_asked_every_time() -> None:
    pins = CertPinStore()
    one = engine(pins=pins)
    assert one.decide(asking(), pki.NOW).reason is Reason.PIN_MISMATCH
    pins.add(CertPin.from_der(ALICE.der))
    assert one.decide(asking(), pki.NOW).allowed
    pins.remove(CertPin.from_der(ALICE.der))
    assert one.decide(asking(), pki.NOW).reason is Reason.PIN_MISMATCH


def test_one_bad_token_does_not_stick_to_its_certificate() -> None:
    one = engine(token=TokenBindingMode.REQUIRED)
    good = {JWT_NAMESPACE: {"jwt": {"cnf": {"x5t#S256": cert_thumbprint_s256(ALICE.der)}}}}
    bad = {JWT_NAMESPACE: {"jwt": {"cnf": {"x5t#S256": cert_thumbprint_s256(BOB.der)}}}}
    grpc = {"content-type": ("application/grpc",)}
    for _ in range(2):
        assert one.decide(asking(metadata=good), pki.NOW).allowed
        assert one.decide(asking(metadata=bad), pki.NOW).reason is Reason.TOKEN_BINDING_MISMATCH
        assert one.decide(asking(metadata=bad, headers=grpc), pki.NOW).reason is Reason.TOKEN_BINDING_MISMATCH
        assert one.decide(asking(headers=grpc), pki.NOW).reason is Reason.TOKEN_BINDING_MISSING
        assert one.decide(asking(metadata=good, headers=grpc), pki.NOW).allowed


def test_what_was_looked_at_of_a_token_stands_in_the_steps() -> None:
    one = engine(token=TokenBindingMode.IF_PRESENT)
    payload = {JWT_NAMESPACE: {"jwt": {"cnf": {"x5t#S256": cert_thumbprint_s256(ALICE.der)}}}}
    decision = one.decide(asking(metadata=payload), pki.NOW)
    assert [step.number for step in decision.steps] == list(range(1, 11))
    assert decision.steps[8].outcome.detail == "checked 'jwt'"


def test_one_forged_header_does_not_stick_to_its_certificate() -> None:
    one = engine()
    forged = one.decide(asking(underscored_headers=("x_client-cert_cn",)), pki.NOW)
    plain = one.decide(asking(), pki.NOW)
    assert "x_client-cert_cn" in forged.headers.remove
    assert "x_client-cert_cn" not in plain.headers.remove
    assert forged.headers.set == plain.headers.set


def test_a_deny_to_grpc_is_worked_out_once_and_kept_apart() -> None:
    one = engine(ClientCertConfig(rules=(common_name_rule(["bob"]),)))
    grpc = asking(headers={"content-type": ("application/grpc",)})
    spoken, plain = one.decide(grpc, pki.NOW), one.decide(asking(), pki.NOW)
    assert (spoken.is_grpc, plain.is_grpc) == (True, False)
    assert one.decide(grpc, pki.NOW) is spoken
    assert one.decide(asking(), pki.NOW) is plain


def test_sources_that_disagree_are_not_taken_for_those_that_agree() -> None:
    one = engine()
    agreeing = asking(headers={"x-forwarded-client-cert": (pki.xfcc(ALICE.der),)})
    conflicting = asking(headers={"x-forwarded-client-cert": (pki.xfcc(BOB.der),)})
    for _ in range(2):
        assert one.decide(agreeing, pki.NOW).sources == ("envoy_peer", "xfcc")
        assert one.decide(conflicting, pki.NOW).reason is Reason.SOURCE_CONFLICT
        assert one.decide(asking(), pki.NOW).sources == ("envoy_peer",)


def test_an_engine_that_is_given_up_forgets_bit_by_bit() -> None:
    one = engine()
    leaves = [CA.issue(f"client{number}") for number in range(5)]
    for leaf in leaves:
        one.decide(asking(leaf), pki.NOW)
    for memory in one.memories:
        assert memory.forget_some(2)
        assert not memory.forget_some(10)
    assert one.decide(asking(leaves[0]), pki.NOW).allowed


def test_without_explanations_an_allow_is_the_same_but_for_its_steps() -> None:
    told, short = engine().decide(asking(), pki.NOW), engine(explained=False).decide(asking(), pki.NOW)
    assert short.steps == ()
    assert replace(short, steps=told.steps) == told


def test_without_explanations_a_deny_still_has_its_steps() -> None:
    config = ClientCertConfig(rules=(common_name_rule(["bob"]),))
    for path in ("/", "/%00"):
        asked = asking(path=path)
        told = engine(config).decide(asked, pki.NOW)
        assert engine(config, explained=False).decide(asked, pki.NOW) == told
        assert told.steps


def test_without_explanations_a_bound_token_gets_the_very_decision_that_is_kept() -> None:
    one = engine(token=TokenBindingMode.REQUIRED, explained=False)
    good = {JWT_NAMESPACE: {"jwt": {"cnf": {"x5t#S256": cert_thumbprint_s256(ALICE.der)}}}}
    bad = {JWT_NAMESPACE: {"jwt": {"cnf": {"x5t#S256": cert_thumbprint_s256(BOB.der)}}}}
    first = one.decide(asking(metadata=good), pki.NOW)
    assert one.decide(asking(metadata=good), pki.NOW) is first
    denied = one.decide(asking(metadata=bad), pki.NOW)
    assert denied.reason is Reason.TOKEN_BINDING_MISMATCH
    assert [step.number for step in denied.steps] == list(range(1, 10))


def test_as_many_clients_as_are_to_be_remembered_are() -> None:
    one = engine(clients=8)
    leaves = [CA.issue(f"client{number}") for number in range(8)]
    for _ in range(3):
        for leaf in leaves:
            assert one.decide(asking(leaf), pki.NOW).allowed
    assert one.misses == 8


def test_ever_new_clients_do_not_fill_the_memory() -> None:
    one = engine(clients=4)
    for number in range(40):
        one.decide(asking(CA.issue(f"client{number}")), pki.NOW)
    assert len(one._judge._kept) <= 8


def test_clients_of_a_proxy_with_a_long_name_do_not_push_each_other_out() -> None:
    """Envoy writes By before Hash, and By may be as long as a SPIFFE ID, several times."""
    one = engine()
    leaves = [CA.issue(f"client{number}") for number in range(20)]
    by = "".join(f"By=spiffe://example.org/{'n' * 200}/{number};" for number in range(3))
    for _ in range(2):
        for leaf in leaves:
            asked = AuthRequest(headers={"x-forwarded-client-cert": (by + pki.xfcc(leaf.der),)}, path="/")
            assert one.decide(asked, pki.NOW).allowed
    assert (one.misses, len(one._judge._kept)) == (20, 20)


def test_a_header_without_a_hash_is_found_by_its_end() -> None:
    one = engine()
    for _ in range(2):
        for leaf in (ALICE, BOB):
            header = pki.xfcc(leaf.der)
            bare = ";".join(part for part in header.split(";") if not part.startswith("Hash="))
            assert one.decide(AuthRequest(headers={"x-forwarded-client-cert": (bare,)}, path="/"), pki.NOW).allowed
    assert one.misses == 2


def test_what_is_kept_is_weighed_by_what_it_takes() -> None:
    """One wide character makes a text four times as large; what is too large is not kept."""
    one = engine(clients=1_000)

    def cost_of(header: str) -> int:
        before = one._judge._kept._cost
        one.decide(AuthRequest(headers={"x-forwarded-client-cert": (header,)}, path="/"), pki.NOW)
        return one._judge._kept._cost - before

    plain, wide = cost_of("a" * 50_000), cost_of("a" * 49_999 + "\U0001f600")
    assert wide > plain + 140_000
    assert cost_of("b" * 600_000) == 0


def test_headers_that_no_source_reads_do_not_make_another_judgement() -> None:
    one = engine()
    for headers in ({}, {"authorization": ("Basic x",)}, {"content-type": ("text/plain",)}):
        assert one.decide(asking(headers=headers), pki.NOW).allowed
    assert one.misses == 1
