r"""What a proxy said about the certificate beside handing it over, compared with the certificate (XFCC).

The claims never become an identity. They are compared because a proxy whose words and certificate disagree is
misconfigured, or somebody else wrote the header.

Subject and Issuer are the text that BoringSSL prints with ``XN_FLAG_RFC2253``: reversed, other short names than RFC
4514 has, ``\XX`` for bytes outside ASCII, ``#hex`` for types that it does not know. So they are parsed and compared
attribute by attribute, exactly in value; one text is never compared with another. A T61String with bytes outside ASCII
counts as a disagreement, since BoringSSL reads it as Latin-1 and the certificate library as UTF-8.
"""

from collections import Counter
from typing import Final

from extauthz.identity.certificate import Certificate
from extauthz.identity.dn_text import Rdn, parse_dn
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import Claims

_LONGEST_RATIO: Final = 16
_LONGEST_NAMES: Final = 4 * 1024
"""A claimed subject of more than ``_LONGEST_RATIO`` characters for each of the certificate's own, and these beside
them, is not looked at: parsing takes half a microsecond a character, and whoever wrote the header chose how many there
are. A character outside the BMP is claimed in twelve (four ``\\XX``), and 64 attributes may have short names there that
are longer than ours."""

_TWO_MEANINGS: Final = frozenset({"uid"})
"""OpenSSL writes ``UID`` for userId and ``uid`` for another type, uniqueIdentifier; elsewhere case does not count."""


def compare_claims(certificate: Certificate, claims: Claims) -> Outcome:
    """Compare what was claimed; what was not claimed is not compared. A disagreement is ``source_inconsistent``."""
    identity = certificate.identity
    compared = []
    if claims.subject is not None:
        if (why := _name_differs("Subject", claims.subject, identity.subject_dn)) is not None:
            return _inconsistent(why)
        compared.append("Subject")
    if claims.issuer is not None:
        if (why := _name_differs("Issuer", claims.issuer, identity.issuer_dn)) is not None:
            return _inconsistent(why)
        compared.append("Issuer")
    if claims.uris:
        if not _uris_agree(claims.uris, identity.uris):
            return _inconsistent("the claimed URI is not what the certificate has")
        compared.append("URI")
    if claims.dns_names:
        if Counter(claims.dns_names) != Counter(identity.dns_names):
            return _inconsistent("the claimed DNS names are not those of the certificate")
        compared.append("DNS")
    return Pass(f"{', '.join(compared)} as in the certificate" if compared else "nothing was claimed")


def _inconsistent(why: str) -> Fail:
    return Fail(Reason.SOURCE_INCONSISTENT, why)


def _name_differs(which: str, claimed: str, actual: str) -> str | None:
    """Return why the claimed name is another than the certificate's (RFC 4514), or None. ``which`` is for people."""
    if len(claimed) > _LONGEST_RATIO * len(actual) + _LONGEST_NAMES:
        return f"the claimed {which} has {len(claimed)} characters, far more than the certificate's"
    try:
        # A reader of XFCC may have taken the backslash away from \", so a bare quote must do.
        claimed_rdns = parse_dn(claimed, bare_specials=True)
    except ValueError as error:
        return f"the claimed {which} cannot be read: {error}"
    try:
        actual_rdns = parse_dn(actual)
    except ValueError as error:  # it is printed here, so it can be read; hostile bytes must not depend on that
        return f"the certificate's own {which.lower()} cannot be read again: {error}"
    if len(claimed_rdns) != len(actual_rdns):
        return f"the claimed {which} has {len(claimed_rdns)} RDNs, the certificate's has {len(actual_rdns)}"
    for number, (claimed_rdn, actual_rdn) in enumerate(zip(claimed_rdns, actual_rdns, strict=True), start=1):
        if not _same_rdn(claimed_rdn, actual_rdn):
            return f"the claimed {which} differs from the certificate's in RDN {number} of {len(actual_rdns)}"
    return None


def _same_rdn(claimed: Rdn, actual: Rdn) -> bool:
    """Compare as sets: first the attributes of known type by type and value, then the rest by value alone."""
    rest = Counter((attribute.oid, attribute.value) for attribute in actual)
    unnamed: Counter[str | bytes] = Counter()
    for attribute in claimed:
        if attribute.oid is None or attribute.name in _TWO_MEANINGS:
            unnamed[attribute.value] += 1
        else:
            rest[attribute.oid, attribute.value] -= 1
    if any(number < 0 for number in rest.values()):
        return False
    return unnamed == Counter(value for (_, value) in rest.elements())


def _uris_agree(claimed: tuple[str, ...], actual: tuple[str, ...]) -> bool:
    """Compare as proxies claim: every URI, or the first alone; an empty claim says that there is none."""
    stated = tuple(uri for uri in claimed if uri)
    return stated == actual[:1] or Counter(stated) == Counter(actual)
