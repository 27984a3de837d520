"""Find a program that a Debian package brings, and with ``python tools/debian_tool.py PROGRAM PACKAGE`` get it.

The package and the libraries that are missing are unpacked below ``.tools``: that needs no root, changes nothing on the
machine, and starts none of the daemons that some packages start when they are installed.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent / ".tools"
_FOLDERS: Final = ("usr/bin", "usr/sbin")
"""Where a package has its programs. Daemons are in the second, which is not on everybody's PATH."""
_DOWNLOAD_SECONDS: Final = 600.0


class MissingToolError(RuntimeError):
    """The program is not there and cannot be had; the message says what to do."""


def find_tool(program: str, package: str) -> Path:
    """Return the program: that on the PATH, else the one below ``.tools``. Raises MissingToolError with what to do."""
    on_path = shutil.which(program) or shutil.which(program, path=os.pathsep.join(f"/{one}" for one in _FOLDERS))
    if on_path is not None:
        return Path(on_path)
    wrapper = ROOT / package / program
    if wrapper.is_file():
        return wrapper
    raise MissingToolError(
        f"`{program}` is not on this machine. On Debian and Ubuntu: `python tools/debian_tool.py {program} {package}`, "
        f"which needs no root, or `apt-get install {package}`; elsewhere install the package that brings `{program}` "
        f"and put it on the PATH."
    )


def install(program: str, package: str) -> Path:
    """Get the program unless it is there, and return it. Raises MissingToolError."""
    try:
        return find_tool(program, package)
    except MissingToolError:
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise
    try:
        _unpack(program, package)
    except MissingToolError:
        if os.geteuid() != 0:
            raise
        # A fresh image has no lists of packages, and an old one has lists of what is no longer there.
        _run(["apt-get", "update"])
        _unpack(program, package)
    return find_tool(program, package)


def _unpack(program: str, package: str) -> None:
    """Download the package with the libraries it needs that are not installed, and write programs that use them."""
    folder = ROOT / package
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [package, *_missing_dependencies(package)]
    _run(["apt-get", "download", *wanted], folder)
    for archive in sorted(folder.glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(archive), str(folder)])
        archive.unlink()
    libraries = folder / "usr/lib" / str(sysconfig.get_config_var("MULTIARCH") or "")
    # A program of its own folder is what a script of the same name in usr/bin would start by an absolute path.
    own = folder / "usr/lib" / program / program
    if not own.is_file() and not any((folder / one / program).is_file() for one in _FOLDERS):
        raise MissingToolError(f"the package {package} does not bring `{program}`")
    # All of them: who wants another one later need not download the package again.
    for unpacked in (path for one in _FOLDERS for path in sorted((folder / one).glob("*"))):
        _wrap(folder / unpacked.name, unpacked, libraries)
    if own.is_file():
        _wrap(folder / program, own, libraries)


def _wrap(wrapper: Path, program: Path, libraries: Path) -> None:
    # By way of the wrapper's own folder: a checkout that is moved takes its tools along.
    shown, started = (f"$here/{path.relative_to(wrapper.parent)}" for path in (libraries, program))
    wrapper.write_text(
        "#!/bin/sh\n"
        'here=$(CDPATH="" cd -- "${0%/*}" && pwd) || exit\n'
        f'LD_LIBRARY_PATH="{shown}:{shown}/pulseaudio" exec "{started}" "$@"\n'
    )
    wrapper.chmod(0o755)


def _missing_dependencies(package: str) -> Sequence[str]:
    simulated = _run(["apt-get", "install", "--simulate", "--no-install-recommends", package])
    new = [line.split()[1] for line in simulated.splitlines() if line.startswith("Inst ")]
    return [name for name in new if name != package]


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_DOWNLOAD_SECONDS)
    if ended.returncode:
        raise MissingToolError(f"`{' '.join(command)}` failed: {ended.stderr.strip() or ended.stdout.strip()}")
    return ended.stdout


def main() -> None:
    """Get one program."""
    if len(sys.argv) != 3:  # noqa: PLR2004  (a program and a package)
        sys.exit(__doc__)
    try:
        print(install(sys.argv[1], sys.argv[2]))
    except MissingToolError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
