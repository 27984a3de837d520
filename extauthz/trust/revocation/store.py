"""What is known to be revoked: verified CRLs, and serial numbers that the operator named by hand.

The store answers questions about one certificate at one moment. It may change while it is read, and needs no lock:
every change is one operation of a built-in dict or set, which is atomic, and ``generation`` is replaced after each, so
that whoever keeps an answer can tell that it was given before a change.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.names import NameKey, name_key_from_string
from extauthz.model.errors import DecodeError
from extauthz.model.quoted import quoted
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.status import Good, RevocationStatus, Revoked, Unknown
from extauthz.trust.window import TICK, Window, shifted

KEPT_PER_SIGNER = 4
"""The newest CRLs of one key that are kept: the one in force, and three that were published ahead of their time.

The store has no clock, so it cannot tell which one is in force, and drops the oldest. A CA publishes one CRL ahead, or
two around a weekend; with room for three, they do not push out the one that every allow rests on until then. Each more
costs memory: 30 MB for one of a million entries.
"""

_SERIAL = re.compile(r"-?(?:[0-9A-Fa-f]+|[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{2})+)")


NO_CRL = "there is no CRL of this issuer"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer, and what it rests on."""

    status: RevocationStatus
    detail: str
    window: Window
    """When the answer holds, as long as ``generation`` stays the same."""
    stale: bool = False
    """Unknown only because no CRL is current; False when there is none at all."""


class CrlStore:
    """Revocation by (issuer name, serial number). Names compare by RFC 5280 §7.1, serial numbers as integers."""

    def __init__(self) -> None:
        self._named: dict[NameKey, set[int]] = {}
        self._crls: dict[NameKey, dict[bytes, Crl]] = {}
        self.generation = object()
        """Another object after each change. Read it *before* asking, and keep the answer only while it is the same."""

    # -- changes -------------------------------------------------------------------------------------------------
    def add_revoked(self, issuer_dn: str, serial_hex: str) -> None:
        """Name one certificate as revoked. ValueError for a DN (RFC 4514) or serial that cannot be read."""
        self._named.setdefault(name_key_from_string(issuer_dn), set()).add(serial_from_hex(serial_hex))
        self.generation = object()

    def add(self, crl: Crl) -> None:
        """Add a verified CRL. Of each signing key only the newest few are kept."""
        of_issuer = self._crls.setdefault(crl.issuer_key, {})
        of_issuer[crl.sha256] = crl
        for old in _newest_first(of_issuer.copy().values(), crl.signer.spki_sha256)[KEPT_PER_SIGNER:]:
            of_issuer.pop(old.sha256, None)
        self.generation = object()

    def clear_issuer(self, issuer_dn: str) -> None:
        """Forget everything about one issuer. ValueError for a DN that cannot be read."""
        key = name_key_from_string(issuer_dn)
        self._named.pop(key, None)
        self._crls.pop(key, None)
        self.generation = object()

    # -- questions -----------------------------------------------------------------------------------------------
    def check(self, issuer_dn: str, serial_hex: str, *, now: datetime | None = None) -> RevocationStatus:
        """Say what is known of a certificate at ``now`` (aware).

        Without ``now`` the freshness of a CRL cannot be judged, so a CRL can then only say Revoked. Of an issuer for
        which only single serial numbers were named, every other certificate is Good. Never raises: what cannot be
        read is Unknown.
        """
        try:
            return self._status(name_key_from_string(issuer_dn), serial_from_hex(serial_hex), now)
        except ValueError as error:
            return Unknown(str(error))

    def check_der(self, cert_der: bytes, *, now: datetime | None = None) -> RevocationStatus:
        """Say the same of a certificate in DER. One that cannot be parsed is Unknown."""
        try:
            certificate = parse_certificate(cert_der)
        except DecodeError as error:
            return Unknown(f"the certificate cannot be parsed: {error.detail}")
        return self._status(certificate.issuer_key, certificate.serial, now)

    def evidence(
        self,
        issuer: NameKey,
        serial: int,
        now: datetime,
        *,
        issuer_spki_sha256: bytes | None = None,
        grace: timedelta = timedelta(),
        clock_skew: timedelta = timedelta(),
    ) -> Evidence:
        """Answer for one certificate at ``now``, with what the answer rests on.

        Listed is Revoked, by a CRL of any key of the issuer: by the newest that is in force (a stale one too: nothing
        newer says otherwise), or by one whose thisUpdate is still to come. Not listed is Good only when a CRL is in
        force that was signed with the key that issued the certificate (``issuer_spki_sha256``): two authorities may
        share a name, and a CA that changes its key may publish one CRL for each. When that key is not known, the CRLs
        of every key must be in force. A CRL is in force from thisUpdate - ``clock_skew`` (the CA's clock may be ahead,
        and it has just withdrawn the one before) up to and including nextUpdate + ``grace``; one without nextUpdate
        never is. Serial numbers named by hand say nothing of the issuer's other certificates:
        one of them must not make good what no CRL vouches for.
        """
        if serial in self._named.get(issuer, ()):
            return Evidence(Revoked(), "named as revoked by the operator", Window.ALWAYS)
        crls = tuple(self._crls.get(issuer, {}).copy().values())
        if not crls:
            return Evidence(Unknown(NO_CRL), NO_CRL, Window.ALWAYS)
        window = Window.split_at(now, *_instants(crls, grace, clock_skew))
        # What the clock may be by: a CRL has begun when its thisUpdate is not later than this.
        latest = shifted(now, clock_skew)
        signers = {crl.signer.spki_sha256: _newest_first(crls, crl.signer.spki_sha256) for crl in crls}
        for of_signer in signers.values():
            if (listed := _listed(of_signer, serial, latest)) is not None:
                return Evidence(*listed, window)
        if issuer_spki_sha256 is not None:
            of_issuer = signers.get(issuer_spki_sha256)
            if of_issuer is None:
                why = f"no CRL of {quoted(crls[0].issuer_dn)} is signed with the key that issued the certificate"
                return Evidence(Unknown(why), why, window)
            signers = {issuer_spki_sha256: of_issuer}
        for of_signer in signers.values():
            if (problem := _not_in_force(_in_force(of_signer, latest), of_signer[-1], now, grace)) is not None:
                return Evidence(Unknown(problem), problem, window, stale=True)
        current = " and ".join(str(_in_force(of_signer, latest)) for of_signer in signers.values())
        return Evidence(Good(), f"not listed in the {current}", window)

    def revoked_count(self) -> int:
        """Return how many entries there are: those named by hand, and those of the newest CRL of each key."""
        named = sum(len(serials) for serials in self._named.copy().values())
        newest: dict[tuple[NameKey, bytes], Crl] = {}
        for crl in sorted(self.crls(), key=lambda one: one.age):
            newest[crl.issuer_key, crl.signer.spki_sha256] = crl
        return named + sum(len(crl.entries) for crl in newest.values())

    def crls(self) -> tuple[Crl, ...]:
        """Return the CRLs that are kept, for metrics and people."""
        return tuple(crl for of_issuer in self._crls.copy().values() for crl in of_issuer.copy().values())

    def _status(self, issuer: NameKey, serial: int, now: datetime | None) -> RevocationStatus:
        if serial in self._named.get(issuer, ()):
            return Revoked()
        crls = tuple(self._crls.get(issuer, {}).copy().values())
        if not crls:
            return Good() if issuer in self._named else Unknown(NO_CRL)
        if now is not None:
            return self.evidence(issuer, serial, now).status
        for crl in crls:
            if (entry := crl.entries.find(serial)) is not None:
                return Revoked(entry.reason, entry.date)
        return Unknown("without a time to ask about, no CRL can be said to be current")


def serial_from_hex(text: str) -> int:
    """Read a serial number in hex: any case, leading zeros, colons between pairs, ``-`` before a negative one."""
    if not _SERIAL.fullmatch(text):
        raise ValueError(f"{text!r} is not a serial number in hex")
    return int(text.replace(":", ""), 16)


def _newest_first(crls: Iterable[Crl], spki_sha256: bytes) -> list[Crl]:
    """Return the CRLs of one signing key."""
    return sorted((crl for crl in crls if crl.signer.spki_sha256 == spki_sha256), key=lambda one: one.age, reverse=True)


def _instants(crls: Iterable[Crl], grace: timedelta, clock_skew: timedelta) -> Iterable[datetime]:
    """Yield every moment at which one of the CRLs begins or ceases to be in force."""
    for crl in crls:
        yield shifted(crl.this_update, -clock_skew)
        if crl.next_update is not None:
            yield shifted(crl.next_update, grace + TICK)


def _in_force(of_signer: Iterable[Crl], latest: datetime) -> Crl | None:
    """Return the newest CRL of one key that is not ahead of its time; whether it is stale is not looked at."""
    return next((crl for crl in of_signer if crl.this_update <= latest), None)


def _listed(of_signer: Iterable[Crl], serial: int, now: datetime) -> tuple[Revoked, str] | None:
    """Look the serial up in the CRLs of one key, from those still to come to the one in force, and no older ones.

    Two with the same thisUpdate and number must not differ (RFC 5280 §5.2.3). If they do, each is believed.
    """
    in_force: Crl | None = None
    for crl in of_signer:
        if in_force is not None and crl.age[:2] != in_force.age[:2]:
            break
        if (entry := crl.entries.find(serial)) is not None:
            reason = entry.reason or "no reason given"
            return Revoked(entry.reason, entry.date), f"revoked {entry.date.isoformat()} ({reason}) in the {crl}"
        if in_force is None and crl.this_update <= now:
            in_force = crl
    return None


def _not_in_force(crl: Crl | None, oldest: Crl, now: datetime, grace: timedelta) -> str | None:
    if crl is None:
        return f"thisUpdate of the {oldest} is still to come"
    if crl.next_update is None:
        return f"the {crl} does not say until when it may be used"
    if now > shifted(crl.next_update, grace):
        return f"the {crl} is stale"
    return None
