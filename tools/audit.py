"""Ask for known vulnerabilities in the pinned packages: ``audit.py FILE…``, each a file of requirements with hashes.

Exits 0 when none is known, 1 when some are, and 2 when nobody could tell: the service did not answer, or not in time, a
package is not known to it, or it does not know the vulnerability of a package that is known to have one. An index that
mirrors PyPI without its vulnerability data answers just as PyPI does about a package without any. ``make`` itself exits
with 2 whatever fails, so a script that has to tell 1 from 2 runs this file.

What PyPI's data does not cover is not asked about: programs inside packages (Envoy, NGINX, Helm, Node.js, Go), the npm
and Go modules of the tests, Debian's packages, the image's base.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

CANARY: Final = "jinja2==2.11.2"
"""Has had a published vulnerability since 2021 (PYSEC-2021-66); asked about first, never installed."""
FINE, VULNERABLE, UNKNOWN = 0, 1, 2
_ONLY_ASK: Final = ("--strict", "--disable-pip", "--progress-spinner", "off", "--format", "json")
_SECONDS: Final = 600.0
_NOT_KNOWN: Final = "Nothing is known about these packages, and this is no pass."
Ask = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


class UnknownError(RuntimeError):
    """The service could not tell."""


def audit(files: Sequence[str], ask: Ask, say: Callable[[str], None]) -> int:
    """Audit the files, say what was found, and return the exit status. ``ask`` runs pip-audit with arguments.

    ``ask`` may raise UnknownError.
    """
    try:
        _require_data(ask)
        found = {file: _dependencies(ask(("--require-hashes", *_ONLY_ASK, "-r", file))) for file in files}
    except UnknownError as error:
        say(f"No audit: {error}\n{_NOT_KNOWN}")
        return UNKNOWN
    if not found:
        say(f"No audit: no file of requirements is named\n{_NOT_KNOWN}")
        return UNKNOWN
    vulnerable = False
    for file, dependencies in found.items():
        lines = sorted({line for one in dependencies for line in _lines(one)})
        vulnerable = vulnerable or bool(lines)
        say("\n".join([f"{file}: {len(dependencies)} packages, {len(lines) or 'no'} known vulnerabilities", *lines]))
    return VULNERABLE if vulnerable else FINE


def _require_data(ask: Ask) -> None:
    """Raise UnknownError unless the service knows the canary's vulnerability."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "canary.txt"
        file.write_text(f"{CANARY}\n")
        dependencies = _dependencies(ask(("--no-deps", *_ONLY_ASK, "-r", str(file))))
    if not any(_lines(one) for one in dependencies):
        raise UnknownError(f"the service knows of no vulnerability in {CANARY}, which has some. Is it a mirror?")


def _dependencies(ended: "subprocess.CompletedProcess[str]") -> Sequence[dict[str, Any]]:
    """Return what pip-audit says of each package. Raises UnknownError when it could not say it of all."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
        skipped = [f"{one['name']}: {one['skip_reason']}" for one in dependencies if "skip_reason" in one]
        if not skipped:
            for one in dependencies:
                _lines(one)
    except (ValueError, KeyError, TypeError, AttributeError):
        why = (ended.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        raise UnknownError(f"the vulnerability service gave no answer to use. pip-audit: {why}") from None
    if skipped or not dependencies:
        raise UnknownError(f"not every package was looked up. {'; '.join(skipped) or 'There was none.'}")
    return dependencies


def _lines(dependency: dict[str, Any]) -> Sequence[str]:
    return [
        f"  {dependency['name']} {dependency['version']}: {one['id']}, "
        f"fixed in {', '.join(one.get('fix_versions', ())) or 'no version yet'}"
        for one in dependency["vulns"]
    ]


def _pip_audit(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "pip_audit", *arguments)
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise UnknownError(f"the vulnerability service gave no answer within {_SECONDS:.0f} seconds") from None


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1:], _pip_audit, print))
