"""``card_uuid``: the UUID of the card (FIPS 201-3 §4.2.2.1), or of a derived credential.

It changes with each card that a person gets.
"""

from collections.abc import Sequence
from typing import Final

from extauthz.identity.card_uuid import card_uuid, is_uuid_urn
from extauthz.model.identity import CertIdentity
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.identifier import IdentifierRule, comparable

_URN: Final = "urn:uuid:"


def card_uuid_rule(texts: Sequence[str]) -> IdentifierRule:
    """Require one of these UUIDs, in any letter case, with or without ``urn:uuid:``. Raises PatternError."""
    wanted = comparable(texts, _as_read)
    return IdentifierRule("card_uuid", Reason.CARD_UUID_NOT_ALLOWED, "card_uuid", _card_uuid, wanted)


def _card_uuid(identity: CertIdentity) -> str | None:
    return identity.card_uuid


def _as_read(text: str) -> str:
    """Return the UUID as a certificate with this one is read."""
    uuid, why = card_uuid([text if is_uuid_urn(text) else _URN + text])
    if uuid is None:
        raise PatternError(
            f"no certificate has the UUID {text!r} ({why}); write it as 94e28c68-84db-44db-8a0e-f502d6689b14, with or "
            f"without {_URN}"
        )
    return uuid
