"""``explain`` decides with the CRLs of files, of the disk, and, if asked to, of the network."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extauthz.config.build import load_engine
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.settings import crl_settings
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


def configuration(revocation: dict[str, object]) -> dict[str, object]:
    return {
        "version": 1,
        "sources": [{"type": "envoy_peer"}],
        "trust": {"anchors": ["root.pem"]},
        "policies": [{"name": "all", "when": {}, "require": {}}],
        "revocation": revocation,
    }


def explain(run: Run, folder: Path, revocation: dict[str, object], *arguments: object) -> Any:  # noqa: ANN401  (an outcome)
    (folder / "c.json").write_text(json.dumps(configuration(revocation)))
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
    assert outcome.err.startswith("root.crl: ")


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


def remember(folder: Path, revocation: dict[str, object]) -> None:
    """Do what the service does: fetch, and keep what came in the state directory."""
    (folder / "c.json").write_text(json.dumps(configuration(revocation)))
    keeper = CrlKeeper(InProcessIndexer())
    keeper.adopt(keeper.prepare(crl_settings(load_engine(folder / "c.json")), pki.NOW), pki.NOW)
    keeper.save()
    keeper.close()


def test_what_is_on_disk_is_asked_for_again_on_request_and_nothing_is_written(run: Run, folder: Path) -> None:
    with HttpServer() as server:
        server.serve("/root.crl", ROOT.crl(number=1))
        revocation: dict[str, object] = {"crls": [{"url": server.url("/root.crl")}], "state_directory": "state"}
        remember(folder, revocation)
        server.serve("/root.crl", ROOT.crl([ALICE], number=2))
        before = sorted((path, path.stat().st_mtime_ns) for path in (folder / "state").rglob("*"))
        for _ in range(2):
            assert reason(explain(run, folder, revocation)) == "allowed"
            outcome = explain(run, folder, revocation, "--fetch")
            assert (reason(outcome), outcome.err) == ("revoked", "")
        assert sorted((path, path.stat().st_mtime_ns) for path in (folder / "state").rglob("*")) == before


def test_an_older_one_that_is_fetched_is_refused_and_said(run: Run, folder: Path) -> None:
    with HttpServer() as server:
        server.serve("/root.crl", ROOT.crl([ALICE], number=2))
        revocation: dict[str, object] = {"crls": [{"url": server.url("/root.crl")}], "state_directory": "state"}
        remember(folder, revocation)
        server.serve("/root.crl", ROOT.crl(number=1))
        outcome = explain(run, folder, revocation, "--fetch")
        assert reason(outcome) == "revoked"
        assert outcome.err.startswith(f"{server.url('/root.crl')}: the CRL of 'CN=Root,O=Example', number 1, of ")
        assert "is older than the one that was in force before (number 2 of " in outcome.err
        assert outcome.err.endswith("; the last good one counts\n")


def test_a_state_directory_that_others_may_write_is_not_believed(run: Run, folder: Path) -> None:
    (folder / "state" / "fetched").mkdir(parents=True)
    (folder / "state" / "fetched").chmod(0o777)
    outcome = explain(run, folder, {"crls": [{"path": "root.crl"}], "state_directory": "state"})
    assert outcome.status == 2
    assert "revocation.state_directory: 'state' is not private: its 'fetched' may be written by others" in outcome.err


def test_one_with_content_of_another_user_is_not_believed_either(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = folder / "state" / "fetched"
    fetched.mkdir(parents=True, mode=0o700)
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if owner == 0:  # root may own it; so nobody does here
        os.chown(fetched, 12345, -1)
    outcome = explain(run, folder, {"crls": [{"path": "root.crl"}], "state_directory": "state"})
    assert outcome.status == 2
    assert outcome.err.startswith("extauthz: revocation.state_directory: ")
