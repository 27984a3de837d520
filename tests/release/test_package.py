"""What is released: the same bytes from the same commit, with one version, and with everything in it."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from extauthz import __version__
from support.locked import locked, normalised

PROJECT = Path(__file__).parents[2]
WHEEL, SOURCES, CHART, BILL, SUMS = (
    f"extauthz-{__version__}-py3-none-any.whl",
    f"extauthz-{__version__}.tar.gz",
    f"extauthz-chart-{__version__}.tgz",
    f"extauthz-{__version__}.cdx.json",
    "SHA256SUMS",
)
ELSEWHERE: Mapping[str, str] = {
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "7",
    "HOME": "/nonexistent",
}


def build(folder: Path, environment: Mapping[str, str], umask: int) -> Mapping[str, bytes]:
    """Return what a new clone of this commit gives, built below the folder: content by name."""
    clone = folder / "clone"
    folder.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True, umask=umask)
    made = folder / "made"
    built = subprocess.run(
        [sys.executable, str(clone / "tools" / "package.py"), "--outdir", str(made)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        umask=umask,
        env={**{name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}, **environment},
    )
    assert built.returncode == 0, built.stderr
    return {path.name: path.read_bytes() for path in made.iterdir()}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    return build(tmp_path_factory.mktemp("here") / "a", {}, 0o022)


@pytest.fixture(scope="module")
def content(here: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    for name, data in here.items():
        (folder / name).write_bytes(data)
    return folder


def test_another_place_time_zone_and_umask_give_the_same_bytes(here: Mapping[str, bytes], tmp_path: Path) -> None:
    there = build(tmp_path / "a-folder-with-another-name", ELSEWHERE, 0o077)
    assert {name: hashlib.sha256(data).hexdigest() for name, data in there.items()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in here.items()
    }


def test_it_is_all_there_and_has_one_version(here: Mapping[str, bytes]) -> None:
    chart = {CHART} if (PROJECT / "charts").is_dir() else set()
    assert set(here) == {WHEEL, SOURCES, BILL, SUMS} | chart


def test_the_sums_are_those_of_the_files(content: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=content, check=True)
    named = {line.split("  ")[1] for line in (content / SUMS).read_text().splitlines()}
    assert named == {path.name for path in content.iterdir()} - {SUMS}


def test_the_wheel_has_the_package_and_nothing_else(content: Path) -> None:
    with zipfile.ZipFile(content / WHEEL) as wheel:
        assert {name.partition("/")[0] for name in wheel.namelist()} == {
            "extauthz",
            f"extauthz-{__version__}.dist-info",
        }
        assert "extauthz/py.typed" in wheel.namelist()


def test_all_that_is_kept_in_git_is_in_the_source_archive_but_for_the_ci_script(content: Path) -> None:
    kept = subprocess.run(
        ["git", "-C", str(PROJECT), "ls-tree", "-r", "--name-only", "HEAD"], capture_output=True, text=True, check=True
    )
    with tarfile.open(content / SOURCES) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert set(kept.stdout.split()) - packed == {".ci/run"}


def test_the_bill_names_the_locked_packages_and_the_service(content: Path) -> None:
    bill = json.loads((content / BILL).read_text())
    found = {normalised(one["name"]): one["version"] for one in bill["components"]}
    assert found == locked("runtime")
    described = bill["metadata"]["component"]
    assert (described["name"], described["version"]) == ("extauthz", __version__)


def test_the_bill_tells_no_path_of_the_machine(content: Path) -> None:
    assert "file:" not in (content / BILL).read_text()
    assert str(content.parents[1]) not in (content / BILL).read_text()


def test_the_chart_has_the_version_of_the_program() -> None:
    for chart in PROJECT.glob("charts/*/Chart.yaml"):
        versions = re.findall(r"^(?:appVersion|version): *\"?([^\"\s]+)", chart.read_text(), re.MULTILINE)
        assert versions == [__version__] * 2
