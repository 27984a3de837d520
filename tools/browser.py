"""Find Chromium, or Chrome, which is the same for our tests; as a program: get Chromium unless one is there."""

import shutil
import sys
from pathlib import Path
from typing import Final

from debian_tool import MissingToolError, find_tool, install

_NAMES: Final = ("chromium", "google-chrome")
_PROGRAM: Final = "chromium"
"""And the package is called the same."""


def find_browser() -> Path:
    """Return the program. Raises MissingToolError with what to do."""
    return _on_path() or find_tool(_PROGRAM, _PROGRAM)


def _on_path() -> Path | None:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return None if found is None else Path(found)


if __name__ == "__main__":
    try:
        print(_on_path() or install(_PROGRAM, _PROGRAM))
    except MissingToolError as error:
        sys.exit(str(error))
