"""``$ssl_client_verify``: what NGINX found when it verified the client certificate.

It is ``SUCCESS``, ``NONE``, or ``FAILED:`` and the text of the TLS library's error, or of NGINX's own OCSP request.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason


class Verdict(StrEnum):
    """The kinds of values."""

    MISSING = "nothing"
    SUCCESS = "SUCCESS"
    NONE = "NONE"
    FAILED = "FAILED"


class Failure(NamedTuple):
    """Why verification failed, in our own words: the text is never repeated."""

    kind: str
    may_be_verified_here: bool = False
    """NGINX only lacks the issuer. These are the errors with which ``ssl_verify_client optional_no_ca`` lets a request
    go on; what it found beyond them (expired, revoked) is known, and no other verification takes it back."""


_FAILED: Final = "FAILED"
_FAILED_WITH_REASON: Final = "FAILED:"

_NO_ISSUER: Final = Failure("its issuer is not among the CAs that the proxy trusts", may_be_verified_here=True)
_SELF_SIGNED: Final = Failure("it is self-signed", may_be_verified_here=True)
_SELF_SIGNED_ROOT: Final = Failure("its root is not among the CAs that the proxy trusts", may_be_verified_here=True)
_OTHER: Final = Failure("for another reason")

_FAILURES: Final = {
    "unable to get local issuer certificate": _NO_ISSUER,
    "unable to verify the first certificate": _NO_ISSUER,
    "certificate not trusted": _NO_ISSUER,
    "self signed certificate": _SELF_SIGNED,
    "self-signed certificate": _SELF_SIGNED,
    "self signed certificate in certificate chain": _SELF_SIGNED_ROOT,
    "self-signed certificate in certificate chain": _SELF_SIGNED_ROOT,
    "certificate has expired": Failure("it has expired"),
    "certificate is not yet valid": Failure("it is not yet valid"),
    "certificate revoked": Failure("it is revoked"),
    "unable to get certificate CRL": Failure("there is no CRL for it"),
    "CRL has expired": Failure("the CRL for it has expired"),
    "certificate status request failed": Failure("its status could not be asked by OCSP"),
    "certificate status unknown": Failure("its status is unknown to OCSP"),
    "unsupported certificate purpose": Failure("it is not made for this purpose"),
    "unsuitable certificate purpose": Failure("it is not made for this purpose"),
    "certificate chain too long": Failure("its chain is longer than ssl_verify_depth allows"),
}
"""The errors that operators meet, by the texts of OpenSSL 1.1 and 3, BoringSSL and NGINX."""


def verdict_of(value: str) -> Verdict:
    """Return what kind of verdict the header's value is; MISSING for empty text.

    Raises ``DecodeError(SOURCE_MALFORMED)`` for anything that NGINX does not write, such as another case or a number.
    """
    if not value:
        return Verdict.MISSING
    if value == Verdict.SUCCESS:
        return Verdict.SUCCESS
    if value == Verdict.NONE:
        return Verdict.NONE
    if value == _FAILED or value.startswith(_FAILED_WITH_REASON):
        return Verdict.FAILED
    raise DecodeError(Reason.SOURCE_MALFORMED, "the verify header is none of SUCCESS, NONE and FAILED:reason")


def failure(value: str) -> Failure:
    """Return why verification failed, by a value of the kind FAILED; a text that is not known is another reason."""
    return _FAILURES.get(value.removeprefix(_FAILED_WITH_REASON), _OTHER)
