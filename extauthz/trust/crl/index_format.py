"""The index of one CRL as a buffer: what is where (all numbers little-endian).

    header      magic and version, checksum; length of all, sections, issuers, length of the issuers' names
    sections    a row for each kind of serial number: kind, buckets (as a power of two), entries
    issuers     the certificate issuers of an indirect CRL: length and UTF-8 of each NameKey
    tables      of each section: with which record each bucket begins, and one number more, the count of all
    records     of each section: serial number, and eight bytes of what is said of it (``revoked_entry``)

All records of a section have the same size. Which bucket a record is in follows from a hash of its serial number, so
that sequential, random and odd numbers alike are spread evenly. The checksum is over all that follows it up to the
records; it is there to notice a damaged file, not a forged one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import gt
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

from extauthz.identity.names import NameKey
from extauthz.trust.crl.revoked_entry import PACKED_BYTES

OF_ANOTHER_ISSUER: Final = 0x100
"""Added to the kind of a section whose serial numbers stand behind the number of a certificate issuer."""
ISSUER_BYTES: Final = 2
BUCKET_BITS: Final = 12
"""4,096 buckets a section at most: 250 records in each for a CRL of a million."""
HASH_BITS: Final = 32

_MAGIC: Final = b"\x89extcrl\x01"
_HEADER: Final = Struct("<8sIQIII")
_CHECKED_FROM: Final = 12
"""What stands behind the checksum is covered by it."""
_SECTION: Final = Struct("<HHI")
_NUMBER: Final = Struct("<I")


class Section(NamedTuple):
    """Where the records of one kind are."""

    shift: int
    """The hash, shifted right by this, is the number of the bucket."""
    table: int
    records: int
    record_size: int
    entries: int


@dataclass(frozen=True, slots=True)
class Directory:
    """All but the records."""

    count: int
    sections: Mapping[int, Section]
    """By kind: the length of the serial number, plus ``OF_ANOTHER_ISSUER`` in the sections of other issuers."""
    issuers: Mapping[NameKey, bytes]
    """What stands in front of the serial numbers of an issuer."""


def record_size(kind: int) -> int:
    """Return the size of the records of a kind."""
    return (kind & ~OF_ANOTHER_ISSUER) + (ISSUER_BYTES if kind & OF_ANOTHER_ISSUER else 0) + PACKED_BYTES


def write_directory(tables: Mapping[int, Sequence[int]], issuers: Sequence[NameKey]) -> bytes:
    """Return everything that stands before the records of the sections (by kind) with these tables."""
    names = b"".join(_NUMBER.pack(len(one)) + one for one in (name.encode() for name in issuers))
    parts = [_SECTION.pack(kind, (len(table) - 1).bit_length() - 1, table[-1]) for kind, table in tables.items()]
    parts.append(names)
    parts += [Struct(f"<{len(table)}I").pack(*table) for table in tables.values()]
    size = _HEADER.size + sum(map(len, parts)) + sum(table[-1] * record_size(kind) for kind, table in tables.items())
    header = _HEADER.pack(_MAGIC, 0, size, len(tables), len(issuers), len(names))
    checked = b"".join((header[_CHECKED_FROM:], *parts))
    return _MAGIC + _NUMBER.pack(crc32(checked)) + checked


def read_directory(data: memoryview) -> Directory:
    """Read it back. ValueError for what is no index of this version, or not the whole of it.

    Everything that a look-up relies on is checked, so that none reads outside its section.
    """
    if len(data) < _HEADER.size or bytes(data[: len(_MAGIC)]) != _MAGIC:
        raise ValueError("this is not the index of a CRL, or one of another version")
    _, checksum, size, sections, issuers, names_length = _HEADER.unpack_from(data)
    tables_at = _HEADER.size + sections * _SECTION.size + names_length
    if size != len(data) or tables_at > size:
        raise ValueError(f"the index of a CRL is cut off: it has {len(data)} of {size} bytes")
    rows = [_SECTION.unpack_from(data, _HEADER.size + number * _SECTION.size) for number in range(sections)]
    records_at = tables_at + sum(_table_size(bits) for _, bits, _ in rows)
    if crc32(data[_CHECKED_FROM:records_at]) != checksum:
        raise ValueError("the index of a CRL is damaged")
    found: dict[int, Section] = {}
    table_at, at = tables_at, records_at
    for kind, bits, count in rows:
        found[kind] = Section(HASH_BITS - bits, table_at, at, record_size(kind), count)
        _check_table(data[table_at : table_at + _table_size(bits)], count)
        table_at += _table_size(bits)
        at += count * record_size(kind)
    if at != size:
        raise ValueError("the index of a CRL has a length that its sections do not have")
    return Directory(sum(row[2] for row in rows), found, _read_issuers(data, tables_at - names_length, issuers))


def _table_size(bits: int) -> int:
    if bits > BUCKET_BITS:
        raise ValueError("the index of a CRL has an impossible number of buckets")
    return _NUMBER.size * ((1 << bits) + 1)


def _check_table(packed: memoryview, count: int) -> None:
    table = Struct(f"<{len(packed) // _NUMBER.size}I").unpack(packed)
    if table[0] != 0 or table[-1] != count or any(map(gt, table, islice(table, 1, None))):
        raise ValueError("the index of a CRL has a bucket outside its section")


def _read_issuers(data: memoryview, at: int, count: int) -> dict[NameKey, bytes]:
    issuers: dict[NameKey, bytes] = {}
    for number in range(count):
        (length,) = _NUMBER.unpack_from(data, at)
        at += _NUMBER.size
        issuers[NameKey(bytes(data[at : at + length]).decode())] = number.to_bytes(ISSUER_BYTES)
        at += length
    return issuers
