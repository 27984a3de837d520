"""Kinds: what each profile recognizes, what is held against a certificate, and what is odd about it only."""

from collections.abc import Callable

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.profile import DEFAULT_PROFILE, IdentityProfile, profile
from extauthz.model.identity import CertIdentity, Kind
from support import cards, pki
from support.pki import Leaf

Issue = Callable[..., Leaf]

CA = pki.make_ca("Agency CA")
DOD_CA = cards.dod_ca()
DOD = profile(["fpki", "dod"], dod_issuers=[cards.DOD_ISSUER])
MORE = "2.16.840.1.101.3.2.1.3.36"
"""A policy of the Common Policy that says no kind."""


def identity(issue: Issue, told: IdentityProfile = DEFAULT_PROFILE, /, **defects: object) -> CertIdentity:
    ca = DOD_CA if issue is cards.cac else CA
    return parse_certificate(issue(ca, **defects).der, told).identity


SOUND = [
    (cards.piv_auth, Kind.PIV_AUTH, False),
    (cards.piv_card_auth, Kind.PIV_CARD_AUTH, True),
    (cards.derived_piv, Kind.DERIVED_PIV, False),
    (cards.piv_i_auth, Kind.PIV_I_AUTH, False),
    (cards.piv_i_card_auth, Kind.PIV_I_CARD_AUTH, True),
    (cards.cac, Kind.CAC, False),
]


@pytest.mark.parametrize(("issue", "kind", "card"), SOUND)
def test_a_sound_certificate_of_each_kind(issue: Issue, kind: Kind, card: bool) -> None:
    found = identity(issue, DOD)
    assert (found.kind, found.authenticates_card, found.warnings) == (kind, card, ())


@pytest.mark.parametrize(("issue", "kind", "card"), SOUND)
def test_without_its_policy_a_certificate_is_of_no_cards_kind(issue: Issue, kind: Kind, card: bool) -> None:
    for policies in ([], [MORE]):
        found = identity(issue, DOD, policies=policies)
        assert (found.kind, found.authenticates_card) == (Kind.SOFTWARE, card)
        expected = ("kind: the purpose of Card Authentication without a policy of it",) if card else ()
        assert found.warnings == expected


def test_the_oids_of_tests_say_nothing_to_the_default_profile() -> None:
    policies = ["2.16.840.1.101.3.2.1.48.11"]
    assert identity(cards.piv_auth, policies=policies).kind is Kind.SOFTWARE
    assert identity(cards.piv_auth, profile(["icam_test"]), policies=policies).kind is Kind.PIV_AUTH


def test_the_oids_of_another_issuer_are_for_the_operator_to_add() -> None:
    told = profile(["piv_i"], {Kind.PIV_I_AUTH: ["1.2.3.1"], Kind.PIV_I_CARD_AUTH: ["1.2.3.2"]})
    assert identity(cards.piv_i_auth, told, policies=["1.2.3.1"]).kind is Kind.PIV_I_AUTH
    assert identity(cards.piv_i_card_auth, told, policies=["1.2.3.2"]).kind is Kind.PIV_I_CARD_AUTH


def test_a_second_policy_of_a_card_is_for_the_operator_to_add() -> None:
    policies = [cards.CARD_AUTH_POLICY, "1.2.3"]
    assert identity(cards.piv_card_auth, policies=policies).kind is Kind.SOFTWARE
    told = profile(["fpki"], {Kind.PIV_CARD_AUTH: ["1.2.3"]})
    assert identity(cards.piv_card_auth, told, policies=policies).kind is Kind.PIV_CARD_AUTH


def test_other_policies_beside_do_not_matter_to_a_persons_kind() -> None:
    for issue in (cards.piv_auth, cards.derived_piv, cards.piv_i_auth):
        sound = identity(issue)
        beside = identity(issue, policies=[MORE, *sound.policy_oids])
        assert (beside.kind, beside.warnings) == (sound.kind, ())


def test_both_policies_of_derived_credentials_will_do() -> None:
    for policies in ([cards.DERIVED_HARDWARE_POLICY], [cards.DERIVED_POLICY, cards.DERIVED_HARDWARE_POLICY]):
        assert identity(cards.derived_piv, policies=policies).kind is Kind.DERIVED_PIV


# ------------------------------------------------------------------------------------------------ 1. a CA, 2. an SVID


def test_a_ca_is_no_card_whatever_it_may_issue_under() -> None:
    policies = [cards.PIV_AUTH_POLICY, cards.CARD_AUTH_POLICY, cards.DERIVED_POLICY, cards.PIV_I_POLICY]
    ca = parse_certificate(pki.make_ca("Agency CA", policies=policies).der).identity
    assert (ca.kind, ca.authenticates_card, ca.warnings) == (Kind.SOFTWARE, False, ())


@pytest.mark.parametrize(("issue", "card"), [(cards.piv_auth, False), (cards.piv_card_auth, True)])
def test_a_card_that_is_a_ca_is_none(issue: Issue, card: bool) -> None:
    found = identity(issue, ca=True)
    assert (found.kind, found.authenticates_card) == (Kind.SOFTWARE, card)


def test_a_policy_of_cards_means_nothing_in_an_svid() -> None:
    svid = parse_certificate(cards.svid(CA, policies=[cards.PIV_AUTH_POLICY]).der).identity
    assert (svid.kind, svid.authenticates_card) == (Kind.SPIFFE, False)
    assert svid.warnings == ("kind: the policy of piv-auth means nothing in an X509-SVID",)


def test_an_svid_keeps_the_mark_of_card_authentication() -> None:
    svid = parse_certificate(cards.svid(CA, eku=[pki.SERVER_AUTH, pki.CLIENT_AUTH, cards.CARD_AUTH]).der).identity
    assert (svid.kind, svid.authenticates_card, svid.warnings) == (Kind.SPIFFE, True, ())


# ------------------------------------------------------------------------------------------------ 3. CAC


@pytest.mark.parametrize(
    ("defects", "why"),
    [
        ({"edipi": "12345678"}, "its subject gives no EDIPI"),
        ({"upns": ["9876543210117004@mil"]}, "its subject gives no EDIPI"),
        ({"fasc_n": cards.FEDERAL}, "its subject gives no EDIPI"),
        ({"subject": cards.subject("TESTER.ALICE.1234567890")}, "its subject gives no EDIPI"),
        ({"eku": [cards.CARD_AUTH]}, "its purpose is Card Authentication"),
        ({"eku": [pki.SERVER_AUTH]}, "no purpose of it is a client's"),
        ({"key_usage": ["keyEncipherment"]}, "its key usage lacks digitalSignature"),
    ],
)
def test_what_is_held_against_a_cac(defects: dict[str, object], why: str) -> None:
    found = identity(cards.cac, DOD, policies=[cards.CAC_POLICY], **defects)
    assert found.kind is Kind.SOFTWARE
    assert f"kind: not cac: {why}" in found.warnings


def test_a_cac_of_another_issuer_is_what_its_other_policy_says() -> None:
    found = parse_certificate(cards.cac(CA).der, DOD).identity
    assert (found.kind, found.edipi) == (Kind.PIV_AUTH, None)
    why = "kind: not cac: its issuer is not configured as the DoD's"
    assert found.warnings == ("edipi: not read, since the issuer is not configured as the DoD's", why)
    unconfigured = parse_certificate(cards.cac(DOD_CA).der, profile(["fpki", "dod"])).identity
    assert (unconfigured.kind, unconfigured.warnings) == (found.kind, (why,))


@pytest.mark.parametrize("names", [["dod"], ["piv_i"], ["icam_test"]])
@pytest.mark.parametrize("purposes", [[], [cards.CARD_AUTH]])
def test_a_card_without_its_holder_is_known_in_every_profile(names: list[str], purposes: list[str]) -> None:
    found = parse_certificate(cards.piv_card_auth(CA, eku=purposes).der, profile(names)).identity
    assert (found.kind, found.authenticates_card) == (Kind.SOFTWARE, True)
    assert found.warnings == ("kind: a policy of Card Authentication that `identity` gives no meaning",)


def test_a_policy_of_card_authentication_from_elsewhere_spoils_a_person() -> None:
    both = cards.piv_auth(CA, policies=[cards.PIV_AUTH_POLICY, "2.16.840.1.101.3.2.1.3.19"])
    found = parse_certificate(both.der, profile(["fpki"])).identity
    assert (found.kind, found.authenticates_card) == (Kind.SOFTWARE, True)
    assert "kind: not piv-auth: it has a policy of Card Authentication" in found.warnings


def test_an_oid_that_the_operator_gives_another_meaning_has_that_one() -> None:
    told = profile(["fpki"], {Kind.PIV_I_AUTH: ["2.16.840.1.101.3.2.1.3.19"]})
    leaf = cards.piv_i_auth(CA, policies=["2.16.840.1.101.3.2.1.3.19"])
    found = parse_certificate(leaf.der, told).identity
    assert (found.kind, found.authenticates_card) == (Kind.PIV_I_AUTH, False)


def test_a_cac_without_the_dod_profile_is_a_piv_card() -> None:
    assert identity(cards.cac).kind is Kind.PIV_AUTH


@pytest.mark.parametrize(
    ("policy", "kind", "warnings"),
    [
        (cards.DERIVED_POLICY, Kind.SOFTWARE, ("kind: not derived-piv: it has a FASC-N",)),
        (cards.CARD_AUTH_POLICY, Kind.SOFTWARE, ("kind: not piv-card-auth: it has other policies beside",)),
    ],
)
def test_a_cac_has_no_policy_of_another_card(policy: str, kind: Kind, warnings: tuple[str, ...]) -> None:
    found = identity(cards.cac, DOD, policies=[cards.CAC_POLICY, policy])
    assert (found.kind, found.authenticates_card) == (kind, policy == cards.CARD_AUTH_POLICY)
    said = [warning for warning in found.warnings if warning.startswith("kind: ")]
    assert said == ["kind: not cac: it has the policy of another card beside", *warnings]


def test_what_is_derived_from_a_cac_is_derived() -> None:
    derived = {"policies": [cards.CAC_POLICY, cards.DERIVED_POLICY], "fasc_n": None, "naci": None}
    found = identity(cards.cac, DOD, **derived)
    assert (found.kind, found.edipi) == (Kind.DERIVED_PIV, cards.EDIPI)
    assert found.warnings == ("kind: not cac: it has the policy of another card beside",)


def test_a_cac_needs_no_fasc_n() -> None:
    found = identity(cards.cac, DOD, policies=[cards.CAC_POLICY], fasc_n=None, uuid=None)
    assert (found.kind, found.warnings) == (Kind.CAC, ())


# ------------------------------------------------------------------------------------------------ 4. the other kinds

AGAINST = [
    (cards.piv_auth, {"fasc_n": None, "uuid": None}, "piv-auth", "it names no card"),
    (cards.piv_auth, {"fasc_n": None, "uuid": "x"}, "piv-auth", "it names no card"),
    (cards.piv_auth, {"eku": [cards.CARD_AUTH]}, "piv-auth", "its purpose is Card Authentication"),
    (cards.piv_auth, {"eku": [pki.CLIENT_AUTH, cards.CARD_AUTH]}, "piv-auth", "its purpose is Card Authentication"),
    (cards.piv_auth, {"eku": [pki.SERVER_AUTH]}, "piv-auth", "no purpose of it is a client's"),
    (cards.piv_auth, {"key_usage": ["keyAgreement"]}, "piv-auth", "its key usage lacks digitalSignature"),
    (
        cards.piv_auth,
        {"key_usage": ["digitalSignature", "keyCertSign"]},
        "piv-auth",
        "its key may sign certificates or CRLs",
    ),
    (cards.derived_piv, {"fasc_n": cards.FEDERAL}, "derived-piv", "it has a FASC-N"),
    (cards.derived_piv, {"fasc_n": bytes(25)}, "derived-piv", "it has a FASC-N"),
    (cards.derived_piv, {"uuid": None}, "derived-piv", "it has no UUID"),
    (cards.derived_piv, {"uris": [f"urn:uuid:{cards.CARD_UUID}"]}, "derived-piv", "it has no UUID"),
    (cards.derived_piv, {"eku": [cards.CARD_AUTH]}, "derived-piv", "its purpose is Card Authentication"),
    (cards.derived_piv, {"key_usage": ["cRLSign"]}, "derived-piv", "its key usage lacks digitalSignature"),
    (cards.piv_i_auth, {"fasc_n": cards.FEDERAL}, "piv-i-auth", "it has a FASC-N"),
    (cards.piv_i_auth, {"fasc_n": bytes(25)}, "piv-i-auth", "it has a FASC-N"),
    (cards.piv_i_auth, {"fasc_n": cards.fasc_n(agency="9999", lrc="00001")}, "piv-i-auth", "it has a FASC-N"),
    (cards.piv_i_auth, {"uuid": None}, "piv-i-auth", "it has no card UUID"),
    (cards.piv_i_auth, {"eku": [cards.CARD_AUTH]}, "piv-i-auth", "its purpose is Card Authentication"),
    (
        cards.piv_card_auth,
        {"policies": [cards.CARD_AUTH_POLICY, MORE]},
        "piv-card-auth",
        "it has other policies beside",
    ),
    (cards.piv_card_auth, {"eku": [pki.CLIENT_AUTH]}, "piv-card-auth", "its purpose is not Card Authentication alone"),
    (
        cards.piv_card_auth,
        {"eku": [cards.CARD_AUTH, pki.CLIENT_AUTH]},
        "piv-card-auth",
        "its purpose is not Card Authentication alone",
    ),
    (cards.piv_card_auth, {"key_usage": ["keyAgreement"]}, "piv-card-auth", "its key usage lacks digitalSignature"),
    (cards.piv_card_auth, {"fasc_n": None, "uuid": None}, "piv-card-auth", "it names no card"),
    (cards.piv_i_card_auth, {"fasc_n": cards.FEDERAL}, "piv-i-card-auth", "it has a FASC-N"),
    (cards.piv_i_card_auth, {"uuid": None}, "piv-i-card-auth", "it has no card UUID"),
    (
        cards.piv_i_card_auth,
        {"policies": [cards.PIV_I_CARD_AUTH_POLICY, MORE]},
        "piv-i-card-auth",
        "it has other policies beside",
    ),
]


@pytest.mark.parametrize(("issue", "defects", "kind", "why"), AGAINST)
def test_what_is_held_against_a_certificate_makes_it_of_no_cards_kind(
    issue: Issue, defects: dict[str, object], kind: str, why: str
) -> None:
    found = identity(issue, **defects)
    assert found.kind is Kind.SOFTWARE
    assert f"kind: not {kind}: {why}" in found.warnings


ODD = [
    (cards.piv_auth, {"uuid": None}, "piv-auth", "without a card UUID"),
    (cards.piv_auth, {"fasc_n": None}, "piv-auth", "without a FASC-N"),
    (
        cards.piv_auth,
        {"fasc_n": cards.NON_FEDERAL},
        "piv-auth",
        "with the FASC-N of a card that no federal agency issued",
    ),
    (cards.piv_auth, {"eku": []}, "piv-auth", "without extended key usage"),
    (cards.piv_auth, {"eku": [cards.ANY_EKU]}, "piv-auth", "for any purpose"),
    (cards.piv_auth, {"eku": [pki.CLIENT_AUTH]}, "piv-auth", "without the purpose smartcardLogon"),
    (cards.piv_auth, {"eku": [cards.SMARTCARD_LOGON]}, "piv-auth", "without the purpose clientAuth"),
    (
        cards.piv_auth,
        {"key_usage": ["digitalSignature", "keyAgreement"]},
        "piv-auth",
        "with another key usage than digitalSignature alone",
    ),
    (cards.piv_auth, {"key_usage": False}, "piv-auth", "with another key usage than digitalSignature alone"),
    (cards.piv_auth, {"subject": cards.subject()}, "piv-auth", "without a common name"),
    (cards.derived_piv, {"eku": []}, "derived-piv", "without extended key usage"),
    (cards.derived_piv, {"eku": [cards.SMARTCARD_LOGON]}, "derived-piv", "without the purpose clientAuth"),
    (cards.piv_i_auth, {"fasc_n": cards.NON_FEDERAL}, "piv-i-auth", "with a FASC-N"),
    (cards.piv_i_auth, {"eku": [pki.CLIENT_AUTH]}, "piv-i-auth", "without the purpose smartcardLogon"),
    (cards.piv_card_auth, {"uuid": None}, "piv-card-auth", "without a card UUID"),
    (cards.piv_card_auth, {"eku": []}, "piv-card-auth", "without extended key usage"),
    (
        cards.piv_card_auth,
        {"eku_critical": False},
        "piv-card-auth",
        "with an extended key usage that is not critical",
    ),
    (cards.piv_card_auth, {"emails": ["a@b"]}, "piv-card-auth", "with names beside the card's"),
    (cards.piv_card_auth, {"key_usage": False}, "piv-card-auth", "with another key usage than digitalSignature alone"),
    (
        cards.piv_card_auth,
        {"subject": cards.subject("ALICE", serial_number=cards.FEDERAL.hex())},
        "piv-card-auth",
        "with a common name",
    ),
    (cards.piv_i_card_auth, {"fasc_n": cards.NON_FEDERAL}, "piv-i-card-auth", "with a FASC-N"),
    (cards.piv_i_card_auth, {"upns": ["a@b"]}, "piv-i-card-auth", "with names beside the card's"),
]


@pytest.mark.parametrize(("issue", "defects", "kind", "deviation"), ODD)
def test_what_is_odd_about_a_certificate_is_a_warning(
    issue: Issue, defects: dict[str, object], kind: str, deviation: str
) -> None:
    found = identity(issue, **defects)
    assert (found.kind.value, found.warnings) == (kind, (f"kind: {kind} {deviation}",))


def test_a_card_whose_fasc_n_is_malformed_keeps_its_kind() -> None:
    for issue, kind in ((cards.piv_auth, Kind.PIV_AUTH), (cards.piv_card_auth, Kind.PIV_CARD_AUTH)):
        for number in (bytes(25), cards.fasc_n(lrc="00001")):
            found = identity(issue, fasc_n=number)
            assert found.kind is kind
            assert [warning.partition(":")[0] for warning in found.warnings] == ["fasc_n"]


def test_every_deviation_is_reported() -> None:
    found = identity(cards.piv_card_auth, eku=[], uuid=None, emails=["a@b"])
    assert found.warnings == (
        "kind: piv-card-auth without extended key usage",
        "kind: piv-card-auth with names beside the card's",
        "kind: piv-card-auth without a card UUID",
    )


# ------------------------------------------------------------------------------------------------ talking it over

MARKS = [
    {"policies": [cards.PIV_AUTH_POLICY, cards.CARD_AUTH_POLICY]},
    {"policies": [cards.PIV_AUTH_POLICY, cards.PIV_I_CARD_AUTH_POLICY]},
    {"policies": [cards.DERIVED_POLICY, cards.CARD_AUTH_POLICY], "fasc_n": None},
    {"policies": [cards.PIV_I_POLICY, cards.PIV_I_CARD_AUTH_POLICY], "fasc_n": None},
    {"policies": [cards.CAC_POLICY, cards.PIV_AUTH_POLICY, cards.CARD_AUTH_POLICY]},
    {"policies": [cards.CAC_POLICY, cards.CARD_AUTH_POLICY]},
    {"policies": [cards.CARD_AUTH_POLICY]},
    *(
        {"policies": [policy], "eku": [pki.CLIENT_AUTH, cards.SMARTCARD_LOGON, cards.CARD_AUTH]}
        for policy in (cards.PIV_AUTH_POLICY, cards.DERIVED_POLICY, cards.PIV_I_POLICY, cards.CAC_POLICY, MORE)
    ),
    {"policies": [], "eku": [cards.CARD_AUTH, cards.ANY_EKU]},
]


@pytest.mark.parametrize("defects", MARKS)
@pytest.mark.parametrize("issue", [cards.piv_auth, cards.cac])
def test_a_mark_of_card_authentication_makes_a_person_of_nobody(issue: Issue, defects: dict[str, object]) -> None:
    found = identity(issue, DOD, **defects)
    assert (found.kind, found.authenticates_card) == (Kind.SOFTWARE, True)
    assert any(warning.startswith("kind: ") for warning in found.warnings)


@pytest.mark.parametrize(
    "policies",
    [
        [cards.PIV_AUTH_POLICY, cards.DERIVED_POLICY],
        [cards.PIV_AUTH_POLICY, cards.PIV_I_POLICY],
        [cards.CARD_AUTH_POLICY, cards.PIV_I_CARD_AUTH_POLICY],
    ],
)
def test_policies_of_two_kinds_contradict_each_other(policies: list[str]) -> None:
    found = identity(cards.piv_auth, policies=policies)
    assert found.kind is Kind.SOFTWARE
    assert found.warnings[0].endswith("contradict each other")


def test_the_policies_that_contradict_are_named() -> None:
    found = identity(cards.piv_auth, policies=[cards.PIV_AUTH_POLICY, cards.DERIVED_POLICY])
    assert found.warnings == ("kind: the policies of derived-piv, piv-auth contradict each other",)
