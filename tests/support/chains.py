"""Asking a chain verifier, and reading what it says."""

from collections.abc import Iterable
from datetime import datetime

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.algorithms import AlgorithmPolicy
from extauthz.trust.chain.anchor import Anchor
from extauthz.trust.chain.link import Link
from extauthz.trust.chain.verifier import ChainMode, ChainResult, ChainVerifier
from support import pki


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


def link(one: pki.Leaf) -> Link:
    return Link(cert(one))


def links(*path: pki.Leaf) -> list[Link]:
    return [link(one) for one in path]


def verifier(
    anchors: Iterable[pki.Leaf | Anchor],
    intermediates: Iterable[pki.Leaf] = (),
    mode: ChainMode = ChainMode.VERIFY,
    algorithms: AlgorithmPolicy | None = None,
) -> ChainVerifier:
    return ChainVerifier(
        [one if isinstance(one, Anchor) else cert(one) for one in anchors],
        [cert(one) for one in intermediates],
        mode,
        algorithms or AlgorithmPolicy(),
    )


def verify(
    leaf: pki.Leaf,
    *,
    anchors: Iterable[pki.Leaf | Anchor],
    intermediates: Iterable[pki.Leaf] = (),
    presented: Iterable[pki.Leaf | bytes] = (),
    mode: ChainMode = ChainMode.VERIFY,
    algorithms: AlgorithmPolicy | None = None,
    now: datetime = pki.NOW,
) -> ChainResult:
    """Ask once; what is said holds at least at that moment."""
    asked = verifier(anchors, intermediates, mode, algorithms)
    result = asked.verify(cert(leaf), [one if isinstance(one, bytes) else one.der for one in presented], now)
    assert result.window.holds_at(now)
    return result


def failure(result: ChainResult) -> Fail:
    assert isinstance(result.outcome, Fail)
    assert (result.path, result.others) == ((), ())
    return result.outcome


def passes(result: ChainResult, *subjects: str) -> bool:
    """Say whether it passed, along a path of these common names."""
    assert isinstance(result.outcome, Pass), result.outcome
    assert tuple(one.identity.common_name for one in result.path) == subjects
    return True


def unfit(result: ChainResult, subject: str, problem: str, reason: Reason = Reason.CHAIN_INVALID) -> bool:
    """Say whether it failed, for this problem of the certificate with this common name."""
    fail = failure(result)
    assert fail.reason is reason, fail
    assert fail.detail.startswith(f"'CN={subject},O=Example': {problem}"), fail.detail
    assert " (path 'CN=" in fail.detail
    return True
