"""Private keys for test certificates, and signing with them."""

from functools import cache
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

from support import der

PrivateKey = (
    ec.EllipticCurvePrivateKey
    | rsa.RSAPrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | dsa.DSAPrivateKey
)

ECDSA_SHA256: Final = der.sequence(der.oid("1.2.840.10045.4.3.2"))
ECDSA_SHA384: Final = der.sequence(der.oid("1.2.840.10045.4.3.3"))
RSA_SHA256: Final = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.tlv(der.NULL, b""))
ED25519: Final = der.sequence(der.oid("1.3.101.112"))
ED448: Final = der.sequence(der.oid("1.3.101.113"))
DSA_SHA256: Final = der.sequence(der.oid("2.16.840.1.101.3.4.3.2"))


@cache
def _slow_key(kind: str, owner: str) -> PrivateKey:
    """RSA and DSA keys take long to make, so one owner keeps one key for the life of the process."""
    del owner
    if kind == "dsa":
        return dsa.generate_private_key(2048)
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa") or "2048"))


def make_key(kind: str, owner: str) -> PrivateKey:
    """Make a key: ``ec`` (P-256), ``ec384``, ``ec521``, ``ed25519``, ``ed448``, ``rsa`` (2048), ``rsa3072``, ``dsa``.

    Every call makes a new key, but for RSA and DSA, where ``owner`` names whose key it is.
    """
    match kind:
        case "ec":
            return ec.generate_private_key(ec.SECP256R1())
        case "ec384":
            return ec.generate_private_key(ec.SECP384R1())
        case "ec521":
            return ec.generate_private_key(ec.SECP521R1())
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "ed448":
            return ed448.Ed448PrivateKey.generate()
    return _slow_key(kind, owner)


def spki(key: PrivateKey) -> bytes:
    """Return the DER SubjectPublicKeyInfo of a key."""
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_pem(key: PrivateKey) -> bytes:
    """Return the unencrypted PKCS#8 PEM of a key."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def algorithm(key: PrivateKey) -> bytes:
    """Return the DER AlgorithmIdentifier of the signatures that ``sign`` makes with this key."""
    match key:
        case ec.EllipticCurvePrivateKey():
            return ECDSA_SHA256
        case rsa.RSAPrivateKey():
            return RSA_SHA256
        case ed25519.Ed25519PrivateKey():
            return ED25519
        case ed448.Ed448PrivateKey():
            return ED448
        case _:
            return DSA_SHA256


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Sign with SHA-256 where the algorithm takes a hash (RSA: PKCS #1 v1.5)."""
    match key:
        case ec.EllipticCurvePrivateKey():
            return key.sign(data, ec.ECDSA(hashes.SHA256()))
        case rsa.RSAPrivateKey():
            return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
            return key.sign(data)
        case _:
            return key.sign(data, hashes.SHA256())


def signed(key: PrivateKey, tbs: bytes, *, outer_algorithm: bytes | None = None, spoilt: bool = False) -> bytes:
    """Wrap a to-be-signed structure: certificate, CRL and request all end in algorithm and signature.

    ``outer_algorithm`` writes another algorithm outside than inside; ``spoilt`` turns one bit of the signature.
    """
    signature = bytearray(sign(key, tbs))
    if spoilt:
        signature[-1] ^= 1
    return der.sequence(tbs, outer_algorithm or algorithm(key), der.bits(bytes(signature)))
