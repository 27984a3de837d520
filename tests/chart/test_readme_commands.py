"""The README's commands that need no cluster do what it says: a PKI, the configuration out of the chart, two questions."""

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
from support.chart_readme_blocks import BEGIN, CHECK, blocks, section
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


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_check_takes_the_values_and_tells_the_good_client_from_the_revoked_one(
    shell: Shell, situation: str
) -> None:
    *_, good, revoked = commands(CHECK).splitlines()
    before = commands(CHECK).removesuffix(f"{good}\n{revoked}\n")
    values = CHART / "ci" / f"{situation}-values.yaml"
    done = shell(f"set -e\nrm -rf check\ncp {values} values.yaml\n{before}")
    assert done.returncode == 0, done.stderr
    assert re.search(r"can be used: .* 0 warnings", done.stdout + done.stderr), done.stdout + done.stderr
    assert shell(good).returncode == 0
    denied = shell(revoked)
    assert denied.returncode == 1
    assert "revoked" in denied.stdout


def test_the_certificate_of_the_host_has_its_name(shell: Shell) -> None:
    shown = shell("openssl x509 -in web.pem -noout -checkhost web.example.com")
    assert "does match certificate" in shown.stdout
