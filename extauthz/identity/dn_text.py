"""Reading a DN from text: RFC 4514, as people and programs write it.

Beyond the RFC: spaces around ``=``, ``,`` and ``+`` do not count, and more short names are known. The values of
``#hex`` are whole DER elements; string types are read as text, a BIT STRING as its content.
"""

import re
from typing import Final, NamedTuple

from extauthz.identity import der
from extauthz.identity.attribute_types import UNDERSTOOD

LONGEST_DN: Final = 4 * 64 * 1024
"""No DN of a certificate of 64 KiB is longer: each octet of its DER gives four characters of text at most.

An octet of an OID gives ``.127`` (the first one ``2.47``); an octet of a string gives one character, or two when it
must be escaped (``\\,``), or three (``\\00``); an octet of a BIT STRING gives two hex digits. What is left, ``=``,
``,``, ``+``, ``#`` and the hex of the BIT STRING's own header, is paid for by the six and more octets of headers that
every attribute has. A name is refused long before (``counts.MAX_NAME_BYTES``); a text may come from elsewhere.
"""

_TYPE: Final = re.compile(r" *(?:(?P<oid>[0-9]+(?:\.[0-9]+)+)|(?P<name>[A-Za-z][A-Za-z0-9-]*)) *= *")
_HEX_VALUE: Final = re.compile(r"#(?P<hex>(?:[0-9A-Fa-f]{2})+) *(?=[,+]|\Z)")
_PLAIN: Final = re.compile(r'[^\\,+";<>]+')
_HEX_PAIRS: Final = re.compile(r"(?:\\[0-9A-Fa-f]{2})+")
_ESCAPED: Final = re.compile(r'(?:\\[ "#+,;<=>\\])+')
_TEXT_ENCODINGS: Final[dict[int, str]] = {
    0x0C: "utf-8",  # UTF8String
    0x12: "ascii",  # NumericString
    0x13: "ascii",  # PrintableString
    0x14: "utf-8",  # T61String: read as the library reads it in certificates
    0x16: "ascii",  # IA5String
    0x1A: "ascii",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}


class Attribute(NamedTuple):
    """One attribute of a DN in text."""

    oid: str | None
    """Dotted; None when the short name is not known here."""
    name: str
    """The type as it is written."""
    value: str | bytes
    """Text, or the content of a BIT STRING."""


Rdn = tuple[Attribute, ...]


def parse_dn(text: str, *, bare_specials: bool = False) -> tuple[Rdn, ...]:
    """Parse a DN; the RDNs come **in encoded order**, the reverse of the text (RFC 4514 §2.1).

    ``bare_specials`` takes ``" ; < >`` without a backslash as themselves. Raises ``ValueError`` with a sentence that
    says what is wrong and where. The empty text is the empty DN.
    """
    if len(text) > LONGEST_DN:
        raise ValueError(f"a DN of more than {LONGEST_DN} characters")
    rdns: list[Rdn] = []
    if not text.strip(" "):
        return ()
    attributes: list[Attribute] = []
    at = 0
    while True:
        attribute, at = _attribute(text, at, bare_specials=bare_specials)
        attributes.append(attribute)
        if at == len(text) or text[at] == ",":
            rdns.append(tuple(attributes))
            attributes = []
        if at == len(text):
            return tuple(reversed(rdns))
        at += 1


def _attribute(text: str, at: int, *, bare_specials: bool) -> tuple[Attribute, int]:
    """Read ``type=value`` at ``at``; the position returned is that of the separator, or the end."""
    match = _TYPE.match(text, at)
    if match is None:
        raise ValueError(f"at character {at + 1}: an attribute type and = belong here, such as CN=")
    oid, name = match["oid"], match["name"]
    if oid is None:
        oid = UNDERSTOOD.get(name.lower())
    at = match.end()
    value: str | bytes
    if text[at : at + 1] == "#":
        value, at = _hex_value(text, at)
    else:
        value, at = _string_value(text, at, bare_specials=bare_specials)
    return Attribute(oid, match["oid"] or name, value), at


def _hex_value(text: str, at: int) -> tuple[str | bytes, int]:
    match = _HEX_VALUE.match(text, at)
    if match is None:
        raise ValueError(f"at character {at + 1}: # begins pairs of hex digits and nothing else; write \\# for itself")
    try:
        value = _decode(bytes.fromhex(match["hex"]))
    except ValueError as error:
        raise ValueError(f"at character {at + 1}: the hex value is not the DER of a string ({error})") from error
    return value, match.end()


def _decode(element: bytes) -> str | bytes:
    if element[0] == der.BIT_STRING:
        return der.sole_element(element, der.BIT_STRING)
    encoding = _TEXT_ENCODINGS.get(element[0])
    if encoding is None:
        raise ValueError(f"tag 0x{element[0]:02x} is no string")
    return der.sole_element(element, element[0]).decode(encoding)


def _string_value(text: str, at: int, *, bare_specials: bool) -> tuple[str, int]:
    """Read a value with its escapes. Spaces at its ends count only when escaped (RFC 4514 §2.4)."""
    out = bytearray()
    kept = 0
    while at < len(text) and text[at] not in ",+":
        if text[at] == "\\":
            octets, at = _escapes(text, at)
            out += octets
            kept = len(out)
        elif plain := _PLAIN.match(text, at):
            if stripped := plain[0].rstrip(" "):
                kept = len(out) + len(stripped.encode("utf-8", "surrogatepass"))
            out += plain[0].encode("utf-8", "surrogatepass")
            at = plain.end()
        elif bare_specials:
            out += text[at].encode()
            at += 1
            kept = len(out)
        else:
            raise ValueError(f"at character {at + 1}: {text[at]} must be written \\{text[at]}")
    try:
        return out[:kept].decode(), at
    except UnicodeDecodeError as error:
        raise ValueError(f"before character {at + 1}: the value is not UTF-8") from error


def _escapes(text: str, at: int) -> tuple[bytes, int]:
    """Read as many escapes of one sort as follow each other, in one go."""
    if pairs := _HEX_PAIRS.match(text, at):
        return bytes.fromhex(pairs[0].replace("\\", "")), pairs.end()
    if escaped := _ESCAPED.match(text, at):
        return escaped[0][1::2].encode(), escaped.end()
    raise ValueError(f"at character {at + 1}: \\ must be followed by a special character or two hex digits")
