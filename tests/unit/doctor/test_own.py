import os
from pathlib import Path

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.own.settings import is_exposed
from support.config_site import Site
from support.doctor import codes, findings

GRPC = "listen: {grpc: {address: %s}}"
ADMIN = "listen: {admin: {address: %s}}"
HTTP = "listen: {http: {address: %s, dialect: envoy_http, unsafe_any_caller: true}}"
MUTUAL = (
    "listen: {grpc: {address: '0.0.0.0:9191', tls: {cert: pki/leaf.pem, key: pki/leaf.key, client_ca: pki/root.pem}}}"
)
PLAIN_TLS = "listen: {grpc: {address: '0.0.0.0:9191', tls: {cert: pki/leaf.pem, key: pki/leaf.key}}}"


def test_nothing_is_found_in_a_good_one(site: Site) -> None:
    assert findings(site) == []


@pytest.mark.parametrize(
    ("listen", "code"),
    [
        (GRPC % "'0.0.0.0:9191'", Code.CONFIG_GRPC_ANY_CALLER),
        (PLAIN_TLS, Code.CONFIG_GRPC_ANY_CALLER),
        (MUTUAL, None),
        (GRPC % "'[::1]:9191'", None),
        (GRPC % "unix:/run/x.sock", None),
        (ADMIN % "'[::]:9190'", Code.CONFIG_ADMIN_EXPOSED),
        (ADMIN % "'localhost:9190'", None),
        (HTTP % "'10.0.0.1:9192'", Code.CONFIG_HTTP_ANY_CALLER),
        (HTTP % "'127.0.0.1:9192'", Code.CONFIG_WEAK),
    ],
)
def test_a_listener_that_more_can_reach_than_need_to_is_found(site: Site, listen: str, code: Code | None) -> None:
    site.write("pki/leaf.key", site.pki.leaf.key_pem).chmod(0o600)
    assert codes(findings(site, sections={"listen": listen})) == ([] if code is None else [code])


def test_a_grpc_listener_that_does_not_listen_is_not_exposed(site: Site) -> None:
    listen = "listen: {http: {dialect: envoy_http, callers: {addresses: [127.0.0.1]}}}"
    assert findings(site, sections={"listen": listen, "sources": ""}) == []


@pytest.mark.parametrize(
    ("address", "exposed"),
    [("127.8.0.1:1", False), ("[::1]:1", False), ("gateway:1", True), ("0.0.0.0:1", True), ("localhost:1", False)],
)
def test_only_loopback_is_not_exposed(address: str, *, exposed: bool) -> None:
    assert is_exposed(address) is exposed


@pytest.mark.parametrize(("cores", "finds"), [(3, [Code.CONFIG_TOO_MANY_WORKERS]), (4, [])])
def test_more_workers_than_cores_are_found(site: Site, cores: int, finds: list[Code]) -> None:
    assert codes(findings(site, sections={"workers": "workers: 4"}, cores=cores)) == finds


def test_what_a_configuration_is_warned_of_is_found_at_its_place(site: Site) -> None:
    found = findings(site, sections={"trust": "trust: {chain: unsafe_none}", "paths": "unsafe_path_parameters: true"})
    assert [(one.code, one.path) for one in found] == [
        (Code.CONFIG_CHAIN_NOT_VERIFIED, "trust.chain"),
        (Code.CONFIG_WEAK, "unsafe_path_parameters"),
    ]
    assert all(one.line > 0 for one in found)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("gone/decisions.jsonl", "the directory of 'gone/decisions.jsonl' does not exist here"),
        ("pki", "'pki' is a directory"),
        ("decisions.jsonl", None),
        ("-", None),
        ("off", None),
    ],
)
def test_a_decision_log_that_cannot_be_written_is_found(site: Site, path: str, why: str | None) -> None:
    found = findings(site, sections={"decision_log": f"decision_log: {{path: {path!r}}}"})
    assert codes(found) == ([] if why is None else [Code.CONFIG_DECISION_LOG_UNWRITABLE])
    assert all(why in one.detail for one in found if why is not None)


@pytest.fixture
def unwritable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that this user may not write, whoever runs the tests."""
    path = tmp_path / "read-only.jsonl"
    path.touch()
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda of, mode: Path(of) not in {path, path.parent / "shut"} and allowed(of, mode)
    )
    (path.parent / "shut").mkdir()
    return path


@pytest.mark.parametrize("name", ["read-only.jsonl", "shut/decisions.jsonl"])
def test_a_decision_log_of_another_user_is_found(site: Site, unwritable: Path, name: str) -> None:
    (found,) = findings(site, sections={"decision_log": f"decision_log: {{path: {name}}}"})
    assert found.code == Code.CONFIG_DECISION_LOG_UNWRITABLE
    assert "may not be written by this user" in found.detail


def test_a_decision_log_without_a_possible_name_is_found(site: Site) -> None:
    (found,) = findings(site, sections={"decision_log": f"decision_log: {{path: {'x' * 300}/a}}"})
    assert found.code == Code.CONFIG_DECISION_LOG_UNWRITABLE
