"""EDIPI: the ten digits by which the Department of Defense knows a person.

They stand at the end of the common name (``LAST.FIRST.MIDDLE.1234567890``), in the user principal name
(``1234567890@mil``, or sixteen digits of which they are the first ten) and in the FASC-N. The common name is where they
are read; the others must not contradict. Only certificates of issuers that the operator calls the DoD's are looked at,
since anybody else's common name may end in ten digits. The tenth is a check digit by an algorithm that is not public:
it is not verified.
"""

import re
from collections.abc import Sequence
from typing import Final

from extauthz.model.identity import FascN

_UNITS: Final = ("DoD", "PKI")
"""The first two OUs of every subject of the DoD's PKI, in encoded order."""
_EDIPI_DIGITS: Final = 10
_EDIPI: Final = re.compile(r"[0-9]{10}")
_DIGITS: Final = re.compile(r"[0-9]+")
_UPN: Final = re.compile(r"(?P<edipi>[0-9]{10})(?P<persona>[0-9]{6})?")
"""The persona is organizational category, organizational identifier and association, as in the FASC-N."""
_UPN_SUFFIX: Final = "@mil"


def edipi(
    units: Sequence[str], common_name: str | None, upns: Sequence[str], number: FascN | None
) -> tuple[str | None, str | None]:
    """Return the EDIPI, or None; and why not, or what is odd, if there is something. The issuer is the caller's part.

    ``units`` and ``common_name`` are the subject's (a common name of which there are several is None).
    """
    if tuple(units[: len(_UNITS)]) != _UNITS or common_name is None:
        return None, None
    _, dot, last = common_name.rpartition(".")
    if not dot or _DIGITS.fullmatch(last) is None:
        return None, None  # a server, which has a host name
    if _EDIPI.fullmatch(last) is None:
        return None, f"edipi: the common name ends in {len(last)} digits instead of {_EDIPI_DIGITS}"
    if number is not None and number.valid and number.person_identifier != last:
        return None, "edipi: the common name and the FASC-N name different persons"
    warning = None
    for upn in upns:
        if not upn.lower().endswith(_UPN_SUFFIX):
            continue
        match = _UPN.fullmatch(upn[: -len(_UPN_SUFFIX)])
        if match is None or match["edipi"] != last:
            return None, "edipi: the common name and the user principal name do not agree"
        if _other_persona(match["persona"], number):
            warning = "edipi: the user principal name and the FASC-N are of different personas of one person"
    return last, warning


def _other_persona(persona: str | None, number: FascN | None) -> bool:
    if persona is None or number is None or not number.valid:
        return False
    return persona != number.organizational_category + number.organizational_identifier + number.person_association
