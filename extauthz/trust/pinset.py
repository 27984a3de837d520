"""The pins of one policy (or of all of them), each with its own expiry: step 7 of ``decide``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from extauthz.identity.certificate import Certificate
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.trust.pins import CertPin, ExpiringPin, SpkiPin, any_digest_matches
from extauthz.trust.window import TICK, Window, shifted


@dataclass(frozen=True, slots=True)
class PinSet:
    """One of these pins must match: ``cert`` holds pins of certificates, ``spki`` pins of keys.

    ValueError when both are empty (a set that nothing can match is a mistake, not a policy) or a pin is in the wrong
    list.
    """

    cert: tuple[ExpiringPin, ...] = ()
    spki: tuple[ExpiringPin, ...] = ()

    def __post_init__(self) -> None:
        if not self.cert and not self.spki:
            raise ValueError("a pin set needs at least one pin")
        if any(not isinstance(one.pin, CertPin) for one in self.cert):
            raise ValueError("`cert` takes pins of certificates")
        if any(not isinstance(one.pin, SpkiPin) for one in self.spki):
            raise ValueError("`spki` takes pins of keys")

    def check(self, certificate: Certificate, now: datetime) -> Outcome:
        """Compare the certificate with every pin that counts at ``now`` (aware); an expired one is as good as none.

        Never keep the outcome beyond ``window_at(now)``: it changes when a pin expires.
        """
        certificates, keys = _live(self.cert, now), _live(self.spki, now)
        by_certificate = any_digest_matches(certificates, certificate.sha256)
        by_key = any_digest_matches(keys, certificate.spki_sha256)
        if by_certificate or by_key:
            return Pass("the certificate is pinned" if by_certificate else "the key is pinned")
        expired = len(self.cert) + len(self.spki) - len(certificates) - len(keys)
        if not certificates and not keys:
            last = max(one.expires for one in (*self.cert, *self.spki) if one.expires is not None)
            return Fail(Reason.PIN_MISMATCH, f"every pin has expired, the last one on {last.isoformat()}")
        detail = f"neither the certificate nor its key is among the {len(certificates) + len(keys)} pins"
        return Fail(Reason.PIN_MISMATCH, f"{detail} ({expired} more expired)" if expired else detail)

    def window_at(self, now: datetime) -> Window:
        """Return the stretch around ``now`` in which no pin expires, so that the outcome of ``check`` holds."""
        ends = (one.expires for one in (*self.cert, *self.spki) if one.expires is not None)
        return Window.split_at(now, *(shifted(end, TICK) for end in ends))


def _live(pins: Iterable[ExpiringPin], now: datetime) -> list[bytes]:
    return [one.pin.digest for one in pins if one.counts_at(now)]
