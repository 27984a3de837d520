"""Print the base that the Dockerfile builds on, and refuse one that is not pinned by its digest.

A tag is whatever its registry says today; a digest is the content itself. Releases are made on pinned bases only. So
there is one base, and no instruction may bring another image beside it: ``FROM``, ``COPY --from``, ``RUN --mount`` and
the ``syntax`` that the file asks for. What a ``RUN`` downloads is not looked at.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from package import ROOT

_PINNED: Final = re.compile(r"[a-z0-9][\w./:-]*@sha256:[0-9a-f]{64}")
_DIRECTIVE: Final = re.compile(r"^\s*#\s*(syntax|escape)\s*=", re.MULTILINE | re.IGNORECASE)
_FROM: Final = re.compile(r"(\S+)(?:\s+as\s+(\S+))?", re.IGNORECASE)
_FROM_OPTION: Final = re.compile(r"(?:^|[\s,])(?:--)?from=([^\s,]*)", re.IGNORECASE)
_BASE: Final = "${BASE}"


def pinned_base(dockerfile: str) -> str:
    """Return the base of a Dockerfile. Raises ValueError when it has no digest, or is not the only image."""
    if found := _DIRECTIVE.search(dockerfile):
        raise ValueError(f"Dockerfile: `# {found[1]}=` may bring another image; leave it out")
    instructions = list(_instructions(dockerfile))
    base = _base(instructions)
    tag = base.partition("@")[0]
    if _PINNED.fullmatch(base) is None:
        raise ValueError(
            f"Dockerfile: the base {base} is not pinned: tomorrow the tag may be another image. Ask the registry for "
            f"its digest, `docker buildx imagetools inspect --format '{{{{.Manifest.Digest}}}}' {tag}`, "
            f"and write it behind the tag: `ARG BASE={tag}@sha256:…`"
        )
    _check_images(instructions)
    return base


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield each instruction, in upper case, with its arguments on one line."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\[ \t]*\n", " ", "\n".join(lines)).splitlines():
        if words := line.split(maxsplit=1):
            yield words[0].upper(), " ".join(words[1:]).strip()


def _base(instructions: Sequence[tuple[str, str]]) -> str:
    named = [
        word.partition("=")[2]
        for instruction, arguments in instructions
        if instruction == "ARG"
        for word in (quoted.strip("\"'") for quoted in arguments.split())
        if word.partition("=")[0] == "BASE"
    ]
    if len(named) != 1 or not named[0]:
        raise ValueError(f"Dockerfile: {len(named)} lines `ARG BASE=…`, where one is wanted")
    return named[0]


def _check_images(instructions: Sequence[tuple[str, str]]) -> None:
    """Raise ValueError for an image that is neither the base nor a stage built on it."""
    stages: set[str] = set()
    for instruction, arguments in instructions:
        if instruction == "FROM":
            found = _FROM.fullmatch(arguments)
            if found is None or (found[1] != _BASE and found[1].lower() not in stages):
                raise ValueError(f"Dockerfile: `FROM {arguments}` is neither {_BASE} nor a stage above it")
            stages.add((found[2] or "").lower())
        elif instruction in {"COPY", "ADD", "RUN", "ONBUILD"}:
            options = arguments if instruction == "ONBUILD" else _options(arguments)
            for source in _FROM_OPTION.findall(options):
                if not source or source.lower() not in stages:
                    raise ValueError(f"Dockerfile: `{instruction} … from={source}` is no stage above it")


def _options(arguments: str) -> str:
    """Return the ``--options`` that an instruction begins with."""
    words = arguments.split()
    ends = next((number for number, word in enumerate(words) if not word.startswith("--")), len(words))
    return " ".join(words[:ends])


def main() -> None:
    """Print the base, or say what is wrong with it."""
    try:
        print(pinned_base((ROOT / "Dockerfile").read_text()))
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
