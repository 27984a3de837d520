"""Extensions as tests give them, and as they are encoded."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from cryptography import x509

from support import der

ExtensionSpec = x509.ExtensionType | tuple[x509.ExtensionType, bool] | bytes
"""A value (not critical), a value with its criticality, or a whole ``Extension`` in DER."""

CLIENT_AUTH: Final = "1.3.6.1.5.5.7.3.2"
SERVER_AUTH: Final = "1.3.6.1.5.5.7.3.1"
UPN_OID: Final = "1.3.6.1.4.1.311.20.2.3"

_KEY_USAGE_BITS: Final = (
    "digitalSignature",
    "contentCommitment",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)


def encode(spec: ExtensionSpec) -> bytes:
    """Return the DER of one extension."""
    if isinstance(spec, bytes):
        return spec
    value, critical = spec if isinstance(spec, tuple) else (spec, False)
    return der.extension(value.oid.dotted_string, value.public_bytes(), critical=critical)


def key_usage(names: Sequence[str], *, critical: bool = True) -> bytes:
    """Return a keyUsage extension by RFC 5280 names; no names make an empty bit string."""
    numbers = [_KEY_USAGE_BITS.index(name) for name in names]
    value = der.tlv(der.BIT_STRING, b"\0")
    if numbers:
        word = sum(1 << (15 - number) for number in numbers).to_bytes(2, "big")
        content = word if max(numbers) > 7 else word[:1]
        value = der.tlv(der.BIT_STRING, bytes((7 - max(numbers) % 8,)) + content)
    return der.extension("2.5.29.15", value, critical=critical)


def extended_key_usage(oids: Iterable[str], *, critical: bool = False) -> bytes:
    return der.extension("2.5.29.37", der.sequence(*(der.oid(one) for one in oids)), critical=critical)


def certificate_policies(oids: Iterable[str]) -> bytes:
    return der.extension("2.5.29.32", der.sequence(*(der.sequence(der.oid(one)) for one in oids)))


def basic_constraints(*, ca: bool, path_length: int | None = None) -> bytes:
    length = der.integer(path_length) if path_length is not None else b""
    return der.extension("2.5.29.19", der.sequence(der.boolean(True) if ca else b"", length), critical=True)


def other_name(dotted: str, value: bytes) -> bytes:
    """Return an otherName GeneralName around a whole DER value."""
    return der.context(0, der.oid(dotted) + der.context(0, value))


def upn(text: str) -> bytes:
    return other_name(UPN_OID, der.utf8(text))


def general_names(
    *,
    dns: Iterable[str] = (),
    uris: Iterable[str] = (),
    emails: Iterable[str] = (),
    ips: Iterable[str] = (),
    upns: Iterable[str] = (),
    directory: Iterable[x509.Name] = (),
) -> list[bytes]:
    """GeneralNames in DER, any text allowed (UTF-8); an IP with ``/`` is the address and mask of a constraint."""
    names = [der.context(2, one.encode(), constructed=False) for one in dns]
    names += [der.context(6, one.encode(), constructed=False) for one in uris]
    names += [der.context(1, one.encode(), constructed=False) for one in emails]
    for one in ips:
        packed = ip_network(one).network_address.packed + ip_network(one).netmask.packed if "/" in one else None
        names.append(der.context(7, packed or ip_address(one).packed, constructed=False))
    names += [upn(one) for one in upns]
    names += [der.context(4, one.public_bytes()) for one in directory]
    return names


def subject_alt_name(names: Iterable[bytes], *, critical: bool = False) -> bytes:
    return der.extension("2.5.29.17", der.sequence(*names), critical=critical)
