"""Headers that look like a certificate, and which source would read them. Nothing is ever read because of its looks."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Final

from extauthz.sources.aws_alb import DEFAULT_HEADERS

_XFCC: Final = re.compile(r"(?:by|hash|cert|chain|subject|uri|dns)=", re.IGNORECASE)
_CERTIFICATE_PART: Final = re.compile(r"(?:^|;)(?:cert|chain|hash)=", re.IGNORECASE)
_PEM: Final = re.compile(r"(?:-|%2d){5}BEGIN(?: |%20|\+)CERTIFICATE", re.IGNORECASE)
_BYTE_SEQUENCE: Final = re.compile(r":([A-Za-z0-9+/=]+):")
_ALB: Final = {header: mode for mode, header in DEFAULT_HEADERS.items()}
"""The headers of AWS's load balancer. PEM under other names is taken for NGINX's, which looks the same."""
_DER_START: Final = 0x30
_LONG_LENGTH: Final = 0x80
"""A certificate is longer than 127 bytes, so its length takes the long form."""
_LEAST_BYTES: Final = 128


def lookalikes(headers: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Yield the headers that look like one, and the source that reads this form, as configuration if there is one."""
    for name, lines in headers.items():
        source = next(filter(None, (_source_for(name, line.strip()) for line in lines)), None)
        if source is not None:
            yield name, source


def _source_for(name: str, value: str) -> str | None:
    if _XFCC.match(value) and _CERTIFICATE_PART.search(value):
        return "{type: xfcc}"
    if _PEM.match(value):
        return f"{{type: aws_alb, mode: {_ALB[name]}}}" if name in _ALB else f"{{type: nginx, header: {name}}}"
    sequence = _BYTE_SEQUENCE.match(value)
    if sequence is not None and _is_certificate(sequence[1]):
        return "{type: rfc9440}"
    first, comma, _ = value.partition(",")
    if _is_certificate(first):
        return f"{{type: base64_der, header: {name}, form: {'comma_list' if comma else 'single'}}}"
    return None


def _is_certificate(text: str) -> bool:
    try:
        content = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return False
    return len(content) >= _LEAST_BYTES and content[0] == _DER_START and content[1] > _LONG_LENGTH
