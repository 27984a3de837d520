"""Who goes through the README for a situation has everything that its manifests name, when they name it."""

import dataclasses
from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from support.chart_readme_blocks import TITLES, Block, steps
from support.chart_walkthrough import Walkthrough
from support.helm import SITUATIONS


@cache
def walk(situation: str) -> Walkthrough:
    return Walkthrough(situation)


def test_every_situation_has_a_section() -> None:
    assert tuple(TITLES) == SITUATIONS


@pytest.mark.parametrize("situation", SITUATIONS)
def test_everything_that_is_named_is_made_with_the_keys_that_are_asked_for(situation: str) -> None:
    assert walk(situation).missing == []


@pytest.mark.parametrize("situation", SITUATIONS)
def test_namespaces_and_what_pods_mount_are_there_before_they_are_named(situation: str) -> None:
    assert walk(situation).too_early == []


@pytest.mark.parametrize("situation", SITUATIONS)
def test_nothing_is_made_that_nobody_names(situation: str) -> None:
    assert walk(situation).unused == []


def without_one_command(situation: str) -> Iterator[tuple[str, Sequence[Block]]]:
    """Yield each command that makes something, and the steps without it."""
    whole = steps(situation)
    for at, block in enumerate(whole):
        lines = block.text.replace("\\\n", " ").splitlines(keepends=True)
        for line, text in enumerate(lines):
            if "kubectl" in text and (" create " in text or " apply " in text):
                less = dataclasses.replace(block, text="".join(lines[:line] + lines[line + 1 :]))
                yield text, [*whole[:at], less, *whole[at + 1 :]]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_command_that_makes_something_is_needed(situation: str) -> None:
    """But for those that make what nothing names: the last step of a situation."""
    idle = [
        command
        for command, less in without_one_command(situation)
        if not (found := Walkthrough(situation, less)).missing and not found.too_early
    ]
    assert all(" apply " in command for command in idle), idle


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_chart_is_installed_once(situation: str) -> None:
    assert walk(situation).installations == 1
