"""``san_present`` and ``san``: the subjectAltName entries (RFC 5280 §4.2.1.6).

Only a certificate's SAN of the same type counts: a DNS pattern never looks at a common name or a URI.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError, compile_segments
from extauthz.policy.rules.base import Rule, ValuesRule, shown
from extauthz.policy.rules.mailbox import mailbox_rule


@dataclass(frozen=True, slots=True)
class SanPresentRule:
    """The certificate has at least one subjectAltName."""

    key: str = "san_present"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the number of entries."""
        if not identity.sans:
            return Fail(Reason.SAN_MISSING, "the certificate has no subjectAltName")
        return Pass(f"{len(identity.sans)} subjectAltName entries")


@dataclass(frozen=True, slots=True)
class SanIpRule:
    """One iPAddress entry lies in one of the networks. An IPv4-mapped IPv6 address is the IPv4 address that it maps."""

    networks: tuple[IPv4Network | IPv6Network, ...]
    key: str = "san.ip"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the first address and network that match."""
        for text in identity.ip_addresses:
            address = _unmapped(ip_address(text))
            for network in self.networks:
                if address in network:
                    return Pass(f"{text!r} is in {str(network)!r}")
        networks = shown(tuple(str(network) for network in self.networks))
        return Fail(Reason.SAN_NOT_ALLOWED, f"{shown(identity.ip_addresses)} is in none of {networks}")


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    # ::ffff:10.0.0.1 reaches the same host as 10.0.0.1; inside a `not`, the other spelling must not get by.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def san_dns_rule(texts: Sequence[str]) -> Rule:
    """Require a dNSName; compared label by label, without regard to letter case. Raises PatternError."""
    patterns = tuple(compile_segments(text, ".", lower=True) for text in texts)
    return ValuesRule(
        "san.dns",
        Reason.SAN_NOT_ALLOWED,
        lambda identity: tuple([name.lower() for name in identity.dns_names]),
        patterns,
    )


def san_uri_rule(texts: Sequence[str]) -> Rule:
    """Require a uniformResourceIdentifier; compared character by character between slashes. Raises PatternError."""
    patterns = tuple(compile_segments(text, "/", lower=False) for text in texts)
    return ValuesRule("san.uri", Reason.SAN_NOT_ALLOWED, lambda identity: identity.uris, patterns)


def san_ip_rule(texts: Sequence[str]) -> Rule:
    """Require an iPAddress in one of these addresses or CIDR networks. Raises PatternError."""
    networks = []
    for text in texts:
        try:
            networks.append(ip_network(text))
        except ValueError as error:
            raise PatternError(f"{text!r} is not an IP address or CIDR network: {error}") from None
    return SanIpRule(tuple(networks))


def san_email_rule(texts: Sequence[str]) -> Rule:
    """Require an rfc822Name; the local part is exact, the host part caseless (RFC 5280 §7.5). Raises PatternError."""
    return mailbox_rule("san.email", Reason.SAN_NOT_ALLOWED, lambda identity: identity.emails, texts)


def san_upn_rule(texts: Sequence[str]) -> Rule:
    """Require a user principal name; the prefix is exact, the suffix caseless. Raises PatternError."""
    return mailbox_rule("san.upn", Reason.SAN_NOT_ALLOWED, lambda identity: identity.upns, texts)
