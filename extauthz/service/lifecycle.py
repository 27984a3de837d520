"""The end of a service, step by step, so that no request is lost that a proxy has been told to send.

1  not ready    health says NOT_SERVING, /readyz 503
2  serve on     for ``drain_delay``: proxies learn of step 1 with a delay of their own
3  stop         GOAWAY; calls in flight have ``grace`` to finish
4  flush        what waits in the logs
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

import structlog

from extauthz.service.readiness import Readiness
from extauthz.service.signals import Signals


class Stoppable(Protocol):
    """What serves, in this process or in others."""

    async def stop(self, grace: float) -> None:
        """Accept nothing more, give calls in flight ``grace`` seconds. May be called again, with less."""
        ...


async def drain(
    readiness: Readiness, listener: Stoppable, signals: Signals, *, delay: timedelta, grace: timedelta
) -> bool:
    """Run steps 1 to 3. A second signal skips what is left of the waiting; False says that this happened."""
    log = structlog.get_logger("extauthz.service")
    readiness.drain()
    log.info("draining", drain_delay_seconds=delay.total_seconds(), grace_seconds=grace.total_seconds())
    with suppress(TimeoutError):
        async with asyncio.timeout(delay.total_seconds()):
            await signals.stop_now.wait()
    stopping = asyncio.create_task(listener.stop(grace.total_seconds()))
    hurried = asyncio.create_task(signals.stop_now.wait())
    await asyncio.wait((stopping, hurried), return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    if signals.stop_now.is_set():
        log.warning("stopping at once, as a second signal asks for")
        await listener.stop(0)
    await stopping
    return not signals.stop_now.is_set()
