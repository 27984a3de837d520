"""Steps 3 to 6: in order, with what each said, and never for longer than the evidence holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.names import name_key
from extauthz.model.decision import Step
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import Claims, Presented
from extauthz.trust import assess as assess_module
from extauthz.trust.assess import Assessment, CertificateTrust
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.crl.load import load_crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import TICK, Window
from support import pki

NOW = pki.NOW
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
LEAF = CA.issue("alice")


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


def presented(leaf: pki.Leaf, *chain: pki.Leaf, claims: Claims | None = None) -> Presented:
    return Presented(leaf=leaf.der, chain=tuple(one.der for one in chain), claims=claims)


def trust(
    *crls: bytes,
    anchors: tuple[pki.Leaf, ...] = (ROOT,),
    intermediates: tuple[pki.Leaf, ...] = (CA,),
    mode: ChainMode = ChainMode.VERIFY,
    skew: timedelta = timedelta(),
    scope: RevocationScope = RevocationScope.LEAF,
    cache_size: int = 100,
) -> CertificateTrust:
    certificates = [cert(one) for one in (*anchors, *intermediates)]
    chain = ChainVerifier(certificates[: len(anchors)], certificates[len(anchors) :], mode)
    checker = None
    if crls:
        store = CrlStore()
        for crl in crls:
            store.add(load_crl(crl, certificates))
        checker = RevocationChecker(store, scope=scope, verifier=chain)
    return CertificateTrust(chain, checker, skew, cache_size)


def denied(assessment: Assessment, step: int, reason: Reason) -> Fail:
    fail = assessment.failure
    assert fail is not None
    assert assessment.verdict is fail
    assert fail.reason is reason
    assert [one.number for one in assessment.steps] == list(range(3, step + 1))
    assert assessment.steps[-1].outcome == fail
    assert all(isinstance(one.outcome, Pass) for one in assessment.steps[:-1])
    assert bool(assessment.path) is (step > 5)
    return fail


# -- the steps -------------------------------------------------------------------------------------------------------
def test_a_sound_certificate_passes_every_step() -> None:
    assessment = trust(CA.crl(number=3)).assess(presented(LEAF), NOW)
    assert assessment.failure is None
    assert assessment.verdict is assessment.certificate
    assert assessment.certificate is not None
    assert assessment.certificate.der == LEAF.der
    assert [one.der for one in assessment.path] == [LEAF.der, CA.der, ROOT.der]
    assert [(one.number, one.name) for one in assessment.steps] == [
        (3, "identity"),
        (4, "validity"),
        (5, "chain"),
        (6, "revocation"),
    ]
    details = [one.outcome.detail for one in assessment.steps]
    assert details[0] == "parsed"
    assert details[1] == "valid from 2026-05-02T12:00:00+00:00 to 2027-05-02T12:00:00+00:00"
    assert details[2] == "verified, issued by 'CN=CA,O=Example' < 'CN=Root,O=Example'"
    assert details[3].startswith("'CN=alice,O=Example': not listed in the CRL of 'CN=CA,O=Example', number 3")


def test_a_presented_intermediate_is_used() -> None:
    assert trust(intermediates=()).assess(presented(LEAF, CA), NOW).failure is None


def test_without_revocation_the_step_says_that_it_was_not_checked() -> None:
    assessment = trust().assess(presented(LEAF), NOW)
    assert assessment.steps[-1] == Step(6, "revocation", Pass("not configured, so not checked"))


@pytest.mark.parametrize(
    ("leaf", "reason", "stage"),
    [
        (b"", Reason.CERTIFICATE_MALFORMED, "input: "),
        (b"junk", Reason.CERTIFICATE_MALFORMED, "structure: "),
        (LEAF.pem, Reason.CERTIFICATE_MALFORMED, "structure: "),
        (bytes(65_537), Reason.CERTIFICATE_TOO_LARGE, "input: "),
    ],
)
def test_3_what_cannot_be_parsed_has_no_identity(leaf: bytes, reason: Reason, stage: str) -> None:
    assessment = trust().assess(Presented(leaf=leaf), NOW)
    assert denied(assessment, 3, reason).detail.startswith(stage)
    assert assessment.certificate is None
    assert assessment.window == Window.ALWAYS


def test_3_a_proxy_that_says_something_else_is_inconsistent() -> None:
    wrong = Claims(subject=None, uris=(), dns_names=("mallory.example",))
    assessment = trust().assess(presented(LEAF, claims=wrong), NOW)
    denied(assessment, 3, Reason.SOURCE_INCONSISTENT)
    assert assessment.certificate is not None
    right = Claims(subject=None, uris=(), dns_names=("client.example",))
    assert trust().assess(presented(LEAF, claims=right), NOW).failure is None


VALID = {
    -pki.DAY - pki.SECOND: Reason.NOT_YET_VALID,
    -pki.DAY - TICK: Reason.NOT_YET_VALID,
    -pki.DAY: None,
    timedelta(): None,
    pki.DAY: None,
    pki.DAY + TICK: Reason.EXPIRED,
    pki.DAY + pki.SECOND: Reason.EXPIRED,
}


@pytest.mark.parametrize(("offset", "reason"), VALID.items())
def test_4_both_ends_of_the_validity_belong_to_it(offset: timedelta, reason: Reason | None) -> None:
    leaf = CA.issue("alice", not_before=NOW - pki.DAY, not_after=NOW + pki.DAY)
    assessment = trust().assess(presented(leaf), NOW + offset)
    if reason is None:
        assert assessment.failure is None
    else:
        denied(assessment, 4, reason)
    assert assessment.window.holds_at(NOW + offset)


@pytest.mark.parametrize(("offset", "reason"), VALID.items())
def test_4_the_clock_skew_widens_both_ends(offset: timedelta, reason: Reason | None) -> None:
    skew = pki.HOUR
    leaf = CA.issue("alice", not_before=NOW - pki.DAY + skew, not_after=NOW + pki.DAY - skew)
    assessment = trust(skew=skew).assess(presented(leaf), NOW + offset)
    if reason is None:
        assert assessment.failure is None
    else:
        denied(assessment, 4, reason)


def test_4_the_clock_skew_does_not_revive_a_ca_beyond_the_leafs_own_validity() -> None:
    ca = pki.make_ca("CA", parent=ROOT, not_after=NOW - pki.SECOND)
    leaf = ca.issue("alice", not_after=NOW)
    denied(trust(intermediates=(ca,), skew=pki.HOUR).assess(presented(leaf), NOW + pki.SECOND), 5, Reason.CHAIN_INVALID)
    together = ca.issue("alice", not_after=NOW - pki.SECOND)
    assert trust(intermediates=(ca,), skew=pki.HOUR).assess(presented(together), NOW).failure is None


def test_4_no_clock_skew_reaches_beyond_the_calendar() -> None:
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    root = pki.make_ca("Root", not_after=never)
    leaf = root.issue("alice", not_after=never)
    lenient = trust(anchors=(root,), intermediates=(), skew=pki.DAY)
    assert lenient.assess(presented(leaf), NOW).failure is None
    assert lenient.assess(presented(leaf), never).failure is None


def test_a_negative_clock_skew_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        trust(skew=-pki.SECOND)


@pytest.mark.parametrize("mode", list(ChainMode))
def test_5_an_unknown_critical_extension_is_refused_whatever_the_chain_mode(mode: ChainMode) -> None:
    unknown = [pki.der.extension("1.2.3.4", b"\5\0", critical=True)]
    fail = denied(
        trust(mode=mode).assess(presented(CA.issue("alice", extra_extensions=unknown)), NOW),
        5,
        Reason.CRITICAL_EXTENSION_UNKNOWN,
    )
    assert fail.detail == "nobody here processes the critical extension 1.2.3.4"


def test_5_of_many_unknown_critical_extensions_a_few_are_named() -> None:
    unknown = [pki.der.extension(f"1.2.3.{number}", b"\5\0", critical=True) for number in range(7)]
    fail = trust().assess(presented(CA.issue("alice", extra_extensions=unknown)), NOW).failure
    assert fail is not None
    assert fail.detail.endswith("extension 1.2.3.0, 1.2.3.1, 1.2.3.2, 1.2.3.3, 1.2.3.4 and 2 more")


def test_5_an_untrusted_issuer_and_an_unfit_chain() -> None:
    denied(trust().assess(presented(pki.make_ca("Other").issue("alice")), NOW), 5, Reason.UNTRUSTED_ISSUER)
    expired = pki.make_ca("CA", parent=ROOT, not_after=NOW - pki.DAY)
    assessment = trust(intermediates=()).assess(presented(expired.issue("alice"), expired), NOW)
    denied(assessment, 5, Reason.CHAIN_INVALID)


@pytest.mark.parametrize("mode", [ChainMode.ISSUER_NAME, ChainMode.UNSAFE_NONE])
def test_5_other_modes_verify_less(mode: ChainMode) -> None:
    assessment = trust(mode=mode).assess(presented(pki.make_ca("CA").issue("alice")), NOW)
    assert assessment.failure is None
    assert assessment.path == ()


def test_6_revoked_missing_and_stale() -> None:
    denied(trust(CA.crl([LEAF])).assess(presented(LEAF), NOW), 6, Reason.REVOKED)
    denied(trust(ROOT.crl()).assess(presented(LEAF), NOW), 6, Reason.CRL_MISSING)
    denied(trust(CA.crl(next_update=NOW - pki.SECOND)).assess(presented(LEAF), NOW), 6, Reason.CRL_STALE)


def test_6_a_crl_of_others_and_one_that_cannot_be_used() -> None:
    cas = CA.crl(scope=pki.scope(only_ca_certs=True))
    denied(trust(cas).assess(presented(LEAF), NOW), 6, Reason.CRL_SCOPE)
    rejected = RejectedCrl(label="ca.crl", why="it is junk", issuer_dn=None, issuer_key=name_key(CA.name))
    store = CrlStore()
    store.replace([], [rejected])
    one = CertificateTrust(ChainVerifier([cert(ROOT)], [cert(CA)]), RevocationChecker(store))
    fail = denied(one.assess(presented(LEAF), NOW), 6, Reason.CRL_INVALID)
    assert fail.detail == "'CN=alice,O=Example': ca.crl is not used: it is junk"


def test_6_without_a_verified_path_the_leaf_is_checked_all_the_same() -> None:
    fail = trust(CA.crl([LEAF]), mode=ChainMode.UNSAFE_NONE).assess(presented(LEAF), NOW).failure
    assert fail is not None
    assert fail.reason is Reason.REVOKED


def test_6_a_revoked_intermediate() -> None:
    chain = trust(CA.crl(), ROOT.crl([CA]), scope=RevocationScope.CHAIN)
    denied(chain.assess(presented(LEAF), NOW), 6, Reason.REVOKED)


ROOT_2 = pki.make_ca("Root 2")
CROSS = pki.make_ca("CA", parent=ROOT_2, key=CA.key)


@pytest.mark.parametrize("revoked", [ROOT, ROOT_2])
def test_6_where_a_ca_on_one_path_is_revoked_another_is_taken(revoked: pki.Authority) -> None:
    crls = [one.crl([CA, CROSS] if one is revoked else ()) for one in (ROOT, ROOT_2)]
    anchors, authorities = (ROOT, ROOT_2), (CA, CROSS)
    one = trust(CA.crl(), *crls, anchors=anchors, intermediates=authorities, scope=RevocationScope.CHAIN)
    assessment = one.assess(presented(LEAF), NOW)
    assert assessment.failure is None
    other = ROOT_2 if revoked is ROOT else ROOT
    assert assessment.path[-1].der == other.der
    assert one.assess(presented(LEAF), NOW) is assessment


def test_6_where_every_path_has_a_revoked_ca_the_first_is_the_one_that_counts() -> None:
    crls = CA.crl(), ROOT.crl([CA]), ROOT_2.crl([CROSS])
    one = trust(*crls, anchors=(ROOT, ROOT_2), intermediates=(CA, CROSS), scope=RevocationScope.CHAIN)
    assessment = one.assess(presented(LEAF), NOW)
    denied(assessment, 6, Reason.REVOKED)
    assert len(assessment.path) == 3


def test_6_a_separate_signer_needs_a_path_to_the_same_anchor() -> None:
    signer = pki.make_ca("CA", parent=ROOT, ca=False, key_usage=["cRLSign"])
    stranger = pki.make_ca("CA", parent=ROOT_2, ca=False, key_usage=["cRLSign"])
    assert trust(signer.crl(), intermediates=(CA, signer)).assess(presented(LEAF), NOW).failure is None
    both = trust(stranger.crl(), anchors=(ROOT, ROOT_2), intermediates=(CA, stranger))
    denied(both.assess(presented(LEAF), NOW), 6, Reason.CRL_MISSING)


# -- the cache -------------------------------------------------------------------------------------------------------
def test_the_second_time_the_assessment_is_the_same_object() -> None:
    one = trust(CA.crl())
    first = one.assess(presented(LEAF), NOW)
    assert one.assess(presented(LEAF), NOW + pki.HOUR) is first
    assert (one.hits, one.misses) == (1, 1)


def test_a_malformed_leaf_is_kept_too() -> None:
    one = trust()
    assert one.assess(Presented(leaf=b"junk"), NOW) is one.assess(Presented(leaf=b"junk"), NOW + 9 * pki.DAY)


def test_leaf_chain_and_claims_are_told_apart() -> None:
    one = trust(intermediates=())
    claims = Claims(subject=None, uris=(), dns_names=("mallory.example",))
    denied(one.assess(presented(LEAF), NOW), 5, Reason.UNTRUSTED_ISSUER)
    assert one.assess(presented(LEAF, CA), NOW).failure is None
    denied(one.assess(presented(LEAF, CA, claims=claims), NOW), 3, Reason.SOURCE_INCONSISTENT)
    denied(one.assess(presented(CA.issue("bob")), NOW), 5, Reason.UNTRUSTED_ISSUER)
    assert (one.hits, one.misses) == (0, 4)
    assert one.assess(replace(presented(LEAF, CA), sources=("xfcc",)), NOW).failure is None
    assert one.hits == 1


def test_a_cache_of_nothing_works_everything_out_again() -> None:
    one = trust(cache_size=0)
    assert one.assess(presented(LEAF), NOW) is not one.assess(presented(LEAF), NOW)
    assert (one.hits, one.misses) == (0, 2)


def test_the_cache_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assess_module, "MAX_CACHE_BYTES", 2 * assess_module.BYTES_PER_ENTRY)
    one = trust()
    one.assess(presented(LEAF), NOW)
    one.assess(presented(LEAF), NOW)
    assert one.hits == 0


LEAF_ISSUER = pki.rfc2253(LEAF.cert.issuer)


@pytest.mark.parametrize(
    ("what", "extra"),
    [
        pytest.param(presented(LEAF, claims=Claims("CN=alice,O=Example", (), ())), 64 + 4 * 18, id="subject"),
        pytest.param(
            presented(LEAF, claims=Claims(None, (), (), LEAF_ISSUER)), 2 * 64 + 4 * len(LEAF_ISSUER), id="issuer"
        ),
        pytest.param(presented(LEAF, claims=Claims(None, (), ("x", "yz"))), 3 * 64 + 4 * 3, id="names"),
        pytest.param(Presented(leaf=LEAF.der, chain=(bytes(1536),)), 18 * 1536, id="certificate"),
        pytest.param(Presented(leaf=LEAF.der, chain=(bytes(1636),)), 18 * 1536 + 50 * 100, id="large_certificate"),
        pytest.param(presented(LEAF), 0, id="nothing"),
    ],
)
def test_what_stands_beside_the_leaf_is_counted(monkeypatch: pytest.MonkeyPatch, what: Presented, extra: int) -> None:
    usual = 4096 + 18 * len(LEAF.der) + 2 * 100  # one name, one purpose
    for room, hits in ((usual + extra, 1), (usual + extra - 1, 0)):
        monkeypatch.setattr(assess_module, "MAX_CACHE_BYTES", 2 * room)
        one = trust()
        one.assess(what, NOW)
        one.assess(what, NOW)
        assert one.hits == hits


def test_names_purposes_and_policies_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    full = CA.issue("alice", dns=["a"] * 30, eku=["1.2.3"] * 3, policies=["1.2.3", "1.2.4"])
    assert len(full.der) < 1536
    cost = 4096 + 18 * len(full.der) + 35 * 100
    for room, hits in ((cost, 1), (cost - 1, 0)):
        monkeypatch.setattr(assess_module, "MAX_CACHE_BYTES", 2 * room)
        one = trust()
        one.assess(presented(full), NOW)
        one.assess(presented(full), NOW)
        assert one.hits == hits


def test_a_change_of_the_revocation_data_is_seen_at_once() -> None:
    store = CrlStore()
    store.add(load_crl(CA.crl(), [cert(CA)]))
    one = CertificateTrust(ChainVerifier([cert(ROOT)], [cert(CA)]), RevocationChecker(store))
    assert one.assess(presented(LEAF), NOW).failure is None
    store.add_revoked("CN=CA,O=Example", f"{LEAF.serial:x}")
    denied(one.assess(presented(LEAF), NOW), 6, Reason.REVOKED)
    store.clear_issuer("CN=CA,O=Example")
    denied(one.assess(presented(LEAF), NOW), 6, Reason.CRL_MISSING)
    store.add(load_crl(CA.crl(), [cert(CA)]))
    assert one.assess(presented(LEAF), NOW).failure is None
    store.replace([load_crl(CA.crl([LEAF]), [cert(CA)])])
    denied(one.assess(presented(LEAF), NOW), 6, Reason.REVOKED)


# -- no answer outlives its evidence ---------------------------------------------------------------------------------
def crossing(one: CertificateTrust, what: Presented, boundary: datetime) -> tuple[Reason | None, Reason | None]:
    """Ask one second before and one second after a boundary, of one cache, in both orders."""
    reasons = []
    for moment in (boundary - pki.SECOND, boundary + pki.SECOND, boundary - pki.SECOND, boundary + pki.SECOND):
        assessment = one.assess(what, moment)
        assert assessment.window.holds_at(moment)
        reasons.append(assessment.failure.reason if assessment.failure is not None else None)
    assert reasons[:2] == reasons[2:]
    return reasons[0], reasons[1]


SHORT = pki.Options(not_before=NOW - pki.DAY, not_after=NOW + pki.DAY)
LONG = pki.Options(not_before=NOW - 9 * pki.DAY, not_after=NOW + 9 * pki.DAY)


def test_the_leaf_begins_and_ends() -> None:
    leaf = CA.issue("alice", **SHORT)
    one = trust()
    assert crossing(one, presented(leaf), NOW - pki.DAY) == (Reason.NOT_YET_VALID, None)
    assert crossing(one, presented(leaf), NOW + pki.DAY) == (None, Reason.EXPIRED)


def test_the_leaf_begins_and_ends_with_the_clock_skew() -> None:
    leaf = CA.issue("alice", **SHORT)
    one = trust(skew=pki.HOUR)
    assert crossing(one, presented(leaf), NOW - pki.DAY - pki.HOUR) == (Reason.NOT_YET_VALID, None)
    assert crossing(one, presented(leaf), NOW - pki.DAY) == (None, None)
    assert crossing(one, presented(leaf), NOW + pki.DAY) == (None, None)
    assert crossing(one, presented(leaf), NOW + pki.DAY + pki.HOUR) == (None, Reason.EXPIRED)


@pytest.mark.parametrize("mode", [ChainMode.VERIFY, ChainMode.ISSUER_NAME])
def test_the_anchor_begins_and_ends(mode: ChainMode) -> None:
    root = pki.make_ca("Root", **SHORT)
    leaf = presented(root.issue("alice", **LONG))
    one = trust(anchors=(root,), intermediates=(), mode=mode)
    assert crossing(one, leaf, NOW - pki.DAY) == (Reason.CHAIN_INVALID, None)
    assert crossing(one, leaf, NOW + pki.DAY) == (None, Reason.CHAIN_INVALID)


def test_a_presented_intermediate_begins_and_ends() -> None:
    ca = pki.make_ca("CA", parent=ROOT, **SHORT)
    leaf = presented(ca.issue("alice", **LONG), ca)
    one = trust(intermediates=())
    assert crossing(one, leaf, NOW - pki.DAY) == (Reason.CHAIN_INVALID, None)
    assert crossing(one, leaf, NOW + pki.DAY) == (None, Reason.CHAIN_INVALID)


def test_a_crl_begins_and_ends() -> None:
    one = trust(CA.crl(this_update=NOW - pki.DAY, next_update=NOW + pki.DAY))
    leaf = presented(CA.issue("alice", **LONG))
    assert crossing(one, leaf, NOW - pki.DAY) == (Reason.CRL_STALE, None)
    assert crossing(one, leaf, NOW + pki.DAY) == (None, Reason.CRL_STALE)


def test_the_crl_of_an_intermediate_begins_and_ends() -> None:
    root_crl = ROOT.crl(this_update=NOW - pki.DAY, next_update=NOW + pki.DAY)
    ca_crl = CA.crl(this_update=NOW - 8 * pki.DAY, next_update=NOW + 8 * pki.DAY)
    one = trust(ca_crl, root_crl, scope=RevocationScope.CHAIN)
    leaf = presented(CA.issue("alice", **LONG))
    assert crossing(one, leaf, NOW - pki.DAY) == (Reason.CRL_STALE, None)
    assert crossing(one, leaf, NOW + pki.DAY) == (None, Reason.CRL_STALE)


def test_a_newer_crl_takes_over() -> None:
    leaf = CA.issue("alice", **LONG)
    hold = CA.crl([(leaf, "certificateHold")], this_update=NOW - 8 * pki.DAY, next_update=NOW + 8 * pki.DAY, number=1)
    lifted = CA.crl(this_update=NOW, next_update=NOW + 8 * pki.DAY, number=2)
    assert crossing(trust(hold, lifted), presented(leaf), NOW) == (Reason.REVOKED, None)


def test_a_delta_keeps_a_stale_crl_in_force() -> None:
    stale = CA.crl(this_update=NOW - 8 * pki.DAY, next_update=NOW - 7 * pki.DAY, number=1)
    delta = CA.crl(this_update=NOW - pki.DAY, next_update=NOW + pki.DAY, number=2, base_number=1)
    one = trust(stale, delta)
    leaf = presented(CA.issue("alice", **LONG))
    assert crossing(one, leaf, NOW - 7 * pki.DAY) == (None, Reason.CRL_STALE)
    assert crossing(one, leaf, NOW - pki.DAY) == (Reason.CRL_STALE, None)
    assert crossing(one, leaf, NOW + pki.DAY) == (None, Reason.CRL_STALE)


def test_a_delta_lifts_a_hold_while_it_is_in_force() -> None:
    leaf = CA.issue("alice", **LONG)
    hold = CA.crl([(leaf, "certificateHold")], this_update=NOW - 8 * pki.DAY, next_update=NOW + 8 * pki.DAY, number=1)
    removed = [(leaf, "removeFromCRL")]
    lifted = CA.crl(removed, this_update=NOW, next_update=NOW + pki.DAY, number=2, base_number=1)
    one = trust(hold, lifted)
    assert crossing(one, presented(leaf), NOW) == (Reason.REVOKED, None)
    assert crossing(one, presented(leaf), NOW + pki.DAY) == (None, Reason.REVOKED)


def test_the_signer_of_a_crl_begins_and_ends() -> None:
    signer = pki.make_ca(
        "CA", parent=ROOT, ca=False, key_usage=["cRLSign"], not_before=NOW - pki.DAY, not_after=NOW + pki.DAY
    )
    crl = signer.crl(this_update=NOW - 8 * pki.DAY, next_update=NOW + 8 * pki.DAY)
    one = trust(crl, intermediates=(CA, signer))
    leaf = presented(CA.issue("alice", **LONG))
    assert crossing(one, leaf, NOW - pki.DAY) == (Reason.CRL_INVALID, None)
    assert crossing(one, leaf, NOW + pki.DAY) == (None, Reason.CRL_INVALID)


# -- nothing is raised, and nothing grows ----------------------------------------------------------------------------
def _name(*values: bytes) -> bytes:
    return pki.der.name(*[pki.der.rdn(("1.2.840.113549.1.9.1", pki.der.tlv(pki.der.IA5, value))) for value in values])


HOSTILE_NAMES = {
    "many": _name(*[b""] * 3_300),
    "as_many_as_are_read": _name(*[b""] * 64),
    "long": _name(b"+" * 33_000),
    "as_long_as_is_read": _name(b"+" * 8_100),
    "longest_text": pki.der.name(pki.der.rdn(("2.5.4.3", pki.der.tlv(pki.der.T61, b"\\" * 8_000)))),
    "accents": pki.der.name(pki.der.rdn(("2.5.4.3", pki.der.utf8("é" * 4_000)))),
    "one_rdn": pki.der.name(pki.der.rdn(*[("2.5.4.3", pki.der.utf8(f"+{number}")) for number in range(64)])),
    "bits": pki.der.name(pki.der.rdn(("2.5.4.45", pki.der.bits(bytes(8_000))))),
}


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
@pytest.mark.parametrize(
    "claimed", ["", "emailAddress=," * 3_299 + "emailAddress=", "CN=" + "\\+" * 40_000], ids=["none", "many", "long"]
)
def test_hostile_names_are_assessed_with_short_details(name: bytes, claimed: str) -> None:
    leaf = CA.issue(raw_subject=name)
    store = CrlStore()
    store.add(load_crl(CA.crl([leaf]), [cert(CA)]))
    one = CertificateTrust(ChainVerifier([cert(ROOT)], [cert(CA)]), RevocationChecker(store))
    stranger = pki.make_ca(raw_subject=name, ca=False)
    for what in (presented(leaf), presented(leaf, claims=Claims(claimed, (), ())), presented(stranger, leaf)):
        assessment = one.assess(what, NOW)
        assert assessment.failure is not None
        assert all(len(step.outcome.detail) < 1_000 for step in assessment.steps)


def test_a_subject_as_long_as_is_read_is_compared_with_what_the_proxy_says() -> None:
    leaf = CA.issue(raw_subject=HOSTILE_NAMES["as_long_as_is_read"])
    assert trust().assess(presented(leaf, claims=Claims(pki.rfc2253(leaf.name), (), ())), NOW).failure is None
