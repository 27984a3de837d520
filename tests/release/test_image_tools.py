"""A machine that cannot run containers is told everything that it lacks, in one sentence."""

import os
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import image_base
import image_tools
import pytest
from debian_tool import MissingToolError


def executable(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(image_tools, "_PATH", str(tmp_path / "sbin"))
    monkeypatch.setattr(image_tools, "KEYRING", tmp_path / "keyring.gpg")
    (tmp_path / "keyring.gpg").touch()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def test_everything_that_is_missing_is_named(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(programs / "bin" / "podman")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(
        MissingToolError, match=r"Missing: `buildah`, `debootstrap`, `gpgv`, `runc`, root .*apt-get install buildah"
    ):
        image_tools.require(*image_tools.PACKAGES)


def test_what_roots_path_alone_has_is_found(programs: Path) -> None:
    executable(programs / "sbin" / "debootstrap")
    image_tools.require("debootstrap")


def test_keys_that_are_missing_are_named_before_anything_is_fetched_unchecked(programs: Path) -> None:
    for name in ("debootstrap", "gpgv"):
        executable(programs / "bin" / name)
    image_tools.require("debootstrap", "gpgv")
    (programs / "keyring.gpg").unlink()
    with pytest.raises(MissingToolError, match=r"Missing: \S*keyring.gpg, the keys .* debian-archive-keyring`"):
        image_tools.require("debootstrap", "gpgv")


def test_whoever_makes_no_base_needs_no_keys(programs: Path) -> None:
    executable(programs / "bin" / "podman")
    (programs / "keyring.gpg").unlink()
    image_tools.require("podman")


def test_without_apt_nothing_is_installed_and_the_sentence_stands(programs: Path) -> None:
    with pytest.raises(MissingToolError, match="The image cannot be built and run here"):
        image_tools.install()


@pytest.mark.parametrize("failures", [0, 1])
def test_what_is_missing_is_installed_with_fresh_lists_where_the_old_ones_fail(
    programs: Path, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    ran: list[str] = []

    def run(command: Sequence[str]) -> CompletedProcess[str]:
        ran.append(command[1])
        if command[1] == "install" and ran.count("install") > failures:
            for name in command[4:]:
                executable(programs / "bin" / name)
            return CompletedProcess(command, 0)
        return CompletedProcess(command, int(command[1] == "install"))

    executable(programs / "bin" / "apt-get")
    monkeypatch.setattr(image_tools, "_run", run)
    image_tools.install()
    assert ran == (["install"] if failures == 0 else ["install", "update", "install"])


def test_a_user_who_is_not_root_gets_nothing_installed(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(programs / "bin" / "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(image_tools, "_run", lambda _: pytest.fail("ran something"))
    with pytest.raises(MissingToolError, match="root"):
        image_tools.install()


@pytest.fixture
def debootstrap(programs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put something in the place of what makes a base: it writes the archive, and a line for each call."""
    monkeypatch.setattr(image_base, "ROOT", programs)
    executable(programs / "bin" / "debootstrap")
    executable(programs / "bin" / "gpgv")
    calls = programs / "calls"
    (programs / "bin" / "unshare").write_text(f'#!/bin/sh\necho made >> {calls}\necho base > "$archive"\n')
    (programs / "bin" / "unshare").chmod(0o755)
    return calls


def test_a_base_that_is_there_is_not_made_again(debootstrap: Path) -> None:
    made = image_base.base_archive()
    assert made.read_text() == "base\n"
    assert image_base.base_archive() == made
    assert debootstrap.read_text() == "made\n"


def test_a_base_that_was_made_in_another_way_is_not_taken(debootstrap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unchecked = debootstrap.parent / "image-base" / f"{image_base.SUITE}.tar"
    unchecked.parent.mkdir()
    unchecked.write_text("unchecked")
    checked = image_base._SCRIPT
    assert "--force-check-gpg" in checked
    monkeypatch.setattr(image_base, "_SCRIPT", checked.replace("--force-check-gpg ", ""))
    without_check = image_base.base_archive()
    monkeypatch.setattr(image_base, "_SCRIPT", checked)
    assert image_base.base_archive() not in {unchecked, without_check}
    assert debootstrap.read_text() == "made\n" * 2


def test_a_base_that_cannot_be_made_leaves_nothing_and_says_why(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_base, "ROOT", programs)
    executable(programs / "bin" / "debootstrap")
    executable(programs / "bin" / "gpgv")
    (programs / "bin" / "unshare").write_text("#!/bin/sh\necho 'E: no such suite' >&2\nexit 1\n")
    (programs / "bin" / "unshare").chmod(0o755)
    with pytest.raises(MissingToolError, match="could not be made: E: no such suite"):
        image_base.base_archive()
    assert list((programs / "image-base").iterdir()) == []
