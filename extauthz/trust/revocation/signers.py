"""May the signer of a CRL vouch for a certificate? (RFC 5280 §6.3.3 (f)).

"Obtain and validate the certification path for the issuer of the complete CRL. The trust anchor for the certification
path MUST be the same as the trust anchor used to validate the target certificate." That the certificate has the CRL
issuer's name and key, and may sign CRLs, was verified when the CRL was loaded.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from extauthz.identity.certificate import Certificate
from extauthz.model.certificate_name import certificate_name
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.trust.chain.verifier import ChainResult, ChainVerifier
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.evidence import Acceptance
from extauthz.trust.revocation.status import UnknownCause
from extauthz.trust.window import TICK, Window, shifted

RevocationOf = Callable[[Sequence[Certificate]], Acceptance]
"""Looks at the revocation of a signer, given its path."""


class SignerPaths:
    """Paths from signers to anchors, kept while they hold: at most one for each configured signer and anchor."""

    def __init__(self, verifier: ChainVerifier | None) -> None:
        """Without a verifier no signer has a path."""
        self._verifier = verifier
        self._kept: dict[tuple[bytes, bytes], ChainResult] = {}

    def find(self, signer: Certificate, anchor: Certificate, now: datetime) -> ChainResult:
        """Return the path of a signer to this anchor, or why there is none."""
        if self._verifier is None:
            return ChainResult(Fail(Reason.UNTRUSTED_ISSUER, "no path is looked for"), Window.ALWAYS)
        key = signer.sha256, anchor.sha256
        kept = self._kept.get(key)
        if kept is None or not kept.window.holds_at(now):
            kept = self._kept[key] = self._verifier.verify_signer(signer, anchor, now)
        return kept


def accept_within_validity(crl: Crl, now: datetime) -> Acceptance:
    """Accept a configured signer that is valid at ``now``: all that can be asked when no path was verified."""
    validities = [(one.identity.not_before, one.identity.not_after) for one in crl.signers]
    instants = [instant for first, last in validities for instant in (first, shifted(last, TICK))]
    window = Window.split_at(now, *instants)
    if any(first <= now <= last for first, last in validities):
        return Acceptance(window)
    return Acceptance(window, f"no certificate of the signer of the {crl} is valid now")


def accept_with_path(
    crl: Crl, path: Sequence[Certificate], now: datetime, paths: SignerPaths, revocation_of: RevocationOf
) -> Acceptance:
    """Accept the issuer on the certificate's own path, or a signer with a path to the same anchor.

    ``path``: the issuer first, the anchor last. A signer beside it must not be revoked, as ``revocation_of`` says.
    """
    issuer, anchor = path[0], path[-1]
    if crl.issuer_key == issuer.subject_key and _is_signed_by(crl, issuer):
        return Acceptance(Window.ALWAYS)
    window = Window.ALWAYS
    refusals: list[tuple[UnknownCause, str]] = []
    for signer in crl.signers:
        result = paths.find(signer, anchor, now)
        window = window.intersect(result.window)
        if isinstance(result.outcome, Fail):
            refusals.append(_no_path(crl, result.outcome))
            continue
        revocation = revocation_of(result.path)
        window = window.intersect(revocation.window)
        if revocation.refusal is None:
            return Acceptance(window)
        refusals.append((revocation.cause, f"the {crl} is not used, because of its signer: {revocation.refusal}"))
    cause, refusal = min(refusals, key=lambda one: one[0] is not UnknownCause.INVALID)
    return Acceptance(window, refusal, cause)


def _is_signed_by(crl: Crl, issuer: Certificate) -> bool:
    """Say whether the key is the issuer's and its certificate on the path may sign CRLs; no keyUsage allows all."""
    usage = issuer.identity.key_usage
    return any(one.spki_sha256 == issuer.spki_sha256 for one in crl.signers) and (not usage or "cRLSign" in usage)


def _no_path(crl: Crl, fail: Fail) -> tuple[UnknownCause, str]:
    """Tell a stranger with the issuer's name (no path) from a signer that may not sign (an unfit one)."""
    if fail.reason is Reason.UNTRUSTED_ISSUER:
        text = f"the {crl} is signed by neither the issuer's key nor another with a path to the same anchor"
        return UnknownCause.MISSING, text
    subject = certificate_name(crl.signers[0].identity)
    return UnknownCause.INVALID, f"the {crl} is not used, because of its signer {subject}: {fail.detail}"
