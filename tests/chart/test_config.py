"""The configuration that the chart makes: what is written, what the chart adds, and nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from extauthz.config.build import load_engine
from extauthz.demo.dev_pki import make_dev_pki, write_dev_pki
from support.chart_pod import Pod
from support.chart_values import ABSENT, MINIMAL, minimal
from support.helm import CHART, HELM4, HELMS, RefusedError, render

ODD: Final = [
    "yes",
    "no",
    "on",
    "~",
    "null",
    "0o17",
    "0x1f",
    "012",
    "1e3",
    "1_000",
    "2027-01-31",
    "12:30:45",
    ".inf",
    "=",
    "a: b",
]
"""Texts that some reader of YAML takes for something else."""


@pytest.mark.parametrize("helm", HELMS)
def test_what_is_written_arrives_as_it_was_meant(helm: str) -> None:
    """Helm reads YAML 1.1 and the service YAML 1.2: neither may turn a text into a number or a truth value."""
    policies = [{"name": text, "when": {"hosts": [text]}, "require": {}} for text in ODD]
    values = minimal(
        config={"policies": policies, "cache": {"clients": 1000000}, "decision_log": {"allow_sample": 0.1}}
    )
    config = render(helm, values=values).config
    assert config["policies"] == policies
    assert config["cache"] == {"clients": 1000000}
    assert config["decision_log"] == {"allow_sample": 0.1}


def test_the_chart_adds_what_depends_on_the_pod_and_nothing_else() -> None:
    hosts = ["extauthz-metrics.authz.svc", "extauthz-metrics.authz.svc.cluster.local"]
    assert render(values=MINIMAL).config == {
        **MINIMAL["config"],
        "version": 1,
        "listen": {
            "grpc": {"address": "0.0.0.0:9191"},
            "admin": {"address": "0.0.0.0:9190", "status": {"hosts": hosts}},
        },
        "trust": {"anchors": ["/etc/extauthz/anchors/roots"]},
    }


def test_without_the_metrics_service_the_status_page_has_none_of_its_names() -> None:
    config = render(values=minimal(metrics={"service": {"enabled": False}})).config
    assert config["listen"]["admin"] == {"address": "0.0.0.0:9190"}


@pytest.mark.parametrize("helm", HELMS)
def test_what_the_status_page_shows_is_the_configurations_to_say(helm: str) -> None:
    status = {"identities": True, "hosts": ["status.example.com", "extauthz-metrics.authz.svc"]}
    admin = render(helm, values=minimal(config={"listen": {"admin": {"status": status}}})).config["listen"]["admin"]
    ours = ["extauthz-metrics.authz.svc", "extauthz-metrics.authz.svc.cluster.local"]
    assert admin == {
        "address": "0.0.0.0:9190",
        "status": {"identities": True, "hosts": [*ours, "status.example.com"]},
    }


def test_material_comes_after_what_the_configuration_names() -> None:
    values = minimal(
        config={
            "trust": {"anchors": ["/srv/first.pem"]},
            "revocation": {"crls": [{"path": "/srv/crls"}], "grace": "2h"},
        },
        trust={
            "anchors": [{"bundle": "mesh", "key": "mesh.pem", "trust_domains": ["a.example"]}, {"path": "/srv/second"}],
            "intermediates": [{"secret": "issuing"}],
        },
        crls=[
            {"secret": "crls", "key": "one.crl"},
            {"url": "http://crl.example/a", "refresh": "10m", "required": False},
        ],
    )
    config = render(values=values).config
    mesh = {"path": "/etc/extauthz/anchors/mesh/mesh.pem", "trust_domains": ["a.example"]}
    assert config["trust"] == {
        "anchors": ["/srv/first.pem", mesh, "/srv/second"],
        "intermediates": ["/etc/extauthz/intermediates/issuing"],
    }
    assert config["revocation"] == {
        "crls": [
            {"path": "/srv/crls"},
            {"path": "/etc/extauthz/crls/crls/one.crl"},
            {"url": "http://crl.example/a", "refresh": "10m", "required": False},
        ],
        "grace": "2h",
        "state_directory": "/var/lib/extauthz/state",
    }


def test_one_key_of_an_object_is_a_directory_with_that_file() -> None:
    values = minimal(trust={"anchors": [{"secret": "server", "key": "ca.crt"}]})
    (volume,) = [one for one in render(values=values).pod["volumes"] if one["name"] == "anchors-0"]
    items = [{"key": "ca.crt", "path": "ca.crt"}]
    assert volume["secret"] == {"secretName": "server", "defaultMode": 0o440, "items": items}


def test_a_change_of_sockets_or_processes_replaces_the_pods_and_others_do_not() -> None:
    def annotations(**values: object) -> dict[str, str]:
        return dict(render(values=minimal(**values)).deployment["spec"]["template"]["metadata"]["annotations"])

    usual = annotations()
    assert annotations(crls=[{"configMap": "a"}], config={"cache": {"clients": 7}}) == usual
    assert annotations(config={"workers": 2}) != usual
    assert annotations(bindAddress="[::]") != usual
    rollout = annotations(reload={"strategy": "rollout"})
    assert annotations(reload={"strategy": "rollout"}, config={"cache": {"clients": 7}}) != rollout


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a development PKI."""
    folder = tmp_path_factory.mktemp("pki")
    write_dev_pki(make_dev_pki(datetime.now(UTC)), folder)
    return folder


@pytest.mark.parametrize(
    "situation",
    ["istio", "envoy-gateway", "envoy-sidecar", "ingress", "ingress-nginx", "persistent", "everything"],
)
def test_the_service_takes_the_configuration_of_each_situation(situation: str, files: Path, tmp_path: Path) -> None:
    """With its files where the mounts would be, and a path of a volume of one's own replaced by one that is there."""
    rendered = render(HELM4, [CHART / "ci" / f"{situation}-values.yaml"])
    root, issuing, crl = (
        (files / name).read_bytes() for name in ("root-ca.pem", "issuing-ca.pem", "crls/issuing-ca.crl")
    )
    server = {
        "tls.crt": (files / "server.pem").read_bytes(),
        "tls.key": (files / "server.key").read_bytes(),
        "ca.crt": root,
    }
    objects = {
        **{name: {"ca.crt": root} for name in ("client-roots", "extauthz-roots")},
        "mesh-roots": {"mesh.pem": (files / "rogue-ca.pem").read_bytes()},
        "proxy-roots": {"roots.pem": root},
        "client-intermediates": {"issuing.pem": issuing},
        "issuing-ca": {"ca.crt": issuing},
        **{name: {"issuing.crl": crl} for name in ("client-crls", "partner-crls")},
        **dict.fromkeys(("extauthz-tls", "extauthz-server"), server),
        "nginx-secret": {"value": b"0123456789abcdef0123456789abcdef\n"},
        "extauthz-caller": {"secret": b"0123456789abcdef0123456789abcdef"},
    }
    pod = Pod(tmp_path, rendered, rendered.pod, objects)
    config = Path(pod.command[-1])
    text = (
        config.read_text()
        .replace("/srv/pki/roots", str(files / "root-ca.pem"))
        .replace("/srv/crls", str(files / "crls"))
    )
    beside = config.with_name("here.yaml")
    beside.write_text(text)
    assert load_engine(beside).engine is not None


def test_a_secret_alone_says_who_may_ask_over_http() -> None:
    http = {"enabled": True, "callerSecret": {"secret": "nginx"}}
    rendered = render(values=minimal(http=http, config={"listen": {"http": {"dialect": "nginx"}}}))
    assert rendered.config["listen"]["http"]["callers"] == {"secret": {"file": "/etc/extauthz/caller-secret/secret"}}


def test_fetched_crls_are_kept_for_the_pods_next_start() -> None:
    revocation = {"distribution_points": {"hosts": ["crl.example.com"]}}
    assert render(values=minimal(config={"revocation": revocation}, crls=[])).config["revocation"] == {
        **revocation,
        "state_directory": "/var/lib/extauthz/state",
    }
    assert {"name": "state", "mountPath": "/var/lib/extauthz"} in render(values=MINIMAL).container["volumeMounts"]


def test_without_crls_nothing_is_checked_only_where_the_values_say_so() -> None:
    assert "revocation" not in render(values=minimal(crls="unsafe_none")).config
    with pytest.raises(RefusedError, match="crls is empty: a revoked certificate would get in"):
        render(values=minimal(crls=ABSENT))
    with pytest.raises(RefusedError, match="/crls"):
        render(values=minimal(crls="none"))


@pytest.mark.parametrize("revocation", [{}, {"revoked": [{"issuer": "CN=A", "serial": "1"}]}])
def test_a_revocation_section_without_crls_still_denies(revocation: Mapping[str, Any]) -> None:
    """The program denies crl_missing then, so the chart need not refuse."""
    assert "revocation" in render(values=minimal(crls=[], config={"revocation": revocation})).config
