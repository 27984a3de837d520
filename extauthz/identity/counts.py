"""How many things one certificate may hold: looked at in the raw DER, before anything becomes an object.

The library makes an object of some hundred bytes of an entry that takes three in the certificate, and every rule walks
the entries. So a certificate that holds more than any real one is refused first, by counting tags; the walk ends one
beyond the limit.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from extauthz.identity import der
from extauthz.identity.refusal import too_large
from extauthz.identity.structure import Structure

MAX_NAME_BYTES: Final = 8 * 1024
"""Of an issuer or subject in DER: ``MAX_NAME_ATTRIBUTES`` of 128 octets. Whole real names have a few hundred octets;
their comparison forms are worked out, and their texts parsed again, before anything is known of who presents them."""
MAX_NAME_ATTRIBUTES: Final = 64
"""Of an issuer or subject. Real names have up to a dozen; an AD name with every container spelt out has some twenty."""
MAX_EXTENSIONS: Final = 100
"""Real certificates have about ten, those with everything that RFC 5280 and the vendors know fewer than thirty."""
MAX_SUBJECT_ALT_NAMES: Final = 1_000
"""Every rule looks at every name; real certificates hold a few, the largest shared ones some hundred."""
MAX_EXTENDED_KEY_USAGES: Final = 100
"""Some forty purposes are registered at all; real certificates assert one to five."""
MAX_POLICIES: Final = 100
"""Real certificates assert one to ten; the bridge CAs of governments, with the most, some forty."""
MAX_DIRECTORY_ATTRIBUTES: Final = 256
"""In all directoryName entries of a subjectAltName together: each costs as much as one of the subject."""
MAX_LISTING_BYTES: Final = 16 * 1024
"""Of all extensions together that the library turns into lists of objects and that nobody here needs from a leaf. The
largest real ones, the name constraints of bridge CAs, have a few KiB. Extensions of other types stay bytes, which
cost nothing: certificates that carry attestation evidence have large ones."""


class _Limit(NamedTuple):
    stage: str
    most: int
    what: str


_SUBJECT_ALT_NAME: Final = bytes.fromhex("551d11")
_LISTS: Final[dict[bytes, _Limit]] = {
    _SUBJECT_ALT_NAME: _Limit("extensions: subjectAltName", MAX_SUBJECT_ALT_NAMES, "names"),
    bytes.fromhex("551d25"): _Limit("extensions: extKeyUsage", MAX_EXTENDED_KEY_USAGES, "purposes"),
    bytes.fromhex("551d20"): _Limit("extensions: certificatePolicies", MAX_POLICIES, "policies"),
}
"""Content of the extension's OID -> how many entries its SEQUENCE OF may have."""
_DIRECTORY_NAME: Final = 0xA4
_LEAST_BYTES: Final = 2
"""Of anything in DER: a tag and a length."""
_UNSUSPICIOUS_BYTES: Final = _LEAST_BYTES * min(MAX_EXTENDED_KEY_USAGES, MAX_POLICIES)
"""In an extension that is no longer, there is not room for too many of anything."""
_LISTINGS: Final = frozenset(
    {
        bytes.fromhex("551d12"),  # issuerAltName
        bytes.fromhex("551d1e"),  # nameConstraints
        bytes.fromhex("551d1f"),  # cRLDistributionPoints
        bytes.fromhex("551d20"),  # certificatePolicies, with their qualifiers
        bytes.fromhex("551d2e"),  # freshestCRL
        bytes.fromhex("2b06010505070101"),  # authorityInfoAccess
        bytes.fromhex("2b0601050507010b"),  # subjectInfoAccess
    }
)


def extension_headers(extensions: bytes) -> list[tuple[int, int, int]]:
    """Return the headers of up to one extension more than are allowed. ValueError for what cannot be walked."""
    if not extensions:
        return []
    _, start, stop = der.element(extensions, 0, len(extensions))
    return der.children(extensions, start, stop, MAX_EXTENSIONS + 1)


def require_usual_counts(structure: Structure, headers: Sequence[tuple[int, int, int]] | None = None) -> None:
    """Raise ``DecodeError`` (``certificate_too_large``) for a certificate that holds too many of something.

    What cannot be walked is passed over here: the library refuses it, and says better what is wrong. ``headers``: those
    of the extensions, if they have been walked.
    """
    if headers is None:
        try:
            headers = extension_headers(structure.extensions)
        except ValueError:
            headers = []
    for stage, name in (("subject", structure.subject), ("issuer", structure.issuer)):
        if len(name) > MAX_NAME_BYTES:
            raise too_large(stage, f"{len(name)} bytes; at most {MAX_NAME_BYTES} are read")
        if len(name) > MAX_NAME_ATTRIBUTES * _LEAST_BYTES:
            _require(_Limit(stage, MAX_NAME_ATTRIBUTES, "attributes"), _attributes(name))
    if len(headers) > MAX_EXTENSIONS:
        raise too_large("extensions", f"more than {MAX_EXTENSIONS} extensions")
    extensions = structure.extensions
    if len(extensions) > MAX_LISTING_BYTES or _longest(headers) > _UNSUSPICIOUS_BYTES:
        _require_usual_extensions(extensions, headers)


def _require_usual_extensions(extensions: bytes, headers: Sequence[tuple[int, int, int]]) -> None:
    listings = 0
    for oid, value in _values(extensions, headers):
        if (limit := _LISTS.get(oid)) is not None:
            _require(limit, _entries(value, limit.most))
        if oid == _SUBJECT_ALT_NAME:
            what = "attributes in directoryNames"
            _require(_Limit("extensions: subjectAltName", MAX_DIRECTORY_ATTRIBUTES, what), _directory_attributes(value))
        if oid in _LISTINGS:
            listings += len(value)
    _require(_Limit("extensions", MAX_LISTING_BYTES, "bytes of names, addresses and policies"), listings)


def _longest(headers: Iterable[tuple[int, int, int]]) -> int:
    return max([end - at for _, at, end in headers], default=0)


def _require(limit: _Limit, count: int) -> None:
    if count > limit.most:
        raise too_large(limit.stage, f"more than {limit.most} {limit.what}")


def _entries(sequence: bytes, most: int) -> int:
    """Count the elements of a SEQUENCE OF, up to one more than ``most``."""
    try:
        _, start, stop = der.element(sequence, 0, len(sequence))
        return len(der.children(sequence, start, stop, most + 1))
    except ValueError:
        return 0


def _attributes(name: bytes) -> int:
    """Count the attributes in all RDNs of a name, up to about twice as many as are allowed."""
    count = 0
    try:
        _, start, stop = der.element(name, 0, len(name))
        for _, rdn_start, rdn_stop in der.children(name, start, stop, MAX_NAME_ATTRIBUTES + 1):
            count += len(der.children(name, rdn_start, rdn_stop, MAX_NAME_ATTRIBUTES + 1))
            if count > MAX_NAME_ATTRIBUTES:
                break
    except ValueError:
        pass
    return count


def _directory_attributes(names: bytes) -> int:
    try:
        _, start, stop = der.element(names, 0, len(names))
        entries = der.children(names, start, stop, MAX_SUBJECT_ALT_NAMES)
    except ValueError:
        return 0
    return sum(_attributes(names[at:end]) for tag, at, end in entries if tag == _DIRECTORY_NAME)


def _values(extensions: bytes, headers: Iterable[tuple[int, int, int]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (content of the OID, value) of each extension."""
    try:
        for _, extension_start, extension_stop in headers:
            parts = der.children(extensions, extension_start, extension_stop, 3)
            (_, oid_start, oid_stop), (_, value_start, value_stop) = parts[0], parts[-1]
            yield extensions[oid_start:oid_stop], extensions[value_start:value_stop]
    except (ValueError, IndexError):  # IndexError: an extension without content
        return
