"""The image is built from the Dockerfile and run as a cluster runs it, with everything taken away that can be."""

import json
from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from extauthz import __version__
from support.containers import IMAGE, RESTRICTIONS, Containers, ContainerService, version_arguments
from support.edge_pki import EdgePki
from support.locked import locked, normalised
from support.questions import allowed, headers, question, reason
from support.service import eventually
from support.service_site import Site

LABEL = "org.opencontainers.image."
HEALTH = ("extauthz", "health", "--service", "envoy.service.auth.v3.Authorization", "--address")


def test_the_labels_say_which_version_of_what_it_is(containers: Containers) -> None:
    labels = containers.inspect()["Labels"]
    told = version_arguments()
    assert labels[f"{LABEL}version"] == __version__
    assert labels[f"{LABEL}revision"] == told["REVISION"]
    assert labels[f"{LABEL}source"] == told["SOURCE"]
    assert labels[f"{LABEL}licenses"] == "Apache-2.0"


def test_user_and_command_are_written_so_that_a_cluster_can_judge_them(containers: Containers) -> None:
    image = containers.inspect()
    config = image["Config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/opt/extauthz/bin/extauthz"]
    assert config["Cmd"] == ["serve", "--config", "/etc/extauthz/extauthz.yaml"]
    assert {"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"} <= set(config["Env"])
    assert "Healthcheck" not in image


def test_the_program_is_found_by_its_name(containers: Containers) -> None:
    printed = containers.podman("run", "--rm", *RESTRICTIONS, "--entrypoint=extauthz", IMAGE, "version")
    assert printed == f"extauthz {__version__}\n"


def test_it_is_the_first_process_and_may_do_nothing_that_root_may(service: ContainerService) -> None:
    lines = Path(f"/proc/{service.pid}/status").read_text().splitlines()
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    assert status["NSpid"][-1] == "1"
    assert status["Uid"] == status["Gid"] == ["65532"] * 4
    assert {status[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == ["1"]


def test_it_has_no_network_but_its_own_loopback(service: ContainerService) -> None:
    interfaces = Path(f"/proc/{service.pid}/net/dev").read_text().splitlines()[2:]
    assert [line.partition(":")[0].strip() for line in interfaces] == ["lo"]


def test_it_lets_in_and_keeps_out(service: ContainerService, pki: EdgePki) -> None:
    answer = service.check(question(pki.issue("alice")))
    assert allowed(answer)
    assert headers(answer)["x-client-cert-cn"] == "alice"
    denied = service.check(question(pki.issue("mallory", by=pki.authority("rogue"))))
    assert not allowed(denied)
    assert reason(denied) == "untrusted_issuer"


def test_it_runs_without_a_shell(service: ContainerService) -> None:
    for shell in ("sh", "dash", "bash"):
        with pytest.raises(AssertionError, match="permission denied"):
            service.execute(f"/usr/bin/{shell}", "-c", "true")
    assert service.execute(*HEALTH, service.grpc_address) == "SERVING\n"


def test_nothing_can_be_written_and_nothing_of_the_program_is_the_users(service: ContainerService) -> None:
    look = """
import json, os, pathlib
failures = {}
for folder in ("/", "/tmp", "/run", "/opt/extauthz"):
    try:
        pathlib.Path(folder, "x").write_text("x")
    except OSError as error:
        failures[folder] = error.strerror
own = [str(path) for path in pathlib.Path("/opt/extauthz").rglob("*") if os.lstat(path).st_uid != 0]
print(json.dumps([failures, own]))
"""
    failures, own = json.loads(service.execute("python", "-c", look))
    assert len(failures) == 4
    assert set(failures.values()) == {"Read-only file system"}
    assert own == []


def test_it_holds_what_is_pinned_and_no_installer(service: ContainerService) -> None:
    look = (
        "import json, importlib.metadata as installed;"
        "print(json.dumps({one.name: one.version for one in installed.distributions()}))"
    )
    found = {normalised(name): version for name, version in json.loads(service.execute("python", "-c", look)).items()}
    assert found == {**locked("runtime"), "extauthz": __version__}


def test_every_module_is_compiled_and_its_source_not_looked_at(service: ContainerService) -> None:
    look = """
import importlib.util, pathlib
for source in pathlib.Path("/opt/extauthz/lib").rglob("*.py"):
    compiled = pathlib.Path(importlib.util.cache_from_source(str(source)))
    if not compiled.exists() or compiled.read_bytes()[4:8] != bytes([1, 0, 0, 0]):
        print(source)
"""
    assert service.execute("python", "-c", look) == ""


def test_several_workers_run_in_it_too(containers: Containers, site: Site, pki: EdgePki) -> None:
    site.write(workers=2)
    with ContainerService(containers, site.path) as service:
        assert allowed(service.check(question(pki.issue("alice"))))
        service.send("TERM")
        assert service.wait() == 0


def test_it_drains_when_it_is_told_to_end_and_ends_with_0(containers: Containers, site: Site, pki: EdgePki) -> None:
    with ContainerService(containers, site.path) as service, service.channel() as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING
        service.send("TERM")
        eventually(lambda: service.get("/readyz").status == 503 or None, "/readyz being 503")
        assert health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert allowed(service.check(question(pki.issue("alice")), channel=channel))
        assert service.wait() == 0
        assert [event["event"] for event in service.events()][-2:] == ["draining", "stopped"]
    assert [line["decision"] for line in site.decisions()] == ["allow"]


def test_a_configuration_that_is_wrong_ends_it_with_2(containers: Containers, site: Site) -> None:
    site.path.write_text("{}")
    ended = ContainerService(containers, site.path)
    with pytest.raises(AssertionError, match="the service ended with 2"), ended:
        pass


def test_syft_finds_in_the_image_what_is_pinned(containers: Containers) -> None:
    found = containers.components()
    wanted = {**locked("runtime"), "extauthz": __version__}
    assert {name: found.get(name) for name in wanted} == wanted
