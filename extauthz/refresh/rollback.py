"""What was seen last of each CRL, so that an older one cannot take its place (RFC 5280 §5.2.3).

A CRL that is older than the newest one that was ever in force here would bring back whoever was revoked in between,
though its signature is good and its time is not over. It is refused. What was seen can be kept in a file, so that a
restart does not forget it.

Older means a lower number; with equal numbers, or where one of the two has none, an earlier thisUpdate. Two different
CRLs with the same number and thisUpdate are not allowed (§5.2.3), and there is no telling which came first: some CAs
sign the same list on several machines. So neither is taken for older.
"""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from extauthz.identity.names import NameKey
from extauthz.refresh.atomic_file import write_atomically
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl

MAX_SLOTS = 10_000
"""Rows that are remembered. CAs that split their CRLs make new scopes over the years; the oldest go first."""
MAX_FILE_BYTES = 32 << 20
"""Of the file: ten thousand rows of 3 KiB, which no name reaches."""
FORMAT = 1


class Slot(NamedTuple):
    """Which CRLs replace one another: those of one issuer, key and scope, deltas apart from full ones."""

    issuer: NameKey
    signer: bytes
    """SHA-256 of the public key that signed it."""
    scope: bytes
    """SHA-256 of the issuingDistributionPoint; empty without one."""
    is_delta: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest CRL of a slot that was in force here."""

    number: int | None
    this_update: datetime
    issuer_dn: str
    """For people who read the file."""


def slot_of(crl: Crl) -> Slot:
    """Return the slot that a CRL stands in."""
    scope = crl.scope.der
    return Slot(
        issuer=crl.issuer_key,
        signer=crl.signers[0].spki_sha256,
        scope=hashlib.sha256(scope).digest() if scope else b"",
        is_delta=crl.is_delta,
    )


def is_older(crl: Crl, seen: Seen) -> bool:
    """Say whether a CRL is older than what was seen."""
    if crl.number is not None and seen.number is not None and crl.number != seen.number:
        return crl.number < seen.number
    return crl.this_update < seen.this_update


def refused(label: str, crl: Crl, why: str) -> RejectedCrl:
    """Return what the store needs to know of a CRL that is refused though its signature is good."""
    return RejectedCrl(label=label, why=why, issuer_dn=crl.issuer_dn, issuer_key=crl.issuer_key)


class LastSeen:
    """The memory. Not safe for several threads at a time."""

    def __init__(self, path: Path | None = None) -> None:
        """Remember in memory, and in the file ``path`` if one is given; nothing is read yet."""
        self._path = path
        self._seen: dict[Slot, Seen] = {}
        self._changed = False

    @property
    def path(self) -> Path | None:
        """The file."""
        return self._path

    def read(self, *, put_aside: bool = True) -> str | None:
        """Add what the file says. Return what is wrong with it, for the operator; None when nothing is.

        A file that cannot be understood is put aside as ``….damaged`` and what it said is lost: writes are atomic, so
        this is a broken disk or somebody's hand. Refusing to work would not help against either, since whoever can
        write here can as well remove the file.
        """
        if self._path is None:
            return None
        try:
            with self._path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"{self._path} cannot be read ({error.strerror}): older CRLs than before would be accepted"
        try:
            found = dict(_row(row) for row in _rows(content))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            if put_aside:
                with suppress(OSError):
                    self._path.replace(self._path.with_name(self._path.name + ".damaged"))
            return f"{self._path} is damaged ({error}) and was put aside: older CRLs than before would be accepted"
        for slot, seen in found.items():
            self._merge(slot, seen)
        return None

    def take_over(self, other: "LastSeen") -> None:
        """Add what another memory knows."""
        for slot, seen in other._seen.items():  # noqa: SLF001  (the same class)
            self._merge(slot, seen)

    def why_refused(self, crl: Crl) -> str | None:
        """Say what is newer than a CRL that rolls back; None of any other."""
        seen = self._seen.get(slot_of(crl))
        if seen is None or not is_older(crl, seen):
            return None
        number = "" if seen.number is None else f"number {seen.number} "
        return f"the {crl} is older than the one that was in force before ({number}of {seen.this_update.isoformat()})"

    def note(self, crl: Crl) -> None:
        """Remember a CRL that is in force and not older than what was seen."""
        seen = Seen(crl.number, crl.this_update, crl.issuer_dn)
        slot = slot_of(crl)
        if self._seen.get(slot) != seen:
            self._seen.pop(slot, None)  # newest last
            self._seen[slot] = seen
            self._changed = True
        while len(self._seen) > MAX_SLOTS:
            del self._seen[next(iter(self._seen))]

    def unsaved(self) -> bytes | None:
        """Return what the file should hold, if that changed since this was last asked and there is a file."""
        if self._path is None or not self._changed:
            return None
        self._changed = False
        return _encoded(self._seen.items())

    def save(self, content: bytes) -> str | None:
        """Write the file, atomically. Return why that failed; then it is due again."""
        if self._path is None:
            return None
        try:
            write_atomically(self._path, content)
        except OSError as error:
            self._changed = True
            return f"{self._path} cannot be written ({error.strerror}): a restart would forget the newest CRL numbers"
        return None

    def _merge(self, slot: Slot, seen: Seen) -> None:
        known = self._seen.get(slot)
        if known is None or _order(known) < _order(seen):
            self._seen[slot] = seen
            self._changed = True


def _order(seen: Seen) -> tuple[int, datetime]:
    return -1 if seen.number is None else seen.number, seen.this_update


def _encoded(rows: Iterable[tuple[Slot, Seen]]) -> bytes:
    seen = [
        {
            "issuer": one.issuer_dn,
            "issuer_key": slot.issuer,
            "signer": slot.signer.hex(),
            "scope": slot.scope.hex(),
            "delta": slot.is_delta,
            "number": None if one.number is None else f"{one.number:x}",
            "this_update": one.this_update.isoformat(),
        }
        for slot, one in rows
    ]
    return json.dumps({"format": FORMAT, "seen": seen}, indent=1).encode() + b"\n"


def _rows(content: bytes) -> list[dict[str, object]]:
    if len(content) > MAX_FILE_BYTES:
        raise ValueError("it is too large")
    document = json.loads(content)
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']!r} is not known")
    rows: list[dict[str, object]] = document["seen"]
    return rows


def _row(row: dict[str, object]) -> tuple[Slot, Seen]:
    number, is_delta = row["number"], row["delta"]
    this_update = datetime.fromisoformat(_text(row["this_update"]))
    if this_update.tzinfo is None or not isinstance(is_delta, bool):
        raise ValueError("a row is not of the form that is written")
    slot = Slot(
        issuer=NameKey(_text(row["issuer_key"])),
        signer=bytes.fromhex(_text(row["signer"])),
        scope=bytes.fromhex(_text(row["scope"])),
        is_delta=is_delta,
    )
    return slot, Seen(None if number is None else int(_text(number), 16), this_update, _text(row["issuer"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a value is no text")
    return value
