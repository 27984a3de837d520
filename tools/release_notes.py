"""Print what has changed in a release, and refuse one that does not fit together: ``release_notes.py v1.2.3``.

The tag, the package's version, the chart's two versions and a section of the changelog have to be of one version.
"""

import re
import sys
from pathlib import Path

from package import ROOT, project_version


def release_notes(tag: str, root: Path = ROOT, *, version: str) -> str:
    """Return the changelog's section for the tag. Raises ValueError with every place that does not fit."""
    problems = []
    if tag != f"v{version}":
        problems.append(f"the tag is {tag!r}, the package says v{version}: change extauthz/__init__.py, or the tag")
    for chart in sorted(root.glob("charts/*/Chart.yaml")):
        for name, found in re.findall(r"^(version|appVersion): *[\"']?([^\"'\s]+)", chart.read_text(), re.MULTILINE):
            if found != version:
                problems.append(f"{chart.relative_to(root)}: {name} is {found}, not {version}")
    changelog = (root / "CHANGELOG.md").read_text()
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d{{2}}-\d{{2}}\n"
    section = re.search(rf"{heading}(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if section is None or not section[1].strip():
        problems.append(f"CHANGELOG.md: no section `## [{version}] - YYYY-MM-DD` with anything in it")
    if section is None or problems:
        raise ValueError("\n".join(problems))
    return section[1].strip() + "\n"


def main() -> None:
    """Print the notes, or say what does not fit."""
    if len(sys.argv) != 2:  # noqa: PLR2004  (one tag)
        sys.exit(__doc__)
    try:
        print(release_notes(sys.argv[1], version=project_version()), end="")
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
