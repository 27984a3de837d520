"""A slope in the memory is seen, and a level that is reached once is not taken for one."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from material import Material
from soak import FIXED_SET, Sample, growth, mixed

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest


def samples(resident: Callable[[int], float], count: int = 100) -> Sequence[Sample]:
    return [Sample(5.0 * number, 1_000 * number, resident(number), 20.0, 900.0) for number in range(count)]


@pytest.mark.parametrize(
    ("resident", "grown"),
    [
        (lambda _number: 60.0, 0.0),
        (lambda number: 60.0 + min(number, 19), 0.0),
        (lambda number: 60.0 + number, 60.0),
        (lambda number: 60.0 + number % 12, 0.0),
    ],
    ids=["level", "filling", "slope", "saw"],
)
def test_growth_is_that_after_the_caches_were_full(resident: Callable[[int], float], grown: float) -> None:
    assert growth(samples(resident)) == pytest.approx(grown, abs=2.0)


def test_new_clients_come_once_and_the_others_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    questions = mixed(Material.at(tmp_path_factory.mktemp("pki") / "pki"))
    asked = [next(questions) for _ in range(20_000)]
    times = Counter(CheckRequest.FromString(one.body[5:]).attributes.source.certificate for one in asked if one.allowed)
    assert sum(count > 1 for count in times.values()) == FIXED_SET
    assert 40 < sum(count == 1 for count in times.values()) < 200
    assert 1_000 < sum(not one.allowed for one in asked) < 3_000
