"""Get axe-core, which finds mistakes in the accessibility of a page: one pinned file for the tests, below ``.tools``.

It is used by tests alone and is in no package of ours. The archive is the one that npm installs; its hash is that of
npm's own lock files.
"""

import base64
import hashlib
import io
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Final

VERSION: Final = "4.14.1"
INTEGRITY: Final = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
"""SHA-512 of the archive in base64: ``npm view axe-core@VERSION dist.integrity``."""
ARCHIVE: Final = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
FILE: Final = Path(__file__).parent.parent / ".tools" / f"axe-core-{VERSION}" / "axe.min.js"
_MEMBER: Final = "package/axe.min.js"
_SECONDS: Final = 120.0


def install() -> Path:
    """Return the script; download it unless it is there. Exits with a message when it is not what it should be."""
    if not FILE.is_file():
        with urllib.request.urlopen(ARCHIVE, timeout=_SECONDS) as answer:
            archive = answer.read()
        if base64.b64encode(hashlib.sha512(archive).digest()).decode() != INTEGRITY:
            sys.exit(f"{ARCHIVE} is not the file that was pinned; nothing was installed")
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            member = opened.extractfile(_MEMBER)
            if member is None:
                sys.exit(f"{ARCHIVE} has no {_MEMBER}")
            script = member.read()
        FILE.parent.mkdir(parents=True, exist_ok=True)
        beside = FILE.with_suffix(".new")
        beside.write_bytes(script)
        beside.replace(FILE)
    return FILE


if __name__ == "__main__":
    print(install())
