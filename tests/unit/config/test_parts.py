from dataclasses import dataclass

import pytest

from extauthz.config.parts import Parts


@dataclass(frozen=True)
class Inputs:
    name: str
    value: tuple[int, ...]


@dataclass(frozen=True)
class OtherInputs:
    name: str
    value: tuple[int, ...]


class Part:
    def __init__(self, inputs: Inputs | OtherInputs) -> None:
        self.inputs = inputs


def test_a_part_of_equal_inputs_is_the_same_part() -> None:
    first = Parts()
    part = first.take(Inputs("a", (1,)), Part)
    assert Parts(first).take(Inputs("a", (1,)), Part) is part


@pytest.mark.parametrize("inputs", [Inputs("a", (2,)), Inputs("b", (1,)), OtherInputs("a", (1,))], ids=str)
def test_a_part_of_other_inputs_is_another(inputs: Inputs | OtherInputs) -> None:
    first = Parts()
    part = first.take(Inputs("a", (1,)), Part)
    other = Parts(first).take(inputs, Part)
    assert other is not part
    assert other.inputs is inputs


def test_only_the_last_load_is_taken_over_from() -> None:
    first = Parts()
    part = first.take(Inputs("a", (1,)), Part)
    without = Parts(first)
    assert Parts(without).take(Inputs("a", (1,)), Part) is not part


def test_what_was_not_taken_over_is_let_go() -> None:
    first = Parts()
    part = first.take(Inputs("a", (1,)), Part)
    second = Parts(first)
    second.settle()
    assert second.take(Inputs("a", (1,)), Part) is not part
