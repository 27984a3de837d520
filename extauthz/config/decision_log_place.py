"""The file of the decision log: whether it can be written here. Only looked at; nothing is made."""

import os
from collections.abc import Iterator
from pathlib import Path

from extauthz.config.schema.decision_log import DecisionLog

_NO_FILE = frozenset({"-", "off"})


def decision_log_doubts(section: DecisionLog, directory: Path) -> Iterator[str]:
    """Yield why this user could not write it on this machine. For a check made elsewhere that is no mistake.

    ``directory`` is where relative names start.
    """
    if section.path in _NO_FILE:
        return
    path = directory / section.path
    lost = "; until it can be written, every line of the decision log is lost"
    try:
        if path.is_dir():
            yield f"{section.path!r} is a directory; name a file in it{lost}"
        elif not path.parent.is_dir():
            yield f"the directory of {section.path!r} does not exist here; make it before the service starts{lost}"
        elif path.exists() and not os.access(path, os.W_OK):
            yield f"{section.path!r} may not be written by this user{lost}"
        elif not path.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
            yield f"the directory of {section.path!r} may not be written by this user{lost}"
    except (OSError, ValueError):  # ValueError: NUL
        yield f"{section.path!r} cannot be looked at{lost}"
