"""One certificate as a path sees it."""

from datetime import datetime
from functools import cached_property

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import NameKey
from extauthz.trust.chain.facts import PathFacts, read_facts
from extauthz.trust.window import TICK, Window, shifted


class Link:
    """A certificate, with what the rules of paths need to know of it read when it is first asked for."""

    def __init__(self, certificate: Certificate) -> None:
        """Take a certificate that was parsed."""
        self.certificate = certificate

    @property
    def sha256(self) -> bytes:
        """Which certificate it is."""
        return self.certificate.sha256

    @property
    def subject_key(self) -> NameKey:
        """The comparison form of the subject."""
        return self.certificate.subject_key

    @property
    def issuer_key(self) -> NameKey:
        """The comparison form of the issuer."""
        return self.certificate.issuer_key

    @property
    def is_self_issued(self) -> bool:
        """Subject and issuer are one name (RFC 5280 §6.1): a CA that changes its key or its policies."""
        return self.certificate.subject_key == self.certificate.issuer_key

    @cached_property
    def facts(self) -> PathFacts:
        """What its extensions say."""
        return read_facts(self.certificate)

    def is_valid_at(self, now: datetime) -> bool:
        """Say whether ``now`` is within its validity; both ends belong to it (RFC 5280 §4.1.2.5)."""
        identity = self.certificate.identity
        return identity.not_before <= now <= identity.not_after

    def validity_window(self, now: datetime) -> Window:
        """Return the stretch around ``now`` in which the certificate stays valid, or stays invalid."""
        identity = self.certificate.identity
        return Window.split_at(now, identity.not_before, shifted(identity.not_after, TICK))

    def was_named_by(self, child: "Link") -> bool:
        """Say whether the child's authorityKeyIdentifier names this key: a hint, never a proof."""
        return self.certificate.subject_key_id == child.certificate.authority_key_id
