"""``CertIdentity`` as JSON."""

import dataclasses
import json
from datetime import UTC, datetime

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.json_form import forwarded_to_json, to_json
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import FascN
from support import pki

CA = pki.make_ca("Issuing CA")
KEYS = {
    "subject", "issuer", "common_name", "organizations", "organizational_units", "serial_number", "not_before",
    "not_after", "sans", "dns_names", "emails", "uris", "ip_addresses", "upns", "sha256", "thumbprint_s256",
    "spki_sha256", "key", "key_usage", "extended_key_usage", "policy_oids", "is_ca", "authority_key_id",
    "subject_key_id", "kind", "fasc_n", "piv_interim", "card_uuid", "edipi", "spiffe_id", "ms_sid", "warnings",
}  # fmt: skip


def test_a_certificate_that_says_much() -> None:
    leaf = CA.issue(
        "alice", serial=0x0A, organizational_unit="Ops", dns=["a.example"], emails=["a@b"], uris=["spiffe://a/b"],
        ips=["::1"], upns=["a@c"], policies=["1.2.3"], eku=[pki.SERVER_AUTH, pki.CLIENT_AUTH],
    )  # fmt: skip
    identity = parse_certificate(leaf.der).identity
    form = to_json(identity)
    assert set(form) == KEYS
    assert json.loads(json.dumps(form)) == form == {
        "subject": "CN=alice,OU=Ops,O=Example",
        "issuer": "CN=Issuing CA,O=Example",
        "common_name": "alice",
        "organizations": ["Example"],
        "organizational_units": ["Ops"],
        "serial_number": "a",
        "not_before": "2026-05-02T12:00:00Z",
        "not_after": "2027-05-02T12:00:00Z",
        "sans": [
            {"type": "dns", "value": "a.example"},
            {"type": "uri", "value": "spiffe://a/b"},
            {"type": "email", "value": "a@b"},
            {"type": "ip", "value": "::1"},
            {"type": "upn", "value": "a@c"},
        ],
        "dns_names": ["a.example"],
        "emails": ["a@b"],
        "uris": ["spiffe://a/b"],
        "ip_addresses": ["::1"],
        "upns": ["a@c"],
        "sha256": identity.sha256,
        "thumbprint_s256": identity.thumbprint_s256,
        "spki_sha256": identity.spki_sha256,
        "key": {"type": "ec", "curve": "secp256r1"},
        "key_usage": ["digitalSignature"],
        "extended_key_usage": ["serverAuth", "clientAuth"],
        "policy_oids": ["1.2.3"],
        "is_ca": False,
        "authority_key_id": identity.authority_key_id,
        "subject_key_id": identity.subject_key_id,
        "kind": "spiffe",
        "fasc_n": None,
        "piv_interim": None,
        "card_uuid": None,
        "edipi": None,
        "spiffe_id": "spiffe://a/b",
        "ms_sid": None,
        "warnings": [],
    }  # fmt: skip


def test_no_key_is_ever_absent() -> None:
    form = to_json(parse_certificate(CA.issue(None, organization=None, no_extensions=True, key="rsa").der).identity)
    assert set(form) == KEYS
    assert {key: value for key, value in form.items() if value in (None, [], "")} == {
        "subject": "", "common_name": None, "organizations": [], "organizational_units": [], "sans": [],
        "dns_names": [], "emails": [], "uris": [], "ip_addresses": [], "upns": [], "key_usage": [],
        "extended_key_usage": [], "policy_oids": [], "authority_key_id": None, "subject_key_id": None, "fasc_n": None,
        "piv_interim": None, "card_uuid": None, "edipi": None, "spiffe_id": None, "ms_sid": None, "warnings": [],
    }  # fmt: skip
    assert form["key"] == {"type": "rsa", "bits": 2048}


def test_years_have_four_digits() -> None:
    identity = parse_certificate(CA.issue().der).identity
    early = dataclasses.replace(identity, not_before=datetime(1, 1, 1, tzinfo=UTC))
    assert to_json(early)["not_before"] == "0001-01-01T00:00:00Z"


def test_a_fasc_n_with_its_fields() -> None:
    fields = {
        "agency_code": "0032", "system_code": "0001", "credential_number": "092446", "credential_series": "0",
        "individual_credential_issue": "1", "person_identifier": "1112223333", "organizational_category": "1",
        "organizational_identifier": "1223", "person_association": "2",
    }  # fmt: skip
    identity = dataclasses.replace(parse_certificate(CA.issue().der).identity, fasc_n=FascN(**fields, valid=True))
    assert to_json(identity)["fasc_n"] == {**fields, "valid": True}


def test_a_bare_name_is_told_with_who_said_so_and_no_other_key() -> None:
    forwarded = ForwardedIdentity("spiffe://a/cart", ("spiffe://a/waypoint",), ("xfcc",))
    assert forwarded_to_json(forwarded) == {"spiffe_id": "spiffe://a/cart", "forwarded_by": ["spiffe://a/waypoint"]}
