"""However many ask for the page, it is made once for all of them, and never from before they asked."""

import asyncio
import threading

import pytest

from extauthz.service.status.model import Status
from extauthz.service.status.pages import StatusPages
from support.statuses import status


class Setup:
    """Pages of a status that counts how often it was collected, and time that passes only when told."""

    def __init__(self) -> None:
        self.collected = 0
        self.seconds = 0.0
        self.cost = 0.0
        self.rests: list[float] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.error: Exception | None = None
        self.at_once = 0
        self.most_at_once = 0
        self.pages = StatusPages(self._status, stopwatch=lambda: self.seconds, sleep=self._sleep)

    async def _status(self) -> Status:
        self.collected += 1
        number = self.collected
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.go_on.wait()
        self.at_once -= 1
        self.seconds += self.cost
        if self.error is not None:
            raise self.error
        return status(version=str(number))

    async def _sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.seconds += seconds


def number(one: Status) -> bytes:
    return one.version.encode()


def thread(_one: Status) -> bytes:
    return str(threading.get_ident()).encode()


async def turns() -> None:
    """Let everything that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_many_who_ask_at_once_get_one_page() -> None:
    one = Setup()
    assert set(await asyncio.gather(*(one.pages.page(number) for _ in range(500)))) == {b"1"}
    assert one.collected == 1


async def test_who_asks_while_it_is_made_gets_the_next_one_with_all_others() -> None:
    one = Setup()
    one.go_on.clear()
    first = asyncio.create_task(one.pages.page(number))
    await turns()
    later = [asyncio.create_task(one.pages.page(number)) for _ in range(100)]
    await turns()
    one.go_on.set()
    assert await first == b"1"
    assert set(await asyncio.gather(*later)) == {b"2"}
    assert one.collected == 2


async def test_two_forms_are_made_one_after_the_other() -> None:
    one = Setup()
    one.go_on.clear()
    both = asyncio.gather(one.pages.page(number), one.pages.page(thread))
    await turns()
    one.go_on.set()
    await both
    assert (one.collected, one.most_at_once) == (2, 1)


async def test_it_is_written_beside_the_event_loop() -> None:
    assert await Setup().pages.page(thread) != str(threading.get_ident()).encode()


@pytest.mark.parametrize("cost", [0.25, 7.0])
async def test_it_rests_as_long_as_the_last_one_took(cost: float) -> None:
    one = Setup()
    rest = cost
    one.cost = cost
    await one.pages.page(number)
    assert one.rests == []
    await one.pages.page(number)
    assert one.rests == [rest]
    one.seconds += rest
    await one.pages.page(number)
    assert one.rests == [rest], "the time has passed already"


@pytest.mark.parametrize("cost", [0.01, 1.0, 60.0])
async def test_no_more_than_half_of_the_time_is_spent_on_pages(cost: float) -> None:
    one = Setup()
    one.cost = cost
    for _ in range(10):
        await one.pages.page(number)
    assert one.collected == 10
    assert one.seconds >= (2 * 10 - 1) * cost, "nobody rests before the first"


async def test_a_failure_is_told_to_those_who_asked_and_to_nobody_later() -> None:
    one = Setup()
    one.error = RuntimeError("there is nothing to show yet")
    found = await asyncio.gather(one.pages.page(number), one.pages.page(number), return_exceptions=True)
    assert [type(each) for each in found] == [RuntimeError, RuntimeError]
    one.error = None
    assert await one.pages.page(number) == b"2"


async def test_who_goes_away_takes_the_page_from_nobody() -> None:
    one = Setup()
    one.go_on.clear()
    gone, stays = (asyncio.create_task(one.pages.page(number)) for _ in range(2))
    await turns()
    gone.cancel()
    await turns()
    one.go_on.set()
    assert await stays == b"1"
    assert one.collected == 1
