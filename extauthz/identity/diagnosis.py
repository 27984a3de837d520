"""What was given where a certificate belongs: a better answer to the operator than "does not parse".

Judged by the tags alone, so it costs next to nothing and cannot be made to do work by hostile bytes.
"""

from typing import Final

from extauthz.identity import der

_INTEGER: Final = 0x02
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_SEQUENCE: Final = der.SEQUENCE

_Tags = tuple[int, ...]

_BY_OUTER_TAGS: Final[dict[_Tags, str]] = {
    (_SEQUENCE, der.BIT_STRING): "a public key",
    (_SEQUENCE, der.OCTET_STRING): "an encrypted private key",
    (_INTEGER, _SEQUENCE, der.OCTET_STRING): "a private key",
    (_INTEGER, _INTEGER, _INTEGER): "a private key",
    (_INTEGER, der.OCTET_STRING): "a private key",
    (_INTEGER, der.OCTET_STRING, 0xA0): "a private key",
    (_INTEGER, der.OCTET_STRING, 0xA1): "a private key",
    (_INTEGER, _SEQUENCE, _SEQUENCE): "a PKCS #12 key store",
    (_INTEGER, _SEQUENCE): "a PKCS #12 key store",
    (der.OID, 0xA0): "a PKCS #7 bundle",
}


def diagnose(data: bytes) -> str:
    """Say in a few words what bytes that are no certificate seem to be."""
    if data.lstrip()[:10] == b"-----BEGIN":
        return "PEM text was given where DER belongs; decode it first"
    try:
        return _by_tags(data)
    except ValueError as error:
        return f"not DER: {error}"


def _by_tags(data: bytes) -> str:
    tag, start, stop = der.element(data, 0, len(data))
    if tag != _SEQUENCE:
        return "not DER of a certificate: it does not start with a SEQUENCE"
    if stop != len(data):
        return f"{len(data) - stop} bytes follow the certificate"
    outer = der.children(data, start, stop, 3)
    tags = tuple(header[0] for header in outer)
    kind = _BY_OUTER_TAGS.get(tags)
    if kind is None and tags == (_SEQUENCE, _SEQUENCE, der.BIT_STRING):
        kind = _by_inner_tags(tuple(header[0] for header in der.children(data, outer[0][1], outer[0][2], 4)))
    return f"{kind} was given where a certificate belongs" if kind else ""


def _by_inner_tags(tags: _Tags) -> str | None:
    """Tell the three signed structures apart by the start of what is signed (RFC 5280 §5.1, RFC 2986 §4)."""
    if tags[:3] == (_INTEGER, _SEQUENCE, _SEQUENCE) and tags[3:] == (0xA0,):
        return "a certificate request"
    without_version = tags[1:] if tags[:1] == (_INTEGER,) else tags
    if without_version[:2] == (_SEQUENCE, _SEQUENCE) and without_version[2:3] in ((_UTC_TIME,), (_GENERALIZED_TIME,)):
        return "a CRL"
    return None
