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
    constraining = [(at, link) for at, link in enumerate(path) if at and link.facts.constraints is not None]
    if not constraining:
        return None
    for at, link in enumerate(path[: constraining[-1][0]]):
        if at and link.is_self_issued:
            continue
        names = constrained_names(link.certificate)
        for above, authority in constraining:
            constraints = authority.facts.constraints
            if above > at and constraints is not None and (problem := constraints.problem(names)) is not None:
                return Flaw(link, f"{problem} of {certificate_name(authority.certificate.identity)}")
    return None
