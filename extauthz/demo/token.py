"""An access token bound to a client certificate (RFC 8705 §3.1), signed by a token issuer made on the spot."""

import base64
import hashlib
import json
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://tokens.demo.example"
LIFETIME = timedelta(hours=12)
"""A demo that is left running (``--keep``) should work for the day."""
_COORDINATE_BYTES = 32
"""P-256: a coordinate, and each half of an ES256 signature (RFC 7518 §3.4)."""


class TokenIssuer:
    """Signs JWTs with ES256. Its key lives as long as the object."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def jwks(self) -> str:
        """Return the public key as a JSON Web Key Set (RFC 7517 §5)."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "demo"}
        return json.dumps({"keys": [{**key, "x": _coordinate(numbers.x), "y": _coordinate(numbers.y)}]})

    def bound_token(self, subject: str, certificate: x509.Certificate, now: datetime) -> str:
        """Return a JWT for ``subject`` that only the holder of ``certificate`` may use (``cnf``, ``x5t#S256``)."""
        der = certificate.public_bytes(serialization.Encoding.DER)
        payload = {
            "iss": ISSUER,
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "cnf": {"x5t#S256": _base64url(hashlib.sha256(der).digest())},
        }
        signed = f"{_segment({'alg': 'ES256', 'typ': 'JWT', 'kid': 'demo'})}.{_segment(payload)}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_base64url(r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES))}"


def _segment(content: object) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _coordinate(value: int) -> str:
    return _base64url(value.to_bytes(_COORDINATE_BYTES))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
