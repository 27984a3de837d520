"""Step 5 of ``decide``: a path from the leaf to a configured anchor (RFC 5280 §6.1), built and validated here.

The plan of ``ChainVerifier.verify``, in ``verify`` mode:

1. the leaf is no CA and no anchor; not too many certificates are presented beside it       (here)
2. the presented certificates are parsed                                                    ``candidates``
   a leaf alone below a configured CA is answered for here, where that is all there is to say  ``known_paths``
3. who signed whom: names (§7.1) and signatures, from the anchors downwards                 ``certified``
4. the paths along these signatures, the shortest first, each validated by §6.1             ``paths``, ``validate``
5. without a valid one: what is wrong with the best path that there is, ``chain_invalid`` or a reason of its own; or
   why there is none, ``untrusted_issuer``                                                  ``untrusted``

Signatures are verified by the library (``trust.signatures``). DSA is not supported; a certificate that has been signed
with it leads nowhere. Revocation is not looked at here (``revocation``), nor what the leaf may be used for (policy
rules), nor the anchor's own signature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from extauthz.identity.certificate import Certificate
from extauthz.model.certificate_name import certificate_name
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.trust.chain.algorithms import AlgorithmPolicy
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.authority import purposes_asked
from extauthz.trust.chain.best_path import Path, best_path
from extauthz.trust.chain.candidates import MAX_PRESENTED, parse_presented
from extauthz.trust.chain.certified import CertifiedIssuers
from extauthz.trust.chain.configured import ConfiguredCertificates, by_subject, instants
from extauthz.trust.chain.dod_anchors import DodAnchors
from extauthz.trust.chain.flaw import text
from extauthz.trust.chain.known_paths import PathsAbove
from extauthz.trust.chain.link import Link
from extauthz.trust.chain.seen_issuers import SeenIssuers
from extauthz.trust.chain.signature_checks import SignatureChecks
from extauthz.trust.chain.trust_domains import TrustDomains
from extauthz.trust.chain.untrusted import why_untrusted
from extauthz.trust.chain.validate import PathRules
from extauthz.trust.chain.validity import validity_problem
from extauthz.trust.window import Window


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
    others: tuple[tuple[Certificate, ...], ...] = ()
    """Further valid paths, at most three, for the case that a CA on the first is revoked."""


class ChainVerifier:
    """Immutable. ``anchors`` end a path, self-signed or not; ``intermediates`` only help to build one.

    Without an anchor nothing is trusted. Building one verifies the signatures that the configured certificates have
    on one another.
    """

    def __init__(
        self,
        anchors: Sequence[Anchor | Certificate],
        intermediates: Sequence[Certificate] = (),
        mode: ChainMode = ChainMode.VERIFY,
        algorithms: AlgorithmPolicy = AlgorithmPolicy(),  # noqa: B008  (immutable)
        *,
        signers: Sequence[Certificate] = (),
    ) -> None:
        """Take the parts. ``signers`` are for ``verify_signer`` alone and vouch for no client.

        ValueError for anchors that are tied to anything in another mode than VERIFY: nobody would hold to it.
        """
        as_anchors = [one if isinstance(one, Anchor) else Anchor(one) for one in anchors]
        self.mode = mode
        self.algorithms = algorithms
        self._domains = TrustDomains(as_anchors)
        self._dod = DodAnchors(as_anchors)
        if (self._domains or self._dod) and mode is not ChainMode.VERIFY:
            raise ValueError(f"anchors are tied to what they vouch for in the mode {ChainMode.VERIFY} only")
        roots = [one.certificate for one in as_anchors]
        self._configured = ConfiguredCertificates(roots, intermediates)
        self._paths_above = PathsAbove(self._configured)
        self._seen = SeenIssuers()
        self._signing = ConfiguredCertificates(roots, (*intermediates, *signers)) if signers else self._configured
        self.anchors = tuple(
            link.certificate for key, link in self._configured.links.items() if key in self._configured.anchors
        )

    def verify(self, leaf: Certificate, presented: Sequence[bytes], now: datetime) -> ChainResult:
        """Look for a path at ``now`` (aware). ``presented``: what else the client sent, DER in any order.

        A presented certificate can only be an intermediate, never an anchor. What cannot be parsed is passed over. An
        anchor is refused as a leaf: trusting a leaf directly is what pins are for. A CA certificate is judged as any
        other (RFC 5280 §6.1 knows no difference); what it may be used for is a rule of every policy.

        The window is exact: at every other moment in it, the same question has the same answer. All that depends on
        time is which of the configured and presented certificates are valid, so it ends where that changes.
        """
        if self.mode is ChainMode.UNSAFE_NONE:
            return ChainResult(Pass("not verified"), Window.ALWAYS)
        # 1. the leaf.
        if leaf.sha256 in self._configured.anchors:
            detail = "the certificate is itself a configured anchor, not issued by one; to accept a single one, pin it"
            return ChainResult(Fail(Reason.CHAIN_INVALID, detail), Window.ALWAYS)
        if self.mode is ChainMode.ISSUER_NAME:
            return self._verify_name(leaf, now)
        return self._verify_path(leaf, presented, now)

    def _verify_path(self, leaf: Certificate, presented: Sequence[bytes], now: datetime) -> ChainResult:
        if len(presented) > MAX_PRESENTED:
            detail = f"{len(presented)} certificates were presented beside the leaf; at most {MAX_PRESENTED} are read"
            return ChainResult(Fail(Reason.CHAIN_INVALID, detail), Window.ALWAYS)
        # 2. the presented certificates.
        configured = self._configured.ders
        parsed, unusable = parse_presented(
            [der for der in dict.fromkeys(presented) if der != leaf.der and der not in configured],
            self._seen.certificate,
        )
        target, others = Link(leaf), [Link(one) for one in parsed]
        checks = SignatureChecks(is_known=self._seen.is_signed_by)
        rules = PathRules(
            now=now,
            algorithms=self.algorithms,
            purposes=purposes_asked(target),
            domains=self._domains,
            dod=self._dod,
        )
        if not others and (known := self._paths_above.find(target, checks, rules)) is not None:
            return _verified(known.paths, known.text, known.window)
        window = self._configured.window(now, target, *others)
        # 3. who signed whom.
        certified = CertifiedIssuers(target, others, self._configured, checks, now)
        # 4. the paths.
        valid, fail = best_path(target, certified.issuers_of, self._configured.anchors, rules)
        if valid:
            for path in valid:
                self._seen.keep(path, frozenset([one.sha256 for one in parsed]))
            return _passed(valid, window)
        # 5. why not.
        if fail is None:
            by_name = by_subject([*self._configured.links.values(), *others])
            fail = why_untrusted(target, by_name, certified, exhausted=checks.exhausted)
        if unusable:
            fail = Fail(fail.reason, f"{fail.detail}; of the presented certificates {unusable} cannot be used")
        return ChainResult(fail, window)

    def verify_signer(self, signer: Certificate, anchor: Certificate, now: datetime) -> ChainResult:
        """Look for a path from a CRL signer, a CA or not, to this very anchor (RFC 5280 §6.3.3 (f)).

        Only configured certificates are used. What the signer and its CAs may be used for (extendedKeyUsage) and SPIFFE
        trust domains are not looked at; whether the signer may sign CRLs is the caller's question. A signer that is the
        anchor has the path ``(anchor,)``. The mode does not matter.
        """
        target = Link(signer)
        window = self._signing.window(now, target)
        rules = PathRules(now=now, algorithms=self.algorithms, purposes=None, domains=None, dod=None, target_signs=True)
        ends = self._signing.anchors & {anchor.sha256}
        if signer.sha256 in ends:
            flaw = rules.ca_flaw(target, is_anchor=True)
            return _passed([(target,)], window) if flaw is None else ChainResult(flaw.fail((target,)), window)
        certified = CertifiedIssuers(target, (), self._signing, SignatureChecks(), now)
        valid, fail = best_path(target, certified.issuers_of, ends, rules)
        if valid:
            return _passed(valid, window)
        if fail is None:
            names = f"{certificate_name(signer.identity)} to {certificate_name(anchor.identity)}"
            fail = Fail(Reason.UNTRUSTED_ISSUER, f"no path of names and signatures leads from {names}")
        return ChainResult(fail, window)

    def _verify_name(self, leaf: Certificate, now: datetime) -> ChainResult:
        named = [one.certificate for one in self._configured.by_subject.get(leaf.issuer_key, ())]
        window = Window.split_at(now, *(at for one in named for at in instants(one)))
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


def _passed(valid: Sequence[Path], window: Window) -> ChainResult:
    return _verified([tuple([link.certificate for link in path]) for path in valid], text(valid[0][1:]), window)


def _verified(paths: Sequence[tuple[Certificate, ...]], via: str, window: Window) -> ChainResult:
    outcome = Pass(f"verified, issued by {via}" if via else "it is the anchor")
    return ChainResult(outcome, window, paths[0], tuple(paths[1:]))
