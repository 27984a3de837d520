"""directoryName constraints: the first RDNs of a name, compared by RFC 5280 §7.1."""

from collections.abc import Iterable

from cryptography import x509

from extauthz.identity.names import NameKey, name_key

RdnKeys = tuple[NameKey, ...]
"""The comparison forms of the RDNs of one name, in encoded order."""


def rdn_keys(name: x509.Name) -> RdnKeys:
    """Return the comparison form of each RDN."""
    return tuple(name_key(x509.Name([rdn])) for rdn in name.rdns)


class DirectoryTrees:
    """A set of directory subtrees."""

    __slots__ = ("_roots",)

    def __init__(self, constraints: Iterable[x509.Name]) -> None:
        """Take the names at the top of the subtrees; one without RDNs is the whole directory."""
        self._roots = frozenset(rdn_keys(one) for one in constraints)

    def permit(self, value: RdnKeys) -> bool:
        """Say whether a name lies within one of the subtrees."""
        return any(value[:length] in self._roots for length in range(len(value) + 1))

    exclude = permit
