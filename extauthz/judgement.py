"""Steps 2 to 8 and the headers of step 10: all of an answer that does not depend on the single request.

    2  certificate   what the configured sources handed over
    3 to 8           identity, validity, chain, revocation, pins, rules (``policy.client_cert``)
   10  answer        identity headers for the upstream

What the sources read, the policy and the time decide these steps, and nothing else in the request does. So they are
worked out once for each certificate and policy, and kept for as long as their evidence holds: until a certificate or a
CRL begins or ceases to be valid, a pin expires, or the second is over at whose start the session was counted. A
judgement is never used outside of that. When the revocation data changes, revocation is looked at again; where that
says what it said, so does everything after it.
"""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final, cast

from extauthz.headers import HeaderRenderer, renewed
from extauthz.judgement_cost import cost_of
from extauthz.model.decision import Decision, HeaderMutations, Step
from extauthz.model.errors import DecodeError
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.policy.named import Policy
from extauthz.sources.select import SourceReader
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.cache import TwoGenerationCache
from extauthz.trust.window import Window

REMEMBERED_CLIENTS: Final = 10_000
"""Client certificates in use at a time."""
CLIENT_BYTES: Final = 12 * 1024
"""What a remembered client may take on average, by ``cost_of``. An ordinary one takes 9 KiB (measured); one whose
certificate is full of names takes the room of many."""
MAX_KEPT_BYTES: Final = 512 * 1024
"""Of one judgement. No proxy brings as much but for somebody who wants to fill the memory."""
_SECOND: Final = timedelta(seconds=1)
_NO_TOKEN: Final = Step(9, "token", Pass("not asked for"))


class Judgement:
    """What steps 2 to 8 and 10 say, and how long it holds."""

    __slots__ = ("admitted", "held", "leaf", "material", "steps")

    def __init__(
        self,
        decision: Decision,
        steps: tuple[Step, ...],
        *,
        leaf: bytes | None,
        admitted: bool,
        window: Window,
        generation: object,
    ) -> None:
        self.held = (window.start, window.end, decision, generation, window)
        """The answer to a request without anything special (no token is asked for, no header looks forged), and from
        when to when it holds; of which revocation data, and when all but the session's end holds by it. One tuple, as
        threads may meet: whatever is read belongs together."""
        self.steps = steps
        """Steps 1 to 8, where somebody may want to know."""
        self.leaf = leaf
        """DER of the client's certificate, where a token may be bound to it."""
        self.admitted = admitted
        """Every step to 8 passed, so that the token counts next."""
        self.material: Hashable = None
        """What was judged."""

    @property
    def decision(self) -> Decision:
        """The answer."""
        return self.held[2]

    def hold(self, decision: Decision, second: datetime, generation: object, window: Window) -> None:
        """Give this decision in this second only: its session is counted from there."""
        start, end = max(window.start, second), min(window.end, second + _SECOND)
        self.held = (start, end, decision, generation, window)


class Judge:
    """Judges what requests present, and remembers. ``hits`` and ``misses`` count since the start."""

    def __init__(
        self,
        sources: SourceReader,
        headers: HeaderRenderer,
        trust: CertificateTrust,
        *,
        clients: int = REMEMBERED_CLIENTS,
        explained: bool = True,
    ) -> None:
        """``clients``: so many are remembered. ``explained``: allows have their steps, which only people read."""
        self.sources = sources
        self.headers = headers
        self.trust = trust
        self._material = sources.material
        self._evidence = trust.evidence
        self._explained = explained
        # Two generations, each large enough for all clients: so many are never forgotten while they are in use.
        self._kept: TwoGenerationCache[Judgement] = TwoGenerationCache(2 * clients, 2 * clients * CLIENT_BYTES)
        self.hits = 0
        self.misses = 0

    def judge(self, policy: Policy, request: AuthRequest, now: datetime) -> tuple[Judgement, Decision]:
        """Return the judgement that holds at ``now`` (aware), and its decision at that moment. Never raises."""
        hint, material = self._material(request)
        key = (policy, hint)
        generation = self._evidence.generation  # read before anything is asked, as it may change meanwhile
        kept = self._kept.get(key)
        if kept is not None and kept.material == material:
            start, end, decision, asked, window = kept.held
            if asked is generation and start <= now < end:
                self.hits += 1
                return kept, decision
            if window.holds_at(now):
                if asked is generation:
                    self.hits += 1
                    return kept, self._renewed(kept, policy, now, generation, window)
                by_now = self._window_by_now(kept, policy, request, now)
                if by_now is not None:
                    return kept, self._renewed(kept, policy, now, generation, by_now)
        self.misses += 1
        judgement = self._judge(policy, request, now, generation)
        judgement.material = material
        cost = cost_of(request, judgement.decision, judgement.steps, judgement.leaf)
        if cost <= MAX_KEPT_BYTES:
            self._kept.put(key, judgement, cost)
        return judgement, judgement.decision

    def forget_some(self, entries: int) -> bool:
        """Let up to so many judgements go, for who gives the engine up; return whether any are left."""
        return self._kept.clear_some(entries)

    def _window_by_now(self, kept: Judgement, policy: Policy, request: AuthRequest, now: datetime) -> Window | None:
        """Return when an allow holds by the revocation data as it is now; None where it has to be judged anew."""
        decision = kept.decision
        identity = decision.identity
        if identity is None or not decision.allowed or kept.steps:  # the steps would tell of CRLs of before
            return None
        # It has read the same before, and found a certificate: it finds it again.
        presented = cast("Presented", self.sources.read(request))
        return policy.method.window_of_the_same(presented, identity, now)

    def _renewed(
        self, judgement: Judgement, policy: Policy, now: datetime, generation: object, window: Window
    ) -> Decision:
        """Count the session of an allow from the second of ``now``: only one with an identity ends with a second."""
        decision = judgement.decision
        second = now.replace(microsecond=0)
        expires = policy.method.session_expires(cast("CertIdentity", decision.identity), second)
        if expires != decision.session_expires:
            decision = decision.renewed(expires, renewed(decision.headers, expires))
        judgement.hold(decision, second, generation, window)
        return decision

    def _judge(self, policy: Policy, request: AuthRequest, now: datetime, generation: object) -> Judgement:
        trial = _Trial(policy, generation, explained=self._explained)
        # 2 certificate
        try:
            presented = self.sources.read(request)
        except DecodeError as error:
            return trial.denied(2, "certificate", Fail(error.reason, error.detail))
        if presented is None:
            return self._without_certificate(trial, policy)
        trial.sources = presented.sources
        if isinstance(presented, ForwardedIdentity):
            return self._with_forwarded(trial, policy, presented)
        trial.passed(2, "certificate", f"from {' and '.join(presented.sources)}")
        # 3 identity, 4 validity, 5 chain, 6 revocation, 7 pins, 8 rules
        return self._with_certificate(trial, policy, presented, now)

    def _with_certificate(self, trial: "_Trial", policy: Policy, presented: Presented, now: datetime) -> Judgement:
        examination = policy.method.examine(presented, now)
        trial.window = examination.window
        trial.steps.extend(examination.steps)
        if examination.certificate is not None:
            trial.identity = examination.certificate.identity
        if isinstance(examination.verdict, Fail):
            return trial.ended(examination.verdict)
        identity = examination.verdict.identity
        second = now.replace(microsecond=0)
        expires = policy.method.session_expires(identity, second)
        rendered = self.headers.render(identity, policy=policy.name, session_expires=expires)
        judgement = trial.admitted(presented.leaf, Reason.ALLOWED, rendered, expires)
        if not isinstance(rendered, Fail):
            judgement.hold(judgement.decision, second, trial.generation, trial.window)
        return judgement

    def _with_forwarded(self, trial: "_Trial", policy: Policy, forwarded: ForwardedIdentity) -> Judgement:
        """Judge the bare word of a proxy: only for a policy that says so, and nothing of it counts as a certificate."""
        trial.forwarded = forwarded
        if not policy.accepts_forwarded_identity:
            detail = "no certificate was forwarded, only a name, and the policy does not take one for the other"
            return trial.denied(2, "certificate", Fail(Reason.FORWARDED_IDENTITY_NOT_ALLOWED, detail))
        trial.passed(2, "certificate", f"none; a name from {' and '.join(forwarded.sources)}, and the policy takes it")
        outcome, steps = policy.method.examine_forwarded(forwarded)
        trial.steps.extend(steps)
        if isinstance(outcome, Fail):
            return trial.ended(outcome)
        rendered = self.headers.render_forwarded(forwarded, policy=policy.name)
        return trial.admitted(None, Reason.ALLOWED_BY_FORWARDED_IDENTITY, rendered, None)

    def _without_certificate(self, trial: "_Trial", policy: Policy) -> Judgement:
        if not policy.certificate_optional:
            return trial.denied(2, "certificate", Fail(Reason.NO_CERTIFICATE, "no configured source has a certificate"))
        trial.passed(2, "certificate", "none, and the policy makes it optional")
        rendered = self.headers.render(None, policy=policy.name, session_expires=None)
        return trial.admitted(None, Reason.ALLOWED_WITHOUT_CERTIFICATE, rendered, None)


class _Trial:
    """What is known of one certificate so far, while its steps run."""

    __slots__ = ("explained", "forwarded", "generation", "identity", "policy", "sources", "steps", "window")

    def __init__(self, policy: Policy, generation: object, *, explained: bool) -> None:
        self.policy = policy
        self.explained = explained
        self.generation = generation
        self.steps = [Step(1, "route", Pass(f"policy {policy.name!r}"))]
        self.sources: tuple[str, ...] = ()
        self.identity: CertIdentity | None = None
        self.forwarded: ForwardedIdentity | None = None
        self.window = Window.ALWAYS

    def passed(self, number: int, name: str, detail: str) -> None:
        self.steps.append(Step(number, name, Pass(detail)))

    def denied(self, number: int, name: str, fail: Fail) -> Judgement:
        self.steps.append(Step(number, name, fail))
        return self.ended(fail)

    def ended(self, fail: Fail) -> Judgement:
        steps = tuple(self.steps)
        return self._judgement(self._deny(fail, steps), steps, None, admitted=False)

    def admitted(
        self, leaf: bytes | None, reason: Reason, rendered: HeaderMutations | Fail, expires: datetime | None
    ) -> Judgement:
        steps = tuple(self.steps)
        if isinstance(rendered, Fail):
            decision = self._deny(rendered, (*steps, _NO_TOKEN, Step(10, "answer", rendered)))
        else:
            told: tuple[Step, ...] = ()
            if self.explained:
                told = (*steps, _NO_TOKEN, Step(10, "answer", Pass(f"{len(rendered.set)} identity headers")))
            decision = Decision(
                allowed=True,
                reason=reason,
                policy=self.policy.name,
                identity=self.identity,
                forwarded=self.forwarded,
                sources=self.sources,
                session_expires=expires,
                headers=rendered,
                steps=told,
            )
        needed = self.explained or self.policy.binds_tokens
        return self._judgement(decision, steps if needed else (), leaf if needed else None, admitted=True)

    def _deny(self, fail: Fail, steps: tuple[Step, ...]) -> Decision:
        return Decision(
            allowed=False,
            reason=fail.reason,
            detail=fail.detail,
            policy=self.policy.name,
            identity=self.identity,
            forwarded=self.forwarded,
            sources=self.sources,
            steps=steps,
        )

    def _judgement(
        self, decision: Decision, steps: tuple[Step, ...], leaf: bytes | None, *, admitted: bool
    ) -> Judgement:
        return Judgement(decision, steps, leaf=leaf, admitted=admitted, window=self.window, generation=self.generation)
