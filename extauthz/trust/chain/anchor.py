"""A trust anchor, and what it may be tied to: SPIFFE trust domains, the Department of Defense."""

from dataclasses import dataclass

from extauthz.identity.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate at which a path may end, self-signed or not.

    ``trust_domains``: the SPIFFE trust domains that it is tied to, in lower case. A tied anchor vouches only for
    X509-SVIDs of its domains, and a domain that has a tied anchor is vouched for by its tied anchors alone. () means
    not tied. ``dod``: it is the Department of Defense's; where one is, no other anchor vouches for an EDIPI.
    """

    certificate: Certificate
    trust_domains: tuple[str, ...] = ()
    dod: bool = False
