"""What a whole smart-card certificate says, and who passes the profile on."""

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.profile import profile
from extauthz.model.identity import CertIdentity, Kind
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.policy.rules.all_of import all_of
from extauthz.policy.rules.edipi import edipi_rule
from extauthz.policy.rules.negation import not_rule
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from support import cards, pki

CA = pki.make_ca("Agency CA")
DOD_CA = cards.dod_ca()
DOD = profile(["fpki", "dod"], dod_issuers=[cards.DOD_ISSUER])


def facts(identity: CertIdentity) -> tuple[object, ...]:
    number = identity.fasc_n.unique_number if identity.fasc_n is not None else None
    return identity.kind, number, identity.card_uuid, identity.edipi, identity.ms_sid, identity.piv_interim


def test_everything_that_a_cac_says() -> None:
    identity = parse_certificate(cards.cac(DOD_CA, sid=cards.SID).der, DOD).identity
    assert facts(identity) == (Kind.CAC, "17000257000046", cards.CARD_UUID, cards.EDIPI, cards.SID, False)
    assert identity.fasc_n is not None
    assert (identity.fasc_n.person_identifier, identity.fasc_n.person_association) == (cards.EDIPI, "4")
    assert (identity.authenticates_card, identity.upns, identity.warnings) == (False, ("1234567890117004@mil",), ())


def test_what_an_ordinary_certificate_says_of_cards() -> None:
    for told in (DOD, profile(["fpki"])):
        identity = parse_certificate(CA.issue("alice").der, told).identity
        assert facts(identity) == (Kind.SOFTWARE, None, None, None, None, None)
        assert (identity.authenticates_card, identity.warnings) == (False, ())


def test_a_number_of_a_card_needs_no_policy() -> None:
    leaf = CA.issue("alice", uris=[f"urn:uuid:{cards.CARD_UUID}"], other_sans=[cards.fasc_n_name(cards.FEDERAL)])
    found = facts(parse_certificate(leaf.der).identity)
    assert found == (Kind.SOFTWARE, "47000257000046", cards.CARD_UUID, None, None, None)


def test_a_person_of_the_dod_under_an_issuer_that_was_not_named_escapes_no_not() -> None:
    unnamed = pki.make_ca("new", subject=cards.subject("DOD ID CA-100", units=("DoD", "PKI")))
    identity = parse_certificate(cards.cac(unnamed).der, DOD).identity
    assert identity.edipi is None
    excluded = not_rule(all_of([edipi_rule([cards.EDIPI])])).check(identity)
    assert isinstance(excluded, Fail)
    assert excluded.reason is Reason.EXCLUDED


@pytest.mark.parametrize("common_name", ["TESTER.ALICE.1234567890 ", "1234567890"])
def test_a_card_of_the_dod_that_gives_no_edipi_escapes_no_not(common_name: str) -> None:
    odd = cards.cac(DOD_CA, subject=cards.subject(common_name, units=("DoD", "PKI", "USN")))
    identity = parse_certificate(odd.der, DOD).identity
    assert identity.edipi is None
    assert isinstance(not_rule(all_of([edipi_rule([cards.EDIPI])])).check(identity), Fail)


def test_an_svid_among_cards() -> None:
    for told in (DOD, profile(["fpki"])):
        assert facts(parse_certificate(cards.svid(CA).der, told).identity)[0] is Kind.SPIFFE
    leaf = CA.issue(uris=["urn:uuid:x", "spiffe://a/b"])
    assert parse_certificate(leaf.der).identity.kind is Kind.SOFTWARE


@pytest.mark.parametrize(("told", "kind"), [(None, Kind.PIV_AUTH), (DOD, Kind.CAC)])
def test_an_assessment_reads_with_the_profile_that_it_was_given(told: object, kind: Kind) -> None:
    chain = ChainVerifier((), (), ChainMode.UNSAFE_NONE)
    trust = CertificateTrust(chain) if told is None else CertificateTrust(chain, profile=DOD)
    certificate = trust.assess(Presented(cards.cac(DOD_CA).der, ()), pki.NOW).certificate
    assert certificate is not None
    assert certificate.identity.kind is kind
