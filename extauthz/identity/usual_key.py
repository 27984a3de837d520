"""Keys of the usual elliptic curves, described without an object of the library.

The library takes more time to load such a key than to parse the rest of a certificate, and here nothing is verified
with a client's key: all that is asked is of what kind it is, and whether it is one at all. On the curves below every
point but that at infinity, which has no coordinates, is a public key; so a point that satisfies the curve's equation
is one (SEC 1 §3.2.2.1, whose last step cannot fail with a cofactor of 1). For everything else there is no answer: then
the library is asked, which also says what is wrong.
"""

from typing import Final, NamedTuple

from extauthz.model.identity import PublicKeyInfo


class _Curve(NamedTuple):
    """y² = x³ - 3x + b modulo p (NIST SP 800-186 §3.2.1)."""

    before: bytes
    """What stands before the coordinates of an uncompressed point in its SubjectPublicKeyInfo (RFC 5480 §2)."""
    p: int
    b: int
    info: PublicKeyInfo


_CURVES: Final = (
    _Curve(
        bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        PublicKeyInfo("ec", curve="secp256r1"),
    ),
    _Curve(
        bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004"),
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        PublicKeyInfo("ec", curve="secp384r1"),
    ),
)
_OF_LENGTH: Final = {len(one.before) + 2 * ((one.p.bit_length() + 7) // 8): one for one in _CURVES}
"""By the octets of the whole SubjectPublicKeyInfo."""


def read_usual_key(spki: bytes) -> PublicKeyInfo | None:
    """Describe the key of a SubjectPublicKeyInfo in DER; None where the library has to be asked what it is."""
    curve = _OF_LENGTH.get(len(spki))
    if curve is None or not spki.startswith(curve.before):
        return None
    at, p = len(curve.before), curve.p
    middle = (at + len(spki)) // 2
    x, y = int.from_bytes(spki[at:middle]), int.from_bytes(spki[middle:])
    if x >= p or y >= p or (y * y - (x * x - 3) * x - curve.b) % p:
        return None
    return curve.info
