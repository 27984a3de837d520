"""The subject's serialNumber attribute in a Card Authentication certificate: the card's number once more.

The Common Policy (§3.1.1) names no person there but the card, by FASC-N or UUID, and leaves the form of the FASC-N to
the CA: 50 hex digits of its 25 octets, or its 40 characters in decimal. The name in subjectAltName is what is used;
another one here is a warning.
"""

import re
from collections.abc import Sequence
from typing import Final

from extauthz.model.identity import FascN

SERIAL_NUMBER: Final = "2.5.4.5"

_HEX: Final = re.compile(r"[0-9a-fA-F]{50}")
_DECIMAL: Final = re.compile(r"(?a:\d{40})")
_UUID: Final = re.compile(r"(?:urn:uuid:)?(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_FIELDS: Final = ((1, 5), (6, 10), (11, 17), (18, 19), (20, 21), (22, 38))
"""Where the 32 data digits stand among the 40 characters. No document says which digit is a separator's."""


def serial_number_warning(
    serial_numbers: Sequence[str], octets: bytes | None, number: FascN | None, uuid: str | None
) -> str | None:
    """Say what is odd about the subject's serial numbers beside FASC-N (as octets and decoded) and UUID, or None."""
    if len(serial_numbers) != 1:
        return f"subject: {len(serial_numbers)} serial numbers instead of one that names the card"
    text = serial_numbers[0]
    if _HEX.fullmatch(text) is not None:
        agrees = octets is not None and bytes.fromhex(text) == octets
    elif _DECIMAL.fullmatch(text) is not None:
        agrees = number is not None and "".join([text[start:stop] for start, stop in _FIELDS]) == _digits(number)
    elif (match := _UUID.fullmatch(text)) is not None:
        agrees = match["uuid"].lower() == uuid
    else:
        return "subject: the serial number is neither a FASC-N nor a UUID"
    return None if agrees else "subject: the serial number names another card than subjectAltName"


def _digits(number: FascN) -> str:
    fields = (
        number.agency_code,
        number.system_code,
        number.credential_number,
        number.credential_series,
        number.individual_credential_issue,
        number.person_identifier,
        number.organizational_category,
        number.organizational_identifier,
        number.person_association,
    )
    return "".join(fields)
