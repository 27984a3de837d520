"""Holding every certificate of a path to the name constraints above it (RFC 5280 §4.2.1.10, §6.1.3 (b), (c))."""

from collections.abc import Sequence

from extauthz.model.certificate_name import certificate_name
from extauthz.trust.chain.constraints.names import constrained_names
from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link


def name_constraints_flaw(path: Sequence[Link]) -> Flaw | None:
    """Say which certificate of a path (leaf first) has a name that a CA above it may not certify.

    Self-issued certificates are left out unless they are the leaf: a CA must be able to certify its own new key.
    """
    return leaf_names_flaw(path[0], constraining_cas(path)) or ca_names_flaw(path)


def constraining_cas(path: Sequence[Link]) -> list[Link]:
    """Return the CAs of a path (leaf first) that have name constraints."""
    return [link for link in path[1:] if link.facts.constraints is not None]


def leaf_names_flaw(leaf: Link, constraining: Sequence[Link]) -> Flaw | None:
    """Say which of these CAs may not certify a name of the leaf."""
    if not constraining:
        return None
    names = constrained_names(leaf.certificate)
    for authority in constraining:
        constraints = authority.facts.constraints
        if constraints is not None and (problem := constraints.problem(names)) is not None:
            return Flaw(leaf, f"{problem} of {certificate_name(authority.certificate.identity)}")
    return None


def ca_names_flaw(path: Sequence[Link]) -> Flaw | None:
    """Say which CA of a path (leaf first) has a name that one above it may not certify."""
    for at, link in enumerate(path[1:], start=1):
        above = [] if link.is_self_issued else constraining_cas(path[at:])
        if (flaw := leaf_names_flaw(link, above)) is not None:
            return flaw
    return None
