"""FASC-N: the number that a federal smart card bears, decoded character by character (TIG SCEPACS §6.1 to §6.3).

25 octets are 40 characters of five bits, the first bit of the first octet first: four data bits, the least significant
first, and one that makes the number of ones odd. 32 characters are digits; a start sentinel, six field separators and
an end sentinel stand between them, and a check character (LRC) at the end.

A malformed number is a warning on the identity and never refuses a certificate: cards that are otherwise sound have
them. It is never an identifier either.
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import xor
from typing import Final, NamedTuple

from extauthz.identity import der
from extauthz.model.identity import FascN

FASC_N_OID: Final = "2.16.840.1.101.3.6.6"
"""pivFASC-N (FIPS 201-3 table B-2): the type of an otherName around an OCTET STRING."""

_OCTETS: Final = 25
_CHARACTER_BITS: Final = 5
_SHIFTS: Final = range(_OCTETS * 8 - _CHARACTER_BITS, -1, -_CHARACTER_BITS)
_SYMBOLS: Final = {
    0b00001: "0",
    0b10000: "1",
    0b01000: "2",
    0b11001: "3",
    0b00100: "4",
    0b10101: "5",
    0b01101: "6",
    0b11100: "7",
    0b00010: "8",
    0b10011: "9",
    0b11010: "s",  # start sentinel
    0b10110: "f",  # field separator
    0b11111: "e",  # end sentinel
}
_EVEN: Final = "!"
_TEXT: Final = "".join([_SYMBOLS.get(code, "?" if code.bit_count() % 2 else _EVEN) for code in range(32)])
"""One letter for each character: what it means, ``?`` for one that means nothing, ``!`` for one of wrong parity."""
_LAYOUT: Final = re.compile(
    rf"s(\d{{4}})f(\d{{4}})f(\d{{6}})f(\d)f(\d)f(\d{{10}})(\d)(\d{{4}})(\d)e[^{_EVEN}]", re.ASCII
)
"""Agency, system, credential, series, issue; person, category, organization, association; then the check character,
which may be any of right parity."""
_ROLES: Final = "s" + "f".join(["0000", "0000", "000000", "0", "0", "0" * 16]) + "e"
_NAMES: Final = {"0": "a digit", "s": "the start sentinel", "f": "a field separator", "e": "the end sentinel"}


class FascNReading(NamedTuple):
    """What a certificate's FASC-N is; all None where it has none."""

    number: FascN | None = None
    octets: bytes | None = None
    """As encoded, decodable or not."""
    warning: str | None = None


def read_fasc_n(values: Sequence[str]) -> FascNReading:
    """Read the FASC-N among the names of a certificate: the hex of the DER of each value of that type."""
    if not values:
        return FascNReading()
    if len(values) > 1:
        return FascNReading(warning=f"fasc_n: {len(values)} numbers, so none is used")
    try:
        octets = der.sole_element(bytes.fromhex(values[0]), der.OCTET_STRING)
    except ValueError as error:
        return FascNReading(warning=f"fasc_n: not one OCTET STRING ({error})")
    try:
        number = decode_fasc_n(octets)
    except ValueError as error:
        return FascNReading(octets=octets, warning=f"fasc_n: {error}")
    if not number.valid:
        return FascNReading(number, octets, "fasc_n: the check character is not that of the fields")
    return FascNReading(number, octets)


def decode_fasc_n(octets: bytes) -> FascN:
    """Decode 25 octets. Raises ``ValueError`` with a sentence where a field cannot be told.

    With a wrong check character the fields can be told, and ``valid`` is False. That the digits are ones that an agency
    has given is not verified.
    """
    if len(octets) != _OCTETS:
        raise ValueError(f"{len(octets)} octets instead of {_OCTETS}")
    whole = int.from_bytes(octets, "big")
    characters = [whole >> shift & 0b11111 for shift in _SHIFTS]
    text = "".join([_TEXT[character] for character in characters])
    match = _LAYOUT.fullmatch(text)
    if match is None:
        raise ValueError(_malformed(text))
    agency, system, credential, series, issue, person, category, organization, association = match.groups()
    return FascN(
        agency_code=agency,
        system_code=system,
        credential_number=credential,
        credential_series=series,
        individual_credential_issue=issue,
        person_identifier=person,
        organizational_category=category,
        organizational_identifier=organization,
        person_association=association,
        # The check character makes each of the four data bits occur an even number of times.
        valid=reduce(xor, characters) >> 1 == 0,
    )


def _malformed(text: str) -> str:
    """Say which character is the first that is wrong; parity before meaning."""
    if (at := text.find(_EVEN)) >= 0:
        return f"character {at + 1} has the wrong parity"
    wrong = [at for at, role in enumerate(_ROLES) if text[at] != role and not (role == "0" and text[at].isdigit())]
    return f"character {wrong[0] + 1} is not {_NAMES[_ROLES[wrong[0]]]}"
