"""The versions that requirements/ pins."""

import re
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def locked(name: str) -> Mapping[str, str]:
    """Return what ``requirements/NAME.txt`` installs: versions by normalised name."""
    text = (PROJECT / "requirements" / f"{name}.txt").read_text()
    return {normalised(found): version for found, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)}


def normalised(name: str) -> str:
    """Return the one form of a distribution's name, as PEP 503 has it."""
    return re.sub(r"[-_.]+", "-", name).lower()
