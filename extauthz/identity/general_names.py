"""subjectAltName entries as typed text (RFC 5280 §4.2.1.6).

Every entry must say something and say it cleanly: an empty name, a non-ASCII IA5String, an address of another length,
a user principal name that is not one UTF8String, or a forbidden character refuses the whole certificate, because a
rule that skips what it cannot read would decide about another certificate than the one presented.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

from cryptography import x509

from extauthz.identity import der
from extauthz.identity.hygiene import require_clean
from extauthz.identity.names import read_name
from extauthz.identity.refusal import malformed
from extauthz.model.identity import SubjectAltName

STAGE: Final = "extensions: subjectAltName"

USER_PRINCIPAL_NAME: Final = "1.3.6.1.4.1.311.20.2.3"
"""Microsoft's otherName type: a UTF8String ``prefix@suffix``."""


def read_general_names(names: x509.SubjectAlternativeName) -> tuple[SubjectAltName, ...]:
    """Read every entry in order (``counts`` has bounded them). Raises ``DecodeError`` (``certificate_malformed``)."""
    return tuple([SubjectAltName(*_READERS[type(entry)](entry)) for entry in names])


def _dns(name: x509.DNSName) -> tuple[str, str]:
    return "dns", _ascii(name.value, "dNSName")


def _uri(name: x509.UniformResourceIdentifier) -> tuple[str, str]:
    return "uri", _ascii(name.value, "uniformResourceIdentifier")


def _email(name: x509.RFC822Name) -> tuple[str, str]:
    return "email", _ascii(name.value, "rfc822Name")


def _registered_id(name: x509.RegisteredID) -> tuple[str, str]:
    return "rid", name.value.dotted_string


def _ascii(value: str, what: str) -> str:
    """Check one IA5String (RFC 5280 §4.2.1.6); a single space is the other empty name, which the RFC forbids too."""
    if not value.strip(" "):
        raise malformed(STAGE, f"an empty {what}")
    if not value.isascii():
        raise malformed(STAGE, f"a {what} with characters outside ASCII")
    require_clean(value, f"a {what}", STAGE)
    return value


def _ip(name: x509.IPAddress) -> tuple[str, str]:
    """Print an address in one form on every Python: before 3.13, IPv4-mapped IPv6 was printed without dots."""
    address = name.value
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return "ip", f"::ffff:{address.ipv4_mapped}"
    if isinstance(address, IPv4Address | IPv6Address):
        return "ip", str(address)
    raise malformed(STAGE, "an iPAddress with a mask, which belongs in name constraints only")


def _directory_name(name: x509.DirectoryName) -> tuple[str, str]:
    reading = read_name(name.value)
    if not reading.attributes:
        raise malformed(STAGE, "an empty directoryName")
    for oid, value in reading.attributes:
        if isinstance(value, str):
            require_clean(value, f"attribute {oid} of a directoryName", STAGE)
    return "dirname", reading.dn


def _other_name(name: x509.OtherName) -> tuple[str, str]:
    """Read a user principal name as text; the value of any other type is the lower-case hex of its DER."""
    dotted = name.type_id.dotted_string
    if dotted != USER_PRINCIPAL_NAME:
        return f"othername:{dotted}", name.value.hex()
    what = "a user principal name"
    try:
        text = der.sole_element(name.value, der.UTF8_STRING).decode()
    except ValueError as error:
        raise malformed(STAGE, f"{what} is not one UTF8String ({error})") from None
    if not text.strip(" "):
        raise malformed(STAGE, f"{what} is empty")
    require_clean(text, what, STAGE)
    return "upn", text


_READERS: Final[dict[type[x509.GeneralName], Callable[[Any], tuple[str, str]]]] = {
    x509.DNSName: _dns,
    x509.UniformResourceIdentifier: _uri,
    x509.RFC822Name: _email,
    x509.IPAddress: _ip,
    x509.OtherName: _other_name,
    x509.DirectoryName: _directory_name,
    x509.RegisteredID: _registered_id,
}
"""Every type that the library decodes (x400Address and ediPartyName it refuses), to (type, value) as text."""
