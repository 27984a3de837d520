"""Slicing the fields that the library does not show."""

import pytest

from extauthz.identity.structure import read_structure
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
        der.sequence(der.sequence(*[der.integer(1)] * 5), der.sequence()),
        der.sequence(der.sequence(der.context(0, der.integer(2)), *[der.integer(1)] * 5), der.sequence()),
    ],
)
def test_other_shapes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"too few fields|cut off"):
        read_structure(data)
