"""The commands that the notes give for inside the pod do there what they are said to do."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import extauthz
from support.chart_pod import Pod
from support.edge_pki import EdgePki
from support.envoy_bootstrap import HttpEdge, bootstrap
from support.helm import CHART, HELM4, notes, render

VALUES: Final = [CHART / "ci" / "istio-values.yaml"]
"""Its CRL comes from a URL, which is not asked here: then that of a ConfigMap counts."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> EdgePki:
    return EdgePki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory, authority: EdgePki) -> Pod:
    """Return the files of a pod. Nothing runs in it."""
    rendered = render(HELM4, VALUES, {"crls": [{"configMap": "client-crls"}]})
    objects = {
        "client-roots": {"ca.crt": (authority.directory / "root.pem").read_bytes()},
        "client-intermediates": {"issuing.pem": (authority.directory / "issuing.pem").read_bytes()},
        "client-crls": {"issuing.crl": authority.crl()},
    }
    return Pod(tmp_path_factory.mktemp("pod"), rendered, rendered.pod, objects)


def done(pod: Pod, command: str, read: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """Run what comes after ``kubectl exec … --`` with a text to read, and with some of its words changed."""
    (line,) = [one for one in notes(VALUES).splitlines() if f" -- extauthz {command} " in one]
    words = shlex.split(line.partition(" -- extauthz ")[2].partition(" < ")[0])
    return subprocess.run(
        [sys.executable, "-P", "-m", "extauthz", *(pod.here(changed.get(word, word)) for word in words)],
        env={"PYTHONPATH": str(Path(extauthz.__file__).parents[1])},
        input=read,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("unit", "path", "status"), [("Ops", "/ops/x", 0), ("Sales", "/ops/x", 1), ("Sales", "/", 0)])
def test_explain_says_how_the_pods_policies_decide(
    pod: Pod, authority: EdgePki, unit: str, path: str, status: int
) -> None:
    client = authority.client(unit.lower(), organizational_unit=unit)
    said = done(pod, "explain", client.credentials.certificate.read_text(), **{"/ops/x": path})
    assert said.returncode == status, said.stdout + said.stderr


def test_explain_asks_as_it_stands_there_for_what_the_first_policy_is_for(pod: Pod, authority: EdgePki) -> None:
    said = done(
        pod, "explain", authority.client("alice", organizational_unit="Ops").credentials.certificate.read_text()
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert "operations" in said.stdout


def test_doctor_examines_the_proxy_that_it_is_given(pod: Pod, authority: EdgePki) -> None:
    made = bootstrap({"https": HttpEdge()}, pki=authority.directory, extauthz=["127.0.0.1:9191"], upstream_port=1)
    said = done(pod, "doctor", json.dumps(made))
    assert said.returncode in {0, 1}, said.stdout + said.stderr
    assert "examined - (listeners: 1, filter chains: 1, ext_authz filters: 1)" in said.stderr
