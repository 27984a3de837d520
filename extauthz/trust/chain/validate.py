"""Validating one path whose signatures verify (RFC 5280 §6.1).

The plan, in this order. The first rule that is broken is told, and of each rule the certificate nearest to the leaf:

1. every certificate by itself: validity; critical extensions that nobody here processes; extensions that cannot be
   read; above the leaf, what a CA must be; the algorithm of the signature on it (but for the anchor's) and its key
2. path lengths
3. name constraints
4. certificate policies
5. SPIFFE trust domains, and who vouches for an EDIPI

Names (issuer and subject are compared by §7.1) and signatures were looked at when the path was found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from extauthz.model.outcome import Fail
from extauthz.trust.chain.algorithms import AlgorithmPolicy, ca_key_flaw, leaf_key_flaw, signature_flaw
from extauthz.trust.chain.authority import authority_flaw
from extauthz.trust.chain.dod_anchors import DodAnchors
from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link
from extauthz.trust.chain.name_constraints import name_constraints_flaw
from extauthz.trust.chain.path_length import path_length_flaw
from extauthz.trust.chain.policies import policy_flaw
from extauthz.trust.chain.trust_domains import TrustDomains
from extauthz.trust.chain.validity import validity_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRules:
    """What is asked of one path beside RFC 5280."""

    now: datetime
    algorithms: AlgorithmPolicy
    purposes: frozenset[str] | None
    """Purposes of which a CA must have one, if it has any; None to ask for none."""
    domains: TrustDomains | None
    """None to let every anchor vouch for every trust domain."""
    dod: DodAnchors | None
    """None to let every anchor vouch for an EDIPI."""
    target_signs: bool = False
    """Whether the first certificate of the path is relied on for its signatures (on CRLs), and is no client's."""

    def path_fail(self, path: Sequence[Link]) -> Fail | None:
        """Return why a path, leaf first and anchor last, is not valid."""
        flaw = self._path_flaw(path)
        return flaw.fail(path) if flaw is not None else None

    def _path_flaw(self, path: Sequence[Link]) -> Flaw | None:
        leaf, *above = path
        anchor = above[-1]
        flaw = self.target_flaw(leaf)
        for link in above:
            flaw = flaw or self.ca_flaw(link, is_anchor=link is anchor)
        return (
            flaw
            or path_length_flaw(path)
            or name_constraints_flaw(path)
            or policy_flaw(path)
            or self.anchor_flaw(leaf, anchor)
        )

    def anchor_flaw(self, leaf: Link, anchor: Link) -> Flaw | None:
        """Return why the anchor does not vouch for the leaf, although a valid path leads to it."""
        return (self.domains.flaw(leaf, anchor) if self.domains is not None else None) or (
            self.dod.flaw(leaf, anchor) if self.dod is not None else None
        )

    def target_flaw(self, link: Link) -> Flaw | None:
        """Return what is wrong with the first certificate of a path, whatever stands above it."""
        key_flaw = ca_key_flaw if self.target_signs else leaf_key_flaw
        return self._common_flaw(link) or signature_flaw(link, self.algorithms) or key_flaw(link, self.algorithms)

    def ca_flaw(self, link: Link, *, is_anchor: bool) -> Flaw | None:
        """Return what is wrong with a CA, whatever stands above and below it."""
        return (
            self._common_flaw(link)
            or authority_flaw(link, self.purposes)
            or (None if is_anchor else signature_flaw(link, self.algorithms))
            or ca_key_flaw(link, self.algorithms)
        )

    def _common_flaw(self, link: Link) -> Flaw | None:
        if (problem := validity_problem(link.certificate, self.now)) is not None:
            return Flaw(link, problem)
        if link.certificate.unknown_critical:
            return Flaw(link, f"its critical extension {link.certificate.unknown_critical[0]} is not supported")
        if link.facts.unreadable is not None:
            return Flaw(link, link.facts.unreadable)
        return None
