"""Write what the service consists of: a CycloneDX document of the packages that an installation has.

It is made of a real installation, of the locked requirements with their hashes and the wheel, into an environment of
its own that has nothing else.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
_SECONDS: Final = 600.0


def write_bill(wheel: Path, target: Path, *, version: str, modified: int) -> None:
    """Write the document for the wheel. It names no path and no time but ``modified`` (seconds since 1970)."""
    with tempfile.TemporaryDirectory(prefix="extauthz-bill-") as folder:
        python = Path(folder, "bin", "python")
        _run([sys.executable, "-m", "venv", "--without-pip", folder])
        pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python))
        install = (*pip, "install", "--no-compile", "--no-deps")
        _run([*install, "--require-hashes", "--requirement", str(ROOT / "requirements" / "runtime.txt")])
        # By name and not by path: pip would note the path, and the document would tell it.
        _run([*install, "--no-index", "--find-links", str(wheel.parent), f"extauthz=={version}"])
        program = Path(sys.executable).with_name("cyclonedx-py")
        options = ("--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--output-file", str(target))
        _run([str(program), "environment", *options, str(python)], {"SOURCE_DATE_EPOCH": str(modified)})
    # The program takes the version from pyproject.toml, where it does not stand: it is in the package alone.
    bill = json.loads(target.read_text())
    bill["metadata"]["component"].update(version=version, purl=f"pkg:pypi/extauthz@{version}")
    target.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n")


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
        timeout=_SECONDS,
    )
    if ended.returncode:
        sys.exit(f"`{' '.join(command)}` failed:\n{ended.stderr.strip() or ended.stdout.strip()}")
