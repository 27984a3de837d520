"""External authorization for mutual TLS: who is this client, and may it make this request.

These names are the public Python API, and the parts that the service itself is built of. ``docs/library.md`` shows
each of them at work.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extauthz.model.errors import AuthenticationError, ConfigError, DecodeError
    from extauthz.model.identity import CertIdentity
    from extauthz.model.reason import Reason
    from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
    from extauthz.trust.binding import cert_thumbprint_s256, verify_cert_binding
    from extauthz.trust.pins import CertPin, CertPinStore
    from extauthz.trust.revocation.status import Good, RevocationStatus, Revoked, Unknown, UnknownCause
    from extauthz.trust.revocation.store import CrlStore

__version__ = "0.1.0"

__all__ = [
    "AuthenticationError",
    "CertIdentity",
    "CertPin",
    "CertPinStore",
    "ClientCertAuthMethod",
    "ClientCertConfig",
    "ConfigError",
    "CrlStore",
    "DecodeError",
    "Good",
    "Reason",
    "RevocationStatus",
    "Revoked",
    "Unknown",
    "UnknownCause",
    "__version__",
    "cert_thumbprint_s256",
    "verify_cert_binding",
]

_HOMES = {
    "AuthenticationError": "extauthz.model.errors",
    "CertIdentity": "extauthz.model.identity",
    "CertPin": "extauthz.trust.pins",
    "CertPinStore": "extauthz.trust.pins",
    "ClientCertAuthMethod": "extauthz.policy.client_cert",
    "ClientCertConfig": "extauthz.policy.client_cert",
    "ConfigError": "extauthz.model.errors",
    "CrlStore": "extauthz.trust.revocation.store",
    "DecodeError": "extauthz.model.errors",
    "Good": "extauthz.trust.revocation.status",
    "Reason": "extauthz.model.reason",
    "RevocationStatus": "extauthz.trust.revocation.status",
    "Revoked": "extauthz.trust.revocation.status",
    "Unknown": "extauthz.trust.revocation.status",
    "UnknownCause": "extauthz.trust.revocation.status",
    "cert_thumbprint_s256": "extauthz.trust.binding",
    "verify_cert_binding": "extauthz.trust.binding",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: `extauthz version` needs no X.509 library."""
    if name not in _HOMES:
        raise AttributeError(f"module 'extauthz' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
