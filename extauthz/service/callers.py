"""Which callers may ask: an allow-list over the certificate that the proxy itself shows on mutual TLS.

The TLS handshake has verified that certificate (chain, validity, possession of the key). Only its subjectAltName
counts here; a common name is never an identity of a server. A certificate that expires later stays good for its
connection, which ``max_connection_age`` ends.
"""

from collections.abc import Callable, Iterable

from extauthz.identity.certificate import parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.base import Rule
from extauthz.sources.pem import certificates_from_pem

REMEMBERED_CALLERS = 1024
"""Certificates whose identity is kept: far more proxies than one replica serves."""

Shown = Callable[[], Iterable[bytes]]
"""Gives the certificates that a caller shows as its own, as DER or PEM: one, or it counts for none."""
_PEM = b"-----BEGIN"


class Callers:
    """Reads and remembers who calls."""

    def __init__(self, rule: Callable[[], Rule | None]) -> None:
        """``rule()`` gives the allow-list in use, as it follows the configuration; None admits every caller."""
        self._rule = rule
        self._known: dict[bytes, CertIdentity | Fail] = {}

    def admit(self, shown: Shown) -> Outcome:
        """Say whether the caller of one request may ask; a refusal is ``CALLER_NOT_ALLOWED``."""
        rule = self._rule()
        if rule is None:
            return Pass("every caller is admitted")
        caller = self._identify(tuple(shown()))
        if isinstance(caller, Fail):
            return caller
        outcome = rule.check(caller)
        return refused(outcome.detail) if isinstance(outcome, Fail) else outcome

    def _identify(self, certificates: tuple[bytes, ...]) -> CertIdentity | Fail:
        if len(certificates) != 1:
            return refused("the caller shows no certificate")
        certificate = certificates[0]
        known = self._known.get(certificate)
        if known is None:
            known = caller_identity(certificate)
            if len(self._known) >= REMEMBERED_CALLERS:
                self._known.clear()
            self._known[certificate] = known
        return known


def caller_identity(certificate: bytes) -> CertIdentity | Fail:
    """Read who a caller is from its own certificate (DER or PEM), which its TLS handshake has verified."""
    try:
        der = certificates_from_pem(certificate)[0] if certificate.startswith(_PEM) else certificate
        return parse_certificate(der).identity
    except DecodeError as error:
        return refused(f"the caller's certificate cannot be read: {error.detail}")


def refused(detail: str) -> Fail:
    """Return the refusal of a caller; the detail is for the operator."""
    return Fail(Reason.CALLER_NOT_ALLOWED, detail)
