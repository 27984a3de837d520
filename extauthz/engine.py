"""``Engine.decide``: one request in, one decision out, in ten numbered steps.

    1  route         the first policy whose `when` matches
    2  certificate   what the configured sources handed over
    3  identity      parse everything that will be used, once
    4  validity      notBefore and notAfter
    5  chain         a path to a configured anchor
    6  revocation    what the CRLs say
    7  pins          beside the chain, never instead of it
    8  rules         the policy's conditions on names and usage
    9  token         the bearer token is bound to this certificate
   10  answer        identity headers for the upstream

The first step that fails decides. Steps 2 to 8 and the headers of step 10 are the same for every request that brings
the same certificate to the same policy, so they are judged once and kept for as long as their evidence holds
(``judgement``); steps 3 to 6 also for other policies (``trust.assess``). What is left for each request: its route, its
token, and headers in it that look forged. An engine is immutable: a reload builds a new one and swaps the reference.
What the new one judges by in the same way, it takes over (``config.parts``).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from extauthz.judgement import Judge, Judgement
from extauthz.model.decision import Decision, Step
from extauthz.model.outcome import Fail
from extauthz.model.request import AuthRequest
from extauthz.policy.named import Policy
from extauthz.policy.routes import RouteTable, When
from extauthz.trust.assess import CertificateTrust

__all__ = ["Engine", "Policy"]

_CONTENT_TYPE = "content-type"
_AUTHORIZATION = "authorization"
_GRPC = "application/grpc"


class Engine:
    """Everything that one configuration decides with."""

    def __init__(
        self,
        *,
        judge: Judge,
        policies: Sequence[tuple[When, Policy]],
        digest: str,
        unsafe_path_parameters: bool = False,
    ) -> None:
        """Take the compiled parts. ``digest`` names the configuration in logs and metrics.

        Engines may share a judge, and the policies that it has judged by.
        """
        self._routes = RouteTable(policies, unsafe_path_parameters=unsafe_path_parameters)
        self._find = self._routes.find
        self._headers = judge.headers
        self._judge = judge
        self._judgement_of = judge.judge
        self.trust = judge.trust
        self.digest = digest
        self.policy_names = tuple(policy.name for _, policy in policies)
        self.managed_prefix = judge.headers.prefix
        self.reads_context = bool(self._routes.context_keys)
        """Some policy looks at ``context_extensions``."""
        self.reads_metadata = any(policy.binds_tokens for _, policy in policies)
        """Some policy looks at ``metadata``."""
        self.wanted_headers = judge.sources.wanted_headers | {_CONTENT_TYPE, _AUTHORIZATION}

    @property
    def hits(self) -> int:
        """How often what was presented had been judged, or assessed for another policy."""
        return self._judge.hits + self.trust.hits

    @property
    def misses(self) -> int:
        """How often a certificate had to be parsed and verified."""
        return self.trust.misses

    @property
    def memories(self) -> tuple[Judge, CertificateTrust]:
        """What remembers clients. Another engine may have the second too."""
        return self._judge, self.trust

    def decide(self, request: AuthRequest, now: datetime) -> Decision:
        """Decide one request at one moment (aware). The same arguments give the same decision; nothing is awaited."""
        # 1 route
        policy = self._find(request)
        if isinstance(policy, Fail):
            steps = (Step(1, "route", policy),)
            return Decision(
                allowed=False, reason=policy.reason, detail=policy.detail, steps=steps, is_grpc=_is_grpc(request)
            )

        # 2 certificate, 3 identity, 4 validity, 5 chain, 6 revocation, 7 pins, 8 rules
        judgement, decision = self._judgement_of(policy, request, now)

        # 9 token binding
        if policy.binds_tokens and judgement.admitted:
            decision = _with_token(decision, policy, request, judgement)

        # 10 answer
        if not decision.allowed:
            return _to_grpc(decision) if _is_grpc(request) else decision
        if request.underscored_headers:
            return replace(decision, headers=self._headers.without(decision.headers, request.underscored_headers))
        return decision


def _with_token(decision: Decision, policy: Policy, request: AuthRequest, judgement: Judgement) -> Decision:
    """Return the decision once the token is looked at: denied, or as before and saying what was looked at."""
    bound = policy.token_binding.check(request, judgement.leaf)
    token = Step(9, "token", bound)
    if isinstance(bound, Fail):
        return Decision(
            allowed=False,
            reason=bound.reason,
            detail=bound.detail,
            policy=decision.policy,
            identity=decision.identity,
            forwarded=decision.forwarded,
            sources=decision.sources,
            steps=(*judgement.steps, token),
        )
    if not decision.steps:  # nobody wants to know
        return decision
    return replace(decision, steps=(*judgement.steps, token, decision.steps[-1]))


def _to_grpc(deny: Decision) -> Decision:
    """Return the deny for a client that speaks gRPC, the same object for the same deny."""
    spoken: Decision | None = deny.prepared.get(_to_grpc)
    if spoken is None:
        spoken = deny.prepared[_to_grpc] = replace(deny, is_grpc=True)
    return spoken


def _is_grpc(request: AuthRequest) -> bool:
    return any(value.startswith(_GRPC) for value in request.headers.get(_CONTENT_TYPE, ()))
