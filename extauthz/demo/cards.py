"""What smart cards' certificates have beside those of other clients (FPKI Common Policy profiles; FIPS 201-3).

Only what tells the cards apart is written; a real card's certificate has more.
"""

from dataclasses import dataclass
from functools import reduce
from operator import xor

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from extauthz.demo.authority import CLIENT_AUTH, Usage

PIV_AUTH_POLICY = ObjectIdentifier("2.16.840.1.101.3.2.1.3.13")
PIV_CARD_AUTH_POLICY = ObjectIdentifier("2.16.840.1.101.3.2.1.3.17")
DOD_POLICY = ObjectIdentifier("2.16.840.1.101.2.1.11.42")
"""id-US-dod-mediumHardware-112, which a CAC's certificate asserts beside the federal policy."""

PERSON = Usage((CLIENT_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON), policies=(PIV_AUTH_POLICY,))
"""PIV Authentication: the card signs once its PIN was entered."""
DOD_PERSON = Usage(PERSON.purposes, policies=(DOD_POLICY, PIV_AUTH_POLICY))
CARD = Usage((ObjectIdentifier("2.16.840.1.101.3.6.8"),), critical=True, policies=(PIV_CARD_AUTH_POLICY,))
"""Card Authentication: the card signs for whoever holds it."""

_FASC_N = ObjectIdentifier("2.16.840.1.101.3.6.6")
_USER_PRINCIPAL_NAME = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_OCTET_STRING, _UTF8_STRING = b"\x04", b"\x0c"
_FASC_N_OCTETS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card: what both of its certificates say of it."""

    agency: str
    """Four digits."""
    credential: str
    """Six digits."""
    person: str
    """Ten digits; the EDIPI where the agency is of the DoD."""
    uuid: str

    @property
    def unique_number(self) -> str:
        """The fourteen digits that name the card."""
        return f"{self.agency}{_SYSTEM}{self.credential}"

    def names(self) -> list[x509.GeneralName]:
        """Return the subjectAltName entries of a card: its FASC-N and its UUID."""
        number = x509.OtherName(_FASC_N, _der(_OCTET_STRING, self._fasc_n()))
        return [number, x509.UniformResourceIdentifier(f"urn:uuid:{self.uuid}")]

    def _fasc_n(self) -> bytes:
        """Encode the number (TIG SCEPACS §6): 40 characters of four data bits, the least first, and odd parity."""
        # b, d and f are the start, the separator and the end. Series 1, issue 1; an employee of a federal agency.
        text = f"b{self.agency}d{_SYSTEM}d{self.credential}d1d1d{self.person}1{self.agency}1f"
        characters = [int(one, 16) for one in text]
        check = reduce(xor, characters)
        bits = "".join(_five_bits(one) for one in (*characters, check))
        return int(bits, 2).to_bytes(_FASC_N_OCTETS)


_SYSTEM = "0257"

PIV = Card(agency="4700", credential="000046", person="0000000046", uuid="3a1d5b8e-6f0c-4c7e-9d5a-2b8f4e6c1a90")
LOST_PIV = Card(agency="4700", credential="000047", person="0000000047", uuid="b7c90d12-58e3-4f6b-8a1d-90e2c4f6a8b1")
CAC = Card(agency="1700", credential="000777", person="1234567890", uuid="e2f4a6c8-1b3d-4e5f-8091-a2b3c4d5e6f7")


def user_principal_name(name: str) -> x509.OtherName:
    """Return Microsoft's name of an account as a subjectAltName entry."""
    return x509.OtherName(_USER_PRINCIPAL_NAME, _der(_UTF8_STRING, name.encode()))


def federal_name(
    common_name: str | None = None, *, units: tuple[str, ...] = ("Demo Agency",), serial_number: str | None = None
) -> x509.Name:
    """Return a subject in the order of the federal profiles."""
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "U.S. Government"),
        *(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units),
    ]
    if common_name is not None:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    if serial_number is not None:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name(attributes)


def _five_bits(value: int) -> str:
    data = f"{value:04b}"[::-1]
    return f"{data}{1 - data.count('1') % 2}"


def _der(tag: bytes, content: bytes) -> bytes:
    """Return one short element: its length takes one octet."""
    return tag + bytes([len(content)]) + content
