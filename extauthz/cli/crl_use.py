"""Would the service use a CRL? As far as that can be told without its configuration."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from extauthz.cli.crl_facts import CrlFacts
from extauthz.cli.text import instant
from extauthz.identity.certificate import Certificate
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.load import load_crl


class Use(NamedTuple):
    """What was found."""

    verified: bool
    """Its signature verifies with a key that was given, and all of it can be read."""
    problem: str | None
    """Why it would not be used; None when it would."""


def find_use(der: bytes, facts: CrlFacts, issuers: Sequence[Certificate], now: datetime) -> Use:
    """Load a CRL in DER as the service does, and look at its times.

    Not looked at: which signers, clients, clock skew, grace and `max_age` a configuration has.
    """
    try:
        load_crl(der, issuers)
    except CrlError as error:
        return Use(verified=False, problem=str(error))
    return Use(verified=True, problem=_problem_now(facts, now))


def _problem_now(facts: CrlFacts, now: datetime) -> str | None:
    if now < facts.this_update:
        return f"it begins only at {instant(facts.this_update)}"
    if facts.next_update is None:
        return "it announces no next one, and then it is used only with `max_age`"
    if is_stale(facts, now):
        return f"it is stale since {instant(facts.next_update)}, and then it is used only within `grace`"
    return None


def is_stale(facts: CrlFacts, now: datetime) -> bool:
    """Say whether the next one should be there already."""
    return facts.next_update is not None and now > facts.next_update
