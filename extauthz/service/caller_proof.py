"""What the TLS handshake of a connection has proved of its client, and whether that still counts.

A connection may outlive the setting that let it in. Once ``client_ca`` names other CAs, its certificate counts if every
CA counts that did at the handshake, so that a CA can be added without a thought, or if one of those that count now has
issued it itself. A CA is its name and its key (RFC 5280 §6.1.1 (d)), so one that was renewed is the same. Where an
intermediate that only the client has stands between them, the client has to connect anew: what it sent in its handshake
is not kept. Validity is not looked at again; ``max_connection_age`` ends the connection.
"""

import ssl

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey
from extauthz.model.outcome import Fail
from extauthz.service.callers import refused
from extauthz.service.native_tls import Authorities, NativeTls

OUTDATED = "the CA that has issued the caller's certificate is no longer in client_ca"


class CallerProof:
    """That of one connection."""

    def __init__(self, tls: NativeTls, connected: ssl.SSLObject) -> None:
        """Take down what was shown. ``connected``: the handshake is over, in a context of ``tls``."""
        self._tls = tls
        self._certificate = connected.getpeercert(binary_form=True)
        self._at_handshake = self._judged_by = tls.authorities_of(connected.context)
        self._stands = True

    def stands(self) -> bool:
        """Say whether it still counts. Worked out once for each change of the CAs."""
        authorities = self._tls.authorities
        if authorities is not self._judged_by:
            self._judged_by, self._stands = authorities, self._counts_with(authorities)
        return self._stands

    def _counts_with(self, authorities: Authorities) -> bool:
        if {_name_and_key(one) for one in self._at_handshake} <= {_name_and_key(one) for one in authorities}:
            return True
        der = self._certificate
        return der is not None and any(one.der == der or _has_issued(one, der) for one in authorities)


def outdated() -> Fail:
    """Return the refusal of a caller whose proof does not count any more."""
    return refused(OUTDATED)


def _name_and_key(authority: Certificate) -> tuple[NameKey, bytes]:
    return authority.subject_key, authority.spki_sha256


def _has_issued(authority: Certificate, der: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(der).verify_directly_issued_by(authority.x509)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
