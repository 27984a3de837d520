"""Reading the entries of a CRL, a million of them in about half a second (RFC 5280 §5.1.2.6, §5.3).

The library reads entries one object at a time, and looks one up by walking them all. So the list is read here, once
and strictly, into plain values: any entry that is not exactly as the RFC has it makes the whole CRL unusable, because
an entry that is skipped is a revoked certificate that gets in.

Nearly all entries of nearly all CRLs have one of a few forms (``usual_entries``), which are read many at a time; every
other one goes through ``unusual_entry``.
"""

from binascii import unhexlify
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from extauthz.identity.names import NameKey
from extauthz.trust.crl.unusual_entry import UnusualEntries
from extauthz.trust.crl.usual_entries import PACKED_HEADS, USUAL

RawEntry = tuple[bytes, bytes, NameKey | None]
"""One revoked certificate, as a plain tuple because there are so many:

- serial number: content of the DER INTEGER (two's complement, big-endian, as short as can be);
- what is said of it: eight bytes (``revoked_entry``);
- certificate issuer: None for the CRL's own.
"""

_BLOCK: Final = 64 * 1024
"""Octets that are read at a time: some thousand entries, so that what is made of them stays in the cache."""
_FIRST_BLOCK: Final = 512
"""Octets that are tried after an unusual entry: another may come soon."""


def read_entries(
    data: memoryview, at: int, end: int, *, own: NameKey, indirect: bool = False, delta: bool = False
) -> Iterator[RawEntry]:
    """Yield the entries of a CRL, of which ``data[at:end]`` is the content of ``revokedCertificates``, in order.

    ``own`` is the CRL's issuer, to whose certificates the entries of a CRL that is not ``indirect`` belong. ValueError
    at the first entry that is malformed, or that only an indirect or ``delta`` CRL may hold.
    """
    return chain.from_iterable(_blocks(data, at, end, UnusualEntries(own, indirect=indirect, delta=delta)))


def _blocks(data: memoryview, at: int, end: int, unusual: UnusualEntries) -> Iterator[Iterable[RawEntry]]:
    issuer: NameKey | None = None  # RFC 5280 §5.3.3: of the entry before, and at first that of the CRL
    block = _BLOCK
    while at < end:
        stop = min(at + block, end)
        found = USUAL.findall(data[at:stop])
        if rest := found[-1][-1]:
            del found[-1]
        if found:
            yield [
                (serial[1:], PACKED_HEADS[reason] + unhexlify(date), issuer) for _, _, serial, date, reason, _ in found
            ]
            at, block = stop - len(rest), min(2 * block, _BLOCK)
        else:
            at, issuer, entry = unusual.read(data, at, end, issuer)
            yield (entry,)
            block = _FIRST_BLOCK
