"""Slicing the fields that the library does not show."""

import pytest

from extauthz.identity.structure import read_structure, signed_part
from support import pki
from support.pki import der, keys

CA = pki.make_ca("Issuing CA")


@pytest.mark.parametrize("version", [1, 3])
def test_the_fields_byte_for_byte(version: int) -> None:
    leaf = CA.issue("alice", serial=-300, version=version, no_extensions=True, outer_algorithm=keys.ED25519)
    structure = read_structure(leaf.der)
    assert structure.serial == -300
    assert structure.inner_algorithm == keys.ECDSA_SHA256
    assert structure.outer_algorithm == keys.ED25519
    assert structure.issuer == CA.cert.subject.public_bytes()
    assert structure.subject == leaf.cert.subject.public_bytes()
    assert structure.spki == keys.spki(leaf.key)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        der.sequence(),
        der.sequence(der.sequence()),
        der.sequence(der.sequence(), der.sequence()),
        der.sequence(der.sequence(der.context(0, der.integer(2))), der.sequence()),
        der.sequence(der.sequence(*[der.integer(1)] * 6), der.sequence()),
        der.sequence(der.sequence(), der.sequence(), der.bits(b"a")),
        der.sequence(der.sequence(*[der.integer(1)] * 5), der.sequence(), der.bits(b"a")),
        der.sequence(
            der.sequence(der.context(0, der.integer(2)), *[der.integer(1)] * 5), der.sequence(), der.bits(b"a")
        ),
    ],
)
def test_other_shapes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"too few fields|cut off"):
        read_structure(data)


@pytest.mark.parametrize(
    ("signature", "says"),
    [
        pytest.param(der.tlv(der.BIT_STRING, b"\1\xfe"), "not made of whole octets", id="unused_bits"),
        pytest.param(der.tlv(der.BIT_STRING, b"\x07\x80"), "not made of whole octets", id="seven_unused_bits"),
        pytest.param(der.tlv(der.BIT_STRING, b""), "not made of whole octets", id="empty"),
        pytest.param(der.octets(b"\0a"), "not one BIT STRING", id="octet_string"),
        pytest.param(der.bits(b"a") + der.bits(b"b"), "not one BIT STRING", id="two"),
    ],
)
def test_other_signatures_are_refused(signature: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_structure(der.sequence(der.sequence(*[der.integer(1)] * 6), der.sequence(), signature))


def test_the_extensions_are_found_behind_the_optional_fields() -> None:
    leaf = CA.issue("alice")
    assert read_structure(leaf.der).extensions == der.sequence(
        *[
            der.extension(one.oid.dotted_string, one.value.public_bytes(), critical=one.critical)
            for one in leaf.cert.extensions
        ]
    )
    six = [der.integer(1)] * 6
    unique_ids = [der.context(1, b"\0a", constructed=False), der.context(2, b"\0b", constructed=False)]
    with_all = der.sequence(*six, *unique_ids, der.context(3, b"ext"))
    assert read_structure(der.sequence(with_all, der.sequence(), der.bits(b""))).extensions == b"ext"
    without = der.sequence(*six, *unique_ids)
    assert read_structure(der.sequence(without, der.sequence(), der.bits(b""))).extensions == b""


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_the_signed_part_is_what_the_library_takes_for_it(kind: str) -> None:
    leaf = CA.issue("alice", key=kind)
    assert signed_part(leaf.der) == leaf.cert.tbs_certificate_bytes
