"""Subjects that trip up whatever prints, quotes or compares names: DER, and the text that RFC 4514 gives each."""

from typing import Final

from support import der

O, OU, CN, C, ST, L = "2.5.4.10", "2.5.4.11", "2.5.4.3", "2.5.4.6", "2.5.4.8", "2.5.4.7"  # noqa: E741  (RFC 4514's names)
DC, UID = "0.9.2342.19200300.100.1.25", "0.9.2342.19200300.100.1.1"
EMAIL, SERIAL, STREET, TITLE = "1.2.840.113549.1.9.1", "2.5.4.5", "2.5.4.9", "2.5.4.12"
GIVEN, SURNAME, QUALIFIER, PSEUDONYM = "2.5.4.42", "2.5.4.4", "2.5.4.46", "2.5.4.65"
ORGANIZATION_ID, JURISDICTION, PRIVATE = "2.5.4.97", "1.3.6.1.4.1.311.60.2.1.3", "1.2.3.4.5"


def attribute(oid: str, value: str | bytes, tag: int = der.UTF8) -> tuple[str, bytes]:
    """One attribute; ``bytes`` are the content as it is."""
    return oid, der.tlv(tag, value if isinstance(value, bytes) else value.encode())


def subject(*rdns: tuple[tuple[str, bytes], ...] | tuple[str, bytes]) -> bytes:
    """Return a name in encoded order; an RDN is one attribute or a tuple of them."""
    return der.name(*(der.rdn(one) if isinstance(one[0], str) else der.rdn(*one) for one in rdns))


NAMES: Final[dict[str, tuple[bytes, str]]] = {
    "plain": (subject(attribute(O, "Example"), attribute(CN, "alice")), "CN=alice,O=Example"),
    "quotes and commas": (
        subject(attribute(O, 'Lab, "Inc"'), attribute(CN, "alice=1")),
        r"CN=alice=1,O=Lab\, \"Inc\"",
    ),
    "every special": (subject(attribute(CN, 'a;b<c>d\\e+f=g#h"i,j')), r"CN=a\;b\<c\>d\\e\+f=g#h\"i\,j"),
    "a backslash at the end": (subject(attribute(CN, "a\\")), r"CN=a\\"),
    "spaces at both ends": (subject(attribute(OU, "  two "), attribute(CN, " one  ")), r"CN=\ one \ ,OU=\  two\ "),
    "one space": (subject(attribute(CN, " ")), r"CN=\ "),
    "three spaces": (subject(attribute(CN, "   ")), r"CN=\  \ "),
    "a hash first": (subject(attribute(CN, "#1")), r"CN=\#1"),
    "percent signs": (subject(attribute(CN, "100% %41 %zz %")), "CN=100% %41 %zz %"),
    "looks like xfcc": (
        subject(attribute(CN, 'x",Hash=00;Cert="y";URI=z')),
        r"CN=x\"\,Hash=00\;Cert=\"y\"\;URI=z",
    ),
    "umlauts": (subject(attribute(O, "Größe GmbH"), attribute(CN, "Zoë")), "CN=Zoë,O=Größe GmbH"),
    "letters from right to left": (subject(attribute(CN, "אבג علي")), "CN=אבג علي"),
    "emoji": (subject(attribute(CN, "😀👩‍🚀")), "CN=😀👩‍🚀"),
    "combining marks": (subject(attribute(CN, "e\u0301\u0323")), "CN=e\u0301\u0323"),
    "a no-break space": (subject(attribute(CN, "a\u00a0b")), "CN=a\u00a0b"),
    "several values in one rdn": (
        subject(attribute(O, "Example"), (attribute(CN, "a"), attribute(UID, "u1"), attribute(OU, "x"))),
        "",  # the order within a SET is the encoding's, so only the client's passing counts
    ),
    "one type twice in one rdn": (subject((attribute(CN, "a"), attribute(CN, "b"))), ""),
    "one type in two rdns": (subject(attribute(CN, "a"), attribute(CN, "b")), "CN=b,CN=a"),
    "rfc 4514's own types": (
        subject(
            attribute(DC, "example", der.IA5),
            attribute(C, "DE", der.PRINTABLE),
            attribute(ST, "Bayern"),
            attribute(L, "Bad Tölz"),
            attribute(STREET, "Weg 1"),
            attribute(UID, "u1"),
        ),
        "UID=u1,STREET=Weg 1,L=Bad Tölz,ST=Bayern,C=DE,DC=example",
    ),
    "types with other short names": (
        subject(
            attribute(SERIAL, "123-4", der.PRINTABLE),
            attribute(EMAIL, "a@b.example", der.IA5),
            attribute(TITLE, "Dr"),
            attribute(GIVEN, "Zoë"),
            attribute(SURNAME, "Ng"),
            attribute(QUALIFIER, "q", der.PRINTABLE),
            attribute(PSEUDONYM, "zed"),
        ),
        "2.5.4.65=zed,2.5.4.46=q,2.5.4.4=Ng,2.5.4.42=Zoë,2.5.4.12=Dr,1.2.840.113549.1.9.1=a@b.example,2.5.4.5=123-4",
    ),
    "types without a short name": (
        subject(
            attribute(ORGANIZATION_ID, "VATDE-1"),
            attribute(JURISDICTION, "DE", der.PRINTABLE),
            attribute(PRIVATE, 'own, "type"'),
        ),
        r"1.2.3.4.5=own\, \"type\",1.3.6.1.4.1.311.60.2.1.3=DE,2.5.4.97=VATDE-1",
    ),
    "a bit string": (
        subject(attribute(CN, "a"), attribute("2.5.4.45", b"\0\x01\x02", der.BIT_STRING)),
        "2.5.4.45=#0303000102,CN=a",
    ),
    "bmp string": (subject(attribute(CN, "Zoë 日本".encode("utf-16-be"), der.BMP)), "CN=Zoë 日本"),
    "bmp string of an unknown type": (subject(attribute(PRIVATE, "ab".encode("utf-16-be"), der.BMP)), "1.2.3.4.5=ab"),
    "universal string": (subject(attribute(CN, "Zoë😀".encode("utf-32-be"), der.UNIVERSAL)), "CN=Zoë😀"),
    "ascii in a t61 string": (subject(attribute(CN, "abc", der.T61)), "CN=abc"),
    "numeric string": (subject(attribute(CN, "12 3", der.NUMERIC)), "CN=12 3"),
    "an empty value": (subject(attribute(O, "Example"), attribute(CN, "")), "CN=,O=Example"),
    "no subject at all": (subject(), ""),
    "very long": (
        subject(*(attribute(OU, f"{number:03}" + "x" * 60) for number in range(60)), attribute(CN, "long")),
        "CN=long," + ",".join(f"OU={number:03}" + "x" * 60 for number in reversed(range(60))),
    ),
}
"""What a client may be called. Every one of them must be let in under its own name."""

REFUSED: Final[dict[str, bytes]] = {
    "a line break": subject(attribute(CN, "a\nb")),
    "carriage return and a header": subject(attribute(CN, "a\r\nx-admin: true")),
    "nul": subject(attribute(CN, "alice\0.evil.example")),
    "delete": subject(attribute(CN, "a\x7fb")),
    "a c1 control": subject(attribute(CN, "a\u0085b")),
    "right-to-left override": subject(attribute(CN, "ecila\u202e")),
    "a bidirectional isolate": subject(attribute(CN, "a\u2066b")),
}
"""What no name may hold: it would lie to whoever reads it."""
