"""A trust anchor, and the SPIFFE trust domains that it may be tied to."""

from dataclasses import dataclass

from extauthz.identity.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate at which a path may end, self-signed or not.

    ``trust_domains``: the SPIFFE trust domains that it is tied to, in lower case. A tied anchor vouches only for
    X509-SVIDs of its domains, and a domain that has a tied anchor is vouched for by its tied anchors alone. () means
    not tied.
    """

    certificate: Certificate
    trust_domains: tuple[str, ...] = ()
