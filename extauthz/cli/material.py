"""Certificates as people have them at hand: PEM, DER, or copied out of a log in one of the forms that headers have.

More forgiving than the request path on purpose: files have words around their PEM blocks and white space in them. What
is *inside* a certificate is read by the same strict parser.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.base64_text import base64_decode
from extauthz.sources.der import split_sequences
from extauthz.sources.pem import certificate_from_pem, certificates_from_pem
from extauthz.sources.percent import percent_decode
from extauthz.sources.xfcc_certificates import certificates_of
from extauthz.sources.xfcc_element import Element
from extauthz.sources.xfcc_grammar import parse_xfcc
from extauthz.sources.xfcc_json import parse_xfcc_json

MAX_BYTES = 1 << 20
"""Bytes read of one input. A bundle of 200 CA certificates has about 300 KB."""
STDIN = "-"

_BEGIN = b"-----BEGIN CERTIFICATE-----"
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_XFCC = re.compile(
    r"(?:x-forwarded-client-cert:\s*)?((?:by|hash|cert|chain|subject|uri|dns)=.*)", re.IGNORECASE | re.DOTALL
)
_XFCC_JSON = re.compile(r"(?:x-forwarded-client-cert:\s*)?(\[\s*\{.*)", re.IGNORECASE | re.DOTALL)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+:\s+")
_BASE64 = re.compile(r"MI[A-Za-z0-9+/]+={0,2}(?:,MI[A-Za-z0-9+/]+={0,2})*")
"""Certificates begin with a SEQUENCE of more than 255 bytes, or, the very small, of more than 127."""
_BYTE_SEQUENCES = re.compile(r":[A-Za-z0-9+/=]+:(?:,:[A-Za-z0-9+/=]+:)*")
_URL_ENCODED = re.compile(r"(?:-|%2[dD]){5}BEGIN%20")
_DER_SEQUENCE = 0x30
_LONG_LENGTH = 0x80
"""A certificate is longer than 127 bytes, so its length takes the long form; ASCII text never has this bit."""


class Form(StrEnum):
    """What a piece of input was taken for."""

    PEM = "PEM"
    DER = "DER"
    URL_ENCODED_PEM = "URL-encoded PEM"
    XFCC = "XFCC"
    BASE64 = "base64"
    RFC9440 = "RFC 9440"


@dataclass(frozen=True, slots=True)
class Material:
    """Certificates in DER, in the order of the input: at least one, the client's first."""

    form: Form
    certificates: tuple[bytes, ...]
    note: str = ""
    """What was chosen, where there was a choice."""


def read_input(name: str) -> bytes:
    """Return the content of a file, or of stdin for ``-``. Raises OSError, and DecodeError when it is too long."""
    if name == STDIN:
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(name).open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"it has more than {MAX_BYTES} bytes, too many for certificates")
    return content


def recognise(content: bytes) -> Material:
    """Find out what the input is and decode it.

    Raises DecodeError with a detail that says what is wrong. The certificates are not parsed yet.
    """
    if len(content) > 1 and content[0] == _DER_SEQUENCE and content[1] & _LONG_LENGTH:
        return Material(Form.DER, (content,))
    text = content.decode("utf-8-sig", "replace").strip()
    if not text:
        raise _unusable("it is empty")
    json_form = _XFCC_JSON.fullmatch(text)
    if json_form is not None:  # before PEM, which is inside of it
        return _from_xfcc(parse_xfcc_json(json_form[1]))
    if _BEGIN in content:
        # Before XFCC: `openssl x509 -subject` puts a line `subject=...` above the block.
        return Material(Form.PEM, pem_certificates(content))
    xfcc = _XFCC.fullmatch(text)
    if xfcc is not None:
        return _from_xfcc(parse_xfcc(xfcc[1]))
    material = _from_header("".join(_HEADER_NAME.sub("", text, count=1).split()))
    if material is None:
        raise _unusable(_what_it_is_instead(content))
    return material


def pem_certificates(content: bytes) -> tuple[bytes, ...]:
    """Return the DER of every certificate in a PEM file, with whatever stands around the blocks left out.

    Raises DecodeError when there is none, or when a block is malformed.
    """
    blocks: Sequence[bytes] = _BLOCK.findall(content)
    if not blocks:
        raise _unusable(_what_it_is_instead(content))
    return tuple(
        certificate_from_pem(
            b"-----BEGIN CERTIFICATE-----\n" + b"".join(body.split()) + b"\n-----END CERTIFICATE-----\n"
        )
        for body in blocks
    )


def _from_xfcc(elements: Sequence[Element]) -> Material:
    certificates = certificates_of(elements[-1])
    if not certificates:
        raise _unusable("the XFCC header has neither Cert nor Chain: the proxy does not forward the certificate itself")
    note = f"element {len(elements)} of {len(elements)}, the one that the last proxy added" if len(elements) > 1 else ""
    return Material(Form.XFCC, certificates, note)


def _from_header(value: str) -> Material | None:
    """Read what is the value of a header by its looks, white space left out; None for anything else."""
    if _URL_ENCODED.match(value):
        return Material(Form.URL_ENCODED_PEM, certificates_from_pem(percent_decode(value)))
    if _BASE64.fullmatch(value):
        return Material(Form.BASE64, _from_base64(value))
    if _BYTE_SEQUENCES.fullmatch(value):
        return Material(Form.RFC9440, _from_base64(value.replace(":", "")))
    return None


def _from_base64(text: str) -> tuple[bytes, ...]:
    return tuple(der for one in text.split(",") for der in split_sequences(base64_decode(one)))


def _what_it_is_instead(content: bytes) -> str:
    label = _LABEL.search(content)
    if label is None:
        return "it is neither PEM, DER, URL-encoded PEM, base64, RFC 9440 nor XFCC"
    kind = label[1].decode("ascii")
    if kind == "CERTIFICATE":
        return "it has a CERTIFICATE block that is cut off or holds something other than base64"
    if kind == "X509 CRL":
        return "it is a revocation list, not a certificate: use `extauthz crl`"
    return f"it has a PEM block of type {kind}, and no certificate"


def _unusable(detail: str) -> DecodeError:
    return DecodeError(Reason.SOURCE_MALFORMED, detail)
