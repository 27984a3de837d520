from dataclasses import replace
from datetime import timedelta

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.profile import profile
from extauthz.model.decision import Step
from extauthz.model.errors import AuthenticationError
from extauthz.model.identity import Kind
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.extended_key_usage import extended_key_usage_rule
from extauthz.policy.rules.kind import kind_rule
from extauthz.trust.crl.load import load_crl
from extauthz.trust.pins import CertPin, CertPinStore, ExpiringPin, SpkiPin
from extauthz.trust.pinset import PinSet
from extauthz.trust.revocation.store import CrlStore
from support import cards, pki

CA = pki.make_ca("Test CA")
ALICE = CA.issue("alice", organizational_unit="Ops")
CONFIG = ClientCertConfig().trust_ca(CA.der)


def reason(config: ClientCertConfig, der: bytes = ALICE.der, **parts: object) -> Reason:
    with pytest.raises(AuthenticationError) as caught:
        ClientCertAuthMethod(config, **parts).authenticate(der, now=pki.NOW)  # type: ignore[arg-type]
    return caught.value.reason


def test_trusted_client_gets_its_identity() -> None:
    identity = ClientCertAuthMethod(CONFIG).authenticate(ALICE.der, now=pki.NOW)
    assert identity.common_name == "alice"
    assert identity.sha256 == ALICE.sha256.hex()


def test_the_profile_says_what_a_card_is_recognised_by() -> None:
    card = cards.piv_i_auth(CA, policies=["1.2.3.4"])
    assert ClientCertAuthMethod(CONFIG).authenticate(card.der, now=pki.NOW).kind is Kind.SOFTWARE
    config = replace(CONFIG, profile=profile([], {Kind.PIV_I_AUTH: ["1.2.3.4"]}))
    assert ClientCertAuthMethod(config).authenticate(card.der, now=pki.NOW).kind is Kind.PIV_I_AUTH


def test_a_card_alone_is_nobody_unless_a_rule_names_its_kind() -> None:
    card = cards.piv_card_auth(CA)
    assert reason(CONFIG, card.der) is Reason.KIND_NOT_ALLOWED
    config = replace(CONFIG, rules=(kind_rule([Kind.PIV_CARD_AUTH]),))
    ClientCertAuthMethod(config).authenticate(card.der, now=pki.NOW)


def test_nothing_is_trusted_without_a_trusted_ca() -> None:
    assert reason(ClientCertConfig()) is Reason.UNTRUSTED_ISSUER


def test_presented_chain_leads_to_the_anchor() -> None:
    issuing = pki.make_ca("Issuing", parent=CA)
    bob = issuing.issue("bob")
    method = ClientCertAuthMethod(CONFIG)
    assert method.authenticate(bob.der, now=pki.NOW, chain=[issuing.der]).common_name == "bob"
    assert reason(CONFIG, bob.der) is Reason.UNTRUSTED_ISSUER


def test_allow_lists_are_fragments_of_which_one_is_enough() -> None:
    config = CONFIG.allow_subject("OU=Dev").allow_subject("OU=Ops").allow_issuer("Test CA")
    ClientCertAuthMethod(config).authenticate(ALICE.der, now=pki.NOW)
    assert reason(CONFIG.allow_subject("OU=ops")) is Reason.SUBJECT_NOT_ALLOWED
    assert reason(CONFIG.allow_issuer("Other CA")) is Reason.ISSUER_NOT_ALLOWED


def test_empty_fragment_is_refused_because_it_is_everywhere() -> None:
    with pytest.raises(PatternError):
        ClientCertAuthMethod(CONFIG.allow_subject(""))


def test_san_can_be_required() -> None:
    bare = CA.issue("bare", no_san=True)
    ClientCertAuthMethod(CONFIG).authenticate(bare.der, now=pki.NOW)
    assert reason(CONFIG.with_require_san(), bare.der) is Reason.SAN_MISSING
    ClientCertAuthMethod(CONFIG.with_require_san(required=False)).authenticate(bare.der, now=pki.NOW)


def test_pin_store_is_asked_beside_the_chain_and_never_instead() -> None:
    pins = CertPinStore()
    assert reason(CONFIG, pins=pins) is Reason.PIN_MISMATCH
    pins.add(CertPin.from_der(ALICE.der))
    ClientCertAuthMethod(CONFIG, pins=pins).authenticate(ALICE.der, now=pki.NOW)
    assert reason(ClientCertConfig(), pins=pins) is Reason.UNTRUSTED_ISSUER


def test_each_pin_set_must_hold() -> None:
    ours = PinSet(spki=(ExpiringPin(SpkiPin.from_certificate_der(ALICE.der)),))
    theirs = PinSet(cert=(ExpiringPin(CertPin.from_der(CA.der)),))
    ClientCertAuthMethod(ClientCertConfig(trusted_ca_ders=(CA.der,), pin_sets=(ours,))).authenticate(
        ALICE.der, now=pki.NOW
    )
    assert reason(ClientCertConfig(trusted_ca_ders=(CA.der,), pin_sets=(ours, theirs))) is Reason.PIN_MISMATCH


def test_revocation_is_checked_when_there_is_a_store() -> None:
    crls = CrlStore()
    assert reason(CONFIG, crls=crls) is Reason.CRL_MISSING
    crls.add(load_crl(CA.crl([]), [parse_certificate(CA.der)]))
    ClientCertAuthMethod(CONFIG, crls=crls).authenticate(ALICE.der, now=pki.NOW)
    crls.add_revoked("CN=Test CA,O=Example", f"{ALICE.serial:x}")
    assert reason(CONFIG, crls=crls) is Reason.REVOKED


def test_answer_follows_the_clock_and_the_store_not_the_cache() -> None:
    crls = CrlStore()
    crls.add(load_crl(CA.crl([], next_update=pki.NOW + pki.HOUR), [parse_certificate(CA.der)]))
    method = ClientCertAuthMethod(CONFIG, crls=crls)
    method.authenticate(ALICE.der, now=pki.NOW)
    method.authenticate(ALICE.der, now=pki.NOW + pki.HOUR)
    with pytest.raises(AuthenticationError) as caught:
        method.authenticate(ALICE.der, now=pki.NOW + pki.HOUR + pki.SECOND)
    assert caught.value.reason is Reason.CRL_STALE


def test_session_ends_with_its_lifetime_or_with_the_certificate() -> None:
    method = ClientCertAuthMethod(ClientCertConfig(trusted_ca_ders=(CA.der,), token_lifetime_secs=600))
    identity = method.authenticate(ALICE.der, now=pki.NOW)
    assert method.session_expires(identity, pki.NOW) == pki.NOW + timedelta(seconds=600)
    late = identity.not_after - timedelta(seconds=599)
    assert method.session_expires(identity, late) == identity.not_after


def test_every_rule_is_run_and_told_also_after_one_failed() -> None:
    config = CONFIG.allow_subject("nobody").allow_issuer("nobody").with_require_san()
    examination = ClientCertAuthMethod(config).examine(Presented(leaf=ALICE.der), pki.NOW)
    last = examination.steps[-1]
    assert isinstance(last, Step)
    assert [result.rule for result in last.rules] == [
        "client_usage",
        "device",
        "issuer_contains",
        "subject_contains",
        "san_present",
    ]


@pytest.mark.parametrize(
    ("der", "says"),
    [(b"", "empty"), (ALICE.pem, "PEM"), (ALICE.der[:-1], ""), (ALICE.der + b"\0", ""), (b"junk", "")],
)
def test_what_is_no_der_certificate_says_what_it_is(der: bytes, says: str) -> None:
    with pytest.raises(AuthenticationError) as caught:
        ClientCertAuthMethod(CONFIG).authenticate(der, now=pki.NOW)
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED
    assert says in caught.value.detail


def test_certificate_of_a_server_is_no_client_unless_the_policy_names_its_purpose() -> None:
    server = CA.issue("server", eku=[pki.SERVER_AUTH])
    assert reason(CONFIG, server.der) is Reason.EXTENDED_KEY_USAGE_NOT_ALLOWED
    asked = ClientCertConfig(trusted_ca_ders=(CA.der,), rules=(extended_key_usage_rule(["serverAuth"]),))
    assert ClientCertAuthMethod(asked).authenticate(server.der, now=pki.NOW).common_name == "server"
    signer = CA.issue("signer", key_usage=["cRLSign"])
    assert reason(CONFIG, signer.der) is Reason.KEY_USAGE_NOT_ALLOWED
