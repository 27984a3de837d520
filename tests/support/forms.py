"""The forms in which a certificate travels: PEM and its encodings in URLs, base64, XFCC elements."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from cryptography import x509

_ENVOY_KEEPS: Final = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in "+/=%")
"""Envoy replaces exactly newline, space, ``+``, ``/`` and ``=`` in a PEM (``%`` cannot occur in one)."""

_RFC2253_NAMES: Final = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "GN",
    "2.5.4.46": "dnQualifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}


def pem(der: bytes, label: str = "CERTIFICATE") -> bytes:
    """PEM with 64-column lines and a final newline (RFC 7468 §2)."""
    text = base64.b64encode(der).decode()
    lines = (text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{chr(10).join(lines)}\n-----END {label}-----\n".encode()


def pem_crl(der: bytes) -> bytes:
    """Write a CRL as PEM."""
    return pem(der, "X509 CRL")


def url_pem(*ders: bytes) -> str:
    """Certificates as percent-encoded PEM, exactly as Envoy sends ``source.certificate`` and XFCC Cert and Chain."""
    return quote(b"".join(pem(one) for one in ders), safe=_ENVOY_KEEPS)


def nginx_pem(der: bytes) -> str:
    """Write a certificate as ``$ssl_client_escaped_cert``: NGINX percent-encodes all but unreserved characters."""
    return quote(pem(der), safe="")


def alb_pem(*ders: bytes) -> str:
    """Write certificates as AWS documents it for its load balancer: URL-encoded PEM, ``+``, ``=`` and ``/`` raw."""
    return quote(b"".join(pem(one) for one in ders), safe="+=/")


def base64_text(*ders: bytes) -> str:
    """Write certificates as one base64 text: HAProxy's ``base64`` of one or of several after each other."""
    return base64.b64encode(b"".join(ders)).decode()


def byte_sequence(der: bytes) -> str:
    """Write a certificate as RFC 9440 has it: a byte sequence of a structured field (RFC 8941 §3.3.5)."""
    return f":{base64_text(der)}:"


def rfc2253(name: x509.Name) -> str:
    r"""Print a DN as BoringSSL does with ``XN_FLAG_RFC2253``: the form of XFCC's Subject.

    Reversed, ``\`` before special characters, ``\XX`` for control and non-ASCII bytes, ``#hex`` of the whole DER
    value for attribute types without a short name.
    """
    return ",".join("+".join(_attribute(one) for one in reversed(list(rdn))) for rdn in reversed(name.rdns))


def _attribute(attribute: x509.NameAttribute[str | bytes]) -> str:
    dotted = attribute.oid.dotted_string
    short = _RFC2253_NAMES.get(dotted)
    if short is None or not isinstance(attribute.value, str):
        one = x509.Name([attribute]).public_bytes()
        value_at = 6 + 2 + one[7]  # SEQUENCE, SET, SEQUENCE and OID headers; test values are short
        return f"{short or dotted}=#{one[value_at:].hex().upper()}"
    out = []
    raw = attribute.value.encode()
    for index, byte in enumerate(raw):
        char = chr(byte)
        edge = (index == 0 and char in " #") or (index == len(raw) - 1 and char == " ")
        if char in ',+"\\<>;' or edge:
            out.append("\\" + char)
        elif byte < 0x20 or byte > 0x7E:
            out.append(f"\\{byte:02X}")
        else:
            out.append(char)
    return f"{short}={''.join(out)}"


def xfcc(
    leaf: bytes | None,
    *,
    chain: Iterable[bytes] | None = None,
    by: Iterable[str] = (),
    hash_: str | None = "",
    subject: str | None = None,
    uris: Iterable[str] = (),
    dns: Iterable[str] = (),
) -> str:
    """One XFCC element in Envoy's order: By, Hash, Cert, Chain, Subject, URI, DNS.

    ``leaf`` and ``chain`` are DER; ``chain`` is written whole, so give it with the leaf first as Envoy does. An empty
    ``hash_`` means the right one, None leaves it out. Values with ``,``, ``;``, ``=`` or ``"`` are quoted.
    """
    parts = [f"By={_quoted(one)}" for one in by]
    if hash_ is not None and (hash_ or leaf is not None):
        parts.append(f"Hash={hash_ or hashlib.sha256(leaf or b'').hexdigest()}")
    if leaf is not None:
        parts.append(f'Cert="{url_pem(leaf)}"')
    if chain is not None:
        parts.append(f'Chain="{url_pem(*chain)}"')
    if subject is not None:
        parts.append(f'Subject="{subject}"')  # Envoy adds no escaping: the RFC 2253 text has \\" already
    parts += [f"URI={_quoted(one)}" for one in uris]
    parts += [f"DNS={_quoted(one)}" for one in dns]
    return ";".join(parts)


def xfcc_json(*elements: Mapping[str, object]) -> str:
    """Write XFCC in its JSON form, as Envoy 1.40 does: one array, no white space."""
    return json.dumps(elements, separators=(",", ":"), ensure_ascii=False)


def json_element(
    leaf: bytes | None,
    *,
    chain: Iterable[bytes] = (),
    by: Iterable[str] = (),
    subject: str | None = None,
    uris: Iterable[str] = (),
    dns: Iterable[str] = (),
    issuer: str | None = None,
) -> dict[str, object]:
    """One element of ``xfcc_json`` with Envoy's members in its order; what there is nothing for is left out."""
    written: dict[str, object] = {
        "by": list(by),
        "hash": None if leaf is None else hashlib.sha256(leaf).hexdigest(),
        "cert": None if leaf is None else pem(leaf).decode(),
        "chain": [pem(one).decode() for one in chain],
        "subject": subject,
        "uri": list(uris),
        "dns": list(dns),
        "issuer": issuer,
    }
    return {key: value for key, value in written.items() if value not in (None, [])}


def _quoted(value: str) -> str:
    if any(char in ',;="' for char in value):
        return '"' + value.replace('"', '\\"') + '"'
    return value
