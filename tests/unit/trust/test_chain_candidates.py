"""Of what a client presents, only what leads upwards from its leaf is looked at, and one certificate for each name."""

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.trust import chain_candidates
from extauthz.trust.chain_candidates import by_subject, in_line, parse_presented
from support import pki

NOW = pki.NOW
ROOT = pki.make_ca("Root")
UPPER = pki.make_ca("Upper", parent=ROOT)
LOWER = pki.make_ca("Lower", parent=UPPER)
LEAF = LOWER.issue("alice")


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


def chosen(leaf: pki.Leaf, presented: list[pki.Leaf], *configured: pki.Leaf) -> list[bytes]:
    above = in_line(cert(leaf), [cert(one) for one in presented], by_subject([cert(one) for one in configured]), NOW)
    return [one.der for one in above]


def test_the_line_goes_upwards_whatever_the_order() -> None:
    assert chosen(LEAF, [ROOT, UPPER, LOWER]) == [LOWER.der, UPPER.der, ROOT.der]


def test_what_the_leaf_does_not_lead_to_is_left_out() -> None:
    stranger = pki.make_ca("Stranger")
    assert chosen(LEAF, [stranger, LOWER, stranger.issue("bob"), UPPER]) == [LOWER.der, UPPER.der]
    assert chosen(LEAF, [UPPER]) == []


def test_the_line_goes_on_through_configured_certificates() -> None:
    assert chosen(LEAF, [UPPER], LOWER) == [UPPER.der]
    assert chosen(LEAF, [LOWER], UPPER) == [LOWER.der]


def test_authorities_that_sign_each_other_end_the_line() -> None:
    again = pki.make_ca("Upper", parent=LOWER, key=UPPER.key)
    assert chosen(LEAF, [LOWER, again]) == [LOWER.der, again.der]
    own = pki.make_ca("Own")
    assert chosen(own.issue("alice"), [own]) == [own.der]


def test_a_leaf_may_share_the_name_of_its_issuer() -> None:
    assert chosen(LOWER.issue("Lower"), [LOWER]) == [LOWER.der]


@pytest.mark.parametrize("likely_first", [True, False])
@pytest.mark.parametrize(
    "unlikely",
    [
        pki.make_ca("Lower", parent=UPPER, key=LOWER.key, not_after=NOW - pki.SECOND),
        pki.make_ca("Lower", parent=UPPER, key=LOWER.key, not_before=NOW + pki.SECOND),
        pki.make_ca("Lower", parent=UPPER),
        pki.make_ca("Lower", parent=pki.make_ca("Elsewhere"), key=LOWER.key),
    ],
)
def test_of_one_name_the_likeliest_is_taken(unlikely: pki.Leaf, likely_first: bool) -> None:
    presented: list[pki.Leaf] = [LOWER, unlikely] if likely_first else [unlikely, LOWER]
    assert chosen(LEAF, presented, UPPER) == [LOWER.der]


def test_an_issuer_that_is_configured_is_likelier_than_one_that_is_presented() -> None:
    elsewhere = pki.make_ca("Elsewhere")
    crossed = pki.make_ca("Lower", parent=elsewhere, key=LOWER.key)
    assert chosen(LEAF, [crossed, elsewhere, LOWER], UPPER) == [LOWER.der]
    assert chosen(LEAF, [LOWER, crossed, elsewhere]) == [crossed.der, elsewhere.der]


def test_what_cannot_be_parsed_is_counted() -> None:
    parsed, unusable = parse_presented([LOWER.der, b"", b"junk", UPPER.der])
    assert [one.der for one in parsed] == [LOWER.der, UPPER.der]
    assert unusable == 2


def test_what_is_larger_than_a_ca_certificate_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_candidates, "MAX_PRESENTED_BYTES", len(LOWER.der))
    assert parse_presented([LOWER.der])[1] == 0
    monkeypatch.setattr(chain_candidates, "MAX_PRESENTED_BYTES", len(LOWER.der) - 1)
    assert parse_presented([LOWER.der]) == ([], 1)
