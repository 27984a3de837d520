"""``edipi``: the number by which the US Department of Defense knows a person, ten digits.

A certificate has one only under an issuer that the configuration names as DoD (``identity.dod_issuers``), and only
where nothing in it contradicts. The check digit is not verified: how it is made is not published.
"""

import re
from collections.abc import Sequence
from typing import Final

from extauthz.model.identity import CertIdentity
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.identifier import IdentifierRule, comparable

_EDIPI: Final = re.compile(r"[0-9]{10}")


def edipi_rule(numbers: Sequence[str]) -> IdentifierRule:
    """Require one of these EDIPIs. Raises PatternError."""
    return IdentifierRule("edipi", Reason.EDIPI_NOT_ALLOWED, "edipi", _edipi, comparable(numbers, _written))


def _edipi(identity: CertIdentity) -> str | None:
    return identity.edipi


def _written(text: str) -> str:
    if _EDIPI.fullmatch(text) is None:
        raise PatternError(f'{text!r} is not an EDIPI; write its 10 digits, such as "1234567890"')
    return text
