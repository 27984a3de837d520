"""The one certificate that an RFC publishes with its fingerprint, and what else follows from it."""

import base64
from datetime import UTC, datetime

from extauthz.identity.certificate import parse_certificate
from extauthz.model.identity import Kind, PublicKeyInfo

RFC_8705 = base64.b64decode(
    "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwE"
    "bXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGG"
    "WvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUa"
    "KlLR50Q2DmFfQj1L+SY="
)
"""RFC 8705 appendix A, figure 5: a certificate of version 1."""


def test_the_certificate_of_rfc_8705() -> None:
    identity = parse_certificate(RFC_8705).identity
    assert identity.thumbprint_s256 == "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"  # figure 6
    # RFC 7469 §2.1.1: base64 of the SHA-256 of the SubjectPublicKeyInfo; 44 characters with padding.
    assert identity.spki_sha256 == "Wfn777VsDXE+cW3Wvzm7CuMw6D6h15KRhVqq3o80H48="
    assert (identity.subject_dn, identity.issuer_dn, identity.serial_number) == ("CN=mtls", "CN=mtls", "2")
    assert identity.not_before == datetime(2018, 10, 18, 12, 37, 9, tzinfo=UTC)
    assert identity.not_after == datetime(2022, 5, 2, 12, 37, 9, tzinfo=UTC)
    assert identity.key == PublicKeyInfo("ec", curve="secp256r1")
    assert (identity.kind, identity.sans, identity.warnings) == (Kind.SOFTWARE, (), ())
