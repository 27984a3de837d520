"""The entries of a CRL, one after the other: a million of them take no more memory than one."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from extauthz.cli.text import instant
from extauthz.identity.names import NameKey
from extauthz.model.visible import visible
from extauthz.trust.crl.entries import read_entries
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.head import open_crl
from extauthz.trust.crl.revoked_entry import RevokedEntry, unpack


class Entry(NamedTuple):
    """One entry."""

    serial: int
    revoked: RevokedEntry
    issuer: NameKey | None
    """Of an indirect CRL, in the form in which names are compared; None for the CRL's own issuer."""


def list_entries(der: bytes) -> Iterator[Entry]:
    """Yield the entries of a CRL in DER, in order. CrlError at the first one that cannot be read."""
    with memoryview(der) as data:
        opened = open_crl(data)
        head, structure = opened.head, opened.structure
        try:
            for serial, packed, issuer in read_entries(
                data,
                structure.entries_start,
                structure.entries_end,
                own=head.issuer_key,
                indirect=head.scope.indirect,
                delta=head.base_number is not None,
            ):
                yield Entry(int.from_bytes(serial, signed=True), unpack(packed), issuer)
        except ValueError as error:
            raise CrlError(str(error)) from error


def entry_json(entry: Entry) -> Mapping[str, object]:
    """Return an entry as plain values for JSON."""
    return {
        "serial_number": _hex(entry.serial),
        "revoked": instant(entry.revoked.date),
        "reason": entry.revoked.reason,
        "issuer_key": entry.issuer,
    }


def entry_line(entry: Entry) -> str:
    """Return an entry as a line for people."""
    reason = entry.revoked.reason or "no reason given"
    issuer = "" if entry.issuer is None else f"  issuer {entry.issuer}"
    return visible(f"  {_hex(entry.serial)}  {instant(entry.revoked.date)}  {reason}{issuer}")


def _hex(serial: int) -> str:
    """Write a serial number as everywhere: lower-case hex, a minus sign before a negative one."""
    return f"{serial:x}"
