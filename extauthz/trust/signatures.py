"""Does a signature over these bytes verify with this key? The cryptography is the library's; this picks the call.

The bytes are hashed here (``hashlib`` lets other threads run meanwhile, and needs no copy of a large CRL) and the
library verifies the digest. EdDSA hashes for itself, and the algorithm that is named must be the key's own. DSA is not
supported: FIPS 186-5 has withdrawn it.
"""

import hashlib
from functools import cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.x509 import Certificate as X509Certificate
from cryptography.x509 import CertificateRevocationList
from cryptography.x509.oid import SignatureAlgorithmOID

from extauthz.identity.certificate import Certificate
from extauthz.identity.structure import signed_part

Parameters = padding.PSS | padding.PKCS1v15 | ec.ECDSA | None


def is_signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Say whether the issuer's key verifies the certificate's signature.

    Neither names nor usage nor the strength of the algorithms are looked at. What cannot be checked is not signed.
    """
    return signature_verifies(certificate.x509, signed_part(certificate.der), issuer.x509)


def signature_verifies(
    signed: X509Certificate | CertificateRevocationList, tbs: bytes | memoryview, issuer: X509Certificate
) -> bool:
    """Say whether ``signed``'s signature covers ``tbs`` (its to-be-signed bytes) and comes from the issuer's key."""
    try:
        return _verify(
            issuer.public_key(), signed.signature_algorithm_parameters, signed.signature_hash_algorithm, signed, tbs
        )
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        # UnsupportedAlgorithm, ValueError, TypeError: an algorithm, a parameter or a key that the library cannot use.
        return False


def _verify(
    key: object,
    parameters: Parameters,
    hash_algorithm: HashAlgorithm | None,
    signed: X509Certificate | CertificateRevocationList,
    tbs: bytes | memoryview,
) -> bool:
    match key, parameters:
        case ec.EllipticCurvePublicKey(), ec.ECDSA() if hash_algorithm is not None:
            key.verify(signed.signature, _digest(hash_algorithm, tbs), _ecdsa(type(hash_algorithm)))
        case rsa.RSAPublicKey(), (padding.PSS() | padding.PKCS1v15()) if hash_algorithm is not None:
            key.verify(signed.signature, _digest(hash_algorithm, tbs), parameters, Prehashed(hash_algorithm))
        case ed25519.Ed25519PublicKey(), None if signed.signature_algorithm_oid == SignatureAlgorithmOID.ED25519:
            key.verify(signed.signature, bytes(tbs))
        case ed448.Ed448PublicKey(), None if signed.signature_algorithm_oid == SignatureAlgorithmOID.ED448:
            key.verify(signed.signature, bytes(tbs))
        case _:
            return False
    return True


@cache
def _ecdsa(hash_type: type[HashAlgorithm]) -> ec.ECDSA:
    """Return ECDSA of a digest. The hashes that it goes with have no parameters."""
    return ec.ECDSA(Prehashed(hash_type()))


def _digest(hash_algorithm: HashAlgorithm, data: bytes | memoryview) -> bytes:
    return hashlib.new(hash_algorithm.name.replace("-", "_"), data).digest()
