"""NIST PKITS through ``extauthz explain``, with a configuration as an operator would write it for each case."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support import pki, pkits
from support.pkits import Case
from support.pkits_verdicts import MALFORMED, reason

Run = Callable[..., Any]

NOT_CONFIGURABLE = MALFORMED | {
    "MissingbasicConstraintsCACert",
    "basicConstraintsCriticalcAFalseCACert",
    "basicConstraintsNotCriticalcAFalseCACert",
}
"""Intermediates that a configuration may not name: they cannot be read, or are no CAs. Here the client sends them."""


def configure(directory: Path, case: Case) -> Path:
    """Write the configuration of a case: every link of the path is checked, and policies ask for nothing more."""
    authorities = [name for name in case.authorities if name not in NOT_CONFIGURABLE]
    trust = {"chain": "verify", "anchors": [str(pkits.certificate_file(pkits.ANCHOR))]}
    if authorities:
        trust["intermediates"] = [str(pkits.certificate_file(name)) for name in authorities]
    revocation: dict[str, object] = {
        "check": "chain",
        "crls": [{"path": str(pkits.crl_file(name))} for name in dict.fromkeys(case.crls)],
    }
    if case.signers:
        revocation["signers"] = [str(pkits.certificate_file(name)) for name in case.signers]
    path = directory / "extauthz.yaml"
    content = {
        "version": 1,
        "sources": [{"type": "xfcc"}],
        "trust": trust,
        "revocation": revocation,
        "policies": [{"name": "everyone", "when": {}, "require": {}}],
    }
    path.write_text(json.dumps(content))
    return path


def chain(directory: Path, case: Case) -> tuple[str, ...]:
    """Return the options that hand over what the configuration may not name."""
    sent = [pkits.certificate(name) for name in case.authorities if name in NOT_CONFIGURABLE]
    return () if not sent else ("--chain", str(write_pem(directory / "chain.pem", sent)))


def write_pem(path: Path, certificates: list[bytes]) -> Path:
    path.write_bytes(b"".join(pki.pem(one) for one in certificates))
    return path


@pytest.mark.parametrize("case", pkits.cases())
def test_explain_gives_the_verdict_of_the_document(run: Run, tmp_path: Path, case: Case) -> None:
    outcome = run(
        *("explain", "--config", configure(tmp_path, case), "--json", "--at", pkits.AT.isoformat()),
        *("--cert", pkits.certificate_file(case.leaf), *chain(tmp_path, case)),
    )
    expected = reason(case)
    assert outcome.status == (0 if expected is None else 1), outcome.err
    answer = json.loads(outcome.out)
    assert answer["reason"] == ("allowed" if expected is None else expected), answer["detail"]


def test_a_ca_that_is_named_for_signing_crls_only_vouches_for_no_client(run: Run, tmp_path: Path) -> None:
    case = pkits.case("4.1.1")
    path = configure(tmp_path, replace(case, authorities=(), signers=case.authorities))
    arguments = ("explain", "--config", path, "--json", "--at", pkits.AT.isoformat())
    answer = json.loads(run(*arguments, "--cert", pkits.certificate_file(case.leaf)).out)
    assert answer["reason"] == "untrusted_issuer", answer["detail"]


def test_a_certificate_for_signing_crls_vouches_for_no_client_that_presents_it(run: Run, tmp_path: Path) -> None:
    case = pkits.case("4.5.8")
    sent = write_pem(tmp_path / "sent.pem", [pkits.certificate(name) for name in (*case.signers, *case.authorities)])
    arguments = ("explain", "--config", configure(tmp_path, case), "--json", "--at", pkits.AT.isoformat())
    answer = json.loads(run(*arguments, "--cert", pkits.certificate_file(case.leaf), "--chain", sent).out)
    assert (answer["decision"], answer["reason"]) == ("deny", "chain_invalid")
