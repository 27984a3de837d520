"""Certificate policies along a path (RFC 5280 §6.1.2 to §6.1.5, as RFC 9618 amends it).

RFC 5280 describes a tree whose nodes can double with every certificate. RFC 9618 has one node for each policy at each
depth instead. The initial-policy-set here is always any-policy: which policies a client must have is a rule of the
policies of this service (``policy_oids``), not of the path. Then nobody asks where a node came from, only whether there
are any, so that it is enough to keep the nodes of the current depth: each policy with what it is expected to be called
by the next certificate. The work is bounded without a limit of its own: a certificate adds no more nodes than it has
policies and mappings, of which there are at most 100 each.

The initial explicit-policy, policy-mapping-inhibit and any-policy-inhibit are not set. An anchor's policyConstraints
and inhibitAnyPolicy count (RFC 5937 §3.2), and one with certificatePolicies is processed as a certificate of the path.
"""

from collections.abc import Sequence
from copy import copy
from typing import Final

from extauthz.trust.chain.flaw import Flaw
from extauthz.trust.chain.link import Link

ANY_POLICY: Final = "2.5.29.32.0"


class PolicyState:
    """The state of RFC 5280 §6.1.2 that is about policies."""

    __slots__ = ("any_allowed", "explicit", "mapping_allowed", "nodes")

    def __init__(self, length: int) -> None:
        """Begin a path of this many certificates. What a counter counts down to is in force when it is 0."""
        self.nodes: dict[str, frozenset[str]] = {ANY_POLICY: frozenset({ANY_POLICY})}
        self.explicit = length + 1
        self.mapping_allowed = length + 1
        self.any_allowed = length + 1

    def descend(self, link: Link, *, is_last: bool) -> None:
        """§6.1.3 (d), (e): from the nodes that the last certificate left to those of this one."""
        policies = link.facts.policies
        if policies is None:
            self.nodes = {}
            return
        expected: frozenset[str] = frozenset().union(*self.nodes.values())
        takes_any = ANY_POLICY in self.nodes
        found = {one: frozenset({one}) for one in policies if one != ANY_POLICY and (takes_any or one in expected)}
        if ANY_POLICY in policies and (self.any_allowed > 0 or (link.is_self_issued and not is_last)):
            for one in expected:
                found.setdefault(one, frozenset({one}))
        self.nodes = found

    def map(self, mappings: Sequence[tuple[str, str]]) -> None:
        """§6.1.4 (b): what the next certificate calls the policies of this one."""
        called: dict[str, set[str]] = {}
        for issuers, subjects in mappings:
            called.setdefault(issuers, set()).add(subjects)
        for policy, names in called.items():
            if self.mapping_allowed == 0:
                self.nodes.pop(policy, None)
            elif policy in self.nodes or ANY_POLICY in self.nodes:
                self.nodes[policy] = frozenset(names)

    def count(self, link: Link) -> None:
        """§6.1.4 (h) to (j): the counters for the certificates below this one."""
        if not link.is_self_issued:
            self.explicit = max(self.explicit - 1, 0)
            self.mapping_allowed = max(self.mapping_allowed - 1, 0)
            self.any_allowed = max(self.any_allowed - 1, 0)
        self.limit(link)

    def limit(self, link: Link) -> None:
        """§6.1.4 (i), (j): the counters that this certificate sets."""
        facts = link.facts
        if facts.explicit_policy_after is not None:
            self.explicit = min(self.explicit, facts.explicit_policy_after)
        if facts.no_mapping_after is not None:
            self.mapping_allowed = min(self.mapping_allowed, facts.no_mapping_after)
        if facts.no_any_policy_after is not None:
            self.any_allowed = min(self.any_allowed, facts.no_any_policy_after)

    def problem(self) -> str | None:
        """§6.1.3 (f)."""
        if self.explicit == 0 and not self.nodes:
            return "it has no certificate policy that all CAs above it allow, and one of them requires one"
        return None

    def last_problem(self, leaf: Link) -> str | None:
        """§6.1.5 (a), (b), (g): after the last step down, and with what the leaf itself requires."""
        if not self.nodes and (self.explicit == 1 or leaf.facts.explicit_policy_after == 0):
            return "it requires a certificate policy that all CAs above it allow, and has none"
        return None

    def leaf_flaw(self, leaf: Link) -> Flaw | None:
        """Take the last step down, from the state that the CAs left. The state itself stays as it is."""
        if self.explicit > 1 and leaf.facts.explicit_policy_after != 0:
            return None  # nobody requires a policy, so it does not matter which there are
        last = copy(self)
        last.descend(leaf, is_last=True)
        problem = last.problem() or last.last_problem(leaf)
        return Flaw(leaf, problem) if problem is not None else None


def policy_flaw(path: Sequence[Link]) -> Flaw | None:
    """Say which certificate of a path (leaf first) has policies that the CAs above it do not allow."""
    state = policies_above(path)
    return state if isinstance(state, Flaw) else state.leaf_flaw(path[0])


def policies_above(path: Sequence[Link]) -> PolicyState | Flaw:
    """Return what the CAs of a path (leaf first) leave to the leaf, which is not looked at; or which CA has a flaw."""
    *below, anchor = path[1:]
    state = PolicyState(len(path))
    if anchor.facts.policies is not None:
        below.append(anchor)
    else:
        state.limit(anchor)
    for link in reversed(below):
        state.descend(link, is_last=False)
        if (problem := state.problem() or _mapping_problem(link)) is not None:
            return Flaw(link, problem)
        state.map(link.facts.mappings)
        state.count(link)
    return state


def _mapping_problem(link: Link) -> str | None:
    """§6.1.4 (a)."""
    mapped = any(ANY_POLICY in pair for pair in link.facts.mappings)
    return "its policyMappings map anyPolicy" if mapped else None
