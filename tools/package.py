"""Build what is released into a folder: wheel, source archive, chart, bill of materials, and the sums of all of them.

The same commit gives the same bytes, wherever and whenever: every time that is written down is the commit's, or that
of SOURCE_DATE_EPOCH.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from bill_of_materials import write_bill
from chart_archive import pack_chart
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

ROOT: Final = Path(__file__).parent.parent
CHART: Final = ROOT / "charts" / "extauthz"
_BUILD_SECONDS: Final = 600.0


def project_version() -> str:
    """Return the version, read where the build reads it."""
    return str(ProjectMetadata(str(ROOT), PluginManager()).version)


def source_date() -> int:
    """Return the time of everything that is built, in seconds since 1970."""
    if (given := os.environ.get("SOURCE_DATE_EPOCH")) is not None:
        return int(given)
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        sys.exit("The time of the commit is not known here, as this is no git checkout. Give it: SOURCE_DATE_EPOCH=…")
    return int(asked.stdout)


def package(target: Path) -> None:
    """Build everything into the folder, which is emptied first."""
    version, modified = project_version(), source_date()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(ROOT)],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(modified)},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=_BUILD_SECONDS,
    )
    if CHART.is_dir():
        # Not `extauthz-….tgz`, as Helm would call it: pip takes that for another source archive.
        (target / f"extauthz-chart-{version}.tgz").write_bytes(pack_chart(CHART, modified=modified))
    (wheel,) = target.glob("*.whl")
    write_bill(wheel, target / f"extauthz-{version}.cdx.json", version=version, modified=modified)
    sums = "".join(f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in sorted(target.iterdir()))
    (target / "SHA256SUMS").write_text(sums)


def main() -> None:
    """Build, and name what was built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outdir", type=Path, default=ROOT / "dist")
    target = parser.parse_args().outdir
    package(target)
    print((target / "SHA256SUMS").read_text(), end="")


if __name__ == "__main__":
    main()
