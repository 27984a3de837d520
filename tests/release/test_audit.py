"""An audit passes only when a service that has data was asked about every package."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import audit as audit_tool
import pytest
from audit import CANARY, FINE, UNKNOWN, VULNERABLE, audit

ROOT = Path(__file__).parents[2]
NAME, _, VERSION = CANARY.partition("==")
VULNERABILITY = {"id": "PYSEC-1", "fix_versions": ["3.0"], "aliases": []}
BAD_CANARY = {"name": NAME, "version": VERSION, "vulns": [VULNERABILITY]}
SOUND = {"name": "cryptography", "version": "1", "vulns": []}
OFFLINE = CompletedProcess((), 1, "", "WARNING: retrying\nERROR: no route to the service\n")


def answer(*dependencies: Mapping[str, Any] | str) -> "CompletedProcess[str]":
    return CompletedProcess((), 0, json.dumps({"dependencies": dependencies, "fixes": []}), "")


def run(canary: "CompletedProcess[str]", *others: "CompletedProcess[str]") -> tuple[int, str]:
    """Audit as many files as there are answers; return the exit status and what was said."""
    answers = iter((canary, *others))
    said: list[str] = []

    def ask(arguments: Sequence[str]) -> "CompletedProcess[str]":
        assert "--strict" in arguments
        assert "--disable-pip" in arguments
        return next(answers)

    status = audit([f"{number}.txt" for number in range(len(others))], ask, said.append)
    return status, "\n".join(said)


def test_sound_packages_pass_when_the_service_knows_the_canary() -> None:
    status, said = run(answer(BAD_CANARY), answer(SOUND), answer(SOUND, SOUND))
    assert status == FINE
    assert "1.txt: 2 packages, no known vulnerabilities" in said


def test_a_vulnerability_is_named_with_the_version_that_mends_it() -> None:
    status, said = run(answer(BAD_CANARY), answer(SOUND, {**SOUND, "vulns": [VULNERABILITY]}), answer(SOUND))
    assert status == VULNERABLE
    assert "  cryptography 1: PYSEC-1, fixed in 3.0" in said


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((OFFLINE, answer(SOUND)), "ERROR: no route to the service"),
        ((answer({**BAD_CANARY, "vulns": []}), answer(SOUND)), "Is it a mirror?"),
        ((answer(BAD_CANARY), answer(SOUND), OFFLINE), "ERROR: no route to the service"),
        ((answer(BAD_CANARY), answer(SOUND, {"name": "x", "skip_reason": "not found"})), "x: not found"),
        ((answer(BAD_CANARY), answer()), "There was none."),
        ((answer(BAD_CANARY), CompletedProcess((), 0, "[]", "")), "pip-audit said nothing"),
        ((answer(BAD_CANARY), answer({"name": "x", "version": "1"})), "pip-audit said nothing"),
        ((answer(BAD_CANARY), answer({**SOUND, "vulns": [{}]})), "pip-audit said nothing"),
        ((answer(BAD_CANARY), answer({**SOUND, "vulns": None})), "pip-audit said nothing"),
        ((answer(BAD_CANARY), answer("x")), "pip-audit said nothing"),
        ((answer(BAD_CANARY),), "no file of requirements is named"),
    ],
    ids=[
        "offline",
        "mirror without data",
        "offline in between",
        "unknown package",
        "no package",
        "odd answer",
        "no vulnerabilities",
        "one without a name",
        "none for a list",
        "no mapping",
        "no file",
    ],
)
def test_where_nobody_could_tell_it_is_no_pass_and_says_so(
    answers: "tuple[CompletedProcess[str], ...]", why: str
) -> None:
    status, said = run(*answers)
    assert status == UNKNOWN
    assert why in said
    assert said.endswith("this is no pass.")


STAND_IN = """
import json, os, pathlib, sys, time
assert {"--strict", "--disable-pip"} <= set(sys.argv), sys.argv
file = pathlib.Path(sys.argv[-1])
if file.name == os.environ.get("HANGS_AT"):
    time.sleep(600)
print(json.loads(os.environ["ANSWERS"])[file.name])
"""
"""Takes the place of pip-audit: it answers by the name of the file that it is asked about."""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pip_audit.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))))
    monkeypatch.setenv("ANSWERS", json.dumps({"canary.txt": answer(BAD_CANARY).stdout}))
    return tmp_path


@pytest.mark.parametrize(
    ("dependency", "status"),
    [
        (SOUND, FINE),
        ({**SOUND, "vulns": [VULNERABILITY]}, VULNERABLE),
        ({"name": "x", "skip_reason": "not found"}, UNKNOWN),
    ],
)
def test_the_program_ends_with_what_it_found(
    dependency: Mapping[str, Any], status: int, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"canary.txt": answer(BAD_CANARY).stdout, "a.txt": answer(dependency).stdout}
    monkeypatch.setenv("ANSWERS", json.dumps(answers))
    command = (sys.executable, str(ROOT / "tools" / "audit.py"), str(stand_in / "a.txt"))
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (status, "")


@pytest.mark.parametrize("file", ["canary.txt", "a.txt"])
def test_an_answer_that_does_not_come_is_no_pass(file: str, stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANGS_AT", file)
    monkeypatch.setattr(audit_tool, "_SECONDS", 1.0)
    said: list[str] = []
    assert audit([str(stand_in / "a.txt")], audit_tool._pip_audit, said.append) == UNKNOWN
    assert "gave no answer within 1 seconds" in said[0]


def test_make_asks_about_every_file_of_requirements() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    made = subprocess.run(
        ("make", "--dry-run", "audit"),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (command,) = [line.split() for line in made.stdout.splitlines() if "tools/audit.py" in line]
    asked = command[command.index("tools/audit.py") + 1 :]
    assert asked == sorted(f"requirements/{path.name}" for path in (ROOT / "requirements").glob("*.txt"))
