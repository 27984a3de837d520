"""A release is built on a base that cannot change, for a tag that is the version."""

import re
from pathlib import Path
from typing import Any

import pytest
from image_pin import pinned_base
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DIGEST = "sha256:" + "0a" * 32
GATES = (
    ".venv/bin/python tools/image_pin.py",
    '.venv/bin/python tools/release_notes.py "$GITHUB_REF_NAME" > notes.md',
)
"""Commands that end a release, in the whole step: one behind `||` or in a pipe would end nothing."""
BUILD = """\
make image IMAGE=extauthz:release SOURCE="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
make image-bill IMAGE=extauthz:release
"""
PINNED = f"ARG BASE=python:3.13@{DIGEST}\n"
SOUND = (
    PINNED
    + "FROM ${BASE} AS build\nRUN --mount=type=secret,id=a \\\n  x --from=y\nFROM ${BASE}\nCOPY --from=build /a /b\n"
)


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
        pinned_base(f"ARG BASE={base}\nFROM ${{BASE}}\n")


@pytest.mark.parametrize("text", ["FROM scratch\n", f"ARG BASE=a@{DIGEST}\nARG BASE=b@{DIGEST}\n", "ARG BASE=\n"])
def test_a_dockerfile_that_does_not_name_one_base_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="lines `ARG BASE="):
        pinned_base(text)


@pytest.mark.parametrize(
    "text", [SOUND, f"{SOUND}FROM build AS again\n", SOUND.replace("COPY --from", "copy --chown=1 --from")]
)
def test_stages_on_the_base_are_taken(text: str) -> None:
    assert pinned_base(text) == f"python:3.13@{DIGEST}"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("FROM ubuntu:latest AS build\n", "FROM ubuntu:latest AS build"),
        ("from ubuntu\n", "FROM ubuntu"),
        ("FROM\tubuntu\n", "FROM ubuntu"),
        ("FROM \\\n  ubuntu\n", "FROM ubuntu"),
        ("FROM --platform=linux/amd64 ubuntu\n", "FROM --platform"),
        ("FROM $OTHER\n", "FROM [$]OTHER"),
        ("FROM later\nFROM ${BASE} AS later\n", "FROM later"),
        ("FROM ${BASE}\nCOPY --from=evil:latest /a /b\n", "from=evil:latest"),
        ("FROM ${BASE} AS a\nCOPY --link \\\n  --from=evil /a /b\n", "from=evil"),
        ("FROM ${BASE}\nADD --from=evil /a /b\n", "from=evil"),
        ("FROM ${BASE}\nCOPY --from= /a /b\n", "from="),
        ("FROM ${BASE}\nCOPY --from=0 /a /b\n", "from=0"),
        ("FROM ${BASE}\nRUN --mount=type=bind,from=evil,target=/x cp /x /y\n", "from=evil"),
        ("FROM ${BASE}\nONBUILD COPY --from=evil /a /b\n", "from=evil"),
        ("# syntax=evil/frontend\nFROM ${BASE}\n", "syntax="),
        ("# escape=`\nFROM ${BASE}\n", "escape="),
    ],
)
def test_another_image_beside_a_pinned_base_is_refused(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        pinned_base(PINNED + text)


@pytest.mark.parametrize(
    "second", ["ARG BASE=b", "arg  BASE=b", "ARG A=1 BASE=b", "ARG \\\n BASE=b", "ARG BASE", 'ARG "BASE=b"']
)
def test_a_base_that_is_named_anew_is_refused(second: str) -> None:
    with pytest.raises(ValueError, match="2 lines `ARG BASE="):
        pinned_base(f"{PINNED}{second}\nFROM ${{BASE}}\n")


def test_of_our_own_file_nothing_but_the_digest_may_be_missing() -> None:
    text = (ROOT / "Dockerfile").read_text()
    pinned = re.sub(r"^(ARG BASE=[^@\s]+)\S*$", rf"\1@{DIGEST}", text, count=1, flags=re.MULTILINE)
    assert pinned_base(pinned).endswith(f"@{DIGEST}")


def test_the_release_refuses_both_before_it_builds_an_image() -> None:
    workflow = release()
    build = workflow["jobs"]["build"]
    steps = [step for step in build["steps"] if step.get("run") in {*GATES, BUILD}]
    assert [step["run"] for step in steps] == [*GATES, BUILD]
    assert [set(step) for step in steps] == [{"name", "run"}] * 3, "no `if`, no `continue-on-error`, no environment"
    assert not {"if", "continue-on-error", "env", "defaults", "strategy"} & build.keys()
    assert not {"env", "defaults"} & workflow.keys()
    publish = workflow["jobs"]["publish"]
    assert publish["needs"] == "build"
    assert not {"if", "continue-on-error"} & publish.keys()


def test_a_release_builds_and_names_the_commit_of_the_tag_that_started_it() -> None:
    """What no `ref` asks for is what the event is about; that the host keeps to it is not for a test here."""
    workflow = release()
    assert workflow["on"] == {"push": {"tags": ["v*"]}}
    (checkout,) = [one for one in workflow["jobs"]["build"]["steps"] if "checkout" in one.get("uses", "")]
    assert checkout["with"] == {"persist-credentials": False}
    made = workflow["jobs"]["publish"]["steps"][-1]["run"]
    assert made.startswith('gh release create "$GITHUB_REF_NAME" --verify-tag ')


def release() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "release.yaml").read_text())
    return found
