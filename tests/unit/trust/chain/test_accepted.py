"""Paths that are accepted, and which of several."""

from datetime import timedelta, timezone

import pytest
from cryptography import x509

from extauthz.model.outcome import Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.authority import CARD_AUTHENTICATION
from extauthz.trust.window import TICK
from support import pki
from support.chains import failure, passes, verify

NOW = pki.NOW
ROOT = pki.make_ca("Root")
ISSUING = pki.make_ca("Issuing CA", parent=ROOT, path_length=0)
LEAF = ISSUING.issue("alice")


def test_a_path_through_a_configured_intermediate() -> None:
    assert passes(verify(LEAF, anchors=(ROOT,), intermediates=(ISSUING,)), "alice", "Issuing CA", "Root")


def test_a_path_through_a_presented_intermediate() -> None:
    assert passes(verify(LEAF, anchors=(ROOT,), presented=(ISSUING,)), "alice", "Issuing CA", "Root")


def test_presented_certificates_may_come_in_any_order_and_twice() -> None:
    middle = pki.make_ca("Middle", parent=ROOT)
    low = pki.make_ca("Low", parent=middle)
    leaf = low.issue("alice")
    presented = (ROOT, leaf, low, middle, low)
    assert passes(verify(leaf, anchors=(ROOT,), presented=presented), "alice", "Low", "Middle", "Root")


def test_the_detail_names_the_path() -> None:
    expected = "verified, issued by 'CN=Issuing CA,O=Example' < 'CN=Root,O=Example'"
    assert verify(LEAF, anchors=(ROOT,), presented=(ISSUING,)).outcome == Pass(expected)


def test_an_anchor_need_not_be_self_signed() -> None:
    assert passes(verify(LEAF, anchors=(ISSUING,)), "alice", "Issuing CA")


@pytest.mark.parametrize(
    "options",
    [
        pki.Options(no_san=True),
        pki.Options(eku=()),
        pki.Options(eku=(pki.SERVER_AUTH,)),
        pki.Options(eku=(CARD_AUTHENTICATION,), eku_critical=True),
        pki.Options(key_usage=False),
        pki.Options(key_usage=("keyAgreement",), key_usage_critical=False),
        pki.Options(key_ids=False),
        pki.Options(no_extensions=True),
        pki.Options(basic_constraints=False),
        pki.Options(dns=("a.example",), san_critical=True),
        pki.Options(key="ed25519"),
        pki.Options(serial=0),
        pki.Options(serial=-1),
        pki.Options(serial=1 << 180),
        pki.Options(version=1, no_extensions=True),
        pki.Options(not_after=pki.FAR),
        pki.Options(policies=("2.16.840.1.101.3.2.1.3.13",)),
    ],
)
def test_what_a_leaf_is_for_is_no_question_of_the_chain(options: pki.Options) -> None:
    assert passes(
        verify(ISSUING.issue("alice", **options), anchors=(ROOT,), presented=(ISSUING,)), "alice", "Issuing CA", "Root"
    )


@pytest.mark.parametrize("kind", ["ec384", "ec521", "rsa", "ed25519", "ed448"])
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
        pki.Options(serial=-5),
        pki.Options(serial=1 << 180),
        pki.Options(policies=("1.2.3",)),
        pki.Options(extra_extensions=[(x509.NameConstraints([x509.DNSName("example")], None), True)]),
        pki.Options(extra_extensions=[(x509.NameConstraints(None, [x509.RFC822Name("evil.example")]), True)]),
    ],
)
def test_sound_intermediates(options: pki.Options) -> None:
    ca = pki.make_ca("CA", parent=ROOT, **options)
    assert passes(verify(ca.issue("alice"), anchors=(ROOT,), presented=(ca,)), "alice", "CA", "Root")


def test_of_two_keys_with_one_name_the_one_that_signed_is_found() -> None:
    old = pki.make_ca("Re-keyed CA", parent=ROOT)
    new = pki.make_ca("Re-keyed CA", parent=ROOT)
    for issuer in (old, new):
        result = verify(issuer.issue("alice"), anchors=(ROOT,), intermediates=(new, old))
        assert passes(result, "alice", "Re-keyed CA", "Root")
        assert result.path[1].der == issuer.der


def test_an_expired_intermediate_does_not_hide_its_renewed_one() -> None:
    expired = pki.make_ca("Issuing CA", parent=ROOT, key=ISSUING.key, not_after=NOW - pki.DAY)
    result = verify(LEAF, anchors=(ROOT,), intermediates=(expired, ISSUING))
    assert passes(result, "alice", "Issuing CA", "Root")
    assert result.path[1].der == ISSUING.der


def test_a_certificate_that_expires_within_this_very_second_gives_way_to_its_renewed_one() -> None:
    expired = pki.make_ca("Issuing CA", parent=ROOT, key=ISSUING.key, not_after=NOW)
    result = verify(LEAF, anchors=(ROOT,), intermediates=(expired, ISSUING), now=NOW + TICK)
    assert result.path[1].der == ISSUING.der


def test_presented_certificates_that_cannot_be_parsed_are_not_usable_and_no_harm() -> None:
    assert passes(verify(LEAF, anchors=(ROOT,), presented=(b"", b"junk", ISSUING)), "alice", "Issuing CA", "Root")


def test_presented_certificates_that_cannot_be_parsed_are_told_when_no_path_is_found() -> None:
    fail = failure(verify(LEAF, anchors=(ROOT,), presented=(b"junk", b"more junk")))
    assert fail.reason is Reason.UNTRUSTED_ISSUER
    assert fail.detail.endswith("; of the presented certificates 2 cannot be used")


def test_the_hour_may_be_told_in_any_time_zone() -> None:
    elsewhere = timezone(timedelta(hours=14))
    leaf = ISSUING.issue("alice", not_before=NOW, not_after=NOW)
    assert passes(
        verify(leaf, anchors=(ROOT,), presented=(ISSUING,), now=NOW.astimezone(elsewhere)),
        "alice",
        "Issuing CA",
        "Root",
    )


def test_names_are_compared_by_the_rules_and_not_by_their_bytes() -> None:
    leaf = ISSUING.issue("alice", issuer_name=pki.name("ISSUING  ca"))
    assert passes(verify(leaf, anchors=(ROOT,), presented=(ISSUING,)), "alice", "Issuing CA", "Root")


def test_general_time_before_2050_is_only_another_way_to_write_it() -> None:
    validity = pki.der.sequence(
        pki.der.tlv(pki.der.GENERALIZED_TIME, b"20200101000000Z"), pki.der.tlv(pki.der.UTC_TIME, b"301231235959Z")
    )
    leaf = ROOT.issue("alice", raw_validity=validity)
    assert passes(verify(leaf, anchors=(ROOT,)), "alice", "Root")


def test_a_cross_certified_ca_is_found_by_each_of_its_issuers() -> None:
    other = pki.make_ca("Other Root")
    crossed = pki.make_ca("Issuing CA", parent=other, key=ISSUING.key)
    for anchor, via in ((ROOT, ISSUING), (other, crossed)):
        result = verify(LEAF, anchors=(anchor,), presented=(crossed, ISSUING))
        assert passes(result, "alice", "Issuing CA", anchor.cert.subject.rdns[-1].rfc4514_string().removeprefix("CN="))
        assert result.path[1].der == via.der


def test_further_valid_paths_are_told_up_to_three() -> None:
    roots = [pki.make_ca(f"Root {number}") for number in range(5)]
    crossed = [pki.make_ca("Issuing CA", parent=root, key=ISSUING.key) for root in roots]
    result = verify(LEAF, anchors=roots, intermediates=crossed)
    assert passes(result, "alice", "Issuing CA", "Root 0")
    ends = [path[-1].identity.common_name for path in result.others]
    assert ends == ["Root 1", "Root 2", "Root 3"]
    assert verify(LEAF, anchors=roots[:2], presented=crossed).others[0][1].der == crossed[1].der


def test_the_shortest_path_comes_first() -> None:
    middle = pki.make_ca("Middle", parent=ROOT)
    longer = pki.make_ca("Issuing CA", parent=middle, key=ISSUING.key)
    result = verify(LEAF, anchors=(ROOT,), intermediates=(longer, middle, ISSUING))
    assert passes(result, "alice", "Issuing CA", "Root")
    assert [len(path) for path in result.others] == [4]


def test_a_presented_certificate_may_lead_from_a_configured_one_to_an_anchor() -> None:
    middle = pki.make_ca("Middle", parent=ROOT)
    low = pki.make_ca("Low", parent=middle)
    lowest = pki.make_ca("Lowest", parent=low)
    result = verify(lowest.issue("alice"), anchors=(ROOT,), intermediates=(low, lowest), presented=(middle,))
    assert passes(result, "alice", "Lowest", "Low", "Middle", "Root")
    result = verify(low.issue("alice"), anchors=(ROOT,), intermediates=(low,), presented=(middle,))
    assert passes(result, "alice", "Low", "Middle", "Root")


def test_a_ca_that_changes_its_key_certifies_the_new_one_itself() -> None:
    new_with_old = pki.make_ca("Root", parent=ROOT)
    leaf = new_with_old.issue("alice")
    assert passes(verify(leaf, anchors=(ROOT,), presented=(new_with_old,)), "alice", "Root", "Root")
    assert passes(verify(leaf, anchors=(ROOT,), intermediates=(new_with_old,)), "alice", "Root", "Root")


def test_a_leaf_may_share_the_name_of_its_issuer() -> None:
    assert passes(verify(ROOT.issue("Root"), anchors=(ROOT,)), "Root", "Root")


def test_a_configured_certificate_that_is_no_ca_may_be_a_client() -> None:
    assert passes(verify(LEAF, anchors=(ROOT,), intermediates=(ISSUING, LEAF)), "alice", "Issuing CA", "Root")


def test_an_anchor_ends_a_path_also_where_another_signed_it() -> None:
    result = verify(LEAF, anchors=(ROOT, ISSUING))
    assert passes(result, "alice", "Issuing CA")
    assert result.others == ()
