"""``agency_code``: the agency that issued the card, from its FASC-N (four digits of SP 800-87).

A FASC-N that is malformed, or has the agency code of no federal agency, never matches.
"""

import re
from collections.abc import Sequence
from typing import Final

from extauthz.model.identity import CertIdentity
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.fasc_n import refuse_non_federal
from extauthz.policy.rules.identifier import IdentifierRule, comparable

_AGENCY_CODE: Final = re.compile(r"[0-9]{4}")


def agency_code_rule(codes: Sequence[str]) -> IdentifierRule:
    """Require one of these agency codes. Raises PatternError."""
    wanted = comparable(codes, _written)
    return IdentifierRule("agency_code", Reason.AGENCY_CODE_NOT_ALLOWED, "fasc_n", _agency_code, wanted)


def _agency_code(identity: CertIdentity) -> str | None:
    number = identity.fasc_n
    return number.agency_code if number is not None and number.is_identifier else None


def _written(text: str) -> str:
    if _AGENCY_CODE.fullmatch(text) is None:
        raise PatternError(f'{text!r} is not an agency code; write its 4 digits, such as "4700"')
    refuse_non_federal(text)
    return text
