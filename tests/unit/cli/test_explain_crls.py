"""``explain`` decides with the CRLs of files, of the disk, and, if asked to, of the network."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import http_answers, pki
from support.http_server import HttpServer

ROOT = pki.make_ca("Root")
ALICE = ROOT.issue("alice", not_after=pki.FAR)
AT = ("--at", "2026-06-01T12:00:00Z")
Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    (tmp_path / "alice.pem").write_bytes(ALICE.pem)
    (tmp_path / "root.crl").write_bytes(ROOT.crl([ALICE], number=7))
    return tmp_path


def explain(run: Run, folder: Path, revocation: dict[str, object], *arguments: object) -> Any:  # noqa: ANN401  (an outcome)
    config = {
        "version": 1,
        "sources": [{"type": "envoy_peer"}],
        "trust": {"anchors": ["root.pem"]},
        "policies": [{"name": "all", "when": {}, "require": {}}],
        "revocation": revocation,
    }
    (folder / "c.json").write_text(json.dumps(config))
    return run("explain", "--config", folder / "c.json", *AT, "--json", "--cert", folder / "alice.pem", *arguments)


def reason(outcome: Any) -> str:  # noqa: ANN401  (the same)
    return str(json.loads(outcome.out)["reason"])


def test_it_says_which_crl_said_what(run: Run, folder: Path) -> None:
    outcome = explain(run, folder, {"crls": [{"path": "root.crl"}]})
    (step,) = [one for one in json.loads(outcome.out)["steps"] if one["name"] == "revocation"]
    assert (step["outcome"], step["reason"]) == ("fail", "revoked")
    assert "CRL of 'CN=Root,O=Example', number 7" in step["detail"]
    assert outcome.err == ""


def test_a_crl_that_cannot_be_used_is_said_on_stderr(run: Run, folder: Path) -> None:
    (folder / "root.crl").write_bytes(ROOT.crl(spoilt_signature=True))
    outcome = explain(run, folder, {"crls": [{"path": "root.crl"}]})
    assert reason(outcome) == "crl_invalid"
    assert outcome.err.startswith(f"{folder}/root.crl: ")


def test_urls_are_asked_only_on_request(run: Run, folder: Path) -> None:
    with HttpServer() as server:
        server.serve("/root.crl", ROOT.crl([ALICE]))
        revocation: dict[str, object] = {"crls": [{"url": server.url("/root.crl")}]}
        outcome = explain(run, folder, revocation)
        assert (reason(outcome), server.count("/root.crl")) == ("crl_missing", 0)
        assert outcome.err == f"{server.url('/root.crl')}: not fetched, as --fetch was not given\n"
        assert reason(explain(run, folder, revocation, "--fetch")) == "revoked"
        server.behave("/root.crl", http_answers.status(503))
        outcome = explain(run, folder, revocation, "--fetch")
        assert (reason(outcome), "503" in outcome.err) == ("crl_missing", True)


def test_a_state_directory_that_others_may_write_is_not_believed(run: Run, folder: Path) -> None:
    (folder / "state" / "fetched").mkdir(parents=True)
    (folder / "state" / "fetched").chmod(0o777)
    outcome = explain(run, folder, {"crls": [{"path": "root.crl"}], "state_directory": "state"})
    assert outcome.status == 2
    assert outcome.err.startswith("extauthz: revocation.state_directory: ")
