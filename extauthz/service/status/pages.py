"""The status page as bytes, made once for everybody who asks at the same time.

Making it asks every worker, and writes thousands of CRLs as text where there are so many. So one page is made at a
time, and after each there is a rest as long as the making took, however long that was: however many ask, and however
often, at most half of one core is busy with it. Nobody is shown what was true before asking.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from extauthz.service.status.model import Status

Form = Callable[[Status], bytes]
"""Writes the page, in any thread."""


class StatusPages:
    """Belongs to the event loop."""

    def __init__(
        self,
        status: Callable[[], Awaitable[Status]],
        *,
        stopwatch: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``status()`` collects the facts. ``sleep(seconds)`` rests."""
        self._status = status
        self._stopwatch = stopwatch
        self._sleep = sleep
        self._one_at_a_time = asyncio.Lock()
        self._next: dict[Form, asyncio.Task[bytes]] = {}
        self._rest_until = 0.0

    async def page(self, form: Form) -> bytes:
        """Return the page of a moment after this call. Raises what collecting or writing raises.

        One that is being made already may have been collected before, so it does not answer this call: the next one
        does, and with it everyone who asks until it begins.
        """
        if form not in self._next:
            self._next[form] = asyncio.create_task(self._in_turn(form))
        # A client that goes away must not cancel what others wait for.
        return await asyncio.shield(self._next[form])

    async def _in_turn(self, form: Form) -> bytes:
        async with self._one_at_a_time:
            if (rest := self._rest_until - self._stopwatch()) > 0:
                await self._sleep(rest)
            del self._next[form]
            begun = self._stopwatch()
            try:
                # In a thread, for the same reason as the metrics: there may be thousands of CRLs.
                return await asyncio.to_thread(form, await self._status())
            finally:
                ended = self._stopwatch()
                self._rest_until = ended + (ended - begun)
