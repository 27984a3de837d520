"""What is read of a public key without the library is what the library reads."""

from collections.abc import Sequence

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from extauthz.identity.usual_key import read_usual_key
from extauthz.model.identity import PublicKeyInfo

CURVES = {"secp256r1": ec.SECP256R1(), "secp384r1": ec.SECP384R1()}
P = {"secp256r1": 2**256 - 2**224 + 2**192 + 2**96 - 1, "secp384r1": 2**384 - 2**128 - 2**96 + 2**32 - 1}

SMALL = {
    "secp256r1": (
        (5, 0x459243B9AA581806FE913BCE99817ADE11CA503C64D9A3C533415C083248FBCC),
        (0x9E78D4EF60D05F750F6636209092BC43CBDD6B47E11A9DE20A9FEB2A50BB96C, 1),
    ),
    "secp384r1": (
        (2, 0x8CDEADBBD04911A3C1931E26DF3FA6439DCA9C7EB286FBD46FC319F0E2BB780232BAF57825FC0C1912ADA2FEFE84024C),
        (0x2261B2BF605C22F2F3AEF6338719B2C486388AD5240719A5257315969EF01BA27F0A104C89704773A81FDABEE6AB5C78, 1),
    ),
}
"""Points with a small x and with a small y: even with p added, the coordinate has no more octets."""


def _encoded(curve: str, coordinates: Sequence[int]) -> bytes:
    octets = P[curve].bit_length() // 8
    return spki_of(curve)[: -2 * octets] + b"".join(one.to_bytes(octets) for one in coordinates)


def spki_of(curve: str, secret: int = 1) -> bytes:
    key = ec.derive_private_key(secret, CURVES[curve]).public_key()
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def by_the_library(spki: bytes) -> PublicKeyInfo | None:
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return PublicKeyInfo("ec", curve=key.curve.name) if isinstance(key, ec.EllipticCurvePublicKey) else None


curves = st.sampled_from(sorted(CURVES))


@given(curves, st.integers(1, 2**255))
def test_every_key_of_the_curve_is_read(curve: str, secret: int) -> None:
    assert read_usual_key(spki_of(curve, secret)) == PublicKeyInfo("ec", curve=curve)


@given(st.data(), curves)
def test_a_changed_key_is_read_as_the_library_reads_it_or_not_at_all(data: st.DataObject, curve: str) -> None:
    changed = bytearray(spki_of(curve, data.draw(st.integers(1, 9))))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    assert read_usual_key(bytes(changed)) in {None, by_the_library(bytes(changed))}


@pytest.mark.parametrize("curve", sorted(CURVES))
class TestNotRead:
    def test_a_point_off_the_curve(self, curve: str) -> None:
        spki = spki_of(curve)
        off = spki[:-1] + bytes((spki[-1] ^ 1,))
        assert by_the_library(off) is None
        assert read_usual_key(off) is None

    def test_zeros(self, curve: str) -> None:
        spki = spki_of(curve)
        octets = P[curve].bit_length() // 8
        assert read_usual_key(spki[: -2 * octets] + bytes(2 * octets)) is None

    @pytest.mark.parametrize("number", [0, 1], ids=["x", "y"])
    def test_a_coordinate_that_is_not_reduced(self, curve: str, number: int) -> None:
        """Modulo p it is on the curve all the same, and another encoding of the same key."""
        coordinates = [*SMALL[curve][number]]
        assert read_usual_key(_encoded(curve, coordinates)) == PublicKeyInfo("ec", curve=curve)
        coordinates[number] += P[curve]
        unreduced = _encoded(curve, coordinates)
        assert by_the_library(unreduced) is None
        assert read_usual_key(unreduced) is None

    def test_a_compressed_point(self, curve: str) -> None:
        key = ec.derive_private_key(1, CURVES[curve]).public_key()
        point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
        assert read_usual_key(spki_of(curve)[: -len(point)] + point) is None

    def test_one_octet_less_or_more(self, curve: str) -> None:
        assert read_usual_key(spki_of(curve)[:-1]) is None
        assert read_usual_key(spki_of(curve) + b"\0") is None


def test_another_curve_of_the_same_size_is_not_read() -> None:
    key = ec.derive_private_key(1, ec.SECP256K1()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert read_usual_key(spki) is None
