"""Who goes through the README for a situation has everything that its manifests name, when they name it."""

from functools import cache

import pytest

from support.chart_readme_blocks import TITLES
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


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_chart_is_installed_once(situation: str) -> None:
    assert walk(situation).installations == 1
