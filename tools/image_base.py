"""A stand-in for the image's base, for machines that reach no registry of images: a small Debian with Python.

``python tools/image_base.py`` makes it, once, as a tar archive below ``.tools``: Debian's own packages, checked by
debootstrap with the archive's keys. Without them debootstrap would warn and go on, so it is told to refuse. The image
that is released has the base that stands in the Dockerfile; this one has the same release of Debian and the same minor
version of Python.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import image_tools
from debian_tool import ROOT, MissingToolError

SUITE: Final = "trixie"
"""The release of Debian with the Python of the Dockerfile's base."""
_PACKAGES: Final = "ca-certificates,python3,python3-venv"
_MAKE_SECONDS: Final = 900.0

# In memory and in a mount namespace of its own: five times as fast as on a disk, which dpkg waits for after each file,
# and nothing is left mounted whatever happens.
_SCRIPT: Final = """
set -eu
mount -t tmpfs -o mode=755 none "$folder"
debootstrap --force-check-gpg --keyring="$keyring" --variant=minbase --include="$packages" "$suite" "$folder" >&2
tar -C "$folder" --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' --exclude='./var/cache/apt/*' \
    --exclude='./var/lib/apt/lists/*' --exclude='./usr/share/doc/*' --exclude='./usr/share/locale/*' -cf "$archive" .
"""


def base_archive() -> Path:
    """Return the archive of the base's files, made now unless it is there. Raises MissingToolError.

    Its name says how it was made: one that was made in another way, perhaps without a check, is not taken for it.
    """
    way = hashlib.sha256(f"{_SCRIPT}\0{_PACKAGES}\0{SUITE}".encode()).hexdigest()[:12]
    archive = ROOT / "image-base" / f"{SUITE}-{way}.tar"
    if archive.is_file():
        return archive
    image_tools.require("debootstrap", "gpgv")
    archive.parent.mkdir(parents=True, exist_ok=True)
    beside, folder = archive.with_suffix(f".{os.getpid()}"), archive.parent / f"root.{os.getpid()}"
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")),
        "folder": str(folder),
        "keyring": str(image_tools.KEYRING),
        "packages": _PACKAGES,
        "suite": SUITE,
        "archive": str(beside),
    }
    command = ["unshare", "--mount", "sh", "-c", _SCRIPT]
    folder.mkdir()
    try:
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=_MAKE_SECONDS
        )
        if made.returncode:
            raise MissingToolError(f"the base of the image could not be made: {_end_of(made.stderr + made.stdout)}")
        beside.replace(archive)
    finally:
        beside.unlink(missing_ok=True)
        folder.rmdir()
    return archive


def _end_of(output: str) -> str:
    return "\n".join(output.splitlines()[-10:])


def main() -> None:
    """Make the archive."""
    try:
        print(base_archive())
    except MissingToolError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
