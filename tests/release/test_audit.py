"""An audit passes only when a service that has data was asked about every package."""

import json
from collections.abc import Mapping, Sequence
from subprocess import CompletedProcess
from typing import Any

import pytest
from audit import CANARY, FINE, UNKNOWN, VULNERABLE, audit

NAME, _, VERSION = CANARY.partition("==")
VULNERABILITY = {"id": "PYSEC-1", "fix_versions": ["3.0"], "aliases": []}
BAD_CANARY = {"name": NAME, "version": VERSION, "vulns": [VULNERABILITY]}
SOUND = {"name": "cryptography", "version": "1", "vulns": []}
OFFLINE = CompletedProcess((), 1, "", "WARNING: retrying\nERROR: no route to the service\n")


def answer(*dependencies: Mapping[str, Any]) -> "CompletedProcess[str]":
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
    ],
    ids=["offline", "mirror without data", "offline in between", "unknown package", "no package", "odd answer"],
)
def test_where_nobody_could_tell_it_is_no_pass_and_says_so(
    answers: "tuple[CompletedProcess[str], ...]", why: str
) -> None:
    status, said = run(*answers)
    assert status == UNKNOWN
    assert why in said
    assert said.endswith("this is no pass.")
