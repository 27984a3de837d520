"""Microsoft's security identifier: the account that a certificate is strongly mapped to.

Two places hold it: the extension szOID_NTDS_CA_SECURITY_EXT (MS-WCCE §2.2.2.7.7.4) and a ``tag:`` URI in
subjectAltName (MS-PKCA §3.1.5.2.1.6). A domain controller looks at the extension first, another reader at the URI
alone: so a certificate with two different SIDs is refused whole. That the account exists is not verified.
"""

import re
from collections.abc import Sequence
from typing import Final

from extauthz.identity import der
from extauthz.identity.refusal import conflict

SID_EXTENSION: Final = "1.3.6.1.4.1.311.25.2"
SID_URI_PREFIX: Final = "tag:microsoft.com,2022-09-14:sid:"
"""Compared with letter case (RFC 4151 §2.4)."""

_OBJECT_SID: Final = bytes.fromhex("2b060104018237190201")
"""The content of the OID 1.3.6.1.4.1.311.25.2.1."""
_CONTEXT_0: Final = 0xA0
_SID: Final = re.compile(r"S-1-(?P<authority>0|[1-9][0-9]{0,14})(?P<subs>(?:-(?:0|[1-9][0-9]{0,9})){1,15})")
"""MS-DTYP §2.4.2.1, with the authority in decimal, and no number with leading zeros: one SID has one spelling."""
_AUTHORITIES: Final = 1 << 32
"""From this number on, an authority is written in hexadecimal; no such authority exists."""
_SUB_AUTHORITIES: Final = 1 << 32


def ms_sid(extension: bytes | None, uris: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the SID and no warning; or none, and a warning if there is a malformed one.

    ``extension`` is the extension's value, ``uris`` the URIs that start with ``SID_URI_PREFIX``. One malformed SID
    spoils the others: what it was meant to be, nobody can tell. Raises ``DecodeError`` (``identity_conflict``) for
    two different ones.
    """
    found: dict[str, None] = {}
    try:
        if extension is not None:
            found[_checked(_from_extension(extension))] = None
        for uri in uris:
            found[_checked(uri[len(SID_URI_PREFIX) :])] = None
    except ValueError as error:
        return None, f"ms_sid: {error}"
    if len(found) > 1:
        raise conflict("extensions: ms_sid", f"{len(found)} different SIDs: {', '.join(list(found)[:2])}")
    return next(iter(found), None), None


def _from_extension(value: bytes) -> str:
    """Read GeneralNames that hold one otherName (the SID's type) with an OCTET STRING of ASCII text."""
    other_name = der.sole_element(der.sole_element(value, der.SEQUENCE), _CONTEXT_0)
    tag, start, stop = der.element(other_name, 0, len(other_name))
    if tag != der.OID or other_name[start:stop] != _OBJECT_SID:
        raise ValueError("an otherName of another type")
    octets = der.sole_element(der.sole_element(other_name[stop:], _CONTEXT_0), der.OCTET_STRING)
    return octets.decode("ascii")


def _checked(text: str) -> str:
    match = _SID.fullmatch(text)
    if match is None:
        raise ValueError("not a SID of the form S-1-5-21-…")
    if int(match["authority"]) >= _AUTHORITIES:
        raise ValueError("an authority beyond 32 bits")
    if any(int(sub) >= _SUB_AUTHORITIES for sub in match["subs"][1:].split("-")):
        raise ValueError("a sub-authority beyond 32 bits")
    return text
