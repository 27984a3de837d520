"""What it takes to build and run the image without a registry; ``python tools/image_tools.py`` installs it.

Containers need root, or much that has to be prepared for it. So only root gets the packages, and only on Debian and
its kin; everybody else is told what is missing.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from debian_tool import MissingToolError

PACKAGES: Final = ("buildah", "debootstrap", "gpgv", "podman", "runc")
"""Debian packages; each brings the program of its name. runc: crun, podman's first choice, refuses to start where
version 1 and version 2 of cgroups are mounted beside each other. gpgv: debootstrap checks the archive's signature by
it, and only recommends it."""
KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""The keys of Debian's archive. Debian has them; its kin need the package."""
KEYRING_PACKAGE: Final = "debian-archive-keyring"
_PATH: Final = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))
"""Where daemons and tools of root are, which is not on everybody's PATH."""
_INSTALL_SECONDS: Final = 600.0


def require(*programs: str) -> None:
    """Raise MissingToolError, with everything that keeps this machine from it, unless it can run the programs."""
    missing = [name for name in programs if _where(name) is None]
    lacks = [f"`{name}`" for name in missing]
    if "debootstrap" in programs and not KEYRING.is_file():
        lacks.append(f"{KEYRING}, the keys by which debootstrap checks what it gets")
    if os.geteuid() != 0:
        lacks.append("root (for the root file system of a base image, and for overlay mounts)")
    if lacks:
        raise MissingToolError(
            f"The image cannot be built and run here. Missing: {', '.join(lacks)}. On Debian and Ubuntu, as root: "
            f"`apt-get install {' '.join((*PACKAGES, KEYRING_PACKAGE))}`, or `python tools/image_tools.py`, which does "
            f"the same."
        )


def install() -> None:
    """Get what is missing, if this is root on a machine with apt-get. Raises MissingToolError with what to do."""
    missing = [name for name in PACKAGES if _where(name) is None]
    if not KEYRING.is_file():
        missing.append(KEYRING_PACKAGE)
    if missing and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
        if _run(command).returncode:  # the lists of packages may be older than the archive
            _run(["apt-get", "update"])
            ended = _run(command)
            if ended.returncode:
                raise MissingToolError(f"`{' '.join(command)}` failed: {ended.stderr.strip()}")
    require(*PACKAGES)


def _where(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=_PATH)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=_INSTALL_SECONDS
    )


def main() -> None:
    """Install what is missing, or say what is."""
    try:
        install()
    except MissingToolError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
