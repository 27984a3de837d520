"""What ``decide`` answers: allow or deny, why, and what goes on to the upstream."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Outcome
from extauthz.model.reason import Reason


class RuleResult(NamedTuple):
    """One rule of a policy and what it said, named by its key in the configuration (``san.dns``).

    A named tuple, as steps are: some twenty are made for every new certificate.
    """

    rule: str
    outcome: Outcome


class Step(NamedTuple):
    """One numbered step of ``decide`` and what it said. The rules are those that the step ran, if it has any."""

    number: int
    name: str
    outcome: Outcome
    rules: tuple[RuleResult, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderMutations:
    """What the proxy must do to the request's headers before the upstream sees them.

    ``set`` overwrites; ``remove`` deletes. No name is in both: a proxy removes after it sets.
    """

    set: tuple[tuple[str, str], ...] = ()
    remove: tuple[str, ...] = ()
    session: frozenset[str] = frozenset()
    """Those of the names in ``set`` whose value is the end of the session, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict on one request, complete: everything that a transport, a log or a metric may need."""

    allowed: bool
    reason: Reason
    detail: str = ""
    """For the operator; never for the client."""
    policy: str = ""
    """Name of the policy that matched; empty when none did."""
    identity: CertIdentity | None = None
    """What the certificate says, when one could be read. **On a deny it is a claim, not a fact.**"""
    forwarded: ForwardedIdentity | None = None
    """Whom a proxy named, where it forwarded no certificate; then there is no ``identity``. **On a deny a claim.**"""
    sources: tuple[str, ...] = ()
    session_expires: datetime | None = None
    """min(now + session lifetime, notAfter); only on an allow with a certificate."""
    headers: HeaderMutations = HeaderMutations()
    """Empty on a deny: nothing goes on to the upstream."""
    steps: tuple[Step, ...] = ()
    """What each step said. The engine of a running service leaves them out of its allows, where nobody looks."""
    is_grpc: bool = False
    """Of a deny: the client speaks gRPC, so the body is plain text."""
    prepared: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Room for what others work out of this very decision: its serialised answer, its counters. The engine gives the
    same object for the same certificate and policy for as long as it holds, so the work is done once. Never part of
    the verdict, and never copied to another one."""
    lasting: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """The same, for what does not depend on the end of the session: it goes on to the decision of the next second."""

    def renewed(self, session_expires: datetime, headers: HeaderMutations) -> "Decision":
        """Return this decision with another end of the session, which ``headers`` hold too, and no other difference."""
        later = replace(self, session_expires=session_expires, headers=headers)
        object.__setattr__(later, "lasting", self.lasting)
        return later

    def __bool__(self) -> NoReturn:
        message = "a Decision has no truth value: ask for .allowed"
        raise TypeError(message)
