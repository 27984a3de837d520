"""Smart cards and workloads: the leaves that their profiles describe, sound by default, one keyword per defect.

Every function takes the authority that issues, and beside the keywords of ``CardOptions`` everything that
``Authority.issue`` takes; what is given replaces what the profile has. The policy OIDs are those of production.

    ca = pki.make_ca("Agency CA", root)
    card = cards.piv_auth(ca)
    odd = cards.piv_auth(ca, fasc_n=cards.fasc_n(agency="9999"), eku=[])
    cac = cards.cac(cards.dod_ca(root), edipi="1234567890")

This file alone knows how a FASC-N is encoded.
"""

from collections.abc import Iterable
from typing import Final, Unpack, cast

from cryptography import x509
from cryptography.x509.oid import NameOID

from support import der, extensions
from support.certificates import Options
from support.extensions import CLIENT_AUTH, SERVER_AUTH
from support.pki import Authority, Leaf, make_ca

FASC_N_OID: Final = "2.16.840.1.101.3.6.6"
NACI_OID: Final = "2.16.840.1.101.3.6.9.1"
SID_OID: Final = "1.3.6.1.4.1.311.25.2"
SMARTCARD_LOGON: Final = "1.3.6.1.4.1.311.20.2.2"
CARD_AUTH: Final = "2.16.840.1.101.3.6.8"
ANY_EKU: Final = "2.5.29.37.0"

_COMMON: Final = "2.16.840.1.101.3.2.1.3"
_DOD: Final = "2.16.840.1.101.2.1.11"
PIV_AUTH_POLICY: Final = f"{_COMMON}.13"
CARD_AUTH_POLICY: Final = f"{_COMMON}.17"
DERIVED_POLICY: Final = f"{_COMMON}.40"
DERIVED_HARDWARE_POLICY: Final = f"{_COMMON}.41"
PIV_I_POLICY: Final = f"{_COMMON}.45"
PIV_I_CARD_AUTH_POLICY: Final = f"{_COMMON}.46"
CAC_POLICY: Final = f"{_DOD}.42"

CARD_UUID: Final = "94e28c68-84db-44db-8a0e-f502d6689b14"
EDIPI: Final = "1234567890"
SID: Final = "S-1-5-21-3623811015-3361044348-30300820-1013"
DOD_ISSUER: Final = "CN=DOD ID CA-99,OU=PKI,OU=DoD,O=U.S. Government,C=US"
"""The name of ``dod_ca`` in RFC 4514 text."""
SPIFFE_ID: Final = "spiffe://prod.example.org/ns/pay/sa/api"

_DIGITS: Final = ("00001", "10000", "01000", "11001", "00100", "10101", "01101", "11100", "00010", "10011")
START, SEPARATOR, END = "11010", "10110", "11111"


class CardOptions(Options, total=False):
    """What a card has beside a certificate's usual parts; None leaves a part out."""

    fasc_n: bytes | None
    """The content of the OCTET STRING in the subjectAltName."""
    uuid: str | None
    """Without ``urn:uuid:``."""
    naci: bool | None
    """The PIV interim indicator: True while the investigation has not been finished."""
    sid: str | None
    """In Microsoft's extension."""
    sid_uri: str | None
    """In a URI of the subjectAltName."""


def fasc_n(
    *,
    agency: str = "4700",
    system: str = "0257",
    credential: str = "000046",
    series: str = "1",
    issue: str = "1",
    person: str = "0257000046",
    category: str = "1",
    organization: str = "9999",
    association: str = "1",
    lrc: str | None = None,
) -> bytes:
    """Encode a FASC-N: 40 characters of four data bits, the least significant first, and odd parity.

    ``lrc`` writes another check character (five bits) than the right one.
    """
    fields = (agency, system, credential, series, issue, person + category + organization + association)
    digits = [[_DIGITS[int(digit)] for digit in one] for one in fields]
    characters = [START]
    for number, field in enumerate(digits):
        characters += ([SEPARATOR] if number else []) + field
    characters.append(END)
    return pack([*characters, lrc or check_character(characters)])


def check_character(characters: Iterable[str]) -> str:
    """Return the five bits that make each of the four data bits occur an even number of times."""
    total = 0
    for one in characters:
        total ^= int(one[:4], 2)
    return f"{total:04b}{1 - total.bit_count() % 2}"


def unpack(octets: bytes) -> list[str]:
    """Split octets into characters of five bits."""
    bits = f"{int.from_bytes(octets, 'big'):0{8 * len(octets)}b}"
    return [bits[at : at + 5] for at in range(0, len(bits), 5)]


def pack(characters: Iterable[str]) -> bytes:
    """Join characters of five bits, as many as make whole octets."""
    bits = "".join(characters)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


FEDERAL: Final = fasc_n()
NON_FEDERAL: Final = fasc_n(
    agency="9999", system="9999", credential="999999", series="0", person="0" * 10, category="0", organization="0000",
    association="0",
)  # fmt: skip


def piv_auth(ca: Authority, /, common_name: str = "ALICE A TESTER", **options: Unpack[CardOptions]) -> Leaf:
    """Issue a PIV Authentication certificate: it is used with the card and the PIN."""
    options.setdefault("fasc_n", FEDERAL)
    options.setdefault("naci", False)
    options.setdefault("policies", [PIV_AUTH_POLICY])
    options.setdefault("eku", [CLIENT_AUTH, SMARTCARD_LOGON])
    return _person(ca, common_name, options)


def piv_card_auth(ca: Authority, /, **options: Unpack[CardOptions]) -> Leaf:
    """Issue a PIV Card Authentication certificate: it is used with the card alone, by whoever holds it."""
    number = options.setdefault("fasc_n", FEDERAL)
    options.setdefault("naci", False)
    options.setdefault("policies", [CARD_AUTH_POLICY])
    return _card(ca, number.hex().upper() if number is not None else options.get("uuid") or CARD_UUID, options)


def derived_piv(ca: Authority, /, common_name: str = "ALICE A TESTER", **options: Unpack[CardOptions]) -> Leaf:
    """Issue a derived PIV Authentication certificate: it lies in a telephone or computer of the card's holder."""
    options.setdefault("policies", [DERIVED_POLICY])
    options.setdefault("eku", [CLIENT_AUTH, SMARTCARD_LOGON])
    return _person(ca, common_name, options)


def piv_i_auth(ca: Authority, /, common_name: str = "Bob Tester", **options: Unpack[CardOptions]) -> Leaf:
    """Issue a PIV-I authentication certificate: on the card of somebody outside the federal government."""
    options.setdefault("subject", subject(common_name, units=("Affiliated Organization",), organization="Example Corp"))
    options.setdefault("policies", [PIV_I_POLICY])
    options.setdefault("eku", [CLIENT_AUTH, SMARTCARD_LOGON])
    return _person(ca, common_name, options)


def piv_i_card_auth(ca: Authority, /, **options: Unpack[CardOptions]) -> Leaf:
    """Issue a PIV-I Card Authentication certificate."""
    options.setdefault("policies", [PIV_I_CARD_AUTH_POLICY])
    return _card(ca, options.get("uuid") or CARD_UUID, options)


def cac(ca: Authority, /, name: str = "TESTER.ALICE.ANN", edipi: str = EDIPI, **options: Unpack[CardOptions]) -> Leaf:
    """Issue the PIV Authentication certificate of a Common Access Card; ``dod_ca`` is the right authority for it."""
    common_name = f"{name}.{edipi}"
    number = fasc_n(agency="1700", person=edipi.rjust(10, "0")[:10], organization="1700", association="4")
    options.setdefault("fasc_n", number)
    options.setdefault("naci", False)
    options.setdefault("subject", subject(common_name, units=("DoD", "PKI", "USN")))
    options.setdefault("upns", [f"{edipi}117004@mil"])
    options.setdefault("policies", [CAC_POLICY, PIV_AUTH_POLICY])
    options.setdefault("eku", [CLIENT_AUTH, SMARTCARD_LOGON])
    return _person(ca, common_name, options)


def dod_ca(parent: Authority | None = None, **options: Unpack[Options]) -> Authority:
    """Make an authority with a name as the DoD gives them: ``DOD_ISSUER``."""
    options.setdefault("subject", subject("DOD ID CA-99", units=("DoD", "PKI")))
    return make_ca("DOD ID CA-99", parent, **options)


def svid(ca: Authority, /, spiffe_id: str = SPIFFE_ID, **options: Unpack[Options]) -> Leaf:
    """Issue an X509-SVID as SPIRE issues it: a URI, both TLS purposes, no common name."""
    options.setdefault("organization", "SPIRE")
    options.setdefault("uris", [spiffe_id])
    options.setdefault("eku", [SERVER_AUTH, CLIENT_AUTH])
    return ca.issue(None, **options)


def subject(
    common_name: str | None = None,
    *,
    units: Iterable[str] = ("Test Agency",),
    organization: str = "U.S. Government",
    serial_number: str | None = None,
) -> x509.Name:
    """Return a subject in the order of the federal profiles: C, O, OU, CN, serialNumber."""
    pairs = [(NameOID.COUNTRY_NAME, "US"), (NameOID.ORGANIZATION_NAME, organization)]
    pairs += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    pairs += [(NameOID.COMMON_NAME, common_name)] if common_name is not None else []
    pairs += [(NameOID.SERIAL_NUMBER, serial_number)] if serial_number is not None else []
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def sid_extension(value: bytes) -> bytes:
    """Return Microsoft's extension around the content of its OCTET STRING."""
    other_name = der.context(0, der.oid(f"{SID_OID}.1") + der.context(0, der.octets(value)))
    return der.extension(SID_OID, der.sequence(other_name))


def fasc_n_name(content: bytes) -> bytes:
    """Return the GeneralName that holds a FASC-N."""
    return extensions.other_name(FASC_N_OID, der.octets(content))


def _person(ca: Authority, common_name: str, options: CardOptions) -> Leaf:
    options.setdefault("subject", subject(common_name))
    return ca.issue(common_name, **_plain(options))


def _card(ca: Authority, serial_number: str, options: CardOptions) -> Leaf:
    options.setdefault("subject", subject(serial_number=serial_number))
    options.setdefault("eku", [CARD_AUTH])
    options.setdefault("eku_critical", True)
    return ca.issue(None, **_plain(options))


def _plain(options: CardOptions) -> Options:
    """Write what is special about cards as names and extensions."""
    uuid, sid_uri, number = options.pop("uuid", CARD_UUID), options.pop("sid_uri", None), options.pop("fasc_n", None)
    naci, sid = options.pop("naci", None), options.pop("sid", None)
    uris, others = [*options.get("uris", ())], [*options.get("other_sans", ())]
    more = [*options.get("extra_extensions", ())]
    uris += [f"urn:uuid:{uuid}"] if uuid is not None else []
    uris += [f"tag:microsoft.com,2022-09-14:sid:{sid_uri}"] if sid_uri is not None else []
    others += [fasc_n_name(number)] if number is not None else []
    more += [der.extension(NACI_OID, der.boolean(naci))] if naci is not None else []
    more += [sid_extension(sid.encode())] if sid is not None else []
    options.update({"uris": uris, "other_sans": others, "extra_extensions": more})
    return cast("Options", options)
