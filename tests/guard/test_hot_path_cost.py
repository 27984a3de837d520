"""The path of every check stays as short as it is: its cost is counted, not timed."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import extauthz

BENCH = Path(__file__).parents[2] / "bench"
ROOT = str(Path(extauthz.__file__).parents[1])
TIMEOUT = 120.0


@pytest.fixture(scope="module")
def counted() -> Mapping[str, Any]:
    """Count in a process of its own, in which no other test has left anything."""
    environment = {**os.environ, "PYTHONPATH": ROOT, "PYTHONHASHSEED": "0"}
    for name in ("COVERAGE_PROCESS_START", "COV_CORE_SOURCE"):
        environment.pop(name, None)
    command = [sys.executable, str(BENCH / "hot_path_cost.py"), "--json"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def test_no_check_costs_more_than_its_budget(counted: Mapping[str, Any]) -> None:
    over = {
        name: f"{statistics.mode(costs):,} instructions and calls; the budget is {counted['budgets'][name]:,}"
        for name, costs in counted["costs"].items()
        if statistics.mode(costs) > counted["budgets"][name]
    }
    assert not over, f"{over}\n{counted['what_to_do']}"


def test_no_budget_has_so_much_room_that_it_guards_nothing(counted: Mapping[str, Any]) -> None:
    roomy = {
        name: f"{statistics.mode(costs):,} instructions and calls; the budget is {counted['budgets'][name]:,}"
        for name, costs in counted["costs"].items()
        if statistics.mode(costs) < counted["room"] * counted["budgets"][name]
    }
    assert not roomy, f"A check costs less than it did: lower its budget.\n{roomy}\n{counted['what_to_do']}"


def test_the_same_check_costs_the_same_nearly_every_time(counted: Mapping[str, Any]) -> None:
    """Nearly, as a certificate may have a shorter integer in it than the others."""
    for name, costs in counted["costs"].items():
        assert costs.count(statistics.mode(costs)) > len(costs) // 2, f"{name}: {costs}"
