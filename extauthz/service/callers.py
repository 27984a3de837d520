"""Which callers may ask: an allow-list over the certificate that the proxy itself shows on mutual TLS.

The TLS handshake has verified that certificate (chain, validity, possession of the key). Only its subjectAltName
counts here; a common name is never an identity of a server. A certificate that expires later stays good for its
connection, which ``max_connection_age`` ends.
"""

from collections.abc import Callable, Iterable, Mapping

from extauthz.identity.certificate import parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.rules.base import Rule
from extauthz.sources.pem import certificates_from_pem

REMEMBERED_CALLERS = 1024
"""Certificates whose identity is kept: far more proxies than one replica serves."""

_PEER_CERTIFICATE = "x509_pem_cert"
"""The property of gRPC's authentication context that holds the peer's own certificate."""

AuthContext = Mapping[str, Iterable[bytes]]


class Callers:
    """Reads and remembers who calls."""

    def __init__(self, rule: Callable[[], Rule | None]) -> None:
        """``rule()`` gives the allow-list in use, as it follows the configuration; None admits every caller."""
        self._rule = rule
        self._known: dict[bytes, CertIdentity | Fail] = {}

    def admit(self, auth_context: Callable[[], AuthContext]) -> Outcome:
        """Say whether the caller of one request may ask; a refusal is ``CALLER_NOT_ALLOWED``."""
        rule = self._rule()
        if rule is None:
            return Pass("every caller is admitted")
        caller = self._identify(tuple(auth_context().get(_PEER_CERTIFICATE, ())))
        if isinstance(caller, Fail):
            return caller
        outcome = rule.check(caller)
        return _refused(outcome.detail) if isinstance(outcome, Fail) else outcome

    def _identify(self, certificates: tuple[bytes, ...]) -> CertIdentity | Fail:
        if len(certificates) != 1:
            return _refused("the caller shows no certificate")
        pem = certificates[0]
        known = self._known.get(pem)
        if known is None:
            known = _identity(pem)
            if len(self._known) >= REMEMBERED_CALLERS:
                self._known.clear()
            self._known[pem] = known
        return known


def _identity(pem: bytes) -> CertIdentity | Fail:
    try:
        (der, *_) = certificates_from_pem(pem)
        return parse_certificate(der).identity
    except DecodeError as error:
        return _refused(f"the caller's certificate cannot be read: {error.detail}")


def _refused(detail: str) -> Fail:
    return Fail(Reason.CALLER_NOT_ALLOWED, detail)
