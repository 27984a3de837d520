"""A certificate with more in it than any real one is refused by counting tags, before the library makes objects."""

from collections.abc import Callable

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.counts import (
    MAX_DIRECTORY_ATTRIBUTES,
    MAX_EXTENDED_KEY_USAGES,
    MAX_EXTENSIONS,
    MAX_LISTING_BYTES,
    MAX_NAME_ATTRIBUTES,
    MAX_NAME_BYTES,
    MAX_POLICIES,
    MAX_SUBJECT_ALT_NAMES,
    require_usual_counts,
)
from extauthz.identity.structure import Structure, read_structure
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA")


def rdn(text: str = "a") -> bytes:
    return der.rdn(("2.5.4.11", der.utf8(text)))


def one_rdn(number: int) -> bytes:
    """Return a name of one RDN with this many attributes."""
    return der.name(der.rdn(*[("2.5.4.11", der.utf8(f"{index:03}")) for index in range(number)]))


def long_name(size: int) -> bytes:
    """Return a name of this many bytes: one value, and 21 octets of headers and OID around it."""
    return der.name(rdn("a" * (size - 21)))


def subject(name: bytes) -> bytes:
    return CA.issue(raw_subject=name).der


def issuer(name: bytes) -> bytes:
    return CA.issue(raw_issuer=name).der


def with_extensions(number: int) -> bytes:
    odd = [der.extension(f"1.2.3.{index}", b"\5\0") for index in range(number)]
    return CA.issue(
        no_san=True, key_ids=False, key_usage=False, eku=(), basic_constraints=False, extra_extensions=odd
    ).der


def listings(size: int) -> list[bytes]:
    """Return an issuerAltName and name constraints of so many bytes together; another extension does not count."""
    names = der.sequence(*[der.context(2, b"a" * 96, constructed=False)] * 80)
    over = size - len(names) - 4 - 4 - 4 - 4
    constraints = der.sequence(der.context(0, der.sequence(der.context(2, b"a" * over, constructed=False))))
    assert len(names) + len(constraints) == size
    return [
        der.extension("2.5.29.18", names),
        der.extension("2.5.29.30", constraints),
        der.extension("1.2.3.4", bytes(20_000)),
    ]


Make = Callable[[int], bytes]
COUNTED = [
    pytest.param(
        lambda number: subject(der.name(*[rdn()] * number)),
        MAX_NAME_ATTRIBUTES,
        "subject: more than 64 attributes",
        id="subject",
    ),
    pytest.param(
        lambda number: issuer(der.name(*[rdn()] * number)),
        MAX_NAME_ATTRIBUTES,
        "issuer: more than 64 attributes",
        id="issuer",
    ),
    pytest.param(
        lambda number: subject(one_rdn(number)), MAX_NAME_ATTRIBUTES, "subject: more than 64 attributes", id="one_rdn"
    ),
    pytest.param(
        lambda number: subject(long_name(number)),
        MAX_NAME_BYTES,
        "subject: 8193 bytes; at most 8192 are read",
        id="long_subject",
    ),
    pytest.param(
        lambda number: issuer(long_name(number)),
        MAX_NAME_BYTES,
        "issuer: 8193 bytes; at most 8192 are read",
        id="long_issuer",
    ),
    pytest.param(with_extensions, MAX_EXTENSIONS, "extensions: more than 100 extensions", id="extensions"),
    pytest.param(
        lambda number: CA.issue(dns=["a.example"] * number).der,
        MAX_SUBJECT_ALT_NAMES,
        "extensions: subjectAltName: more than 1000 names",
        id="names",
    ),
    pytest.param(
        lambda number: CA.issue(eku=[f"1.2.{index}" for index in range(number)]).der,
        MAX_EXTENDED_KEY_USAGES,
        "extensions: extKeyUsage: more than 100 purposes",
        id="purposes",
    ),
    pytest.param(
        lambda number: CA.issue(eku=[f"1.2.{index}" for index in range(number)], eku_critical=True).der,
        MAX_EXTENDED_KEY_USAGES,
        "extensions: extKeyUsage: more than 100 purposes",
        id="purposes_critical",
    ),
    pytest.param(
        lambda number: CA.issue(policies=[f"1.2.{index}" for index in range(number)]).der,
        MAX_POLICIES,
        "extensions: certificatePolicies: more than 100 policies",
        id="policies",
    ),
    pytest.param(
        lambda number: CA.issue(other_sans=[der.context(4, der.name(rdn()))] * number).der,
        MAX_DIRECTORY_ATTRIBUTES,
        "extensions: subjectAltName: more than 256 attributes in directoryNames",
        id="directory_names",
    ),
    pytest.param(
        lambda size: CA.issue(extra_extensions=listings(size)).der,
        MAX_LISTING_BYTES,
        "extensions: more than 16384 bytes of names, addresses and policies",
        id="listings",
    ),
]


@pytest.mark.parametrize(("make", "most", "detail"), COUNTED)
def test_as_many_as_allowed_and_one_more(make: Make, most: int, detail: str) -> None:
    parse_certificate(make(most))
    with pytest.raises(DecodeError) as caught:
        parse_certificate(make(most + 1))
    assert caught.value.reason is Reason.CERTIFICATE_TOO_LARGE
    assert caught.value.detail == detail


def test_far_more_than_allowed_are_not_counted_to_the_end() -> None:
    many = der.name(*[one_rdn(60)[4:]] * 20)
    with pytest.raises(DecodeError, match="subject: "):
        parse_certificate(subject(many))


def _structure(subject: bytes = b"", issuer: bytes = b"", extensions: bytes = b"") -> Structure:
    usual = read_structure(CA.issue("alice").der)
    return usual._replace(subject=subject, issuer=issuer, extensions=extensions)


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": b""},
        {"subject": b"\x30\x80"},
        {"issuer": der.name(b"\x31\5")},
        {"extensions": b""},
        {"extensions": b"\x30\x80"},
        {"extensions": der.sequence(der.sequence())},
        {"extensions": der.sequence(der.sequence(der.oid("2.5.29.37"), der.octets(b"\x30\x80")))},
        {"extensions": der.sequence(der.sequence(der.oid("2.5.29.37")))},
        {"extensions": der.sequence(b"\x30\5")},
        {"extensions": der.sequence(der.sequence(der.oid("2.5.29.17"), der.octets(b"\x30\x80")))},
    ],
)
def test_what_cannot_be_walked_is_left_to_the_library(fields: dict[str, bytes]) -> None:
    require_usual_counts(_structure(**fields))


LONG = bytes(300)
"""So long that there is room for too many of something, and no element at all."""


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"subject": b"\x30\x80" + LONG}, id="a name"),
        pytest.param({"issuer": der.sequence(b"\x31\x80" + LONG)}, id="an RDN"),
        pytest.param(
            {"extensions": der.sequence(der.sequence(der.oid("2.5.29.37"), der.octets(b"\x30\x80" + LONG)))},
            id="a list",
        ),
        pytest.param(
            {"extensions": der.sequence(der.sequence(der.oid("2.5.29.17"), der.octets(b"\x30\x80" + LONG)))}, id="names"
        ),
        pytest.param({"extensions": der.sequence(der.sequence(), der.sequence(der.octets(LONG)))}, id="no extension"),
    ],
)
def test_what_is_long_and_cannot_be_walked_is_left_to_the_library(fields: dict[str, bytes]) -> None:
    require_usual_counts(_structure(**fields))
