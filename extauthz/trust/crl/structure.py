"""The parts of a CRL as it is encoded (RFC 5280 §5.1), found without copying it.

A CRL is up to a hundred megabytes of entries between a few hundred bytes that the certificate library should read. So
the entries are cut out, and what is left, the skeleton, is itself a CRL in DER (whose signature no longer matches).
"""

from typing import Final, NamedTuple

from extauthz.identity.der import SEQUENCE, element, encoded
from extauthz.identity.structure import require_whole_octets

MAX_HEAD_BYTES: Final = 64 * 1024
"""All but the entries: name, extensions and signature of real CRLs have one or two KiB. As for certificates."""

INTEGER: Final = 0x02
TIMES: Final = (0x17, 0x18)
"""UTCTime and GeneralizedTime."""

_EXTENSIONS: Final = 0xA0
_MOST_TIMES: Final = 2


class Structure(NamedTuple):
    """Places in the DER."""

    tbs_start: int
    tbs_end: int
    """The TBSCertList with its header: what is signed."""
    entries_start: int
    entries_end: int
    """The content of ``revokedCertificates``; nothing when it is absent."""
    skeleton: bytes
    """The CRL without ``revokedCertificates``."""


def expect(tag: int, data: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
    """Read the header of an element that must have this tag: where its content starts, and where it stops."""
    found, start, stop = element(data, at, end)
    if found != tag:
        raise ValueError(f"tag 0x{found:02x} where 0x{tag:02x} belongs")
    return start, stop


def read_structure(data: memoryview) -> Structure:
    """Take a CRL apart. ValueError where its shape is another; what is inside the parts is not looked at."""
    outer, end = expect(SEQUENCE, data, 0, len(data))
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes follow the end of the CRL")
    tbs, tbs_end = expect(SEQUENCE, data, outer, end)
    _, at = _skip_issuer(data, tbs, tbs_end)
    times = 0
    while times < _MOST_TIMES and at < tbs_end and data[at] in TIMES:
        _, _, at = element(data, at, tbs_end)
        times += 1
    # revokedCertificates, if any, and after it at most the extensions: nothing else may be taken for either.
    list_at, start, stop = at, at, at
    if at < tbs_end and data[at] == SEQUENCE:
        start, stop = expect(SEQUENCE, data, at, tbs_end)
    if stop < tbs_end:
        _, last = expect(_EXTENSIONS, data, stop, tbs_end)
        if last != tbs_end:
            raise ValueError("something follows the extensions")
    if (length := len(data) - (stop - list_at)) > MAX_HEAD_BYTES:
        raise ValueError(f"{length} bytes beside the entries; at most {MAX_HEAD_BYTES} are read")
    kept = bytes(data[tbs:list_at]) + bytes(data[stop:tbs_end])
    skeleton = encoded(SEQUENCE, encoded(SEQUENCE, kept) + bytes(data[tbs_end:end]))
    _require_whole_octets(skeleton)
    return Structure(outer, tbs_end, start, stop, skeleton)


def issuer_der(data: memoryview) -> bytes | None:
    """Return the issuer's Name of what may be a CRL, broken or cut off behind it; None when it cannot be found.

    Not found either in what is clearly no CRL: there, a time follows the issuer.
    """
    try:
        end = min(len(data), MAX_HEAD_BYTES)
        at = _enter(data, _enter(data, 0, end), end)
        start, at = _skip_issuer(data, at, end)
        return bytes(data[start:at]) if at < end and data[at] in TIMES else None
    except ValueError:
        return None


def _skip_issuer(data: memoryview, at: int, end: int) -> tuple[int, int]:
    """Return where the issuer starts and where it ends; ``at`` is where the content of the TBSCertList starts."""
    tag, _, stop = element(data, at, end)
    if tag == INTEGER:
        at = stop
    _, start = expect(SEQUENCE, data, at, end)  # the signature algorithm
    _, stop = expect(SEQUENCE, data, start, end)
    return start, stop


def _enter(data: memoryview, at: int, end: int) -> int:
    """Return where the content of a SEQUENCE starts, whether or not all of it is there."""
    if end - at < 2 or data[at] != SEQUENCE:  # noqa: PLR2004  (a tag and a length octet)
        raise ValueError("no sequence")
    length = data[at + 1]
    return at + 2 + (length & 0x7F if length & 0x80 else 0)


def _require_whole_octets(skeleton: bytes) -> None:
    """RFC 5280 §5.1.1.3: the signature is a BIT STRING; the library passes over its number of unused bits."""
    start, end = expect(SEQUENCE, skeleton, 0, len(skeleton))
    _, at = expect(SEQUENCE, skeleton, start, end)
    _, at = expect(SEQUENCE, skeleton, at, end)
    require_whole_octets(skeleton, at, end)
