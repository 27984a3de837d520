"""SIGTERM and SIGINT once to drain, twice to end at once; SIGHUP to reload."""

import asyncio
import os
import signal

import pytest

from extauthz.service.signals import Signals


async def test_signals_mean_stop_stop_now_and_reload() -> None:
    hangups: list[str] = []
    signals = Signals(lambda: hangups.append("hup"))
    signals.install()
    try:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(10):
            await signals.stop.wait()
        assert hangups == ["hup"]
        assert not signals.stop_now.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        async with asyncio.timeout(10):
            await signals.stop_now.wait()
    finally:
        signals.remove()


async def test_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    signals = Signals(lambda: None)
    signals.install()
    signals.remove()
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_either_signal_asks_for_the_end(number: signal.Signals) -> None:
    signals = Signals(lambda: None)
    signals.install()
    try:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(10):
            await signals.stop.wait()
    finally:
        signals.remove()
