"""What kind of key a certificate certifies."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from extauthz.model.identity import PublicKeyInfo


def read_public_key(certificate: x509.Certificate) -> PublicKeyInfo:
    """Describe the key. Types that the library does not know are ``unknown:<OID>``; a broken key raises its error."""
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        key = None
    match key:
        case ec.EllipticCurvePublicKey():
            info = PublicKeyInfo("ec", curve=key.curve.name)
        case rsa.RSAPublicKey():
            info = PublicKeyInfo("rsa", bits=key.key_size)
        case ed25519.Ed25519PublicKey():
            info = PublicKeyInfo("ed25519")
        case ed448.Ed448PublicKey():
            info = PublicKeyInfo("ed448")
        case dsa.DSAPublicKey():
            info = PublicKeyInfo("dsa", bits=key.key_size)
        case _:
            info = PublicKeyInfo(f"unknown:{certificate.public_key_algorithm_oid.dotted_string}")
    return info
