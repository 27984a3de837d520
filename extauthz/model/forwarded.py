"""``ForwardedIdentity``: whom a proxy says the client is, where it hands no certificate over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForwardedIdentity:
    """A name, on the word of a proxy alone. Only ``sources.xfcc_identity`` makes one, and only where that is asked for.

    It is no ``CertIdentity`` and never becomes one: nobody here has seen a certificate, so there is no validity, chain,
    revocation, key, fingerprint or serial number, and nothing that could stand in for them.
    """

    spiffe_id: str
    """A sound SPIFFE ID with a path, the trust domain in lower case (at most 2048 characters)."""
    by: tuple[str, ...]
    """The names of the proxy that says so, each one of those configured."""
    sources: tuple[str, ...] = ()
    """Names of the configured sources that it comes from."""
