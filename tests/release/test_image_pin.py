"""A release is built on a base that cannot change, for a tag that is the version."""

from pathlib import Path
from typing import Any

import pytest
from image_pin import pinned_base
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DIGEST = "sha256:" + "0a" * 32
FIRST = ("tools/image_pin.py", "tools/release_notes.py", "make image")


@pytest.mark.parametrize("name", ["python:3.13-slim-trixie", "python", "registry.example:5000/a/python:3.13"])
def test_a_base_with_a_digest_is_taken(name: str) -> None:
    assert pinned_base(f"# x\nARG BASE={name}@{DIGEST}\n\nFROM ${{BASE}}\n") == f"{name}@{DIGEST}"


@pytest.mark.parametrize(
    "base",
    [
        "python:3.13-slim-trixie",
        f"python:3.13@{DIGEST[:-1]}",
        f"python:3.13@{DIGEST}0",
        f"python:3.13@{DIGEST.upper()}",
        f"@{DIGEST}",
        "python:3.13@sha512:" + "0a" * 64,
    ],
)
def test_a_base_without_one_is_refused_with_what_to_do(base: str) -> None:
    with pytest.raises(ValueError, match=r"is not pinned.* imagetools inspect .*ARG BASE="):
        pinned_base(f"ARG BASE={base}\n")


@pytest.mark.parametrize("text", ["FROM scratch\n", f"ARG BASE=a@{DIGEST}\nARG BASE=b@{DIGEST}\n", "ARG BASE=\n"])
def test_a_dockerfile_that_does_not_name_one_base_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="lines `ARG BASE="):
        pinned_base(text)


def test_the_release_refuses_both_before_it_builds_an_image() -> None:
    workflow: dict[str, Any] = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "release.yaml").read_text())
    commands = "\n".join(step.get("run", "") for step in workflow["jobs"]["build"]["steps"])
    assert sorted(FIRST, key=commands.index) == list(FIRST)
    assert workflow["jobs"]["publish"]["needs"] == "build"
