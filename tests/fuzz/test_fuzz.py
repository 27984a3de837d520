"""The short form of ``make fuzz``: the same targets, a fixed seed, a bounded number of inputs."""

import random

import pytest
from fuzz.mutate import mutate
from fuzz.run import attempt
from fuzz.targets import BrokenPromiseError, Target, targets

INPUTS = {"config": 60, "crl": 600}
"""Inputs a target; 1,500 where it is not named. Loading a configuration takes milliseconds, the others far less."""
TARGETS = {target.name: target for target in targets()}


@pytest.mark.parametrize("name", TARGETS)
def test_valid_input_keeps_the_promise(name: str) -> None:
    for data in TARGETS[name].corpus:
        assert attempt(TARGETS[name], data) is None


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_input_keeps_the_promise(name: str) -> None:
    rng = random.Random(20261123)
    for _ in range(INPUTS.get(name, 1500)):
        data = mutate(rng, TARGETS[name].corpus)
        assert attempt(TARGETS[name], data) is None, data


def test_fuzzer_sees_a_broken_promise() -> None:
    def broken(data: bytes) -> None:
        if b"\xff" in data:
            raise BrokenPromiseError("0xff")

    target = Target("broken", [b"\x00" * 8], broken)
    rng = random.Random(1)
    assert any(attempt(target, mutate(rng, target.corpus)) for _ in range(2000))
