"""Of what a client presents, only what leads upwards from its leaf is looked at, and one certificate for each name."""

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.trust.chain import candidates as chain_candidates
from extauthz.trust.chain.candidates import (
    MAX_IN_LINE,
    MAX_RSA_BITS,
    MAX_RSA_EXPONENT,
    by_subject,
    in_line,
    parse_presented,
)
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


# -- keys that are expensive to verify with ----------------------------------------------------------------------------
RSA = pki.der.sequence(pki.der.oid("1.2.840.113549.1.1.1"), b"\5\0")
BITS_3072 = (1 << 3072) - 1105


def with_rsa_key(modulus: int, exponent: int) -> pki.Authority:
    key = pki.der.sequence(pki.der.integer(modulus), pki.der.integer(exponent))
    return pki.make_ca("Lower", parent=UPPER, raw_spki=pki.der.sequence(RSA, pki.der.bits(key)))


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        pytest.param(BITS_3072, 65_537, id="usual"),
        pytest.param(BITS_3072, MAX_RSA_EXPONENT - 1, id="largest_exponent"),
        pytest.param((1 << MAX_RSA_BITS) - 1, 65_537, id="largest_modulus"),
    ],
)
def test_a_usual_rsa_key_is_usable(modulus: int, exponent: int) -> None:
    one = with_rsa_key(modulus, exponent)
    assert [found.der for found in parse_presented([one.der])[0]] == [one.der]


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        pytest.param(BITS_3072, MAX_RSA_EXPONENT + 1, id="larger_exponent"),
        pytest.param(BITS_3072, BITS_3072 - 2, id="exponent_as_long_as_the_modulus"),
        pytest.param(BITS_3072, 65_536, id="even_exponent"),
        pytest.param((1 << MAX_RSA_BITS) + 1, 65_537, id="larger_modulus"),
    ],
)
def test_an_rsa_key_that_makes_work_is_not_used(modulus: int, exponent: int) -> None:
    assert parse_presented([with_rsa_key(modulus, exponent).der, UPPER.der])[1] == 1


def test_a_dsa_key_is_not_used() -> None:
    assert parse_presented([pki.make_ca("Lower", parent=UPPER, key="dsa").der]) == ([], 1)


def test_an_rsa_pss_key_is_told_by_its_numbers() -> None:
    pss = pki.der.sequence(pki.der.oid("1.2.840.113549.1.1.10"))
    for exponent, unusable in ((65_537, 0), (MAX_RSA_EXPONENT + 1, 1)):
        numbers = pki.der.sequence(pki.der.integer(BITS_3072), pki.der.integer(exponent))
        one = pki.make_ca("Lower", parent=UPPER, raw_spki=pki.der.sequence(pss, pki.der.bits(numbers)))
        assert parse_presented([one.der])[1] == unusable


def test_a_line_is_followed_one_beyond_what_may_be_tried() -> None:
    line = [ROOT]
    for number in range(MAX_IN_LINE + 3):
        line.append(pki.make_ca(f"CA {number}", parent=line[-1]))
    found = chosen(line[-1].issue("alice"), [*line])
    assert found == [one.der for one in reversed(line[-MAX_IN_LINE - 1 :])]
