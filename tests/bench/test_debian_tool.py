"""A program that a benchmark or a test needs is found, or the message says how to get it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import debian_tool
import pytest
from debian_tool import MissingToolError, find_tool, install


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(debian_tool, "ROOT", tmp_path / "tools")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_the_path_comes_first(root: Path) -> None:
    executable(root / "tools" / "package" / "program")
    assert find_tool("program", "package") == root / "tools" / "package" / "program"
    on_path = executable(root / "bin" / "program")
    assert find_tool("program", "package") == on_path


@pytest.mark.parametrize("get", [find_tool, install])
def test_what_is_missing_is_said_with_what_to_do(root: Path, get: object) -> None:
    assert callable(get)
    with pytest.raises(MissingToolError, match=r"`program` is not on this machine.*apt-get install package"):
        get("program", "package")


@pytest.mark.parametrize("folder", ["usr/bin", "usr/sbin", "usr/lib/program"])
def test_a_package_is_unpacked_and_its_program_found(root: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    downloads = 0

    def run(command: Sequence[str], at: Path | None = None) -> str:
        nonlocal downloads
        if "download" in command:
            downloads += 1
            assert at is not None
            assert command[-2:] == ["package", "library"]
            executable(at / folder / "program")
            executable(at / ("usr/bin" if folder == "usr/lib/program" else folder) / "companion")
        return "Inst package (1)\nInst library (2)\nConf package (1)\n"

    executable(root / "bin" / "apt-get")
    executable(root / "bin" / "dpkg-deb")
    monkeypatch.setattr(debian_tool, "_run", run)
    wrapper = install("program", "package")
    assert wrapper == root / "tools" / "package" / "program"
    program = executable(root / "tools" / "package" / folder / "program")
    program.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH $*"\n')
    assert says(wrapper).startswith(f"{wrapper.parent}/usr/lib/")
    assert says(wrapper).endswith("/pulseaudio a b\n")
    assert install("companion", "package") == root / "tools" / "package" / "companion"
    assert downloads == 1
    moved = (root / "tools").rename(root / "elsewhere")
    assert says(moved / "package" / "program").startswith(f"{moved}/package/usr/lib/")


def says(program: Path) -> str:
    return subprocess.run([program, "a", "b"], capture_output=True, text=True, check=True).stdout


def test_a_package_without_the_program_is_an_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(root / "bin" / "apt-get")
    executable(root / "bin" / "dpkg-deb")
    monkeypatch.setattr(debian_tool, "_run", lambda *_: "")
    with pytest.raises(MissingToolError, match="the package package does not bring `program`"):
        install("program", "package")


@pytest.mark.parametrize(("user", "updates"), [(0, 1), (1000, 0)])
def test_old_lists_of_packages_are_replaced_by_who_may(
    root: Path, monkeypatch: pytest.MonkeyPatch, user: int, updates: int
) -> None:
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], at: Path | None = None) -> str:
        commands.append(command)
        if "download" in command:
            if ["apt-get", "update"] not in commands:
                raise MissingToolError("404 Not Found")
            assert at is not None
            executable(at / "usr/bin/program")
        return ""

    executable(root / "bin" / "apt-get")
    executable(root / "bin" / "dpkg-deb")
    monkeypatch.setattr(debian_tool, "_run", run)
    monkeypatch.setattr("os.geteuid", lambda: user)
    if updates:
        assert install("program", "package").is_file()
    else:
        with pytest.raises(MissingToolError, match="404"):
            install("program", "package")
    assert commands.count(["apt-get", "update"]) == updates
