"""subjectAltName as nearly every certificate has it, read without an object of the library for each name.

Only what the library would read the very same way is read here: dNSName, rfc822Name and uniformResourceIdentifier that
are clean ASCII, and otherName that holds a user principal name or a FASC-N. For everything else there is no answer:
then the library is asked, which knows every form and says what is wrong with a broken one.
"""

from typing import Final

from extauthz.identity import der
from extauthz.identity.fasc_n import FASC_N_OID
from extauthz.identity.general_names import USER_PRINCIPAL_NAME
from extauthz.model.identity import SubjectAltName

_TEXTS: Final = {0x81: "email", 0x82: "dns", 0x86: "uri"}
_CONTEXT_0: Final = 0xA0
"""Both the tag of an otherName and that of the value in it."""
_OTHERS: Final = {
    bytes.fromhex("2b060104018237140203"): USER_PRINCIPAL_NAME,
    bytes.fromhex("6086480165030606"): FASC_N_OID,
}
"""Content of the OID -> its dotted form."""


def read_usual_alternatives(value: bytes) -> tuple[SubjectAltName, ...]:
    """Read the value of a subjectAltName extension in order. ValueError where the library has to be asked."""
    content = der.sole_element(value, der.SEQUENCE)
    names = [_name(tag, content[start:stop]) for tag, start, stop in der.children(content, 0, len(content), len(value))]
    if not names:
        raise ValueError("no name")
    return tuple(names)


def _name(tag: int, content: bytes) -> SubjectAltName:
    """Read one name. ValueError for what is not read here."""
    kind = _TEXTS.get(tag)
    if kind is None:
        return _other_name(tag, content)
    return SubjectAltName(kind, _clean(content.decode("ascii")))


def _clean(text: str) -> str:
    if not text.isprintable() or not text.strip(" "):
        raise ValueError("a text that is empty or not clean")
    return text


def _other_name(tag: int, content: bytes) -> SubjectAltName:
    if tag != _CONTEXT_0:
        raise ValueError("a form of name that is not read here")
    oid, explicit = der.children(content, 0, len(content), 3)  # ValueError for another number of them
    dotted = _OTHERS.get(content[oid[1] : oid[2]])
    if oid[0] != der.OID or dotted is None or explicit[0] != _CONTEXT_0:
        raise ValueError("an otherName that is not read here")
    value = content[explicit[1] : explicit[2]]
    if dotted == USER_PRINCIPAL_NAME:
        return SubjectAltName("upn", _clean(der.sole_element(value, der.UTF8_STRING).decode()))
    der.sole_element(value, der.OCTET_STRING)
    return SubjectAltName(f"othername:{dotted}", value.hex())
