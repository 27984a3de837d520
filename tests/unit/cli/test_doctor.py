import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extauthz.cli.doctor import usable_cores
from support.config_site import Site
from support.doctor import FINE, write
from support.doctor_envoy import fine

Run = Callable[..., Any]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Site(tmp_path).write_config(**FINE)


@pytest.fixture
def envoy(tmp_path: Path) -> Path:
    return write(tmp_path / "envoy.json", json.dumps(fine(Path("pki")).bootstrap))


def broken(path: Path) -> Path:
    text = path.read_text()
    assert text.count('"failure_mode_allow": false') == 1
    return write(path, text.replace('"failure_mode_allow": false', '"failure_mode_allow": true'))


def test_nothing_found_ends_with_0_and_prints_nothing_to_stdout(run: Run, config: Path, envoy: Path) -> None:
    outcome = run("doctor", "--config", config, "--envoy", envoy)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines() == ["nothing found", *examined(config, envoy)]


def examined(config: Path, envoy: Path) -> list[str]:
    return [f"examined {config}", f"examined {envoy} (listeners: 1, filter chains: 1, ext_authz filters: 1)"]


def test_without_a_proxy_only_the_own_configuration_is_examined(run: Run, config: Path) -> None:
    outcome = run("doctor", "--config", config)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines() == [
        "nothing found",
        f"examined {config}",
        "no file of a proxy was given: only extauthz' own configuration was examined",
    ]


def test_a_captured_request_is_no_proxy(run: Run, config: Path, tmp_path: Path) -> None:
    request = write(tmp_path / "r.json", "{}")
    outcome = run("doctor", "--config", config, "--request", request)
    assert outcome.err.splitlines()[1:] == [
        f"examined {config}",
        f"examined {request} (a captured request)",
        "no file of a proxy was given: only extauthz' own configuration was examined",
    ]


@pytest.mark.parametrize(
    ("option", "text", "counts"),
    [
        (
            "--nginx",
            "http { server { location / { proxy_pass http://a; } location /b { return 204; } } }",
            "servers: 1, locations: 2, protected locations: 0",
        ),
        (
            "--traefik",
            "entryPoints: {web: {address: ':80'}}",
            "entry points: 1, routers: 0, routers with forwardAuth: 0",
        ),
        (
            "--caddy",
            '{"apps": {"http": {"servers": {"a": {"routes": [{"handle": [{"handler": "reverse_proxy"}]}]}}}}}',
            "servers: 1, upstreams: 1, forward_auth: 0",
        ),
        ("--istio", "{apiVersion: x, kind: Gateway}", "providers: 0, policies that ask: 0, gateways: 1"),
        ("--envoy", "static_resources: {}", "listeners: 0, filter chains: 0, ext_authz filters: 0"),
    ],
)
def test_a_file_in_which_nothing_asks_is_never_fine(
    run: Run, config: Path, option: str, text: str, counts: str
) -> None:
    path = write(config.with_name("proxy"), text)
    outcome = run("doctor", "--config", config, option, path)
    assert outcome.status == 1
    assert any(code in outcome.out for code in ("_does_not_ask: ", "_missing: "))
    assert outcome.err.splitlines()[-1] == f"examined {path} ({counts})"


@pytest.mark.parametrize("option", ["--envoy", "--istio", "--nginx", "--traefik", "--caddy", "--haproxy"])
@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_input_is_called_empty(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch, option: str, text: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    outcome = run("doctor", "--config", config, option, "-")
    assert (outcome.status, outcome.out) == (2, "")
    assert "the input is empty" in outcome.err


def test_a_dash_is_stdin(run: Run, config: Path, envoy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(broken(envoy).read_bytes())))
    outcome = run("doctor", "--config", config, "--envoy", "-")
    assert outcome.out.startswith("error envoy_failure_mode_allow: -: static_resources")


def test_input_of_something_else_is_no_envoy(run: Run, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a: 1\n")))
    outcome = run("doctor", "--config", config, "--envoy", "-")
    assert (outcome.status, outcome.out) == (2, "")
    assert "is no Envoy configuration" in outcome.err


def test_a_finding_is_three_lines_and_ends_with_1(run: Run, config: Path, envoy: Path) -> None:
    outcome = run("doctor", "--config", config, "--envoy", broken(envoy))
    assert outcome.status == 1
    assert outcome.out == (
        f"error envoy_failure_mode_allow: {envoy}: static_resources.listeners[0].filter_chains[0].filters[0]"
        ".typed_config.http_filters[0].typed_config.failure_mode_allow\n"
        "  When extauthz cannot be reached, Envoy lets every request through.\n"
        "  Do: Set failure_mode_allow: false.\n"
    )
    assert outcome.err.splitlines() == ["1 error, 0 warnings, 0 notes", *examined(config, envoy)]


def test_json_is_one_object_a_line(run: Run, config: Path, envoy: Path) -> None:
    outcome = run("doctor", "--config", config, "--envoy", broken(envoy), "--json")
    assert (outcome.status, outcome.err) == (1, "")
    (line,) = outcome.out.splitlines()
    found = json.loads(line)
    assert list(found) == ["severity", "code", "file", "line", "path", "meaning", "detail", "remedy"]
    assert (found["severity"], found["code"], found["line"]) == ("error", "envoy_failure_mode_allow", None)


def test_the_worst_comes_first(run: Run, config: Path, envoy: Path, tmp_path: Path) -> None:
    request = write(tmp_path / "r.json", "{}")
    outcome = run("doctor", "--config", config, "--envoy", broken(envoy), "--request", request)
    heads = [line for line in outcome.out.splitlines() if not line.startswith(" ")]
    assert [head.partition(":")[0] for head in heads] == [
        "error envoy_failure_mode_allow",
        "warning request_no_certificate",
    ]


def test_what_a_file_says_cannot_change_the_terminal(run: Run, config: Path, tmp_path: Path) -> None:
    text = json.dumps({"extensionProviders": [{"name": "a\x1b[2J", "envoyExtAuthzGrpc": {"failOpen": True}}]})
    outcome = run("doctor", "--config", config, "--istio", write(tmp_path / "mesh.yaml", text))
    assert outcome.status == 1
    assert "\x1b" not in outcome.out
    assert "a\\x1b[2J" in outcome.out


@pytest.mark.parametrize("option", ["--envoy", "--istio", "--nginx", "--traefik", "--caddy", "--request", "--config"])
def test_a_file_that_cannot_be_read_ends_with_2(run: Run, config: Path, tmp_path: Path, option: str) -> None:
    outcome = run("doctor", "--config", config, option, tmp_path / "gone")
    assert (outcome.status, outcome.out) == (2, "")
    assert str(tmp_path / "gone") in outcome.err


def test_a_configuration_with_mistakes_ends_with_2(run: Run, config: Path) -> None:
    outcome = run("doctor", "--config", write(config, "version: 2\n"))
    assert (outcome.status, outcome.out) == (2, "")


def test_cores_are_those_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3, 5})
    assert usable_cores() == 2


def test_all_cores_count_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1
