"""Reloading: a whole new generation is built beside the old one and published, or the old one stays.

A failed reload changes nothing but what is said about it: metrics, log, ``/readyz``.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import structlog

from extauthz.model.errors import ConfigError, Problem
from extauthz.observe.metrics import Metrics, ReloadResult
from extauthz.service.checker import utc_now
from extauthz.service.fingerprint import Fingerprint, take_fingerprint
from extauthz.service.loading import Loaded

MAX_ATTEMPTS = 3
"""Loads of one reload, when the files change while they are read."""
RETRY_SECONDS = 30.0
"""After a failure the files are tried again this often. A configuration that cannot be read may name files that nobody
watches yet, such as a key that its own volume brings a moment later."""
PAUSE_SECONDS = 0.1
"""Between these attempts: time for a writer to finish."""
CLOCK_SLACK_NS = 20_000_000
"""File times lag behind the clock by up to a tick of the kernel (10 ms)."""


class Trigger(StrEnum):
    """What asked for a load."""

    SIGHUP = "sighup"
    FILES = "files"
    ADMIN = "admin"
    RETRY = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadReport:
    """How one reload ended."""

    result: ReloadResult
    trigger: Trigger
    at: datetime
    problems: tuple[str, ...] = ()
    """Why it failed, one sentence each. They repeat values of the configuration."""
    places: tuple[str, ...] = ()
    """Where each of them is, without what stands there."""
    warnings: tuple[str, ...] = ()
    """Permissive choices of what was loaded."""


class Reloader:
    """Loads and publishes; one load at a time, and requests that come during one share the next."""

    def __init__(
        self,
        load: Callable[[], Loaded],
        publish: Callable[[Loaded, datetime], None],
        metrics: Metrics,
        *,
        config_path: Path,
        clock: Callable[[], datetime] = utc_now,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """``load`` reads the files and builds, in a thread; it raises ConfigError. ``publish`` must not fail."""
        self._load = load
        self._publish = publish
        self._metrics = metrics
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Task[ReloadReport] | None = None
        self._watched: tuple[Path, ...] = (config_path,)
        self._look_listener: Callable[[Fingerprint], None] = _nobody
        self._request_listener: Callable[[], None] = _no_one
        self._prepare: Callable[[Loaded], Awaitable[None]] = _at_once
        self._settle: Callable[[], Awaitable[None]] = _done
        self._log = structlog.get_logger("extauthz.service")
        self.last: ReloadReport | None = None
        """The last reload; None before the first."""

    def on_request(self, listener: Callable[[], None]) -> None:
        """Call ``listener()`` whenever somebody asks for a reload, which is more than that files changed."""
        self._request_listener = listener

    def on_publishing(
        self, prepare: Callable[[Loaded], Awaitable[None]], settle: Callable[[], Awaitable[None]]
    ) -> None:
        """Await ``prepare(loaded)`` before a load is published, and ``settle()`` after it.

        The first may raise ConfigError: then what is in use stays.
        """
        self._prepare = prepare
        self._settle = settle

    def on_look(self, listener: Callable[[Fingerprint], None]) -> None:
        """Call ``listener(fingerprint)`` after every load, failed or not: what to watch from now on."""
        self._look_listener = listener

    async def start(self) -> Loaded:
        """Load for the first time and publish. Raises ConfigError."""
        async with self._one_at_a_time:
            return await self._load_and_publish()

    async def reload(self, trigger: Trigger) -> ReloadReport:
        """Load again and publish, or keep what is in use. Raises nothing.

        A load that runs already may have read the old files, so it does not answer this request: the next one does,
        and with it everyone who asks until it begins.
        """
        if trigger in {Trigger.SIGHUP, Trigger.ADMIN}:
            self._request_listener()
        if self._next is None:
            self._next = asyncio.create_task(self._reload_in_turn(trigger))
        # A client that goes away must not cancel what others wait for.
        return await asyncio.shield(self._next)

    async def retry_failures(self) -> None:
        """Try again for as long as the last reload failed; until cancelled."""
        while True:
            await asyncio.sleep(self._retry_seconds)
            if self.last is not None and self.last.result is ReloadResult.FAILURE:
                await self.reload(Trigger.RETRY)

    async def _reload_in_turn(self, trigger: Trigger) -> ReloadReport:
        async with self._one_at_a_time:
            self._next = None
            return await self._reload(trigger)

    async def _reload(self, trigger: Trigger) -> ReloadReport:
        try:
            loaded = await self._load_and_publish()
        except ConfigError as error:
            return self._kept(trigger, error.problems)
        except Exception as error:  # noqa: BLE001  (a defect in loading must not end a service that works)
            self._log.exception("reload failed on a defect")
            message = f"internal error {type(error).__name__}; see the log"
            return self._kept(trigger, (Problem(str(self._watched[0]), 0, 0, "", message),))
        self._metrics.reload_ended(ReloadResult.SUCCESS)
        self.last = ReloadReport(
            result=ReloadResult.SUCCESS, trigger=trigger, at=self._clock(), warnings=loaded.warnings
        )
        self._log.info("reloaded", trigger=trigger.value, config=loaded.digest)
        return self.last

    def _kept(self, trigger: Trigger, found: tuple[Problem, ...]) -> ReloadReport:
        problems = tuple(map(str, found))
        if trigger is Trigger.RETRY and self.last is not None and self.last.problems == problems:
            return self.last  # the same failure again is no news
        self._metrics.reload_ended(ReloadResult.FAILURE)
        for problem in problems:
            self._log.error("configuration problem", problem=problem)
        self._log.error("reload failed; the configuration in use stays", trigger=trigger.value, problems=len(problems))
        self.last = ReloadReport(
            result=ReloadResult.FAILURE,
            trigger=trigger,
            at=self._clock(),
            problems=problems,
            places=tuple(one.place for one in found),
        )
        return self.last

    async def _load_and_publish(self) -> Loaded:
        before: Fingerprint = {}
        paths = self._watched
        try:
            for _ in range(MAX_ATTEMPTS):
                begun_ns = time.time_ns() - CLOCK_SLACK_NS
                before = await asyncio.to_thread(take_fingerprint, paths)
                try:
                    loaded = await asyncio.to_thread(self._load)
                except ConfigError:
                    if await asyncio.to_thread(take_fingerprint, paths) == before:
                        raise
                else:
                    paths = loaded.watched
                    after = await asyncio.to_thread(take_fingerprint, paths)
                    if _read_unchanged(before, after, begun_ns):
                        self._watched = paths
                        before = after
                        await self._prepare(loaded)
                        self._publish(loaded, self._clock())
                        await self._settle()
                        return loaded
                # Something was being written: what was read, good or bad, is nobody's configuration.
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            # After a failure too: what was read is known, and only a further change is worth another try.
            self._look_listener(before)
        path = str(self._watched[0])
        raise ConfigError([Problem(path, 0, 0, "", "the files kept changing while they were read; try again")])


def _read_unchanged(before: Fingerprint, after: Fingerprint, begun_ns: int) -> bool:
    """Say whether all that was read stood still meanwhile, so that no generation is half old and half new.

    A path that nobody knew of beforehand counts as changed if it was written since the load began.
    """
    return all(
        before[path] == state if path in before else not state.changed_since(begun_ns) for path, state in after.items()
    )


def _no_one() -> None:
    """Before anyone listens."""


def _nobody(_fingerprint: Fingerprint) -> None:
    """Before anyone watches."""


async def _at_once(_loaded: Loaded) -> None:
    """Nobody has to get ready before a load is published."""


async def _done() -> None:
    """Take a load that is published for one that is in use everywhere."""
