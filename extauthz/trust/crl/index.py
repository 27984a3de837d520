"""The entries of one CRL, packed for look-up: about 25 bytes an entry, 2 to 3 microseconds a look-up.

A Python dict of a million entries takes 200 MB. Here they are one buffer, which may as well be a file mapped into
memory and shared by processes: nothing of it is kept as an object but the names of an indirect CRL's issuers.
Building it never holds the interpreter for long, as sorting a million entries would.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate
from mmap import mmap
from struct import Struct
from typing import Final
from zlib import crc32

from extauthz.identity.names import NameKey
from extauthz.trust.crl.entries import RawEntry
from extauthz.trust.crl.index_format import (
    BUCKET_BITS,
    HASH_BITS,
    ISSUER_BYTES,
    OF_ANOTHER_ISSUER,
    read_directory,
    record_size,
    write_directory,
)
from extauthz.trust.crl.revoked_entry import PACKED_BYTES, RevokedEntry, unpack

__all__ = ["CrlIndex", "Keep", "RawEntry", "RevokedEntry", "build_index", "index_parts"]

Keep = Callable[[Iterable[bytes | bytearray]], bytes | memoryview | mmap]
"""Puts the parts of an index somewhere, one after the other, and returns the whole."""

_RECORDS_IN_BUCKET: Final = 32
"""On average, in CRLs that do not fill the most buckets: few enough to search, many enough to make a table small."""
_MAX_ISSUERS: Final = 10_000
_MAX_ISSUER_CHARACTERS: Final = 1024 * 1024
"""The certificate issuers of an indirect CRL are kept as objects; a list that names more is not of this world."""
_BUCKET: Final = Struct("<II")


def build_index(entries: Iterable[RawEntry]) -> bytes:
    """Pack entries into one buffer for ``CrlIndex``. ValueError where ``entries`` raises it, and for too many issuers.

    Of two with one serial number (and certificate issuer) the first is kept in view.
    """
    return join(index_parts(entries))


def join(parts: Iterable[bytes | bytearray]) -> bytes:
    """Put parts together in memory; each is let go as soon as it has been copied."""
    whole = BytesIO()
    whole.writelines(parts)
    return whole.getvalue()


def index_parts(entries: Iterable[RawEntry]) -> Iterator[bytes | bytearray]:
    """Pack entries, and yield the buffer in parts, so that it need not stand in memory twice."""
    sections: defaultdict[int, list[bytearray]] = defaultdict(_buckets)
    issuers = _Issuers()
    unused = HASH_BITS - BUCKET_BITS
    for serial, packed, issuer in entries:
        kind, key = len(serial), serial
        if issuer is not None:
            kind, key = kind | OF_ANOTHER_ISSUER, issuers[issuer] + serial
        sections[kind][crc32(key) >> unused] += key + packed
    yield write_directory({kind: _table(kind, sections[kind]) for kind in sections}, tuple(issuers))
    for section in sections.values():
        section.reverse()
        while section:
            yield section.pop()


def _buckets() -> list[bytearray]:
    return [bytearray() for _ in range(1 << BUCKET_BITS)]


class _Issuers(dict[NameKey, bytes]):
    """The number of each certificate issuer, in order of appearance."""

    def __init__(self) -> None:
        super().__init__()
        self._characters = 0

    def __missing__(self, issuer: NameKey) -> bytes:
        self._characters += len(issuer)
        if len(self) == _MAX_ISSUERS or self._characters > _MAX_ISSUER_CHARACTERS:
            raise ValueError("the entries name too many certificate issuers")
        self[issuer] = number = len(self).to_bytes(ISSUER_BYTES)
        return number


def _table(kind: int, buckets: Sequence[bytearray]) -> list[int]:
    """Say with which record each bucket begins; neighbouring buckets are joined while they have few records."""
    size = record_size(kind)
    ends = list(accumulate(len(bucket) // size for bucket in buckets))
    joined = BUCKET_BITS - min(BUCKET_BITS, (ends[-1] // _RECORDS_IN_BUCKET).bit_length())
    return [0, *ends[(1 << joined) - 1 :: 1 << joined]]


class CrlIndex:
    """Look-up in a buffer that ``build_index`` made. Immutable; needs the buffer for as long as it lives."""

    __slots__ = ("_directory", "buffer")

    def __init__(self, buffer: bytes | memoryview | mmap) -> None:
        """Open an index. ValueError for what is none of this version, or not the whole of it.

        The records are not read here: whoever keeps an index in a file is trusted with what they say.
        """
        self.buffer = memoryview(buffer).toreadonly()
        self._directory = read_directory(self.buffer)

    def __len__(self) -> int:
        return self._directory.count

    def find(self, serial: int, issuer: NameKey | None = None) -> RevokedEntry | None:
        """Look up a serial number of any size and sign.

        ``issuer``: None for entries of the CRL's own issuer, otherwise the certificate issuer that an indirect CRL
        gives its entries.
        """
        key = serial.to_bytes((serial if serial >= 0 else ~serial).bit_length() // 8 + 1, signed=True)
        kind = len(key)
        if issuer is not None:
            number = self._directory.issuers.get(issuer)
            if number is None:
                return None
            kind, key = kind | OF_ANOTHER_ISSUER, number + key
        section = self._directory.sections.get(kind)
        if section is None:
            return None
        shift, table, records, size, _ = section
        first, stop = _BUCKET.unpack_from(self.buffer, table + 4 * (crc32(key) >> shift))
        bucket = bytes(self.buffer[records + first * size : records + stop * size])
        at = bucket.find(key)
        while at >= 0 and at % size:  # these bytes stand somewhere within a record, not at its start
            at = bucket.find(key, at + 1)
        return None if at < 0 else unpack(bucket[at + len(key) : at + size])

    def __iter__(self) -> Iterator[tuple[NameKey | None, int, RevokedEntry]]:
        """Yield certificate issuer (None: the CRL's own), serial number and what is said, in no particular order."""
        names = list(self._directory.issuers)
        for kind, (_, _, at, size, count) in self._directory.sections.items():
            for start in range(at, at + count * size, size):
                key = bytes(self.buffer[start : start + size - PACKED_BYTES])
                issuer = None
                if kind & OF_ANOTHER_ISSUER:
                    issuer, key = names[int.from_bytes(key[:ISSUER_BYTES])], key[ISSUER_BYTES:]
                packed = self.buffer[start + size - PACKED_BYTES : start + size]
                yield issuer, int.from_bytes(key, signed=True), unpack(bytes(packed))
