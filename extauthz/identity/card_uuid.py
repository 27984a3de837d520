"""The UUID of a card: a ``urn:uuid:`` URI in subjectAltName (FIPS 201-3 §4.2.2.1, RFC 9562 §4).

It is the GUID of the card's CHUID; a derived credential has one of its own. It changes with every card, and nothing
here verifies that it is unique: that is the issuer's promise.
"""

import re
from collections.abc import Sequence
from typing import Final

_URN: Final = "urn:uuid:"
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOBODYS: Final = frozenset({"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"})
"""Nil and Max (RFC 9562 §5.9, §5.10). Cards without a UUID have a GUID of zeros in their CHUID."""


def is_uuid_urn(uri: str) -> bool:
    """Say whether a URI claims to be a UUID. Scheme and namespace are read in any case (RFC 8141 §3.1)."""
    return uri[: len(_URN)].lower() == _URN


def card_uuid(urns: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the one UUID among the ``urn:uuid:`` URIs in lower case, or None; and why not if there is something."""
    if not urns:
        return None, None
    if len(urns) > 1:
        return None, f"card_uuid: {len(urns)} UUIDs, so none is used"
    text = urns[0][len(_URN) :].lower()
    if _UUID.fullmatch(text) is None:
        return None, "card_uuid: not a UUID of 36 characters"
    if text in _NOBODYS:
        return None, "card_uuid: the UUID that stands for none"
    return text, None
