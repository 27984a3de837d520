"""Presented certificates are looked at only as far as they are such as CAs have."""

import pytest

from extauthz.trust.chain import candidates
from extauthz.trust.chain.candidates import MAX_NAME_BYTES, MAX_RSA_BITS, MAX_RSA_EXPONENT, parse_presented
from support import pki

ROOT = pki.make_ca("Root")
UPPER = pki.make_ca("Upper", parent=ROOT)
LOWER = pki.make_ca("Lower", parent=UPPER)


def test_what_cannot_be_parsed_is_counted() -> None:
    parsed, unusable = parse_presented([LOWER.der, b"", b"junk", UPPER.der])
    assert [one.der for one in parsed] == [LOWER.der, UPPER.der]
    assert unusable == 2


def test_what_does_not_fit_beside_the_others_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MAX_PRESENTED_BYTES", len(LOWER.der) + len(UPPER.der))
    assert parse_presented([LOWER.der, UPPER.der])[1] == 0
    assert parse_presented([LOWER.der + b"\0" * len(UPPER.der), UPPER.der])[1] == 2
    parsed, unusable = parse_presented([b"\0" * 10_000, LOWER.der, UPPER.der])
    assert [one.der for one in parsed] == [LOWER.der, UPPER.der]
    assert unusable == 1


@pytest.mark.parametrize("where", ["subject", "issuer"])
def test_names_that_no_ca_has_are_counted(where: str) -> None:
    def with_name(length: int) -> bytes:
        rdns = [pki.der.set_of([pki.der.sequence(pki.der.oid("2.5.4.11"), pki.der.utf8("x" * 50))])] * 7
        rdns.append(pki.der.set_of([pki.der.sequence(pki.der.oid("2.5.4.3"), pki.der.utf8("x" * length))]))
        raw = pki.der.sequence(*rdns)
        assert len(raw) == MAX_NAME_BYTES + length - 70
        ca = pki.make_ca("CA", **(pki.Options(raw_subject=raw) if where == "subject" else pki.Options(raw_issuer=raw)))
        return ca.der

    assert parse_presented([with_name(70)])[1] == 0
    assert parse_presented([with_name(71)])[1] == 1


def test_more_alternative_names_than_a_ca_has_are_counted() -> None:
    few = pki.make_ca("CA", dns=["a.example"] * 15)
    many = pki.make_ca("CA", dns=["a.example"] * 150)
    assert parse_presented([few.der, many.der])[1] == 1


def test_a_certificate_without_extensions_is_parsed() -> None:
    assert parse_presented([pki.make_ca("CA", no_extensions=True, version=1).der])[1] == 0


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
