"""What extauthz says of the cases of NIST PKITS: which valid ones it refuses, and why it refuses the invalid ones."""

from typing import Final

from extauthz.model.reason import Reason
from support.pkits import Case

MALFORMED: Final = frozenset({"DSAParametersInheritedCACert", "BadSignedCACert"})
"""Authorities that cannot be read: a key without its parameters, a signature that is not whole octets."""

NOT_ACCEPTED: Final = {
    "4.1.4": Reason.SIGNATURE_TOO_WEAK,  # DSA signatures are not verified
    "4.1.5": Reason.CERTIFICATE_MALFORMED,  # the client's DSA key has no parameters of its own
}
"""Valid cases that are refused, and why. ``docs/dependencies.md`` has them for operators."""

REVOCATION: Final = {
    "4.4.1": Reason.CRL_MISSING,
    "4.4.2": Reason.REVOKED,
    "4.4.3": Reason.REVOKED,
    "4.4.4": Reason.CRL_INVALID,
    "4.4.5": Reason.CRL_MISSING,  # there is a CRL, of another issuer
    "4.4.6": Reason.CRL_MISSING,  # the same
    "4.4.8": Reason.REVOKED,
    "4.4.9": Reason.CRL_INVALID,
    "4.4.10": Reason.CRL_INVALID,
    "4.4.11": Reason.CRL_STALE,
    "4.4.12": Reason.CRL_STALE,
    "4.4.15": Reason.REVOKED,
    "4.4.18": Reason.REVOKED,
    "4.4.20": Reason.REVOKED,
    "4.4.21": Reason.CRL_INVALID,  # the certificate that verifies the CRL is revoked
    "4.5.2": Reason.REVOKED,
    "4.5.5": Reason.REVOKED,
    "4.5.7": Reason.REVOKED,
    "4.7.4": Reason.CRL_INVALID,
    "4.7.5": Reason.CRL_INVALID,
    "4.14.2": Reason.REVOKED,
    "4.14.3": Reason.CRL_SCOPE,
    "4.14.6": Reason.REVOKED,
    "4.14.8": Reason.CRL_SCOPE,
    "4.14.9": Reason.CRL_SCOPE,
    "4.14.11": Reason.CRL_SCOPE,
    "4.14.12": Reason.CRL_SCOPE,
    "4.14.14": Reason.CRL_SCOPE,
    "4.14.15": Reason.REVOKED,
    "4.14.16": Reason.REVOKED,
    "4.14.17": Reason.CRL_SCOPE,
    "4.14.20": Reason.REVOKED,
    "4.14.21": Reason.REVOKED,
    "4.14.23": Reason.REVOKED,
    "4.14.26": Reason.CRL_MISSING,  # an indirect CRL that the distribution point does not name
    "4.14.27": Reason.CRL_SCOPE,
    "4.14.31": Reason.REVOKED,
    "4.14.32": Reason.REVOKED,
    "4.14.34": Reason.REVOKED,
    "4.14.35": Reason.CRL_SCOPE,
    "4.15.1": Reason.CRL_SCOPE,  # a delta CRL and no complete one
    "4.15.3": Reason.REVOKED,
    "4.15.4": Reason.REVOKED,
    "4.15.6": Reason.REVOKED,
    "4.15.9": Reason.REVOKED,
    "4.15.10": Reason.CRL_STALE,
}
"""Why a certificate on a sound path is refused: for what CRLs say, or do not say, and for nothing else."""

_PATH: Final = {
    "4.1.2": Reason.UNTRUSTED_ISSUER,
    "4.1.3": Reason.UNTRUSTED_ISSUER,
    "4.1.6": Reason.CERTIFICATE_MALFORMED,
    "4.2.2": Reason.NOT_YET_VALID,
    "4.2.6": Reason.EXPIRED,
    "4.2.7": Reason.EXPIRED,
    "4.3.1": Reason.UNTRUSTED_ISSUER,
    "4.3.2": Reason.UNTRUSTED_ISSUER,
    "4.5.8": Reason.UNTRUSTED_ISSUER,
    "4.16.2": Reason.CRITICAL_EXTENSION_UNKNOWN,
}
"""Why an unsound path is refused; all others are ``chain_invalid``."""


def is_sound(case: Case) -> bool:
    """Say whether the document has nothing against the path itself."""
    return case.valid or case.number in REVOCATION


def reason(case: Case) -> Reason | None:
    """Return why a case is refused, None if it is accepted."""
    if case.valid:
        return NOT_ACCEPTED.get(case.number)
    return REVOCATION.get(case.number) or path_reason(case)


def path_reason(case: Case) -> Reason | None:
    """Return why a case is refused where no CRL is asked, None if it is accepted."""
    if is_sound(case):
        return NOT_ACCEPTED.get(case.number)
    return _PATH.get(case.number, Reason.CHAIN_INVALID)
