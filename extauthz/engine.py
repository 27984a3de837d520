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

The first step that fails decides. Steps 3 to 6 depend on the certificate alone and are kept for as long as their
evidence holds (``trust.assess``). An engine is immutable: a reload builds a new one and swaps the reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from extauthz.headers import HeaderRenderer
from extauthz.model.decision import Decision, Step
from extauthz.model.errors import DecodeError
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.policy.client_cert import ClientCertAuthMethod
from extauthz.policy.routes import RouteTable, When
from extauthz.policy.token import NO_TOKEN_BINDING, TokenBinding
from extauthz.sources.select import SourceReader
from extauthz.trust.assess import CertificateTrust

_CONTENT_TYPE = "content-type"
_AUTHORIZATION = "authorization"
_GRPC = "application/grpc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One named policy, compiled."""

    name: str
    method: ClientCertAuthMethod
    certificate_optional: bool = False
    token_binding: TokenBinding = NO_TOKEN_BINDING


class Engine:
    """Everything that one configuration decides with."""

    def __init__(
        self,
        *,
        sources: SourceReader,
        policies: Sequence[tuple[When, Policy]],
        headers: HeaderRenderer,
        trust: CertificateTrust,
        digest: str,
        unsafe_path_parameters: bool = False,
    ) -> None:
        """Take the compiled parts. ``digest`` names the configuration in logs and metrics."""
        self._sources = sources
        self._routes = RouteTable(policies, unsafe_path_parameters=unsafe_path_parameters)
        self._headers = headers
        self.trust = trust
        self.digest = digest
        self.policy_names = tuple(policy.name for _, policy in policies)
        self.managed_prefix = headers.prefix
        self.wanted_headers = sources.wanted_headers | {_CONTENT_TYPE, _AUTHORIZATION}

    def decide(self, request: AuthRequest, now: datetime) -> Decision:
        """Decide one request at one moment (aware). The same arguments give the same decision; nothing is awaited."""
        verdict = _Verdict(request)

        # 1 route
        policy = self._routes.find(request)
        if isinstance(policy, Fail):
            return verdict.deny(1, "route", policy)
        verdict.policy = policy.name
        verdict.passed(1, "route", f"policy {policy.name!r}")

        # 2 certificate
        try:
            presented = self._sources.read(request)
        except DecodeError as error:
            return verdict.deny(2, "certificate", Fail(error.reason, error.detail))
        if presented is None:
            return self._without_certificate(verdict, policy)
        verdict.sources = presented.sources
        verdict.passed(2, "certificate", f"from {' and '.join(presented.sources)}")

        # 3 identity, 4 validity, 5 chain, 6 revocation, 7 pins, 8 rules
        return self._with_certificate(verdict, policy, presented, now)

    def _with_certificate(self, verdict: "_Verdict", policy: Policy, presented: Presented, now: datetime) -> Decision:
        examination = policy.method.examine(presented, now)
        verdict.steps.extend(examination.steps)
        if examination.certificate is not None:
            verdict.identity = examination.certificate.identity
        if isinstance(examination.verdict, Fail):
            return verdict.denied(examination.verdict)
        identity = examination.verdict.identity

        # 9 token binding
        bound = policy.token_binding.check(verdict.request, presented.leaf)
        if isinstance(bound, Fail):
            return verdict.deny(9, "token", bound)
        verdict.passed(9, "token", bound.detail)

        # 10 answer
        return self._allow(verdict, Reason.ALLOWED, identity, policy.method.session_expires(identity, now))

    def _without_certificate(self, verdict: "_Verdict", policy: Policy) -> Decision:
        if not policy.certificate_optional:
            fail = Fail(Reason.NO_CERTIFICATE, "no configured source has a certificate")
            return verdict.deny(2, "certificate", fail)
        verdict.passed(2, "certificate", "none, and the policy makes it optional")
        bound = policy.token_binding.check(verdict.request, None)
        if isinstance(bound, Fail):
            return verdict.deny(9, "token", bound)
        verdict.passed(9, "token", bound.detail)
        return self._allow(verdict, Reason.ALLOWED_WITHOUT_CERTIFICATE, None, None)

    def _allow(
        self, verdict: "_Verdict", reason: Reason, identity: CertIdentity | None, session_expires: datetime | None
    ) -> Decision:
        rendered = self._headers.render(
            identity,
            policy=verdict.policy,
            session_expires=session_expires,
            suspicious=verdict.request.underscored_headers,
        )
        if isinstance(rendered, Fail):
            return verdict.deny(10, "answer", rendered)
        verdict.passed(10, "answer", f"{len(rendered.set)} identity headers")
        return Decision(
            allowed=True,
            reason=reason,
            policy=verdict.policy,
            identity=identity,
            sources=verdict.sources,
            session_expires=session_expires,
            headers=rendered,
            steps=tuple(verdict.steps),
            is_grpc=verdict.is_grpc,
        )


class _Verdict:
    """What is known of one request so far, while its steps run."""

    __slots__ = ("identity", "policy", "request", "sources", "steps")

    def __init__(self, request: AuthRequest) -> None:
        self.request = request
        self.steps: list[Step] = []
        self.policy = ""
        self.sources: tuple[str, ...] = ()
        self.identity: CertIdentity | None = None

    @property
    def is_grpc(self) -> bool:
        return any(value.startswith(_GRPC) for value in self.request.headers.get(_CONTENT_TYPE, ()))

    def passed(self, number: int, name: str, detail: str) -> None:
        self.steps.append(Step(number, name, Pass(detail)))

    def deny(self, number: int, name: str, fail: Fail) -> Decision:
        self.steps.append(Step(number, name, fail))
        return self.denied(fail)

    def denied(self, fail: Fail) -> Decision:
        return Decision(
            allowed=False,
            reason=fail.reason,
            detail=fail.detail,
            policy=self.policy,
            identity=self.identity,
            sources=self.sources,
            steps=tuple(self.steps),
            is_grpc=self.is_grpc,
        )
