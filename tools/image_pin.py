"""Print the base that the Dockerfile builds on, and refuse one that is not pinned by its digest.

A tag is whatever its registry says today; a digest is the content itself. Releases are made on pinned bases only.
"""

import re
import sys
from typing import Final

from package import ROOT

_BASE: Final = re.compile(r"^ARG BASE=(\S+)$", re.MULTILINE)
_PINNED: Final = re.compile(r"[a-z0-9][\w./:-]*@sha256:[0-9a-f]{64}")


def pinned_base(dockerfile: str) -> str:
    """Return the base of a Dockerfile. Raises ValueError with what to do when it has no digest."""
    found = _BASE.findall(dockerfile)
    if len(found) != 1:
        raise ValueError(f"Dockerfile: {len(found)} lines `ARG BASE=…`, where one is wanted")
    base = str(found[0])
    tag = base.partition("@")[0]
    if _PINNED.fullmatch(base) is None:
        raise ValueError(
            f"Dockerfile: the base {base} is not pinned: tomorrow the tag may be another image. Ask the registry for "
            f"its digest, `docker buildx imagetools inspect --format '{{{{.Manifest.Digest}}}}' {tag}`, "
            f"and write it behind the tag: `ARG BASE={tag}@sha256:…`"
        )
    return base


def main() -> None:
    """Print the base, or say what is wrong with it."""
    try:
        print(pinned_base((ROOT / "Dockerfile").read_text()))
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
