"""Step 5 of ``decide``: a path from the leaf to a configured anchor (RFC 5280 §6.1).

Paths are built and verified by the library (``cryptography.x509.verification``), with the extension rules of
``chain_policy``. What it refuses by design, whatever the path: signatures other than RSA (PKCS #1 v1.5, PSS) and
ECDSA with SHA-256, SHA-384 or SHA-512; CA keys other than RSA of 2048 bits and more, P-256, P-384 and P-521; versions
1 and 2; negative serial numbers; validity before 2050 written as GeneralizedTime; names of issuer and subject that
match only by comparison rules (RFC 5280 §7.1) and not byte for byte; self-issued certificates beyond a path length
that does not count them in the RFC; directoryName constraints; critical policy extensions, since no policy tree is
processed. Such a path is ``chain_invalid``, and the detail says why.

After its verdict the validity of every link is compared once more, exactly: the library leaves out fractions of a
second. Revocation is not looked at here (``revocation_check``), nor what the leaf may be used for (policy rules).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial

from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from extauthz.identity.certificate import Certificate
from extauthz.identity.quiet import quietly
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import SHOWN_CHARACTERS, quoted
from extauthz.model.reason import Reason
from extauthz.trust.chain.authority import ca_policy, email_problem, leaf_policy
from extauthz.trust.chain.candidates import MAX_IN_LINE, MAX_PRESENTED, by_subject, in_line, parse_presented
from extauthz.trust.chain.failure import explain, validity_problem
from extauthz.trust.panic import is_panic
from extauthz.trust.window import TICK, Window, shifted

MAX_INTERMEDIATES = MAX_IN_LINE
"""In one path."""


class ChainMode(StrEnum):
    """How much of the chain is verified."""

    VERIFY = "verify"
    """Signatures, validity and CA rules, up to an anchor."""
    ISSUER_NAME = "issuer_name"
    """Only that the leaf names a configured CA as its issuer: for a proxy that has verified the chain itself."""
    UNSAFE_NONE = "unsafe_none"


@dataclass(frozen=True, slots=True)
class ChainResult:
    """The outcome, when it holds, and the verified path: leaf first, anchor last, () when none was verified."""

    outcome: Outcome
    window: Window
    path: tuple[Certificate, ...] = ()


class ChainVerifier:
    """Immutable. ``anchors`` end a path, self-signed or not; ``intermediates`` only help to build one.

    Without an anchor nothing is trusted.
    """

    def __init__(
        self,
        anchors: Sequence[Certificate],
        intermediates: Sequence[Certificate] = (),
        mode: ChainMode = ChainMode.VERIFY,
    ) -> None:
        self.anchors = _distinct(anchors)
        self.mode = mode
        self._configured = _distinct((*anchors, *intermediates))
        self._configured_ders = frozenset(one.der for one in self._configured)
        self._by_subject = by_subject(self._configured)
        self._anchor_ders = frozenset(one.der for one in self.anchors)
        self._policy = PolicyBuilder().max_chain_depth(MAX_INTERMEDIATES)
        self._policy = self._policy.extension_policies(ca_policy=ca_policy(), ee_policy=leaf_policy())
        if self.anchors:
            self._policy = self._policy.store(Store([one.x509 for one in self.anchors]))

    def verify(self, leaf: Certificate, presented: tuple[bytes, ...], now: datetime) -> ChainResult:
        """Look for a path at ``now`` (aware). ``presented``: what else the client sent, DER in any order.

        A presented certificate can only be an intermediate, never an anchor. What cannot be parsed is passed over, and
        of several with one name one is used (``chain_candidates``). A CA certificate or an anchor is refused as a leaf:
        whoever holds a CA's key has better ways to prove it, and trusting a leaf directly is what pins are for.
        """
        if self.mode is ChainMode.UNSAFE_NONE:
            return ChainResult(Pass("not verified"), Window.ALWAYS)
        if leaf.der in self._anchor_ders:
            detail = "the certificate is itself a configured anchor, not issued by one; to accept a single one, pin it"
            return ChainResult(Fail(Reason.CHAIN_INVALID, detail), Window.ALWAYS)
        if leaf.identity.is_ca:
            detail = "a CA certificate is not accepted as a client's"
            return ChainResult(Fail(Reason.CHAIN_INVALID, detail), Window.ALWAYS)
        if self.mode is ChainMode.ISSUER_NAME:
            return self._verify_name(leaf, now)
        if len(presented) > MAX_PRESENTED:
            detail = f"{len(presented)} certificates were presented beside the leaf; at most {MAX_PRESENTED} are read"
            return ChainResult(Fail(Reason.CHAIN_INVALID, detail), Window.ALWAYS)
        return self._verify_path(leaf, presented, now)

    def _verify_path(self, leaf: Certificate, presented: tuple[bytes, ...], now: datetime) -> ChainResult:
        unknown = [der for der in dict.fromkeys(presented) if der != leaf.der and der not in self._configured_ders]
        parsed, unusable = parse_presented(unknown)
        # Between these instants every certificate stays as valid as it is, so the same path is found, or none.
        window = Window.split_at(now, *_instants((leaf, *self._configured, *parsed)))
        line = in_line(leaf, parsed, self._by_subject, now)
        candidates = (*self._configured, *line[:MAX_IN_LINE])
        path, refusal = self._find_path(leaf, candidates, now)
        if path is not None:
            via = " < ".join(quoted(one.identity.subject_dn) for one in path[1:])
            return ChainResult(Pass(f"verified, issued by {via}"), window, path)
        if len(line) > MAX_IN_LINE:
            detail = f"more than {MAX_IN_LINE} presented certificates stand above the leaf, so no more were tried"
            return ChainResult(Fail(Reason.CHAIN_INVALID, detail), window)
        fail = explain(leaf, self.anchors, candidates, now, refusal, spent=len(line))
        if unusable:
            fail = Fail(fail.reason, f"{fail.detail}; of the presented certificates {unusable} cannot be used")
        return ChainResult(fail, window)

    def _find_path(
        self, leaf: Certificate, candidates: Sequence[Certificate], now: datetime
    ) -> tuple[tuple[Certificate, ...] | None, str]:
        """Return a path that holds at ``now``, or None and what the verifier said."""
        if not self.anchors:
            return None, "no anchor is configured"
        # Candidates that are not valid at this very instant are left out, so that another one is found instead.
        usable = [one for one in candidates if one.der not in self._anchor_ders and validity_problem(one, now) is None]
        verifier = self._policy.time(now.astimezone(UTC)).build_client_verifier()
        try:
            chain = quietly(partial(verifier.verify, leaf.x509), [one.x509 for one in usable]).chain
        except VerificationError as error:
            return None, str(error)[:SHOWN_CHARACTERS]  # it may print the certificate that it was at
        except BaseException as error:
            if not is_panic(error):
                raise
            return None, "the path verifier broke down"
        by_x509 = {one.x509: one for one in (*candidates, leaf)}
        path = tuple(by_x509[one] for one in chain)
        for link in path:
            if (problem := validity_problem(link, now)) is not None:
                return None, f"{quoted(link.identity.subject_dn)}: {problem}"
        for authority in path[1:]:
            if (problem := email_problem(leaf.x509, authority.x509)) is not None:
                return None, problem
        return path, ""

    def _verify_name(self, leaf: Certificate, now: datetime) -> ChainResult:
        named = self._by_subject.get(leaf.issuer_key, [])
        window = Window.split_at(now, *_instants(named))
        if not named:
            detail = f"no configured CA has the name of the issuer, {quoted(leaf.identity.issuer_dn)}"
            return ChainResult(Fail(Reason.UNTRUSTED_ISSUER, detail), window)
        problems = [problem for one in named if (problem := validity_problem(one, now)) is not None]
        if len(problems) == len(named):
            detail = f"the CA {quoted(leaf.identity.issuer_dn)}: {problems[0]}"
            return ChainResult(Fail(Reason.CHAIN_INVALID, detail), window)
        detail = (
            f"names the configured CA {quoted(leaf.identity.issuer_dn)} as its issuer; its signature was not verified"
        )
        return ChainResult(Pass(detail), window)


def _distinct(certificates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return tuple({one.der: one for one in certificates}.values())


def _instants(certificates: Iterable[Certificate]) -> Iterable[datetime]:
    """Yield every moment at which one of the certificates begins or ceases to be valid."""
    for one in certificates:
        yield one.identity.not_before
        yield shifted(one.identity.not_after, TICK)
