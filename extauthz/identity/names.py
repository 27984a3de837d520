"""Distinguished names: their text (RFC 4514) and the form in which they are compared (RFC 5280 §7.1).

Two producers never print one name alike, so names are compared by ``NameKey``, never by their text.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple, NewType

from cryptography import x509

from extauthz.identity import der
from extauthz.identity.attribute_types import PRINTED
from extauthz.identity.dn_text import Rdn, parse_dn

NameKey = NewType("NameKey", str)
"""Equal for names that RFC 5280 §7.1 calls the same, and unequal for all others. Not for display."""

_SPECIAL: Final = re.compile(r'[\\",+;<>\x00-\x1f\x7f]|\A[ #]| \Z')
"""What RFC 4514 §2.4 escapes: these characters anywhere, a space or # at the start, a space at the end; and control
characters, so that a name makes one line wherever it is printed."""

_LONGEST_NORMALIZED: Final = 128
"""Normalizing takes time quadratic in a run of combining characters: 20 microseconds for this many, 1.2 milliseconds
for 1,024. RFC 5280 appendix A.1 allows a localityName this many characters and most others 64; a longer value than
this is compared as it is, which is stricter."""


class NameReading(NamedTuple):
    """One name, read in one pass."""

    dn: str
    key: NameKey
    attributes: tuple[tuple[str, str | bytes], ...]
    """(dotted OID, value) in encoded order, RDNs flattened."""


def read_name(name: x509.Name) -> NameReading:
    """Read a name that the library has decoded: text, comparison form and attributes."""
    return joined([read_pairs(_pairs(rdn)) for rdn in name.rdns])


class RdnReading(NamedTuple):
    """One RDN of a name."""

    text: str
    key: str
    attributes: tuple[tuple[str, str | bytes], ...]


def read_pairs(pairs: Sequence[tuple[str, str | bytes]]) -> RdnReading:
    """Read an RDN, given (dotted OID, value) of each of its attributes."""
    return RdnReading("+".join([_attribute_text(*one) for one in pairs]), _rdn_key(pairs), tuple(pairs))


def joined(rdns: Sequence[RdnReading]) -> NameReading:
    """Make a name of its RDNs, which are in encoded order."""
    return NameReading(
        ",".join([rdn.text for rdn in reversed(rdns)]),
        NameKey("".join([rdn.key for rdn in rdns])),
        tuple([one for rdn in rdns for one in rdn.attributes]),
    )


def dn_text(name: x509.Name) -> str:
    """Print a name by RFC 4514, the last RDN first.

    Attribute types beyond the nine of RFC 4514 §3 are printed as dotted OIDs with their value as text, where the RFC
    would have ``#hex``: readers of the format take both, and people can read only this one.
    """
    return read_name(name).dn


def name_key(name: x509.Name) -> NameKey:
    """Return the comparison form of a name.

    RFC 5280 §7.1: same number and order of RDNs; within an RDN the same set of attributes; values the same without
    regard to case, Unicode compatibility form (NFKC), string type, and the number of inner and outer spaces.
    Characters that RFC 4518 §2.2 deletes (soft hyphen, joiners) are kept: that is the stricter reading.
    """
    return NameKey("".join([_rdn_key(_pairs(rdn)) for rdn in name.rdns]))


def name_key_from_string(rfc4514: str) -> NameKey:
    """Return the comparison form of a name in RFC 4514 text, such as ``CN=Issuing CA,O=Example``.

    Attribute types are dotted OIDs or short names in any case (``emailAddress``, ``E``, ``SN``, …). Raises
    ``ValueError`` with a sentence for whoever wrote the text.
    """
    return NameKey("".join([_rdn_key(_known(rdn)) for rdn in parse_dn(rfc4514)]))


def canonical_dn(rfc4514: str) -> str:
    """Return an RFC 4514 name in the one spelling that is compared exactly: values as they are, letter case included.

    Spaces after separators, the spelling of attribute types and the order inside a multi-valued RDN do not count.
    Raises ``ValueError`` with a sentence for whoever wrote the text.
    """
    rdns = [sorted([_attribute_text(oid, value) for oid, value in _known(rdn)]) for rdn in parse_dn(rfc4514)]
    return ",".join(["+".join(attributes) for attributes in reversed(rdns)])


def _pairs(rdn: x509.RelativeDistinguishedName) -> list[tuple[str, str | bytes]]:
    """Return (dotted OID, value) of each attribute of an RDN that the library has decoded."""
    return [(attribute.oid.dotted_string, attribute.value) for attribute in rdn]


def _known(rdn: Rdn) -> list[tuple[str, str | bytes]]:
    """Return (dotted OID, value) of each attribute of an RDN read from text."""
    pairs = []
    for attribute in rdn:
        if attribute.oid is None:
            raise ValueError(f"the attribute type {attribute.name} is not known; write its dotted OID")
        pairs.append((attribute.oid, attribute.value))
    return pairs


def _attribute_text(oid: str, value: str | bytes) -> str:
    return f"{PRINTED.get(oid, oid)}={_escaped(value)}"


def _rdn_key(pairs: Sequence[tuple[str, str | bytes]]) -> str:
    """Write the set of attributes so that no value can look like a separator: every value goes with its length."""
    if len(pairs) == 1:
        return f"1;{_attribute_key(*pairs[0])}"
    return f"{len(pairs)};{''.join(sorted([_attribute_key(oid, value) for oid, value in pairs]))}"


def _attribute_key(oid: str, value: str | bytes) -> str:
    if isinstance(value, bytes):
        return f"{oid}#{len(value)}:{value.hex()}"
    prepared = _prepared(value)
    return f"{oid}={len(prepared)}:{prepared}"


def _prepared(value: str) -> str:
    if not value.isascii():
        if len(value) > _LONGEST_NORMALIZED:
            return value
        # Compatibility forms may unfold into capitals, and case folding may leave composed characters apart.
        folded = unicodedata.normalize("NFKC", value).casefold()
        value = unicodedata.normalize("NFKC", folded)
    return " ".join(value.lower().split())


def _escaped(value: str | bytes) -> str:
    """Escape by RFC 4514 §2.4. ``bytes`` are the content of a BIT STRING, printed as ``#`` and the hex of its DER."""
    if isinstance(value, bytes):
        return f"#{der.encoded(der.BIT_STRING, value).hex()}"
    return _SPECIAL.sub(_escape, value) if _SPECIAL.search(value) is not None else value


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{character}" if character.isprintable() else f"\\{ord(character):02X}"
