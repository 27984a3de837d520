"""Policy OIDs and the kinds that they say."""

import pytest

from extauthz.identity.names import read_name
from extauthz.identity.profile import CARD_KINDS, DEFAULT_PROFILE, NAMED_PROFILES, IdentityProfile, profile
from extauthz.model.identity import Kind
from support import cards
from support.pki import name

COMMON = "2.16.840.1.101.3.2.1.3"
DOD = "2.16.840.1.101.2.1.11"
TEST = "2.16.840.1.101.3.2.1.48"


@pytest.mark.parametrize(
    ("named", "kind", "oids"),
    [
        ("fpki", Kind.PIV_AUTH, {f"{COMMON}.13"}),
        ("fpki", Kind.PIV_CARD_AUTH, {f"{COMMON}.17"}),
        ("fpki", Kind.DERIVED_PIV, {f"{COMMON}.40", f"{COMMON}.41"}),
        ("fpki", Kind.PIV_I_AUTH, {f"{COMMON}.45"}),
        ("fpki", Kind.PIV_I_CARD_AUTH, {f"{COMMON}.46"}),
        ("piv_i", Kind.PIV_I_AUTH, {f"{COMMON}.18", f"{COMMON}.45"}),
        ("piv_i", Kind.PIV_I_CARD_AUTH, {f"{COMMON}.19", f"{COMMON}.46"}),
        ("dod", Kind.CAC, {f"{DOD}.{number}" for number in (9, 10, 19, 20, 42, 43, 44)}),
        ("icam_test", Kind.PIV_AUTH, {f"{TEST}.11"}),
        ("icam_test", Kind.PIV_CARD_AUTH, {f"{TEST}.13"}),
        ("icam_test", Kind.DERIVED_PIV, {f"{TEST}.109", f"{TEST}.110"}),
        ("icam_test", Kind.PIV_I_AUTH, {f"{TEST}.78", f"{TEST}.83", f"{TEST}.248"}),
        ("icam_test", Kind.PIV_I_CARD_AUTH, {f"{TEST}.79", f"{TEST}.84", f"{TEST}.249"}),
    ],
)
def test_the_oids_of_the_named_profiles(named: str, kind: Kind, oids: set[str]) -> None:
    assert profile([named]).policies[kind] == oids
    for oid in oids:
        assert profile([named]).kinds_of(["1.2.3", oid]) == {kind}


def test_the_oids_of_tests_are_in_the_profile_for_tests_only() -> None:
    for named, kinds in NAMED_PROFILES.items():
        for oid in frozenset[str]().union(*kinds.values()):
            assert oid.startswith(f"{TEST}.") == (named == "icam_test")


def test_the_default_is_the_federal_pki_alone() -> None:
    assert DEFAULT_PROFILE.policies == NAMED_PROFILES["fpki"]
    assert DEFAULT_PROFILE.dod_issuers == ()
    assert DEFAULT_PROFILE.kinds_of([f"{TEST}.11", f"{DOD}.42", f"{COMMON}.18", "2.5.29.32.0"]) == frozenset()


def test_every_kind_of_a_card_can_be_had_by_name() -> None:
    assert frozenset(Kind) - {Kind.SOFTWARE, Kind.SPIFFE} == CARD_KINDS


def test_names_and_oids_add_up() -> None:
    merged = profile(["fpki", "dod"], {Kind.PIV_I_AUTH: ["1.2.3"], Kind.PIV_AUTH: ["1.2.4", f"{COMMON}.13"]})
    assert merged.policies[Kind.PIV_I_AUTH] == {f"{COMMON}.45", "1.2.3"}
    assert merged.policies[Kind.PIV_AUTH] == {f"{COMMON}.13", "1.2.4"}
    assert merged.kinds_of([f"{DOD}.42", f"{COMMON}.13"]) == {Kind.CAC, Kind.PIV_AUTH}
    assert profile(["fpki", "piv_i"]).policies[Kind.PIV_I_AUTH] == {f"{COMMON}.18", f"{COMMON}.45"}


def test_oids_alone_are_a_profile() -> None:
    own = profile([], {Kind.PIV_AUTH: ["1.2.3"]})
    assert own.policies == {Kind.PIV_AUTH: {"1.2.3"}}
    assert own.kinds_of([f"{COMMON}.13"]) == frozenset()


def test_only_configured_issuers_are_the_dods() -> None:
    dod, other = read_name(cards.dod_ca().name), read_name(name("Issuing CA"))
    configured = profile(["dod"], dod_issuers=["CN=Another,C=US", cards.DOD_ISSUER])
    assert configured.is_dod(dod.dn, dod.key)
    assert not configured.is_dod(other.dn, other.key)
    assert not profile(["dod"]).is_dod(dod.dn, dod.key)


@pytest.mark.parametrize(
    ("names", "policies", "says"),
    [
        (["fpki", "pivi"], {}, "no identity profile is called 'pivi'; there are fpki, piv_i, dod, icam_test"),
        ([], {}, "neither a named profile nor a policy OID, so no smart card would be recognized"),
        (["fpki"], {Kind.PIV_AUTH: []}, "no policy OID is given for piv-auth"),
        (["fpki"], {Kind.SPIFFE: ["1.2.3"]}, "the kind spiffe is not recognized by a policy OID"),
        (["fpki"], {Kind.SOFTWARE: ["1.2.3"]}, "the kind software is not recognized by a policy OID"),
        (["fpki"], {Kind.PIV_AUTH: ["id-piv"]}, "'id-piv' is not a dotted OID, such as 2.16.840.1.101.3.2.1.3.13"),
        (["fpki"], {Kind.PIV_AUTH: ["1.02.3"]}, "'1.02.3' is not a dotted OID"),
        (["fpki"], {Kind.PIV_AUTH: ["1.2.3\n"]}, r"'1.2.3\\n' is not a dotted OID"),
        (["fpki"], {Kind.PIV_AUTH: ["3.2"]}, "'3.2' is not a dotted OID"),
        (
            ["fpki"],
            {Kind.PIV_AUTH: [f"{COMMON}.17"]},
            f"the policy OID {COMMON}.17 is given for both piv-auth and piv-card-auth",
        ),
    ],
)
def test_what_is_no_profile(names: list[str], policies: dict[Kind, list[str]], says: str) -> None:
    with pytest.raises(ValueError, match=f"^{says}"):
        profile(names, policies)


def test_an_issuer_that_is_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^an empty issuer name;"):
        profile(["dod"], dod_issuers=[""])


def test_a_profile_made_by_hand_has_one_meaning_for_an_oid_too() -> None:
    with pytest.raises(ValueError, match=r"^the policy OID 1\.2\.3 is given for both piv-auth and cac$"):
        IdentityProfile({Kind.PIV_AUTH: frozenset({"1.2.3"}), Kind.CAC: frozenset({"1.2.3"})})
