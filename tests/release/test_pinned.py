"""What is installed, and what runs in a workflow, is one content and has no more rights than it needs."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
PINNED = re.compile(r"[\w.-]+(?:\[[\w,-]+\])?==[\w.+!-]+(?: ; .*?)?(?: +--hash=sha256:[0-9a-f]{64})+ *")
ACTION = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def workflow(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_has_its_version_and_hashes(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    requirements = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert requirements
    assert [one for one in requirements if PINNED.fullmatch(one) is None] == []


def test_every_go_module_has_its_version_and_hashes() -> None:
    folder = ROOT / "requirements" / "actionlint"
    modules = re.findall(r"^\t(\S+ v\S+)", (folder / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    hashed = set(
        re.findall(r"^(\S+ v\S+) h1:[A-Za-z0-9+/]{43}=$", (folder / "go.sum").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert modules
    assert set(modules) <= hashed
    assert {f"{module}/go.mod" for module in modules} <= hashed
    assert "GOFLAGS=-mod=readonly" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_a_commit(path: Path) -> None:
    used = [step["uses"] for job in workflow(path)["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert [one for one in used if ACTION.fullmatch(one) is None] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_has_rights_that_no_job_asks_for(path: Path) -> None:
    whole = workflow(path)
    assert whole["permissions"] == {}
    for name, job in whole["jobs"].items():
        writes = {right for right, kind in job["permissions"].items() if kind == "write"}
        assert not writes or (path.name, name) == ("release.yaml", "publish"), (path.name, name)


def test_what_builds_a_release_cannot_write_and_what_writes_runs_no_code_of_the_repository() -> None:
    jobs = workflow(ROOT / ".github" / "workflows" / "release.yaml")["jobs"]
    assert "write" not in jobs["build"]["permissions"].values()
    assert not any("checkout" in step.get("uses", "") for step in jobs["publish"]["steps"])
    assert not any("make " in step.get("run", "") for step in jobs["publish"]["steps"])
