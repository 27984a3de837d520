"""Draining in order: first not ready, then wait, then stop; a second signal skips the waiting."""

import asyncio
from datetime import timedelta

from extauthz.service.lifecycle import drain
from extauthz.service.readiness import Readiness
from extauthz.service.signals import Signals

LONG = timedelta(hours=1)
NONE = timedelta(0)


class FakeListener:
    """Stops at once, or when its calls in flight are cut off."""

    def __init__(self, readiness: Readiness, *, busy: bool = False) -> None:
        self._readiness = readiness
        self._busy = busy
        self._cut_off = asyncio.Event()
        self.stopping = asyncio.Event()
        self.graces: list[tuple[float, bool]] = []
        self.address = "127.0.0.1:9191"

    async def start(self) -> None:
        raise AssertionError

    async def stop(self, grace: float) -> None:
        self.graces.append((grace, self._readiness.ready))
        self.stopping.set()
        if grace == 0:
            self._cut_off.set()
        if self._busy:
            await self._cut_off.wait()


class Setup:
    """A service at its end."""

    def __init__(self, *, busy: bool = False) -> None:
        self.readiness = Readiness()
        self.readiness.serve()
        self.listener = FakeListener(self.readiness, busy=busy)
        self.signals = Signals(lambda: None)

    async def drain(self, delay: timedelta, grace: timedelta) -> bool:
        async with asyncio.timeout(10):
            return await drain(self.readiness, self.listener, self.signals, delay=delay, grace=grace)


async def test_it_is_not_ready_before_it_stops() -> None:
    one = Setup()
    assert await one.drain(NONE, timedelta(seconds=3))
    assert one.listener.graces == [(3.0, False)]


async def test_it_serves_on_while_the_news_spreads() -> None:
    one = Setup()
    draining = asyncio.create_task(one.drain(LONG, NONE))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not one.readiness.ready
    assert one.listener.graces == []
    draining.cancel()


async def test_a_second_signal_skips_the_waiting() -> None:
    one = Setup()
    draining = asyncio.create_task(one.drain(LONG, LONG))
    await asyncio.sleep(0)
    one.signals.stop_now.set()
    assert not await draining
    assert one.listener.graces[-1] == (0, False)


async def test_a_second_signal_cuts_off_calls_in_flight() -> None:
    one = Setup(busy=True)
    draining = asyncio.create_task(one.drain(NONE, LONG))
    await one.listener.stopping.wait()
    one.signals.stop_now.set()
    assert not await draining
    assert [grace for grace, _ in one.listener.graces] == [3600.0, 0]
