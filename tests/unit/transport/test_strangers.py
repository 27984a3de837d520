"""Of those whom nobody knows, the oldest goes from where the most come from."""

import random
from typing import cast

from extauthz.transport.connection import Connection
from extauthz.transport.strangers import POOL, Strangers


def one() -> Connection:
    return cast("Connection", object())


def come(strangers: Strangers, *origins: str) -> list[Connection]:
    there = []
    for origin in origins:
        there.append(one())
        strangers.add(there[-1], origin)
    return there


def test_nobody_goes_while_there_is_room() -> None:
    strangers = Strangers(16)
    assert strangers.first() is None
    first, *_ = come(strangers, "a", "b", "c")
    assert (len(strangers), strangers.most) == (3, 4)
    assert strangers.one_too_many(full=False) is None
    assert strangers.one_too_many(full=True) is first
    come(strangers, "d")
    assert strangers.one_too_many(full=False) is first


def test_a_flood_from_one_address_loses_its_own_places() -> None:
    strangers = Strangers(400)
    (proxy,) = come(strangers, "far away")
    flood = come(strangers, *["flood"] * 99)
    for _ in range(1000):
        gone = strangers.one_too_many(full=False)
        assert gone is flood.pop(0)
        strangers.forget(gone)
        flood += come(strangers, "flood")
    strangers.forget(proxy)
    assert len(strangers) == 99


def test_a_pool_that_connects_anew_goes_after_those_who_came_before_it() -> None:
    """It has more connections than any of the many addresses has, and is no flood for that."""
    strangers = Strangers(4096)
    flood = come(strangers, *[str(one) for one in range(1000)])
    pool = come(strangers, *["proxy"] * 24)
    while (gone := strangers.one_too_many(full=False)) in flood:
        strangers.forget(gone)
        come(strangers, f"another than {len(flood)}")
        flood.remove(gone)
    assert (flood, gone) == ([], pool[0])


def test_more_than_a_pool_from_one_address_is_a_flood() -> None:
    strangers = Strangers(4096)
    (first,) = come(strangers, "proxy")
    flood = come(strangers, *["flood"] * POOL)
    assert strangers.first() is first
    come(strangers, "flood")
    assert strangers.first() is flood[0]


def test_of_two_that_have_as_many_the_one_goes_that_had_them_first() -> None:
    strangers = Strangers(4)
    a, b, _ = come(strangers, "a", "b", "c")
    assert strangers.first() is a
    come(strangers, "b", "a")
    assert strangers.first() is b
    strangers.forget(b)
    assert strangers.first() is a
    strangers.forget(b)
    assert len(strangers) == 4, "who is gone is gone"


def test_whoever_comes_and_goes_the_first_is_one_from_where_the_most_are() -> None:
    chance = random.Random(1)
    strangers = Strangers(10_000)
    there: dict[Connection, str] = {}
    for _ in range(5000):
        if there and chance.random() < 0.5:
            gone = chance.choice(list(there))
            del there[gone]
            strangers.forget(gone)
        else:
            origin = chance.choice("abcde")
            (new,) = come(strangers, origin)
            there[new] = origin
        assert len(strangers) == len(there)
        first = strangers.first()
        if first is None:
            assert not there
            continue
        most = max(list(there.values()).count(origin) for origin in "abcde")
        of_it = [other for other, origin in there.items() if most <= POOL or origin == there[first]]
        assert (len(of_it), of_it[0]) == (len(there) if most <= POOL else most, first)
    for gone in list(there):
        strangers.forget(gone)
    assert (strangers.first(), strangers._from, strangers._with) == (None, {}, {}), "nothing is kept of them"
