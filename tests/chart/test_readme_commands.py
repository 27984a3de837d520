"""The README's commands that need no cluster do what it says: a PKI, the values checked, two questions."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from helm_tool import find_helm

import extauthz
from support.chart_readme_blocks import BEGIN, CHECK, TITLES, blocks, own_manifests, section
from support.chart_walkthrough import installed
from support.helm import CHART, HELM4, SITUATIONS

LOCAL: Final = ("extauthz dev-pki", "openssl req")
Shell = Callable[[str], "subprocess.CompletedProcess[str]"]


def commands(part: str) -> str:
    return "".join(block.text for block in blocks(section(part)) if block.language == "console")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return what runs commands in a directory like the repository's root, with this extauthz and a real Helm."""
    here = tmp_path_factory.mktemp("repository")
    (here / "charts").symlink_to(CHART.parent)
    programs = here / "bin"
    programs.mkdir()
    (programs / "helm").symlink_to(find_helm(HELM4))
    program = programs / "extauthz"
    root = Path(extauthz.__file__).parents[1]
    program.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -P -m extauthz "$@"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(here)}

    def run(text: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/bash", "-o", "pipefail", "-c", text],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    (pki,) = [block.text for block in blocks(section(BEGIN)) if block.text.startswith(LOCAL[0])]
    assert LOCAL[1] in pki
    done = run(f"set -e\n{pki}")
    assert done.returncode == 0, done.stderr
    return run


def laid_out(shell: Shell, situation: str) -> "subprocess.CompletedProcess[str]":
    """Go through the check with the values of a situation, up to its two questions."""
    values = CHART / "ci" / f"{situation}-values.yaml"
    before = "\n".join(commands(CHECK).splitlines()[:-2])
    return shell(f"set -e\nrm -rf check\ncp {values} values.yaml\n{before}")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_check_takes_the_values(shell: Shell, situation: str) -> None:
    done = laid_out(shell, situation)
    assert done.returncode == 0, done.stderr
    assert re.search(r"can be used: .* 0 warnings", done.stderr), done.stderr


@pytest.mark.parametrize("situation", ["istio", "ingress-nginx"])
def test_the_check_tells_the_good_client_from_the_revoked_one(shell: Shell, situation: str) -> None:
    """Over gRPC and over HTTP."""
    laid_out(shell, situation)
    good, revoked = commands(CHECK).splitlines()[-2:]
    assert shell(good).returncode == 0
    denied = shell(revoked)
    assert denied.returncode == 1
    assert "revoked" in denied.stdout


PROXIES: Final = {
    "istio": "--istio istiod-values.yaml --istio gateway.yaml --istio rendered.yaml",
    "envoy-sidecar": "--envoy envoy.yaml",
    "ingress": "--traefik route.yaml",
}
"""What the doctor reads of each situation that it knows."""
OF_EVERY_POD: Final = {"config_admin_exposed", "config_grpc_any_caller"}
"""It cannot see the NetworkPolicy."""


@pytest.mark.parametrize("situation", PROXIES)
def test_the_doctor_finds_nothing_wrong_between_the_proxy_and_extauthz(
    shell: Shell, situation: str, tmp_path: Path
) -> None:
    for block in blocks(section(TITLES[situation])):
        if block.file:
            (tmp_path / block.file).write_text(block.text)
    for one in own_manifests(situation):
        for name, text in one.get("data", {}).items():
            (tmp_path / name).write_text(text)
    (tmp_path / "rendered.yaml").write_text("\n---\n".join(json.dumps(one) for one in installed(situation)))
    laid_out(shell, situation)
    doctor = f'extauthz doctor --config "$config" --json {PROXIES[situation]}'
    examined = shell(f'config="$PWD/check/extauthz.yaml"; cd {tmp_path}; {doctor}')
    found = {json.loads(line)["code"] for line in examined.stdout.splitlines()}
    assert found <= OF_EVERY_POD, examined.stdout
    assert "asks" not in examined.stderr, examined.stderr


def test_the_certificate_of_the_host_has_its_name(shell: Shell) -> None:
    shown = shell("openssl x509 -in host.pem -noout -checkhost web.example.com")
    assert "does match certificate" in shown.stdout


def test_after_a_mistake_in_the_values_the_check_says_nothing_else(shell: Shell) -> None:
    values = (CHART / "ci" / "istio-values.yaml").read_text().replace("policies:", "policis:")
    before = "\n".join(commands(CHECK).splitlines()[:-2])
    done = shell(f"cat > values.yaml <<'END'\n{values}END\n{before}")
    assert done.returncode != 0
    assert "policis" in done.stderr
    assert "empty" not in done.stdout + done.stderr, "extauthz was asked about nothing"
