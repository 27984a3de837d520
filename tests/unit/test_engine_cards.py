"""Smart cards and workloads through the whole of ``decide``: which of them each condition lets in, and why not."""

from collections.abc import Mapping

import pytest

from extauthz.config.build_conditions import build_rules
from extauthz.config.schema.require import Require
from extauthz.engine import Policy
from extauthz.headers import HeaderRenderer
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.profile import profile
from extauthz.model.decision import Decision
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.routes import compile_when
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.select import SourceReader
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainVerifier
from support import cards, pki
from support.engines import assembled

ROOT = pki.make_ca("Root")
AGENCY = pki.make_ca("Agency CA", ROOT)
DOD = cards.dod_ca(ROOT)
SID = cards.SID
OTHER_UUID = "11111111-2222-3333-4444-555555555555"
CARDS = {
    "piv": cards.piv_auth(AGENCY, upns=["alice@agency.example"], sid=SID),
    "card": cards.piv_card_auth(AGENCY),
    "derived": cards.derived_piv(AGENCY, uuid=OTHER_UUID),
    "piv-i": cards.piv_i_auth(AGENCY, uuid=OTHER_UUID, fasc_n=cards.NON_FEDERAL),
    "piv-i-card": cards.piv_i_card_auth(AGENCY, uuid=OTHER_UUID),
    "cac": cards.cac(DOD),
    "svid": cards.svid(AGENCY),
    "software": AGENCY.issue("alice"),
}
DEVICES = {"card", "piv-i-card"}
PEOPLE = {"piv", "derived", "piv-i", "cac"}
PROFILE = profile(["fpki", "dod"], dod_issuers=[cards.DOD_ISSUER])
TRUST = CertificateTrust(
    ChainVerifier([parse_certificate(ROOT.der)], [parse_certificate(ca.der) for ca in (AGENCY, DOD)]), profile=PROFILE
)


def decide(leaf: pki.Leaf, require: Mapping[str, object]) -> Decision:
    config = ClientCertConfig(rules=build_rules(Require.model_validate(require)))
    method = ClientCertAuthMethod(config, trust=TRUST)
    engine = assembled(
        sources=SourceReader([EnvoyPeerSource()]),
        policies=[(compile_when(), Policy(name="any", method=method))],
        headers=HeaderRenderer(),
        trust=TRUST,
        digest="d1",
    )
    return engine.decide(AuthRequest(source_certificate=pki.url_pem(leaf.der), path="/"), pki.NOW)


def reasons(require: Mapping[str, object]) -> dict[str, Reason]:
    return {name: decide(leaf, require).reason for name, leaf in CARDS.items()}


@pytest.mark.parametrize(
    ("require", "allowed", "reason"),
    [
        ({}, PEOPLE | {"svid", "software"}, None),
        ({"kind": ["piv-auth"]}, {"piv"}, Reason.KIND_NOT_ALLOWED),
        ({"kind": ["piv-card-auth"]}, {"card"}, Reason.KIND_NOT_ALLOWED),
        ({"kind": ["derived-piv"]}, {"derived"}, Reason.KIND_NOT_ALLOWED),
        ({"kind": ["piv-i-auth"]}, {"piv-i"}, Reason.KIND_NOT_ALLOWED),
        ({"kind": ["piv-i-card-auth"]}, {"piv-i-card"}, Reason.KIND_NOT_ALLOWED),
        ({"kind": ["cac"]}, {"cac"}, Reason.KIND_NOT_ALLOWED),
        ({"kind": ["spiffe"]}, {"svid"}, Reason.KIND_NOT_ALLOWED),
        ({"kind": ["software"]}, {"software"}, Reason.KIND_NOT_ALLOWED),
        ({"agency_code": ["4700"]}, {"piv"}, Reason.AGENCY_CODE_NOT_ALLOWED),
        ({"agency_code": ["4700", "1700"]}, {"piv", "cac"}, Reason.AGENCY_CODE_NOT_ALLOWED),
        ({"fasc_n": ["47000257000046"]}, {"piv"}, Reason.FASC_N_NOT_ALLOWED),
        ({"edipi": [cards.EDIPI]}, {"cac"}, Reason.EDIPI_NOT_ALLOWED),
        ({"card_uuid": [f"urn:uuid:{cards.CARD_UUID.upper()}"]}, {"piv", "cac"}, Reason.CARD_UUID_NOT_ALLOWED),
        ({"card_uuid": [OTHER_UUID]}, {"derived", "piv-i"}, Reason.CARD_UUID_NOT_ALLOWED),
        ({"upn": ["*@mil"]}, {"cac"}, Reason.UPN_NOT_ALLOWED),
        ({"upn": ["alice@AGENCY.example"]}, {"piv"}, Reason.UPN_NOT_ALLOWED),
        ({"ms_sid": [SID]}, {"piv"}, Reason.MS_SID_NOT_ALLOWED),
        ({"spiffe_id": ["spiffe://prod.example.org/ns/*/sa/api"]}, {"svid"}, Reason.SPIFFE_ID_NOT_ALLOWED),
        ({"policy_oids": [cards.PIV_AUTH_POLICY]}, {"piv", "cac"}, Reason.POLICY_OID_NOT_ALLOWED),
        ({"policy_oids": {"exactly": [cards.PIV_AUTH_POLICY]}}, {"piv"}, Reason.POLICY_OID_NOT_ALLOWED),
        (
            {"policy_oids": {"all": [cards.PIV_AUTH_POLICY, cards.CAC_POLICY]}},
            {"cac"},
            Reason.POLICY_OID_NOT_ALLOWED,
        ),
        (
            {"extended_key_usage": {"all": ["clientAuth", "smartcardLogon"]}},
            PEOPLE,
            Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED,
        ),
        ({"extended_key_usage": {"exactly": ["clientAuth"]}}, {"software"}, Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED),
    ],
)
def test_each_condition_lets_in_its_own_and_denies_the_others_with_its_reason(
    require: Mapping[str, object], allowed: set[str], reason: Reason | None
) -> None:
    found = reasons(require)
    assert {name for name, one in found.items() if one is Reason.ALLOWED} == allowed
    for name in CARDS.keys() - allowed:
        # A device fails already because its kind is not asked for, whatever else it lacks.
        assert found[name] is (Reason.KIND_NOT_ALLOWED if name in DEVICES else reason), name


@pytest.mark.parametrize(
    ("require", "allowed"),
    [
        # An alternative that names the kind counts where it holds, and for itself only.
        ({"any_of": [{"kind": ["piv-card-auth"], "agency_code": ["4700"]}, {"san_present": True}]}, {"card"}),
        ({"any_of": [{"kind": ["piv-card-auth"], "agency_code": ["1700"]}, {"san_present": True}]}, set()),
        ({"any_of": [{"agency_code": ["4700"]}]}, set()),
        ({"agency_code": ["4700"], "extended_key_usage": ["id-PIV-cardAuth"]}, set()),
        ({"extended_key_usage": {"exactly": ["id-PIV-cardAuth"]}, "kind": ["piv-card-auth"]}, {"card"}),
        ({"not": {"kind": ["piv-i-card-auth"]}}, set()),
        ({"kind": ["piv-card-auth", "piv-i-card-auth"]}, DEVICES),
    ],
)
def test_card_alone_is_let_in_only_where_its_kind_is_named(require: Mapping[str, object], allowed: set[str]) -> None:
    found = {name: one for name, one in reasons(require).items() if name in DEVICES}
    assert {name for name, one in found.items() if one is Reason.ALLOWED} == allowed
    denials = {one for name, one in found.items() if name not in allowed}
    assert denials <= {Reason.KIND_NOT_ALLOWED, Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED, Reason.NO_ALTERNATIVE_HOLDS}
    assert found["card"] in {Reason.ALLOWED, Reason.KIND_NOT_ALLOWED}


def test_card_that_contradicts_itself_is_neither_card_nor_person() -> None:
    odd = cards.piv_card_auth(AGENCY, policies=[cards.CARD_AUTH_POLICY, "1.2.3"], eku=["1.3.6.1.5.5.7.3.2"])
    for require in ({}, {"kind": ["software", "piv-card-auth"]}, {"extended_key_usage": ["clientAuth"]}):
        decision = decide(odd, require)
        assert decision.reason is Reason.KIND_NOT_ALLOWED
        assert "a mark of Card Authentication" in decision.detail


@pytest.mark.parametrize(
    "number",
    [cards.fasc_n(lrc="00001"), b"\0" * 25, b"junk", cards.NON_FEDERAL],
    ids=["lrc", "parity", "short", "9999"],
)
@pytest.mark.parametrize(
    ("require", "reason"),
    [
        ({"agency_code": ["4700"]}, Reason.AGENCY_CODE_NOT_ALLOWED),
        ({"fasc_n": ["47000257000046"]}, Reason.FASC_N_NOT_ALLOWED),
    ],
)
def test_fasc_n_that_is_malformed_or_of_no_agency_matches_nothing(
    number: bytes, require: Mapping[str, object], reason: Reason
) -> None:
    odd = cards.piv_auth(AGENCY, fasc_n=number)
    assert decide(odd, require).reason is reason
    excluded = decide(odd, {"not": require})
    expected = Reason.ALLOWED if number == cards.NON_FEDERAL else Reason.EXCLUDED
    assert excluded.reason is expected


def test_edipi_that_the_certificate_contradicts_is_none_and_escapes_no_not() -> None:
    odd = cards.cac(DOD, upns=["9999999999@mil"])
    assert decide(odd, {"edipi": [cards.EDIPI]}).reason is Reason.EDIPI_NOT_ALLOWED
    assert decide(odd, {"not": {"edipi": [cards.EDIPI]}}).reason is Reason.EXCLUDED
    assert decide(CARDS["piv"], {"not": {"edipi": [cards.EDIPI]}}).reason is Reason.ALLOWED


def test_two_different_accounts_in_one_certificate_are_refused_before_any_rule() -> None:
    decision = decide(cards.piv_auth(AGENCY, sid=SID, sid_uri=f"{SID}1"), {})
    assert decision.reason is Reason.IDENTITY_CONFLICT
    assert [step.number for step in decision.steps if isinstance(step.outcome, Fail)] == [3]


def test_another_issuer_s_edipi_is_none() -> None:
    lookalike = cards.cac(AGENCY)
    assert decide(lookalike, {"edipi": [cards.EDIPI]}).reason is Reason.EDIPI_NOT_ALLOWED
    assert decide(lookalike, {"kind": ["cac"]}).reason is Reason.KIND_NOT_ALLOWED
    assert decide(lookalike, {"kind": ["piv-auth"]}).reason is Reason.ALLOWED


def test_upstream_learns_who_holds_the_card() -> None:
    headers = dict(decide(CARDS["cac"], {"kind": ["cac"]}).headers.set)
    told = {name.removeprefix("x-client-cert-"): value for name, value in headers.items()}
    assert {key: told.get(key) for key in ("kind", "edipi", "agency-code", "fasc-n", "card-uuid", "upn")} == {
        "kind": "cac",
        "edipi": cards.EDIPI,
        "agency-code": "1700",
        "fasc-n": "17000257000046",
        "card-uuid": cards.CARD_UUID,
        "upn": f"{cards.EDIPI}117004@mil",
    }
    piv = dict(decide(CARDS["piv"], {}).headers.set)
    assert piv["x-client-cert-ms-sid"] == SID
    assert "x-client-cert-edipi" not in piv
