"""``fasc_n``: the unique number of the card's FASC-N, fourteen digits (TIG SCEPACS §6).

These are agency code, system code and credential number; the rest says which issue of the card it is, and whose. A
FASC-N that is malformed, or has the agency code of no federal agency, identifies nobody and never matches. It is
unique among the cards of federal agencies only: let an issuer condition or the anchors say who may assert it.
"""

import re
from collections.abc import Sequence
from typing import Final

from extauthz.model.identity import NON_FEDERAL_AGENCY, CertIdentity
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.identifier import IdentifierRule, comparable

_UNIQUE_NUMBER: Final = re.compile(r"[0-9]{14}")


def fasc_n_rule(numbers: Sequence[str]) -> IdentifierRule:
    """Require one of these unique numbers. Raises PatternError."""
    wanted = comparable(numbers, _written)
    return IdentifierRule("fasc_n", Reason.FASC_N_NOT_ALLOWED, "fasc_n", _unique_number, wanted)


def refuse_non_federal(text: str) -> None:
    """Raise PatternError for the agency code of nobody: a condition that asks for it could never hold."""
    if text.startswith(NON_FEDERAL_AGENCY):
        raise PatternError(
            f"{text!r} has the agency code {NON_FEDERAL_AGENCY}, which every card outside the federal government has, "
            "so it would never match"
        )


def _unique_number(identity: CertIdentity) -> str | None:
    number = identity.fasc_n
    return number.unique_number if number is not None and number.is_identifier else None


def _written(text: str) -> str:
    if _UNIQUE_NUMBER.fullmatch(text) is None:
        raise PatternError(
            f"{text!r} is not the unique number of a FASC-N; write the 14 digits of agency code, system code and "
            'credential number, such as "47000257000046"'
        )
    refuse_non_federal(text)
    return text
