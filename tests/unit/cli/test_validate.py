import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extauthz.config.build import load_engine
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.settings import crl_settings
from support import pki
from support.http_server import HttpServer

ROOT = pki.make_ca("Root")
CONFIG = """version: 1
sources: [{type: envoy_peer}]
trust: {anchors: [root.pem]}
revocation: {crls: [{path: root.crl}]}
policies:
- {name: all, when: {}, require: {}}
"""
Run = Callable[..., Any]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    (tmp_path / "root.crl").write_bytes(ROOT.crl(next_update=pki.FAR))
    path = tmp_path / "c.yaml"
    path.write_text(CONFIG)
    return path


def test_a_good_file_prints_nothing_to_stdout_and_a_summary_to_stderr(run: Run, config: Path) -> None:
    outcome = run("validate", config)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err == f"{config} can be used: 1 policy, 1 anchor, 1 CRL, 0 warnings\n"


def test_warnings_are_shown_and_do_not_fail(run: Run, config: Path) -> None:
    config.write_text(
        CONFIG.replace("revocation: {crls: [{path: root.crl}]}\n", "").replace(
            "require: {}", "require: {subject_contains: [Ops]}"
        )
    )
    outcome = run("validate", config)
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"warning: {config}:") for line in lines)
    assert outcome.err == f"{config} can be used: 1 policy, 1 anchor, 0 CRLs, 2 warnings\n"


def test_a_decision_log_that_cannot_be_written_is_a_warning(run: Run, config: Path) -> None:
    config.write_text(CONFIG + "decision_log: {path: gone/decisions.jsonl}\n")
    outcome = run("validate", config)
    assert outcome.status == 0
    (line,) = outcome.out.splitlines()
    assert line.startswith(f"warning: {config}:7:22: decision_log.path: ")
    assert "does not exist here; make it before the service starts" in line


def test_every_problem_is_a_line_with_its_place(run: Run, config: Path) -> None:
    config.write_text(CONFIG.replace("name: all", "nam: all").replace("root.pem", "missing.pem"))
    outcome = run("validate", config)
    assert outcome.status == 2
    lines = outcome.out.splitlines()
    assert len(lines) >= 2
    assert all(re.match(rf"{re.escape(str(config))}:\d+:\d+: [a-z\[\]0-9.]+: ", line) for line in lines)
    assert outcome.err == f"{config} cannot be used: {len(lines)} problems\n"


def test_a_missing_file_is_a_problem_too(run: Run, tmp_path: Path) -> None:
    outcome = run("validate", tmp_path / "missing.yaml")
    assert outcome.status == 2
    assert outcome.out.startswith(f"{tmp_path}/missing.yaml: ")
    assert outcome.err == f"{tmp_path}/missing.yaml cannot be used: 1 problem\n"


def test_a_crl_that_cannot_be_used_is_named_and_fails(run: Run, config: Path, tmp_path: Path) -> None:
    (tmp_path / "root.crl").write_bytes(ROOT.crl(spoilt_signature=True))
    outcome = run("validate", config)
    assert outcome.status == 2
    assert outcome.out.startswith("root.crl: ")
    assert "the CRL is damaged or forged" in outcome.out
    assert outcome.err == f"{config} can be used, but 1 CRL file cannot\n"


def test_urls_are_not_asked_and_the_state_directory_is_left_alone(run: Run, config: Path, tmp_path: Path) -> None:
    urls = "revocation: {crls: [{path: root.crl}, {url: 'http://127.0.0.1:1/x.crl'}], state_directory: state}"
    config.write_text(CONFIG.replace("revocation: {crls: [{path: root.crl}]}", urls))
    outcome = run("validate", config)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines() == [
        "not asked: 1 CRL URL; whether each CA has a CRL shows when the service runs",
        f"{config} can be used: 1 policy, 1 anchor, 1 CRL, 1 CRL URL, 0 warnings",
    ]
    assert not (tmp_path / "state").exists()


URL = "revocation: {crls: [{url: '%s'}], state_directory: state%s}"


def with_revocation(config: Path, revocation: str) -> None:
    config.write_text(CONFIG.replace("revocation: {crls: [{path: root.crl}]}", revocation))


def test_a_crl_that_only_a_url_gives_is_not_said_to_be_missing(run: Run, config: Path) -> None:
    with_revocation(config, URL % ("http://127.0.0.1:1/x.crl", ", distribution_points: {hosts: [crl.example]}"))
    outcome = run("validate", config)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.startswith("not asked: 1 CRL URL and the distribution points of certificates; ")
    assert outcome.err.endswith(" 0 CRLs, 1 CRL URL, 0 warnings\n")


def test_what_the_state_directory_has_of_a_url_counts(run: Run, config: Path, tmp_path: Path) -> None:
    with HttpServer() as server:
        server.serve("/root.crl", ROOT.crl(next_update=pki.FAR))
        with_revocation(config, URL % (server.url("/root.crl"), ""))
        keeper = CrlKeeper(InProcessIndexer())
        keeper.prepare(crl_settings(load_engine(config)), pki.NOW)
        keeper.close()
    outcome = run("validate", config)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err == f"{config} can be used: 1 policy, 1 anchor, 1 CRL, 1 CRL URL, 0 warnings\n"
    (tmp_path / "root.pem").write_bytes(ROOT.pem + pki.make_ca("Other").pem)
    outcome = run("validate", config)
    assert outcome.out == (
        "warning: revocation: there is no CRL of 'CN=Other,O=Example': what it issued is denied crl_missing\n"
    )


def test_a_state_directory_of_another_user_is_left_out(
    run: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_revocation(config, URL % ("http://127.0.0.1:1/x.crl", ""))
    (tmp_path / "state/fetched").mkdir(parents=True, mode=0o700)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    for one in ("state", "state/fetched"):
        if owner == 0:  # root may own it; so nobody does here
            os.chown(tmp_path / one, 12345, -1)
    outcome = run("validate", config)
    assert outcome.status == 0
    assert ": revocation.state_directory: 'state' belongs to another user" in outcome.out
    assert outcome.err.startswith("not asked: 1 CRL URL; ")
