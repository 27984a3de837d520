"""SPIFFE IDs, and which certificates are X509-SVIDs (SPIFFE-ID §2; X509-SVID §2, §4, §5.2).

Only what the standard asks of a validator is asked: one URI name and no other, a sound ID with a path, not a CA, no
right to sign certificates or CRLs. What it asks of whoever issues, and what was issued otherwise, is a warning. Whether
the trust domain is the one of the CA that signed is for the chain and the policy to decide: nothing here verifies that.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

LONGEST_SPIFFE_ID: Final = 2048
"""SPIFFE-ID §2.3."""
LONGEST_TRUST_DOMAIN: Final = 255
"""SPIFFE-ID §2.3, after the host of RFC 3986."""

_SCHEME: Final = "spiffe:"
_TRUST_DOMAIN: Final = re.compile(r"[a-z0-9._-]+")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]+")
_SIGNING_USAGES: Final = ("keyCertSign", "cRLSign")
_PURPOSES: Final = ("serverAuth", "clientAuth")


class SpiffeId(NamedTuple):
    """A SPIFFE ID: the trust domain in lower case, and the path (empty, or with a leading ``/``)."""

    trust_domain: str
    path: str

    def __str__(self) -> str:
        return f"spiffe://{self.trust_domain}{self.path}"


def parse_spiffe_id(uri: str) -> SpiffeId:
    """Parse a SPIFFE ID. Scheme and trust domain are read in any case, the path is case-sensitive.

    Raises ``ValueError`` with what is wrong. The ID of a trust domain alone (no path) is one too.
    """
    if len(uri) > LONGEST_SPIFFE_ID:
        raise ValueError(f"longer than {LONGEST_SPIFFE_ID} characters")
    if uri[: len(_SCHEME) + 2].lower() != f"{_SCHEME}//":
        raise ValueError("does not start with spiffe://")
    authority, slash, path = uri[len(_SCHEME) + 2 :].partition("/")
    trust_domain = authority.lower() if authority.isascii() else authority
    if len(trust_domain) > LONGEST_TRUST_DOMAIN:
        raise ValueError(f"the trust domain is longer than {LONGEST_TRUST_DOMAIN} characters")
    if _TRUST_DOMAIN.fullmatch(trust_domain) is None:
        raise ValueError("the trust domain must be one or more of a-z, 0-9, dot, dash and underscore, and nothing else")
    for segment in path.split("/") if slash else ():
        if _SEGMENT.fullmatch(segment) is None:
            raise ValueError("a path segment must be one or more letters, digits, dots, dashes and underscores")
        if segment in (".", ".."):
            raise ValueError("a path segment may not be . or ..")
    return SpiffeId(trust_domain, slash + path)


def svid_id(uris: Sequence[str], key_usage: Sequence[str], *, is_ca: bool) -> tuple[str | None, str | None]:
    """Return the SPIFFE ID of an X509-SVID leaf and no warning; or no ID, and why if a ``spiffe:`` URI is there."""
    candidates = [uri for uri in uris if uri[: len(_SCHEME)].lower() == _SCHEME]
    if not candidates:
        return None, None
    if len(uris) != 1:
        return None, "spiffe: not an X509-SVID: it has more than one URI name"
    try:
        spiffe_id = parse_spiffe_id(candidates[0])
    except ValueError as error:
        return None, f"spiffe: not a SPIFFE ID: {error}"
    if not spiffe_id.path:
        return None, "spiffe: not the X509-SVID of a workload: the ID has no path"
    if is_ca or any(usage in key_usage for usage in _SIGNING_USAGES):
        return None, "spiffe: not the X509-SVID of a workload: the certificate may sign certificates or CRLs"
    return str(spiffe_id), None


def svid_deviations(key_usage: Sequence[str], purposes: Sequence[str], *, key_usage_critical: bool) -> list[str]:
    """Return a warning for each rule for issuers that an X509-SVID breaks (X509-SVID §4.3, §4.4)."""
    found = []
    if "digitalSignature" not in key_usage:
        found.append("spiffe: an X509-SVID without the key usage digitalSignature")
    elif not key_usage_critical:
        found.append("spiffe: an X509-SVID with a key usage that is not critical")
    if purposes and not all(purpose in purposes for purpose in _PURPOSES):
        found.append("spiffe: an X509-SVID whose extended key usage lacks serverAuth or clientAuth")
    return found
