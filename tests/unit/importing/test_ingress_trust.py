"""The CAs and the CRL of the Secret that Ingresses name."""

import json
from pathlib import Path

import pytest

from extauthz.importing.remark import Weight
from extauthz.importing.written_text import configuration_text
from support import pki
from support.imported import gate, remarks, run_import
from support.ingresses import FILES, ROOT, SECRET, asking, ingress, secret, text

OTHER = pki.make_ca("Other")
SUB = pki.make_ca("Sub", parent=ROOT)
DEEPER = pki.make_ca("Deeper", parent=SUB)
SPLIT = {
    f"{SECRET}/ca.crt": ROOT.pem + SUB.pem,
    f"{SECRET}/roots.crt": ROOT.pem,
    f"{SECRET}/intermediates.crt": SUB.pem + DEEPER.pem,
}
ALICE = ROOT.issue("alice", organization="Example", organizational_unit="Ops")


@pytest.mark.parametrize(
    ("depth", "bundle", "complete"),
    [
        ({}, ROOT.pem + SUB.pem, True),
        ({}, ROOT.pem + SUB.pem + DEEPER.pem, False),
        ({"auth_tls_verify_depth": "0"}, ROOT.pem + SUB.pem, True),  # which ingress-nginx reads as 1
        ({"auth_tls_verify_depth": "2"}, ROOT.pem + SUB.pem + DEEPER.pem, True),
        ({"auth_tls_verify_depth": "x"}, ROOT.pem + SUB.pem + DEEPER.pem, False),
        ({}, SUB.pem, False),  # NGINX accepts no chain that ends in such a CA
        ({}, b"no certificate", False),
        ({}, b"", False),
    ],
)
def test_the_depth_holds_by_itself_or_denies(
    depth: dict[str, str], bundle: bytes, complete: bool, tmp_path: Path
) -> None:
    made = ingress("a.example", annotations=asking(**depth))
    result = run_import("ingress-nginx", json.dumps(made), json.dumps(secret(bundle=bundle)))
    assert result.is_complete is complete
    assert gate(tmp_path, result, SPLIT).allows(SUB.issue("x"), host="a.example") is complete


def test_a_secret_that_is_not_there_may_have_a_crl(tmp_path: Path) -> None:
    result = run_import("ingress-nginx", json.dumps(ingress("a.example")))
    (remark,) = remarks(result, Weight.LEFT_OUT)
    assert "Give the Secret too" in remark.message
    revoked = ROOT.issue("mallory")
    made = gate(tmp_path, result, {**FILES, f"{SECRET}/ca.crl": pki.pem_crl(ROOT.crl([revoked]))})
    assert made.allows(ALICE, host="a.example")
    assert made.reason(revoked, host="a.example") == "revoked"
    assert "Delete this section if the Secret has no ca.crl." in configuration_text(result.config)


@pytest.mark.parametrize(
    ("crls", "reason"),
    [
        (ROOT.crl(), "crl_missing"),
        (SUB.crl(), "crl_missing"),
        (ROOT.crl([SUB]), "revoked"),
    ],
)
def test_the_crls_of_the_secret_are_checked_for_the_whole_chain(crls: bytes, reason: str, tmp_path: Path) -> None:
    objects = json.dumps(secret(bundle=ROOT.pem + SUB.pem, crl="eA=="))
    result = run_import("ingress-nginx", json.dumps(ingress("a.example")), objects)
    assert [one.weight for one in result.remarks] == [Weight.NOTE]
    assert "split ca.crt" in result.remarks[0].message
    both = pki.pem_crl(crls) + (pki.pem_crl(SUB.crl()) if reason == "revoked" else b"")
    made = gate(tmp_path, result, {**SPLIT, f"{SECRET}/ca.crl": both})
    assert made.reason(SUB.issue("x"), host="a.example") == reason


def test_with_a_crl_of_every_ca_above_them_clients_get_in(tmp_path: Path) -> None:
    objects = json.dumps(secret(bundle=ROOT.pem + SUB.pem, crl="eA=="))
    result = run_import("ingress-nginx", json.dumps(ingress("a.example")), objects)
    good = pki.pem_crl(ROOT.crl()) + pki.pem_crl(SUB.crl())
    assert gate(tmp_path, result, {**SPLIT, f"{SECRET}/ca.crl": good}).allows(SUB.issue("x"), host="a.example")


def test_the_hosts_of_the_first_secret_may_all_be_of_no_use(tmp_path: Path) -> None:
    other = ingress("b.example", name="other", annotations={"auth-tls-secret": "prod/other"})
    result = run_import("ingress-nginx", text(ingress("a b"), other))
    assert [one.weight for one in result.remarks] == [Weight.LEFT_OUT, Weight.DENIED]
    assert not gate(tmp_path, result, FILES).allows(OTHER.issue("x"), host="b.example")


@pytest.mark.parametrize("content", ["not base64!", "é"])
def test_a_secret_with_something_else_in_it_denies(content: str, tmp_path: Path) -> None:
    broken = {"kind": "Secret", "metadata": {"namespace": "prod", "name": "clients"}, "data": {"ca.crt": content}}
    result = run_import("ingress-nginx", json.dumps(ingress("a.example")), json.dumps(broken))
    assert ["has no ca.crt that can be read" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    assert not gate(tmp_path, result, SPLIT).allows(ALICE, host="a.example")


def test_string_data_of_a_secret_counts(tmp_path: Path) -> None:
    metadata = {"namespace": "prod", "name": "clients"}
    plain = {"kind": "Secret", "metadata": metadata, "stringData": {"ca.crt": ROOT.pem.decode()}}
    assert run_import("ingress-nginx", json.dumps(ingress("a.example")), json.dumps(plain)).is_complete


@pytest.mark.parametrize("trust", [None, "prod/other"])
def test_one_secret_is_written_and_hosts_of_others_deny(trust: str | None, tmp_path: Path) -> None:
    other = ingress("b.example", name="other", annotations={"auth-tls-secret": "prod/other"})
    objects = text(ingress("a.example"), other, secret("other", bundle=OTHER.pem))
    result = run_import("ingress-nginx", objects, trust=trust)
    assert ["import once more with --trust" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    made = gate(tmp_path, result, {**FILES, "prod/other/ca.crt": OTHER.pem})
    for host, by in (("a.example", ROOT), ("b.example", OTHER)):
        written = (host == "a.example") is (trust is None)
        assert made.allows(by.issue("x"), host=host) is written
        assert not made.allows((OTHER if by is ROOT else ROOT).issue("x"), host=host)


@pytest.mark.parametrize("name", ["clients", "", "a/b/c", "../x/y", "a/\n"])
def test_a_secret_that_is_no_name_denies_as_there(name: str, tmp_path: Path) -> None:
    odd = ingress("b.example", name="odd", annotations={"auth-tls-secret": name})
    result = run_import("ingress-nginx", text(ingress("a.example"), odd))
    assert ["is not namespace/name" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    made = gate(tmp_path, result, FILES)
    assert not made.allows(ALICE, host="b.example")
    assert made.allows(ALICE, host="a.example")


def test_a_secret_of_another_namespace_is_noted() -> None:
    result = run_import("ingress-nginx", text(ingress("a.example", annotations={"auth-tls-secret": "dev/clients"})))
    assert ["another namespace" in one.message for one in remarks(result, Weight.NOTE)] == [True]
