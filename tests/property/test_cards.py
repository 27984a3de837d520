"""Contracts of smart-card identities over generated cards."""

import contextlib

from hypothesis import example, given, settings
from hypothesis import strategies as st

from extauthz.identity.card_uuid import card_uuid
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.edipi import edipi
from extauthz.identity.fasc_n import decode_fasc_n
from extauthz.identity.kind import CARD_AUTH_KINDS
from extauthz.identity.ms_sid import SID_URI_PREFIX, ms_sid
from extauthz.identity.profile import profile
from extauthz.model.errors import DecodeError
from extauthz.model.identity import FascN, Kind
from support import cards, pki

DOD_CA = cards.dod_ca()
TOLD = profile(["fpki", "piv_i", "dod"], dod_issuers=[cards.DOD_ISSUER])
PERSONS = {Kind.PIV_AUTH, Kind.DERIVED_PIV, Kind.PIV_I_AUTH, Kind.CAC}


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


FIELDS = st.fixed_dictionaries(
    {
        "agency": digits(4),
        "system": digits(4),
        "credential": digits(6),
        "series": digits(1),
        "issue": digits(1),
        "person": digits(10),
        "category": digits(1),
        "organization": digits(4),
        "association": digits(1),
    }
)
EVERY_DIGIT = {
    "agency": "0123",
    "system": "4567",
    "credential": "890123",
    "series": "4",
    "issue": "5",
    "person": "6789012345",
    "category": "6",
    "organization": "7890",
    "association": "1",
}


@given(FIELDS)
@example(EVERY_DIGIT)
@example({name: "9" * len(value) for name, value in EVERY_DIGIT.items()})
@example({name: "0" * len(value) for name, value in EVERY_DIGIT.items()})
def test_a_fasc_n_decodes_to_the_digits_that_were_encoded(fields: dict[str, str]) -> None:
    assert decode_fasc_n(cards.fasc_n(**fields)) == FascN(
        agency_code=fields["agency"],
        system_code=fields["system"],
        credential_number=fields["credential"],
        credential_series=fields["series"],
        individual_credential_issue=fields["issue"],
        person_identifier=fields["person"],
        organizational_category=fields["category"],
        organizational_identifier=fields["organization"],
        person_association=fields["association"],
        valid=True,
    )


@given(FIELDS, st.integers(0, 199), st.integers(0, 199))
def test_two_turned_bits_are_never_a_valid_number(fields: dict[str, str], one: int, other: int) -> None:
    """Parity shows two in different characters; the check character shows two in one."""
    whole = int.from_bytes(cards.fasc_n(**fields), "big")
    turned = (whole ^ 1 << one ^ 1 << other).to_bytes(25, "big")
    if one != other:
        with contextlib.suppress(ValueError):
            assert not decode_fasc_n(turned).valid


@given(st.binary(min_size=20, max_size=30))
def test_any_octets_are_a_number_or_a_value_error(octets: bytes) -> None:
    with contextlib.suppress(ValueError):
        decode_fasc_n(octets)


@given(st.uuids())
def test_a_uuid_in_any_spelling_of_its_urn(uuid: object) -> None:
    for urn in (f"urn:uuid:{uuid}", f"URN:UUID:{uuid}".upper()):
        assert card_uuid([urn]) == (str(uuid), None)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=15))
def test_a_sid_is_its_own_spelling(authority: int, subs: list[int]) -> None:
    sid = "-".join(map(str, ("S", 1, authority, *subs)))
    assert ms_sid(None, [SID_URI_PREFIX + sid]) == (sid, None)


@given(st.lists(st.text(max_size=20).map(SID_URI_PREFIX.__add__), max_size=3), st.none() | st.binary(max_size=40))
def test_any_sid_is_read_or_noted_or_refused(uris: list[str], extension: bytes | None) -> None:
    with contextlib.suppress(DecodeError):
        sid, warning = ms_sid(extension, uris)
        assert sid is None or warning is None


@given(st.text("0123456789.Aé", max_size=30), st.lists(st.text("0123456789@mil", max_size=25), max_size=2))
def test_an_edipi_is_ten_digits_that_everything_agrees_on(common_name: str, upns: list[str]) -> None:
    found, _ = edipi(("DoD", "PKI"), common_name, upns, None)
    if found is not None:
        assert len(found) == 10
        assert common_name.endswith(f".{found}")
        assert all(upn.startswith(found) for upn in upns if upn.endswith("@mil"))


# ------------------------------------------------------------------------------------------------ kinds

POLICIES = [
    cards.PIV_AUTH_POLICY, cards.CARD_AUTH_POLICY, cards.DERIVED_POLICY, cards.PIV_I_POLICY,
    cards.PIV_I_CARD_AUTH_POLICY, cards.CAC_POLICY, "1.2.3",
]  # fmt: skip
CARD_POLICIES = {cards.CARD_AUTH_POLICY, cards.PIV_I_CARD_AUTH_POLICY}
PURPOSES = [pki.CLIENT_AUTH, cards.SMARTCARD_LOGON, cards.CARD_AUTH, cards.ANY_EKU, pki.SERVER_AUTH]
SUBJECTS = [
    cards.subject("ALICE A TESTER"),
    cards.subject("TESTER.ALICE.1234567890", units=("DoD", "PKI", "USN")),
    cards.subject(serial_number=cards.FEDERAL.hex()),
]
NUMBERS = [None, cards.FEDERAL, cards.NON_FEDERAL, cards.fasc_n(person=cards.EDIPI), bytes(25)]


def some(values: list[str], *usual: list[str]) -> st.SearchStrategy[list[str]]:
    """Draw any of the values together, or one of the combinations that real certificates have."""
    return st.sampled_from(usual) | st.lists(st.sampled_from(values), unique=True)


CERTIFICATES = st.fixed_dictionaries(
    {
        "policies": some(POLICIES, *([policy] for policy in POLICIES), [cards.CAC_POLICY, cards.PIV_AUTH_POLICY]),
        "eku": some(PURPOSES, [pki.CLIENT_AUTH, cards.SMARTCARD_LOGON], [cards.CARD_AUTH]),
        "eku_critical": st.booleans(),
        "subject": st.sampled_from(SUBJECTS),
        "fasc_n": st.sampled_from(NUMBERS),
        "uuid": st.sampled_from([None, cards.CARD_UUID]),
        "uris": st.sampled_from([[], [], [], [cards.SPIFFE_ID]]),
        "upns": st.sampled_from([[], ["alice@b"], [f"{cards.EDIPI}@mil"], ["0987654321@mil"]]),
        "ca": st.sampled_from([False, False, False, True]),
    }
)


@given(CERTIFICATES)
@settings(deadline=None)
def test_whatever_a_certificate_says_a_card_is_no_person(options: cards.CardOptions) -> None:
    policies, purposes, ca = set(options["policies"]), set(options["eku"]), options["ca"]
    found = parse_certificate(cards.piv_auth(DOD_CA, **options).der, TOLD).identity
    marked = cards.CARD_AUTH in purposes or (not ca and not CARD_POLICIES.isdisjoint(policies))
    assert found.authenticates_card is marked
    if marked:
        assert (found.kind not in PERSONS, found.edipi) == (True, None)
    else:
        assert found.kind not in CARD_AUTH_KINDS
    if found.kind in CARD_AUTH_KINDS:
        assert policies <= CARD_POLICIES
        assert purposes <= {cards.CARD_AUTH}
    if found.kind is Kind.CAC:
        assert found.edipi == cards.EDIPI
    if ca:
        assert found.kind in {Kind.SOFTWARE, Kind.SPIFFE}
