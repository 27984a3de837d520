"""What a validation context asks beside names: CAs, pins, CRLs, and whether a certificate must be there."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from extauthz.importing.remark import Weight
from extauthz.importing.written_text import configuration_text
from support import pki
from support.imported import envoy_bootstrap, filter_chain, gate, load_text, remarks, run_import

ROOT = pki.make_ca("Root")
OTHER = pki.make_ca("Other")
SUB = pki.make_ca("Sub", parent=ROOT)
LEAF = ROOT.issue("alice")
CA = {"trusted_ca": {"filename": "ca.pem"}}
FILES = {"ca.pem": ROOT.pem}
NEVER = "      san_present: true\n      not:\n        san_present: true\n"


def one_chain(context: Mapping[str, object], **tls: object) -> str:
    return json.dumps(envoy_bootstrap(filter_chain(context, **tls)))


def test_a_ca_alone_lets_in_who_shows_nothing_as_envoy_does(tmp_path: Path) -> None:
    result = run_import("envoy", one_chain(CA))
    assert result.remarks == ()
    made = gate(tmp_path, result, FILES)
    assert made.allows(LEAF)
    assert made.reason(None) == "allowed_without_certificate"
    assert made.reason(OTHER.issue("mallory")) == "untrusted_issuer"


def test_a_certificate_can_be_required(tmp_path: Path) -> None:
    result = run_import("envoy", one_chain(CA, require_client_certificate=True))
    made = gate(tmp_path, result, FILES)
    assert made.allows(LEAF)
    assert made.reason(None) == "no_certificate"


def test_an_explicit_no_is_no_requirement(tmp_path: Path) -> None:
    result = run_import("envoy", one_chain(CA, require_client_certificate=False))
    assert gate(tmp_path, result, FILES).allows(None)


@pytest.mark.parametrize(
    "pins",
    [
        {"verify_certificate_hash": [LEAF.sha256.hex()]},
        {"verify_certificate_hash": [LEAF.sha256.hex(":").upper()]},
        {"verify_certificate_spki": [base64.b64encode(LEAF.spki_sha256).decode()]},
        # A match in either of the lists is enough.
        {
            "verify_certificate_hash": ["00" * 32],
            "verify_certificate_spki": [base64.b64encode(LEAF.spki_sha256).decode()],
        },
        {"verifyCertificateHash": [LEAF.sha256.hex()], "verifyCertificateSpki": [f"{'A' * 43}="]},
    ],
)
def test_pins_tell_certificates_and_require_one(pins: dict[str, object], tmp_path: Path) -> None:
    result = run_import("envoy", one_chain({**CA, **pins}))
    assert result.remarks == ()
    made = gate(tmp_path, result, FILES)
    assert made.allows(LEAF)
    assert made.reason(ROOT.issue("bob", key=pki.keys.make_key("ec", "bob"))) == "pin_mismatch"
    assert made.reason(None) == "no_certificate"


def test_pins_and_names_must_both_hold(tmp_path: Path) -> None:
    named = ROOT.issue("a", dns=["a.example"])
    both = {
        "verify_certificate_hash": [named.sha256.hex(), LEAF.sha256.hex()],
        "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": "a.example"}}],
    }
    made = gate(tmp_path, run_import("envoy", one_chain({**CA, **both})), FILES)
    assert made.allows(named)
    assert made.reason(LEAF) == "san_not_allowed"
    assert made.reason(ROOT.issue("b", dns=["a.example"])) == "pin_mismatch"


def test_pins_without_a_ca_are_told_by_the_pins_alone(tmp_path: Path) -> None:
    result = run_import("envoy", one_chain({"verify_certificate_hash": [LEAF.sha256.hex()]}))
    assert result.is_complete
    assert "unsafe_none" in configuration_text(result.config)
    made = gate(tmp_path, result, {})
    assert made.allows(LEAF)
    assert made.reason(ROOT.issue("bob")) == "pin_mismatch"


def test_a_text_that_is_no_pin_is_left_out_and_never_accepted(tmp_path: Path) -> None:
    result = run_import("envoy", one_chain({**CA, "verify_certificate_hash": ["zz", LEAF.sha256.hex()]}))
    assert [("'zz' is no pin" in one.message) for one in remarks(result, Weight.LEFT_OUT)] == [True]
    assert gate(tmp_path, result, FILES).allows(LEAF)


def test_without_a_usable_pin_everything_is_denied(tmp_path: Path) -> None:
    result = run_import("envoy", one_chain({**CA, "verify_certificate_hash": ["zz"]}))
    assert [one.message for one in remarks(result, Weight.DENIED)] == ["none of the pins can be used"]
    assert not gate(tmp_path, result, FILES).allows(LEAF)


@pytest.mark.parametrize("key", ["match_subject_alt_names", "verify_subject_alt_name"])
def test_the_older_lists_of_names_look_at_every_type(key: str, tmp_path: Path) -> None:
    names = ["a.example", "urn:a", "a@example.com", "10.0.0.1"]
    items = names if key == "verify_subject_alt_name" else [{"exact": name} for name in names]
    result = run_import("envoy", one_chain({**CA, key: items}))
    assert result.is_complete
    made = gate(tmp_path, result, FILES)
    assert made.allows(ROOT.issue("a", dns=["a.example"]))
    assert made.allows(ROOT.issue("a", uris=["urn:a"]))
    assert made.allows(ROOT.issue("a", emails=["a@example.com"]))
    assert made.allows(ROOT.issue("a", ips=["10.0.0.1"]))
    assert not made.allows(ROOT.issue("a", dns=["b.example"], uris=["urn:b"], ips=["10.0.0.2"]))


def test_an_older_pattern_says_which_names_it_no_longer_tells() -> None:
    result = run_import("envoy", one_chain({**CA, "match_subject_alt_names": [{"suffix": ".1"}]}))
    assert result.is_complete
    assert ["over names of type ip" in one.message for one in remarks(result, Weight.NOTE)] == [True]


def test_the_newer_list_of_names_replaces_the_older(tmp_path: Path) -> None:
    both = {
        "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "urn:new"}}],
        "match_subject_alt_names": [{"exact": "urn:old"}],
    }
    made = gate(tmp_path, run_import("envoy", one_chain({**CA, **both})), FILES)
    assert made.allows(ROOT.issue("a", uris=["urn:new"]))
    assert not made.allows(ROOT.issue("a", uris=["urn:old"]))


@pytest.mark.parametrize(("leaf_only", "reason"), [(False, "crl_missing"), (True, "allowed")])
def test_crls_are_checked_for_the_chain_or_for_the_leaf_alone(leaf_only: bool, reason: str, tmp_path: Path) -> None:
    revoked = SUB.issue("mallory")
    crl = {"crl": {"filename": "crls.pem"}, "only_verify_leaf_cert_crl": leaf_only}
    result = run_import("envoy", one_chain({**CA, **crl}))
    # The CRL of the root, which could say that the CA below it is revoked, is missing.
    made = gate(tmp_path, result, {**FILES, "sub.pem": SUB.pem, "crls.pem": pki.pem_crl(SUB.crl([revoked]))})
    assert made.reason(SUB.issue("alice")) == "untrusted_issuer"  # Envoy has the intermediate from the client
    text = configuration_text(result.config).replace("trust:\n", "trust:\n  intermediates: [sub.pem]\n")
    made = load_text(tmp_path, text)
    assert made.reason(SUB.issue("alice")) == reason
    assert made.reason(revoked) == "revoked"


def test_certificates_that_do_not_verify_are_denied_though_envoy_passes_them(tmp_path: Path) -> None:
    lenient = {**CA, "trust_chain_verification": "ACCEPT_UNTRUSTED", "allow_expired_certificate": True}
    result = run_import("envoy", one_chain(lenient))
    assert len(remarks(result, Weight.LEFT_OUT)) == 2
    made = gate(tmp_path, result, FILES)
    assert made.reason(None) == "allowed_without_certificate"
    assert made.reason(OTHER.issue("mallory")) == "untrusted_issuer"
    assert made.reason(ROOT.issue("late", not_after=pki.NOW - pki.HOUR)) == "expired"


def test_accepting_untrusted_makes_names_no_requirement_of_a_certificate(tmp_path: Path) -> None:
    context = {
        **CA,
        "trust_chain_verification": 1,
        "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "urn:a"}}],
    }
    made = gate(tmp_path, run_import("envoy", one_chain(context)), FILES)
    assert made.allows(None)
    assert made.reason(LEAF) == "san_not_allowed"


@pytest.mark.parametrize(
    "context",
    [
        {"trust_chain_verification": "ACCEPT_UNTRUSTED"},
        {"trust_chain_verification": "ACCEPT_UNTRUSTED", "verify_certificate_hash": [LEAF.sha256.hex()]},
        {},
    ],
)
def test_where_nothing_is_verified_everything_is_denied_until_a_ca_is_named(
    context: dict[str, object], tmp_path: Path
) -> None:
    result = run_import("envoy", one_chain(context, require_client_certificate=True))
    assert ["verifies nothing" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    made = gate(tmp_path, result, {"public-ca.pem": ROOT.pem})
    assert not made.allows(LEAF)
    text = configuration_text(result.config)
    decided = text.replace(f"require:\n{NEVER}", "require: {}\n" if "{} for `require`" in text else "require:\n")
    assert load_text(tmp_path, decided).allows(LEAF)


@pytest.mark.parametrize(
    "key", ["custom_validator_config", "ca_certificate_provider_instance", "systemRootCerts", "some_new_field"]
)
def test_what_is_not_known_here_denies(key: str, tmp_path: Path) -> None:
    result = run_import("envoy", one_chain({**CA, key: {"name": "x"}}))
    assert [one.message == f"{key} cannot be carried over" for one in remarks(result, Weight.DENIED)] == [True]
    made = gate(tmp_path, result, FILES)
    assert not made.allows(LEAF)
    assert not made.allows(None)  # although the original asks for no certificate
    assert "certificate: optional" in (tmp_path / "extauthz.yaml").read_text()


@pytest.mark.parametrize(("depth", "complete"), [(2, True), (1, False)])
def test_the_depth_holds_by_itself_where_the_bundle_is_small(depth: int, complete: bool, tmp_path: Path) -> None:
    bundle = (ROOT.pem + SUB.pem).decode()
    context = {"trusted_ca": {"inline_string": bundle}, "max_verify_depth": depth}
    result = run_import("envoy", one_chain(context))
    assert result.is_complete is complete
    made = gate(tmp_path, result, {"public-ca.pem": bundle.encode()})
    assert made.allows(SUB.issue("alice")) is complete


def test_a_depth_is_said_to_have_no_counterpart_where_the_bundle_cannot_be_seen() -> None:
    (left_out,) = run_import("envoy", one_chain({**CA, "max_verify_depth": 3})).remarks
    assert left_out.weight is Weight.LEFT_OUT
    assert "With more than 3 CA certificates" in left_out.message


@pytest.mark.parametrize(
    "source",
    [
        {"inline_string": ROOT.pem.decode()},
        {"inline_bytes": base64.b64encode(ROOT.pem).decode()},
        {"inlineBytes": base64.b64encode(ROOT.pem).decode()},
        {"environment_variable": "CA"},
        {"inline_bytes": "not base64!"},
        {"inline_bytes": "not ASCII: é"},
        {},
    ],
)
def test_certificates_in_the_input_are_to_be_written_to_a_named_file(source: dict[str, object], tmp_path: Path) -> None:
    result = run_import("envoy", one_chain({"trusted_ca": source}))
    assert result.config.anchors == ("public-ca.pem",)
    assert "Write the CA certificates into this file" in configuration_text(result.config)
    assert gate(tmp_path, result, {"public-ca.pem": ROOT.pem}).allows(LEAF)


def test_with_crls_only_roots_are_anchors_so_that_the_cas_below_are_looked_up(tmp_path: Path) -> None:
    context = {
        "trusted_ca": {"inline_string": (ROOT.pem + SUB.pem).decode()},
        "crl": {"filename": "crls.pem"},
    }
    result = run_import("envoy", one_chain(context))
    assert result.is_complete
    assert "Split them" in configuration_text(result.config)
    files = {"public-ca.pem": ROOT.pem, "public-intermediates.pem": SUB.pem}
    good = {"crls.pem": pki.pem_crl(ROOT.crl()) + pki.pem_crl(SUB.crl())}
    assert gate(tmp_path, result, {**files, **good}).allows(SUB.issue("alice"))
    bad = {"crls.pem": pki.pem_crl(ROOT.crl([SUB])) + pki.pem_crl(SUB.crl())}
    assert gate(tmp_path, result, {**files, **bad}).reason(SUB.issue("alice")) == "revoked"


def test_the_same_certificates_in_two_chains_are_one_file(tmp_path: Path) -> None:
    context = {"trusted_ca": {"inline_string": ROOT.pem.decode()}}
    pinned = {**context, "verify_certificate_hash": [LEAF.sha256.hex()]}
    chains = (filter_chain(context, "a.example"), filter_chain(pinned, "b.example"))
    result = run_import("envoy", json.dumps(envoy_bootstrap(*chains)))
    assert result.is_complete
    (name,) = result.config.anchors
    assert gate(tmp_path, result, {name: ROOT.pem}).allows(LEAF, sni="b.example")


@pytest.mark.parametrize("bundle", ["no certificate", "-----BEGIN X509 CRL-----\nAAAA"])
def test_a_depth_is_said_to_have_no_counterpart_where_the_bundle_is_broken(bundle: str) -> None:
    result = run_import("envoy", one_chain({"trusted_ca": {"inline_string": bundle}, "max_verify_depth": 1}))
    assert ["max_verify_depth" in one.message for one in remarks(result, Weight.LEFT_OUT)][-1]
    assert not result.is_complete


def test_crls_among_the_ca_certificates_are_not_lost(tmp_path: Path) -> None:
    revoked = ROOT.issue("mallory")
    crl = pki.pem_crl(ROOT.crl([revoked]))
    result = run_import("envoy", one_chain({"trusted_ca": {"inline_string": (ROOT.pem + crl).decode()}}))
    made = gate(tmp_path, result, {"public-ca.pem": ROOT.pem, "public-crl.pem": crl})
    assert made.allows(LEAF)
    assert made.reason(revoked) == "revoked"
