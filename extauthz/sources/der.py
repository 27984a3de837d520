"""The outermost frame of DER values (X.690 §8.1, §10.1). The inside is for the certificate parser."""

from typing import Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_CERTIFICATE_BYTES, MAX_CHAIN_CERTIFICATES

_SEQUENCE: Final = 0x30
_SHORT_HEADER: Final = 2
_LONGEST_HEADER: Final = 4
_LONGEST_SHORT_LENGTH: Final = 0x7F
_ONE_LENGTH_BYTE: Final = 0x81
_TWO_LENGTH_BYTES: Final = 0x82
"""The longest form there can be: two bytes count to 65,535, and a whole certificate has at most 65,536."""


def require_one_sequence(der: bytes) -> None:
    """Raise ``DecodeError`` unless the bytes are the frame of exactly one DER SEQUENCE, and not over the size limit.

    Reasons: CERTIFICATE_TOO_LARGE, else SOURCE_MALFORMED. So bytes that follow a certificate, or are missing from
    it, never reach a parser. It does not look inside the SEQUENCE.
    """
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise DecodeError(Reason.CERTIFICATE_TOO_LARGE, f"a certificate of more than {MAX_CERTIFICATE_BYTES} bytes")
    if len(der) < _SHORT_HEADER or der[0] != _SEQUENCE:
        raise DecodeError(Reason.SOURCE_MALFORMED, "not a certificate: the bytes do not start with a DER SEQUENCE")
    if _framed_length(der) != len(der):
        raise DecodeError(Reason.SOURCE_MALFORMED, "the DER SEQUENCE does not span exactly the bytes that are there")


def split_sequences(data: bytes) -> tuple[bytes, ...]:
    """Return the DER SEQUENCEs that stand one after the other in the bytes; none in no bytes, at most 16.

    Raises ``DecodeError``: SOURCE_TOO_LARGE (more than 16), CERTIFICATE_TOO_LARGE, else SOURCE_MALFORMED (a length that
    goes past the end, bytes that are no SEQUENCE).
    """
    found: list[bytes] = []
    at = 0
    while at < len(data):
        if len(found) == MAX_CHAIN_CERTIFICATES:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_CHAIN_CERTIFICATES} certificates")
        header = data[at : at + _LONGEST_HEADER]
        length = _framed_length(header) if len(header) >= _SHORT_HEADER else None
        # Without a length all the rest is one piece, and `require_one_sequence` finds the words for it.
        one = data[at:] if length is None else data[at : at + length]
        require_one_sequence(one)
        found.append(one)
        at += len(one)
    return tuple(found)


def _framed_length(der: bytes) -> int | None:
    """Return the length of header and content that the header states; None for one that is not DER or too long."""
    first = der[1]
    if first <= _LONGEST_SHORT_LENGTH:
        return 2 + first
    if first == _ONE_LENGTH_BYTE:
        length = int.from_bytes(der[2:3])
        # X.690 §10.1: the length is in the shortest form.
        return 3 + length if length > _LONGEST_SHORT_LENGTH else None
    if first == _TWO_LENGTH_BYTES:
        length = int.from_bytes(der[2:4])
        return 4 + length if length > 0xFF else None  # noqa: PLR2004  (what one length byte can say)
    return None
