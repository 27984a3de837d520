"""What is known to be revoked: verified CRLs, and serial numbers that the operator named by hand.

The store answers questions about one certificate at one moment. It may change while it is read, and needs no lock:
every change is one operation of a built-in dict or set, or one assignment, which are atomic, and ``generation`` is
replaced after each, so that whoever keeps an answer can tell that it was given before a change. Questions are answered
from ``records``, which are put in order once a generation.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.names import NameKey, name_key_from_string
from extauthz.model.errors import DecodeError
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.line import KEPT_PER_LINE, line_key, lines_of
from extauthz.trust.revocation.moment import Moment
from extauthz.trust.revocation.records import Records
from extauthz.trust.revocation.settings import RevocationSettings
from extauthz.trust.revocation.signers import accept_within_validity
from extauthz.trust.revocation.standing import find_ever_listed
from extauthz.trust.revocation.status import Good, RevocationStatus, Revoked, Unknown
from extauthz.trust.revocation.target import Target, target_named, target_of
from extauthz.trust.revocation.verdict import NO_CRL, judge

_SERIAL = re.compile(r"-?(?:[0-9A-Fa-f]+|[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{2})+)")


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What ``replace`` swaps."""

    crls: dict[bytes, Crl]
    """By SHA-256."""
    rejected: dict[NameKey, tuple[RejectedCrl, ...]]


class CrlStore:
    """Revocation by (issuer name, serial number). Names compare by RFC 5280 §7.1, serial numbers as integers."""

    def __init__(self) -> None:
        self._named: dict[NameKey, set[int]] = {}
        self._loaded = _Loaded({}, {})
        self.generation = object()
        """Another object after each change. Read it *before* asking, and keep the answer only while it is the same."""
        self._records = (self.generation, Records(self._named, {}, {}))

    # -- changes -------------------------------------------------------------------------------------------------
    def add_revoked(self, issuer_dn: str, serial_hex: str) -> None:
        """Name one certificate as revoked. ValueError for a DN (RFC 4514) or serial that cannot be read."""
        self._named.setdefault(name_key_from_string(issuer_dn), set()).add(serial_from_hex(serial_hex))
        self.generation = object()

    def add(self, crl: Crl) -> None:
        """Add a verified CRL. Of those that replace one another only the newest few are kept."""
        crls = self._loaded.crls
        crls[crl.sha256] = crl
        same = [one for one in tuple(crls.values()) if _replaceable(one) == _replaceable(crl)]
        for old in sorted(same, key=lambda one: one.age, reverse=True)[KEPT_PER_LINE:]:
            crls.pop(old.sha256, None)
        self.generation = object()

    def replace(self, crls: Iterable[Crl], rejected: Iterable[RejectedCrl] = ()) -> None:
        """Swap all CRLs for these at once; what was named by hand stays.

        ``rejected``: CRLs that were found and cannot be used. Certificates of the issuer that such a one claims are
        Unknown (``invalid``) where no other CRL answers. The generation is another also where no CRL is: whoever asks
        again then says again which CRLs are wanted.
        """
        self._loaded = _loaded(crls, rejected)
        self.generation = object()

    def holds(self, crls: Iterable[Crl], rejected: Iterable[RejectedCrl] = ()) -> bool:
        """Say whether ``replace`` with these would leave the very CRLs that are here, so that every answer holds."""
        here, wanted = self._loaded, _loaded(crls, rejected)
        return wanted.rejected == here.rejected and _identities(wanted.crls) == _identities(here.crls)

    def clear_issuer(self, issuer_dn: str) -> None:
        """Forget everything about one issuer. ValueError for a DN that cannot be read."""
        key = name_key_from_string(issuer_dn)
        self._named.pop(key, None)
        for crl in self.crls():
            if crl.issuer_key == key:
                self._loaded.crls.pop(crl.sha256, None)
        self._loaded.rejected.pop(key, None)
        self.generation = object()

    # -- questions -----------------------------------------------------------------------------------------------
    @property
    def records(self) -> Records:
        """Everything that is known, ordered for questions; it does not change but for what is named by hand."""
        generation = self.generation
        known, records = self._records
        if known is not generation:
            loaded = self._loaded
            records = Records(self._named, lines_of(tuple(loaded.crls.values())), loaded.rejected.copy())
            self._records = generation, records
        return records

    def check(self, issuer_dn: str, serial_hex: str, *, now: datetime | None = None) -> RevocationStatus:
        """Say what is known of a certificate at ``now`` (aware).

        Without ``now`` the freshness of a CRL cannot be judged, so a CRL can then only say Revoked. Of an issuer for
        which only single serial numbers were named, every other certificate is Good. CRLs of a narrower scope than
        all certificates of the issuer can only say Revoked too. Never raises: what cannot be read is Unknown.
        """
        try:
            return self._status(target_named(name_key_from_string(issuer_dn), serial_from_hex(serial_hex)), now)
        except ValueError as error:
            return Unknown(str(error))

    def check_der(self, cert_der: bytes, *, now: datetime | None = None) -> RevocationStatus:
        """Say the same of a certificate in DER, with its distribution points. One that cannot be parsed is Unknown.

        No path is verified: any configured signer within its validity is believed.
        """
        try:
            certificate = parse_certificate(cert_der)
        except DecodeError as error:
            return Unknown(f"the certificate cannot be parsed: {error.detail}")
        return self._status(target_of(certificate), now)

    def revoked_count(self) -> int:
        """Return how many entries there are: those named by hand, and those of each line's newest CRL and delta."""
        named = sum(len(serials) for serials in self._named.copy().values())
        lines = [line for of_issuer in self.records.lines.values() for line in of_issuer]
        return named + sum(len(crl.entries) for one in lines for crl in (*one.complete[:1], *one.deltas[:1]))

    def crls(self) -> tuple[Crl, ...]:
        """Return the CRLs that are kept, for metrics and people."""
        return tuple(self._loaded.crls.values())

    def _status(self, target: Target, now: datetime | None) -> RevocationStatus:
        records = self.records
        lines = records.lines_for(target)
        if target.issuer in records.named and not lines and not records.rejected_for(target):
            return Revoked() if records.names(target) else Good()
        if now is not None:
            moment = Moment(now, RevocationSettings())
            return judge(target, records, moment, None, lambda crl: accept_within_validity(crl, now)).status
        if records.names(target):
            return Revoked()
        for line in lines:
            if (listed := find_ever_listed(line, target)) is not None:
                return Revoked(listed[0].reason, listed[0].date)
        why = "without a time to ask about, no CRL can be said to be current" if lines else NO_CRL
        return Unknown(why)


def _loaded(crls: Iterable[Crl], rejected: Iterable[RejectedCrl]) -> _Loaded:
    """Take from CRLs those that are kept, and order what cannot be used by issuer."""
    by_issuer: dict[NameKey, tuple[RejectedCrl, ...]] = {}
    for one in rejected:
        if one.issuer_key is not None:
            by_issuer[one.issuer_key] = (*by_issuer.get(one.issuer_key, ()), one)
    lines = lines_of({one.sha256: one for one in crls}.values())
    kept = {crl.sha256: crl for of_issuer in lines.values() for line in of_issuer for crl in line.crls}
    return _Loaded(kept, by_issuer)


def _identities(crls: Mapping[bytes, Crl]) -> list[int]:
    """Return which objects these are: the same bytes may be vouched for by others."""
    return [id(crl) for crl in crls.values()]


def serial_from_hex(text: str) -> int:
    """Read a serial number in hex: any case, leading zeros, colons between pairs, ``-`` before a negative one."""
    if not _SERIAL.fullmatch(text):
        raise ValueError(f"{text!r} is not a serial number in hex")
    return int(text.replace(":", ""), 16)


def _replaceable(crl: Crl) -> tuple[object, ...]:
    return *line_key(crl), crl.is_delta
