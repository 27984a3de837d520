"""The cache is bounded in entries and in cost, and keeps what is in use."""

from itertools import pairwise

import pytest

from extauthz.trust.cache import TwoGenerationCache, _popped

PLENTY = 1_000_000


def test_what_was_put_is_found_and_nothing_else() -> None:
    cache: TwoGenerationCache[str] = TwoGenerationCache(10, PLENTY)
    cache.put("a", "A", 1)
    assert cache.get("a") == "A"
    assert cache.get("b") is None
    cache.put("a", "B", 1)
    assert cache.get("a") == "B"


@pytest.mark.parametrize("size", [0, 1])
def test_a_size_of_nothing_keeps_nothing(size: int) -> None:
    cache: TwoGenerationCache[str] = TwoGenerationCache(size, PLENTY)
    cache.put("a", "A", 1)
    assert cache.get("a") is None


def test_ever_new_keys_never_exceed_the_number_of_entries() -> None:
    cache: TwoGenerationCache[int] = TwoGenerationCache(10, PLENTY)
    for number in range(1000):
        cache.put(number, number, 1)
        assert len(cache) <= 10
    assert cache.get(999) == 999
    assert cache.get(0) is None


def test_ever_new_keys_never_exceed_the_cost() -> None:
    cache: TwoGenerationCache[int] = TwoGenerationCache(1000, 100)
    for number in range(1000):
        cache.put(number, number, 7)
        assert len(cache) * 7 <= 100


def test_what_alone_costs_more_than_a_generation_is_not_kept() -> None:
    cache: TwoGenerationCache[str] = TwoGenerationCache(10, 100)
    cache.put("small", "S", 50)
    cache.put("large", "L", 51)
    assert cache.get("large") is None
    assert cache.get("small") == "S"


def test_what_is_in_use_outlives_what_is_not() -> None:
    cache: TwoGenerationCache[str] = TwoGenerationCache(10, PLENTY)
    cache.put("used", "U", 1)
    cache.put("unused", "N", 1)
    for number in range(100):
        cache.put(number, "x", 1)
        assert cache.get("used") == "U"
    assert cache.get("unused") is None


def test_a_value_put_again_counts_once() -> None:
    cache: TwoGenerationCache[str] = TwoGenerationCache(10, 100)
    for _ in range(1000):
        cache.put("again", "A", 20)
    cache.put("beside", "B", 30)
    assert (cache.get("again"), cache.get("beside"), len(cache)) == ("A", "B", 2)


def test_what_departs_goes_two_at_a_time() -> None:
    freed: list[int] = []

    class Told:
        def __init__(self, number: int) -> None:
            self._number = number

        def __del__(self) -> None:
            freed.append(self._number)

    cache: TwoGenerationCache[Told] = TwoGenerationCache(20, PLENTY)
    for number in range(20):
        cache.put(number, Told(number), 1)
    assert freed == []
    for number in range(20, 30):
        cache.put(number, Told(number), 1)
        assert len(freed) == min(10, 2 * (number - 19))
    assert sorted(freed) == list(range(10))


def test_a_cache_that_is_given_up_is_emptied_bit_by_bit() -> None:
    cache: TwoGenerationCache[int] = TwoGenerationCache(10, PLENTY)
    for number in range(13):
        cache.put(number, number, 1)
    held = len(cache)
    for left in range(held - 1, 0, -1):
        assert cache.clear_some(1)
        assert len(cache) == left
    assert not cache.clear_some(1)
    assert len(cache) == 0


def test_many_small_entries_are_gone_before_a_few_large_ones_fill_a_generation() -> None:
    cache: TwoGenerationCache[int] = TwoGenerationCache(PLENTY, 2_000)
    for number in range(3_000):
        cache.put(number, number, 1)
    departing = []
    for number in range(40):
        cache.put(f"large {number}", number, 100)
        departing.append(len(cache._departing))
        assert len(cache) <= 2_000
    rotations = [at for at, left in enumerate(departing) if at and left > departing[at - 1]]
    assert all(departing[at - 1] == 0 for at in rotations)
    assert max(before - after for before, after in pairwise(departing)) <= 200


def test_an_entry_that_another_thread_took_costs_nothing() -> None:
    assert _popped({}) == 0
