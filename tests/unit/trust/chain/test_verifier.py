"""Step 5: a path of sound links to a configured anchor, and for how long it holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain import failure as chain_failure
from extauthz.trust.chain.candidates import MAX_PRESENTED
from extauthz.trust.chain.verifier import ChainMode, ChainResult, ChainVerifier
from extauthz.trust.signatures import is_signed_by
from extauthz.trust.window import TICK, Window
from support import pki

NOW = pki.NOW
ROOT = pki.make_ca("Root")
ISSUING = pki.make_ca("Issuing CA", parent=ROOT, path_length=0)
LEAF = ISSUING.issue("alice")
CARD_AUTH = "2.16.840.1.101.3.6.8"


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


def verify(
    leaf: pki.Leaf,
    *,
    anchors: tuple[pki.Leaf, ...] = (ROOT,),
    intermediates: tuple[pki.Leaf, ...] = (),
    presented: tuple[pki.Leaf | bytes, ...] = (),
    mode: ChainMode = ChainMode.VERIFY,
    now: datetime = NOW,
) -> ChainResult:
    verifier = ChainVerifier([cert(one) for one in anchors], [cert(one) for one in intermediates], mode)
    result = verifier.verify(cert(leaf), tuple(one if isinstance(one, bytes) else one.der for one in presented), now)
    assert result.window.holds_at(now)
    return result


def failure(result: ChainResult) -> Fail:
    assert isinstance(result.outcome, Fail)
    assert result.path == ()
    return result.outcome


def passes(result: ChainResult, *subjects: str) -> bool:
    assert isinstance(result.outcome, Pass), result.outcome
    assert tuple(one.identity.common_name for one in result.path) == subjects
    return True


# -- what is accepted ------------------------------------------------------------------------------------------------
def test_a_path_through_a_configured_intermediate() -> None:
    assert passes(verify(LEAF, intermediates=(ISSUING,)), "alice", "Issuing CA", "Root")


def test_a_path_through_a_presented_intermediate() -> None:
    assert passes(verify(LEAF, presented=(ISSUING,)), "alice", "Issuing CA", "Root")


def test_presented_certificates_may_come_in_any_order_and_twice() -> None:
    middle = pki.make_ca("Middle", parent=ROOT)
    low = pki.make_ca("Low", parent=middle)
    leaf = low.issue("alice")
    presented = (ROOT, leaf, low, middle, low)
    assert passes(verify(leaf, presented=presented), "alice", "Low", "Middle", "Root")


def test_the_detail_names_the_path() -> None:
    expected = "verified, issued by 'CN=Issuing CA,O=Example' < 'CN=Root,O=Example'"
    assert verify(LEAF, presented=(ISSUING,)).outcome == Pass(expected)


def test_an_anchor_need_not_be_self_signed() -> None:
    assert passes(verify(LEAF, anchors=(ISSUING,)), "alice", "Issuing CA")


@pytest.mark.parametrize(
    "options",
    [
        pki.Options(no_san=True),
        pki.Options(eku=()),
        pki.Options(eku=(pki.SERVER_AUTH,)),
        pki.Options(eku=(CARD_AUTH,), eku_critical=True),
        pki.Options(key_usage=False),
        pki.Options(key_usage=("keyAgreement",), key_usage_critical=False),
        pki.Options(key_ids=False),
        pki.Options(no_extensions=True),
        pki.Options(basic_constraints=False),
        pki.Options(dns=("a.example",), san_critical=True),
        pki.Options(key="ed25519"),
        pki.Options(serial=0),
        pki.Options(not_after=pki.FAR),
        pki.Options(policies=("2.16.840.1.101.3.2.1.3.13",)),
    ],
)
def test_what_a_leaf_is_for_is_no_question_of_the_chain(options: pki.Options) -> None:
    assert passes(verify(ISSUING.issue("alice", **options), presented=(ISSUING,)), "alice", "Issuing CA", "Root")


@pytest.mark.parametrize("kind", ["ec384", "ec521", "rsa"])
def test_usual_ca_keys(kind: str) -> None:
    root = pki.make_ca("Root", key=kind)
    assert passes(verify(root.issue("alice"), anchors=(root,)), "alice", "Root")


@pytest.mark.parametrize(
    "options",
    [
        pki.Options(key_usage=False),
        pki.Options(key_ids=False),
        pki.Options(eku=(pki.CLIENT_AUTH,)),
        pki.Options(eku=("2.5.29.37.0",), eku_critical=True),
        pki.Options(eku=(pki.SERVER_AUTH, pki.CLIENT_AUTH)),
        pki.Options(path_length=0),
        pki.Options(policies=("1.2.3",)),
        pki.Options(extra_extensions=[(x509.NameConstraints([x509.DNSName("example")], None), True)]),
        pki.Options(extra_extensions=[(x509.NameConstraints(None, [x509.RFC822Name("evil.example")]), True)]),
    ],
)
def test_sound_intermediates(options: pki.Options) -> None:
    ca = pki.make_ca("CA", parent=ROOT, **options)
    assert passes(verify(ca.issue("alice"), presented=(ca,)), "alice", "CA", "Root")


def test_of_two_keys_with_one_name_the_one_that_signed_is_found() -> None:
    old = pki.make_ca("Re-keyed CA", parent=ROOT)
    new = pki.make_ca("Re-keyed CA", parent=ROOT)
    for issuer in (old, new):
        result = verify(issuer.issue("alice"), intermediates=(new, old))
        assert passes(result, "alice", "Re-keyed CA", "Root")
        assert result.path[1].der == issuer.der


def test_an_expired_intermediate_does_not_hide_its_renewed_one() -> None:
    expired = pki.make_ca("Issuing CA", parent=ROOT, key=ISSUING.key, not_after=NOW - pki.DAY)
    result = verify(LEAF, intermediates=(expired, ISSUING))
    assert passes(result, "alice", "Issuing CA", "Root")
    assert result.path[1].der == ISSUING.der


def test_a_certificate_that_expires_within_this_very_second_gives_way_to_its_renewed_one() -> None:
    expired = pki.make_ca("Issuing CA", parent=ROOT, key=ISSUING.key, not_after=NOW)
    result = verify(LEAF, intermediates=(expired, ISSUING), now=NOW + TICK)
    assert result.path[1].der == ISSUING.der


def test_presented_certificates_that_cannot_be_parsed_are_not_usable_and_no_harm() -> None:
    assert passes(verify(LEAF, presented=(b"", b"junk", ISSUING)), "alice", "Issuing CA", "Root")


def test_presented_certificates_that_cannot_be_parsed_are_told_when_no_path_is_found() -> None:
    fail = failure(verify(LEAF, presented=(b"junk", b"more junk")))
    assert fail.reason is Reason.UNTRUSTED_ISSUER
    assert fail.detail.endswith("; of the presented certificates 2 cannot be used")


def test_the_hour_may_be_told_in_any_time_zone() -> None:
    elsewhere = timezone(timedelta(hours=14))
    leaf = ISSUING.issue("alice", not_before=NOW, not_after=NOW)
    assert passes(verify(leaf, presented=(ISSUING,), now=NOW.astimezone(elsewhere)), "alice", "Issuing CA", "Root")


# -- no path ---------------------------------------------------------------------------------------------------------
def test_an_unknown_issuer_is_untrusted() -> None:
    other = pki.make_ca("Other")
    detail = "the issuer of 'CN=alice,O=Example', 'CN=Other,O=Example', is neither configured nor presented"
    assert failure(verify(other.issue("alice"))) == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_a_missing_intermediate_is_named() -> None:
    detail = "the issuer of 'CN=alice,O=Example', 'CN=Issuing CA,O=Example', is neither configured nor presented"
    assert failure(verify(LEAF)) == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_a_chain_that_ends_before_an_anchor_says_where() -> None:
    other = pki.make_ca("Other")
    ca = pki.make_ca("CA", parent=other)
    detail = "the issuer of 'CN=CA,O=Example', 'CN=Other,O=Example', is neither configured nor presented"
    assert failure(verify(ca.issue("alice"), presented=(ca,))) == Fail(Reason.UNTRUSTED_ISSUER, detail)


def test_a_presented_root_is_not_an_anchor() -> None:
    other = pki.make_ca("Other")
    fail = failure(verify(other.issue("alice"), presented=(other,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_a_presented_root_with_the_anchors_name_is_not_the_anchor() -> None:
    impostor = pki.make_ca("Root")
    fail = failure(verify(impostor.issue("alice"), presented=(impostor,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_a_configured_intermediate_is_not_an_anchor() -> None:
    other = pki.make_ca("Other")
    fail = failure(verify(other.issue("alice"), intermediates=(other,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_the_name_of_an_anchor_without_its_signature_is_untrusted() -> None:
    forged = pki.make_ca("Root").issue("alice")
    detail = "'CN=alice,O=Example' is not signed by the certificate that has its issuer's name, 'CN=Root,O=Example'"
    assert failure(verify(forged)) == Fail(Reason.UNTRUSTED_ISSUER, detail)


@pytest.mark.parametrize("options", [pki.Options(spoilt_signature=True), pki.Options(signing_key=LEAF.key)])
def test_a_bad_signature_is_untrusted(options: pki.Options) -> None:
    fail = failure(verify(ISSUING.issue("alice", **options), presented=(ISSUING,)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


def test_a_self_signed_leaf_is_untrusted() -> None:
    lone = pki.make_ca("lone", ca=False)
    assert failure(verify(lone)).reason is Reason.UNTRUSTED_ISSUER
    assert failure(verify(lone, presented=(lone,))).reason is Reason.UNTRUSTED_ISSUER


def test_without_an_anchor_nothing_is_trusted() -> None:
    fail = failure(verify(LEAF, anchors=(), intermediates=(ROOT, ISSUING)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER


# -- a path with an unfit link ---------------------------------------------------------------------------------------
def unfit(result: ChainResult, subject: str, problem: str) -> bool:
    fail = failure(result)
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail.startswith(f"'CN={subject},O=Example': {problem}"), fail.detail
    assert " (path 'CN=" in fail.detail
    return True


def _name_constraints(*permitted: x509.GeneralName, critical: bool = True) -> pki.Options:
    return pki.Options(extra_extensions=[(x509.NameConstraints(list(permitted), None), critical)])


UNFIT = [
    (pki.Options(ca=False, key_usage=("keyCertSign",)), "it is not a CA (basicConstraints)"),
    (pki.Options(basic_constraints=False), "it is not a CA (basicConstraints)"),
    (pki.Options(key_usage=("digitalSignature",)), "its keyUsage does not allow it to sign certificates"),
    (pki.Options(key_usage=("cRLSign",), key_usage_critical=False), "its keyUsage does not allow"),
    (pki.Options(key_usage=()), "its keyUsage does not allow"),
    (pki.Options(eku=(pki.SERVER_AUTH,)), "its extendedKeyUsage does not allow it to issue client certificates"),
    (pki.Options(not_after=NOW - pki.SECOND), "expired 2026-06-01T11:59:59+00:00"),
    (pki.Options(not_before=NOW + pki.SECOND), "not valid before 2026-06-01T12:00:01+00:00"),
    (pki.Options(serial=-5), "its serial number is negative or too long"),
    (pki.Options(serial=1 << 180), "its serial number is negative or too long"),
    (
        pki.Options(extra_extensions=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0"), True)]),
        "its critical extension 1.2.3 is not supported",
    ),
    (
        pki.Options(extra_extensions=[(x509.PolicyConstraints(0, None), True)]),
        "its critical extension 2.5.29.36 is not supported",
    ),
    (_name_constraints(x509.DirectoryName(pki.name("x"))), "it constrains directory names, which is not supported"),
    (
        _name_constraints(x509.DirectoryName(pki.name("x")), critical=False),
        "it constrains directory names, which is not supported",
    ),
]


@pytest.mark.parametrize(("options", "problem"), UNFIT)
def test_an_unfit_intermediate(options: pki.Options, problem: str) -> None:
    ca = pki.make_ca("CA", parent=ROOT, **options)
    result = verify(ca.issue("alice"), presented=(ca,))
    assert unfit(result, "CA", problem)


@pytest.mark.parametrize(("options", "problem"), UNFIT)
def test_an_unfit_anchor(options: pki.Options, problem: str) -> None:
    root = pki.make_ca("CA", **options)
    assert unfit(verify(root.issue("alice"), anchors=(root,)), "CA", problem)


@pytest.mark.parametrize("kind", ["ed25519", "ed448"])
def test_a_signature_of_a_kind_that_is_not_accepted(kind: str) -> None:
    root = pki.make_ca("Root", key=kind)
    assert unfit(
        verify(root.issue("alice"), anchors=(root,)), "alice", "it is signed with EdDSA, which is not accepted"
    )


def test_a_signature_with_a_weak_hash(issue_with_sha1: Callable[[pki.Authority], pki.Leaf]) -> None:
    root = pki.make_ca("Root", key="rsa")
    result = verify(issue_with_sha1(root), anchors=(root,))
    assert unfit(result, "alice", "it is signed with sha1, which is not accepted")


def test_a_signature_of_a_kind_that_cannot_be_checked_leads_nowhere() -> None:
    root = pki.make_ca("Root", key="dsa")
    assert failure(verify(root.issue("alice"), anchors=(root,))).reason is Reason.UNTRUSTED_ISSUER


def test_a_weak_ca_key() -> None:
    weak = pki.make_ca("CA", key=rsa.generate_private_key(65537, 1024))  # noqa: S505  (weak on purpose)
    assert unfit(verify(weak.issue("alice"), anchors=(weak,)), "CA", "its RSA key has 1024 bits, less than 2048")
    odd = pki.make_ca("CA", key=ec.generate_private_key(ec.SECP256K1()))
    assert unfit(verify(odd.issue("alice"), anchors=(odd,)), "CA", "its curve secp256k1 is not supported")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (pki.Options(version=1, no_extensions=True), "it is not an X.509 version 3 certificate"),
        (pki.Options(serial=-1), "its serial number is negative or too long"),
        (pki.Options(not_after=NOW - pki.SECOND), "expired 2026-06-01T11:59:59+00:00"),
        (pki.Options(not_before=NOW + pki.SECOND), "not valid before 2026-06-01T12:00:01+00:00"),
    ],
)
def test_an_unfit_leaf(options: pki.Options, problem: str) -> None:
    assert unfit(verify(ISSUING.issue("alice", **options), presented=(ISSUING,)), "alice", problem)


def test_more_intermediates_than_the_path_length_allows() -> None:
    first = pki.make_ca("First", parent=ROOT, path_length=0)
    second = pki.make_ca("Second", parent=first)
    problem = "its path length allows 0 certificates between it and the leaf, not 1"
    assert unfit(verify(second.issue("alice"), presented=(first, second)), "First", problem)


def test_the_path_length_of_an_anchor_counts_too() -> None:
    root = pki.make_ca("Short Root", path_length=0)
    ca = pki.make_ca("CA", parent=root)
    problem = "its path length allows 0 certificates between it and the leaf, not 1"
    assert unfit(verify(ca.issue("alice"), anchors=(root,), presented=(ca,)), "Short Root", problem)


@pytest.mark.parametrize(
    ("constraint", "leaf"),
    [
        (x509.DNSName("example.com"), pki.Options(dns=("a.example.org",))),
        (x509.RFC822Name("example.com"), pki.Options(emails=("a@example.org",))),
        (x509.UniformResourceIdentifier("example.com"), pki.Options(uris=("spiffe://example.com/a",))),
    ],
)
@pytest.mark.parametrize("critical", [True, False])
def test_names_outside_the_name_constraints(constraint: x509.GeneralName, leaf: pki.Options, critical: bool) -> None:
    ca = pki.make_ca("CA", parent=ROOT, **_name_constraints(constraint, critical=critical))
    fail = failure(verify(ca.issue("alice", **leaf), presented=(ca,)))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail.startswith("'CN=alice,O=Example' < 'CN=CA,O=Example' < 'CN=Root,O=Example': refused by the path")
    assert "name constraint" in fail.detail


def _with_email(ca: pki.Authority, **options: object) -> pki.Leaf:
    attributes = [
        x509.NameAttribute(x509.NameOID.COMMON_NAME, "alice"),
        x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, "alice@example.org"),
    ]
    return ca.issue(None, subject=x509.Name(attributes), **options)  # type: ignore[arg-type]  # a few of Options


def test_an_email_address_in_the_subject_cannot_slip_past_the_name_constraints() -> None:
    ca = pki.make_ca("CA", parent=ROOT, **_name_constraints(x509.RFC822Name("example.com")))
    fail = failure(verify(_with_email(ca, no_san=True), presented=(ca,)))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail.endswith("the e-mail address in its subject cannot be held to the name constraints above it")
    assert passes(verify(_with_email(ca, emails=["alice@example.com"]), presented=(ca,)), "alice", "CA", "Root")
    assert passes(verify(ca.issue("bob"), presented=(ca,)), "bob", "CA", "Root")
    dns = pki.make_ca("CA", parent=ROOT, **_name_constraints(x509.DNSName("example.com")))
    assert passes(verify(_with_email(dns, no_san=True), presented=(dns,)), "alice", "CA", "Root")


def test_names_that_match_only_by_comparison_rules_are_refused_and_told() -> None:
    leaf = ISSUING.issue("alice", issuer_name=pki.name("ISSUING  ca"))
    problem = "its issuer's name is encoded differently from that certificate's subject"
    assert unfit(verify(leaf, presented=(ISSUING,)), "alice", problem)


def test_a_path_that_is_too_long() -> None:
    chain = [ROOT]
    for number in range(9):
        chain.append(pki.make_ca(f"CA {number}", parent=chain[-1]))
    assert isinstance(verify(chain[8].issue("alice"), presented=tuple(chain[1:9])).outcome, Pass)
    fail = failure(verify(chain[9].issue("alice"), presented=tuple(chain[1:])))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail == "more than 8 presented certificates stand above the leaf, so no more were tried"
    configured = failure(verify(chain[9].issue("alice"), intermediates=tuple(chain[1:])))
    assert configured.reason is Reason.CHAIN_INVALID
    assert "exceeds max depth" in configured.detail


def test_the_unfit_link_of_the_path_that_exists_is_told_beside_one_that_does_not() -> None:
    stranger = pki.make_ca("CA")
    expired = pki.make_ca("CA", parent=ROOT, not_after=NOW - pki.DAY)
    result = verify(expired.issue("alice"), intermediates=(stranger, expired))
    assert unfit(result, "CA", "expired 2026-05-31T12:00:00+00:00")


class PanicException(BaseException):
    """What the library raises when it breaks down."""


class _Broken:
    def __init__(self, error: type[BaseException]) -> None:
        self._error = error

    def time(self, _at: datetime) -> "_Broken":
        return self

    def build_client_verifier(self) -> "_Broken":
        return self

    def verify(self, _leaf: object, _intermediates: object) -> None:
        raise self._error


def test_a_verifier_that_breaks_down_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = ChainVerifier([cert(ROOT)])
    monkeypatch.setattr(verifier, "_policy", _Broken(PanicException))
    fail = failure(verifier.verify(cert(ROOT.issue("alice")), (), NOW))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail.endswith("refused by the path verifier: the path verifier broke down")
    monkeypatch.setattr(verifier, "_policy", _Broken(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        verifier.verify(cert(LEAF), (), NOW)


# -- the leaf itself -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", [ChainMode.VERIFY, ChainMode.ISSUER_NAME])
def test_a_ca_certificate_is_no_client(mode: ChainMode) -> None:
    fail = failure(verify(ISSUING, mode=mode))
    assert fail == Fail(Reason.CHAIN_INVALID, "a CA certificate is not accepted as a client's")


@pytest.mark.parametrize("mode", [ChainMode.VERIFY, ChainMode.ISSUER_NAME])
@pytest.mark.parametrize("anchor", [pki.make_ca("lone", ca=False), LEAF, ROOT])
def test_an_anchor_is_no_client(mode: ChainMode, anchor: pki.Leaf) -> None:
    fail = failure(verify(anchor, anchors=(anchor, ROOT), intermediates=(ISSUING,), mode=mode))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail.startswith("the certificate is itself a configured anchor")


def test_more_presented_certificates_than_are_read() -> None:
    assert passes(verify(LEAF, presented=(ISSUING,) * MAX_PRESENTED), "alice", "Issuing CA", "Root")
    fail = failure(verify(LEAF, presented=(ISSUING,) * (MAX_PRESENTED + 1)))
    assert fail.reason is Reason.CHAIN_INVALID
    assert fail.detail == "17 certificates were presented beside the leaf; at most 16 are read"


# -- windows ---------------------------------------------------------------------------------------------------------
def test_a_path_holds_while_all_its_certificates_are_valid() -> None:
    ca = pki.make_ca("CA", parent=ROOT, not_before=NOW - pki.HOUR, not_after=NOW + pki.DAY)
    leaf = ca.issue("alice", not_before=NOW - pki.DAY, not_after=NOW + pki.HOUR)
    assert verify(leaf, presented=(ca,)).window == Window(NOW - pki.HOUR, NOW + pki.HOUR + TICK)


BOUNDARIES = {
    -pki.DAY - pki.SECOND: False,
    -pki.DAY - TICK: False,
    -pki.DAY: True,
    pki.DAY: True,
    pki.DAY + TICK: False,
    pki.DAY + pki.SECOND: False,
}


@pytest.mark.parametrize("who", ["leaf", "intermediate", "anchor"])
def test_both_ends_of_every_validity_are_exact(who: str) -> None:
    short = pki.Options(not_before=NOW - pki.DAY, not_after=NOW + pki.DAY)
    long = pki.Options(not_before=NOW - 9 * pki.DAY, not_after=NOW + 9 * pki.DAY)
    root = pki.make_ca("Root", **(short if who == "anchor" else long))
    ca = pki.make_ca("CA", parent=root, **(short if who == "intermediate" else long))
    leaf = ca.issue("alice", **(short if who == "leaf" else long))
    for offset, valid in BOUNDARIES.items():
        result = verify(leaf, anchors=(root,), presented=(ca,), now=NOW + offset)
        assert isinstance(result.outcome, Pass) is valid
        if not valid:
            assert failure(result).reason is Reason.CHAIN_INVALID
        held = [other for other in BOUNDARIES if result.window.holds_at(NOW + other)]
        assert all(BOUNDARIES[other] is valid for other in held)


def test_a_failure_holds_until_any_certificate_involved_begins_or_ends() -> None:
    early = pki.make_ca("CA", parent=ROOT, not_before=NOW + pki.HOUR, not_after=NOW + pki.DAY)
    presented = pki.make_ca("Other", not_before=NOW - pki.HOUR)
    leaf = early.issue("alice", not_before=NOW - pki.DAY)
    result = verify(leaf, intermediates=(early,), presented=(presented,))
    assert unfit(result, "CA", "not valid before")
    assert result.window == Window(NOW - pki.HOUR, NOW + pki.HOUR)
    assert isinstance(verify(leaf, intermediates=(early,), now=NOW + pki.HOUR).outcome, Pass)


# -- the other modes -------------------------------------------------------------------------------------------------
def test_the_issuers_name_is_enough_when_that_is_asked_for() -> None:
    result = verify(pki.make_ca("ROOT ").issue("alice"), mode=ChainMode.ISSUER_NAME, presented=(b"junk",))
    expected = "names the configured CA 'CN=ROOT ,O=Example' as its issuer; its signature was not verified"
    assert result.outcome == Pass(expected.replace("ROOT ,", "ROOT\\ ,").replace("\\", "\\\\"))
    assert result.path == ()


def test_the_issuers_name_may_be_that_of_an_intermediate() -> None:
    result = verify(LEAF, intermediates=(ISSUING,), mode=ChainMode.ISSUER_NAME)
    assert isinstance(result.outcome, Pass)


def test_another_issuers_name_is_untrusted() -> None:
    fail = failure(verify(LEAF, mode=ChainMode.ISSUER_NAME))
    detail = "no configured CA has the name of the issuer, 'CN=Issuing CA,O=Example'"
    assert fail == Fail(Reason.UNTRUSTED_ISSUER, detail)


@pytest.mark.parametrize(
    ("offset", "valid"), [(timedelta(0), True), (TICK, False), (-pki.HOUR, True), (-pki.HOUR - pki.SECOND, False)]
)
def test_the_named_issuer_must_be_valid_itself(offset: timedelta, valid: bool) -> None:
    root = pki.make_ca("Root", not_before=NOW - pki.HOUR, not_after=NOW)
    result = verify(root.issue("alice"), anchors=(root,), mode=ChainMode.ISSUER_NAME, now=NOW + offset)
    assert isinstance(result.outcome, Pass) is valid
    if not valid:
        assert failure(result).reason is Reason.CHAIN_INVALID


def test_one_valid_issuer_of_that_name_is_enough_and_bounds_the_window() -> None:
    expired = pki.make_ca("Root", not_after=NOW - pki.DAY)
    valid = pki.make_ca("Root", not_after=NOW + pki.DAY)
    result = verify(valid.issue("alice"), anchors=(expired, valid), mode=ChainMode.ISSUER_NAME)
    assert isinstance(result.outcome, Pass)
    assert result.window == Window(NOW - pki.DAY + TICK, NOW + pki.DAY + TICK)


def test_unsafe_none_verifies_nothing_and_says_so() -> None:
    result = verify(pki.make_ca("Other").issue("alice"), mode=ChainMode.UNSAFE_NONE, presented=(b"junk",) * 99)
    assert result == ChainResult(Pass("not verified"), Window.ALWAYS)


def test_the_end_of_the_calendar_is_no_obstacle() -> None:
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    root = pki.make_ca("Root", not_after=never)
    leaf = root.issue("alice", not_after=never)
    assert verify(leaf, anchors=(root,), now=never).window.holds_at(never)


# -- hostile certificates take bounded work and make short details -----------------------------------------------------
def test_one_presented_chain_costs_a_bounded_number_of_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    authorities = [pki.make_ca("CA 0")]
    for number in range(1, 8):
        authorities.append(pki.make_ca(f"CA {number}", parent=authorities[-1]))
    checks = []

    def count(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        checks.append(certificate)
        return is_signed_by(certificate, issuer)

    monkeypatch.setattr(chain_failure, "is_signed_by", count)
    fail = failure(verify(authorities[-1].issue("alice"), presented=tuple(authorities)))
    assert fail.reason is Reason.UNTRUSTED_ISSUER
    assert len(checks) == chain_failure.MAX_SIGNATURE_CHECKS - len(authorities) == 4


@pytest.mark.parametrize("mode", [ChainMode.VERIFY, ChainMode.ISSUER_NAME])
def test_long_names_make_short_details(mode: ChainMode) -> None:
    root = pki.make_ca("é" * 4_000)
    for leaf, anchor in ((root.issue("é" * 4_000), root), (root.issue("é" * 4_000), ROOT)):
        assert len(verify(leaf, anchors=(anchor,), mode=mode).outcome.detail) < 800


def test_what_the_verifier_says_of_a_certificate_is_cut() -> None:
    constraints = x509.NameConstraints([x509.DNSName("other.example")], None)
    ca = pki.make_ca("x" * 4_000, parent=ROOT, extra_extensions=[constraints])
    fail = failure(verify(ca.issue("l" * 4_000), intermediates=(ca,)))
    assert fail.reason is Reason.CHAIN_INVALID
    assert "refused by the path verifier: " in fail.detail
    assert len(fail.detail) < 1_000
