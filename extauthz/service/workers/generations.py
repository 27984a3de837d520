"""What the workers answer from: the same configuration and CRLs in all of them.

A load is built by every worker before any of them answers from it, so a configuration that one of them cannot build is
in use nowhere. A worker that starts later is brought to where the others are.
"""

import asyncio
import pickle
from contextlib import suppress
from dataclasses import dataclass

import structlog

from extauthz.config.schema.listen import Listen
from extauthz.model.errors import ConfigError, Problem
from extauthz.refresh.message import MAX_BLOB_BYTES
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.bound_settings import Kept, said_of
from extauthz.service.loading import Loaded
from extauthz.service.workers.orders import Order
from extauthz.service.workers.process import WorkerProcess
from extauthz.service.workers.roster import Roster

LOAD_SECONDS = 60.0
"""For a worker to build what the supervisor has built already. One that takes longer has another trouble."""
PUBLISH_SECONDS = 5.0
"""For a worker to take what it has built into use: one assignment. A reload is not told as done before."""


@dataclass(frozen=True, slots=True, eq=False)
class _Generation:
    """What workers build."""

    number: int
    files: bytes
    """The pickled ``RememberedFiles``."""


class Generations:
    """Its methods belong to the event loop."""

    def __init__(
        self,
        roster: Roster,
        bound: Listen,
        *,
        load_seconds: float = LOAD_SECONDS,
        publish_seconds: float = PUBLISH_SECONDS,
    ) -> None:
        """``bound``: the listener as it stays until the end."""
        self._load_seconds = load_seconds
        self._publish_seconds = publish_seconds
        self._roster = roster
        self._bound = bound
        self._log = structlog.get_logger("extauthz.service")
        self._number = 0
        self._staged: _Generation | None = None
        self._problems: tuple[str, ...] = ()
        self._current: _Generation | None = None
        self._said: dict[Kept, _Generation] = {}
        """The last one that had something to say of what the listeners keep."""
        self._snapshot = Snapshot()

    async def prepare(self, loaded: Loaded) -> None:
        """Have every worker build a load beside what it uses. Raises ConfigError when one cannot; then none has it.

        That one of them ended over it, or does not come to an end, counts as well: what it did, all would do. So one of
        them tries first, and the others only once it is through.
        """
        staged = self._staged = self._next(loaded)
        self._problems = ()
        builders = tuple(self._roster)
        for group in (builders[:1], builders[1:]):
            if problems := await self._why_not_built(group, staged):
                self._staged = None
                for worker in self._roster:
                    worker.post(Order.FORGET, number=staged.number)
                raise ConfigError([Problem(str(loaded.files.path), 0, 0, "", one) for one in problems])

    async def _why_not_built(self, builders: tuple[WorkerProcess, ...], staged: _Generation) -> tuple[str, ...]:
        """Have some workers build a generation, and say what keeps them from it."""
        for worker in builders:
            self._load(worker, staged)

        def unfinished() -> list[WorkerProcess]:
            return [one for one in builders if staged.number not in one.built]

        def lost() -> list[WorkerProcess]:
            there = set(self._roster)
            return [one for one in unfinished() if one not in there]

        with suppress(TimeoutError):
            async with asyncio.timeout(self._load_seconds):
                await self._roster.until(lambda: bool(self._problems or lost()) or not unfinished())
        problems = (*self._problems, *(f"worker {one.pid} ended while it built this" for one in lost()))
        return problems or tuple(f"worker {one.pid} takes too long to build this" for one in unfinished())

    def publish(self, loaded: Loaded, snapshot: Snapshot) -> None:
        """Have every worker answer from the load that was prepared, with these CRLs.

        The first load is published without: there are no workers then. Raises ConfigError if none could be given it.
        """
        current, self._staged = self._staged or self._next(loaded), None
        self._current, self._snapshot = current, snapshot
        self._said.update(dict.fromkeys(said_of(self._bound, loaded.config), current))
        for worker in self._roster:
            self._bring_to(worker, current)

    async def settle(self) -> None:
        """Return when every worker answers from what was published last; one that does not is replaced."""
        number = 0 if self._current is None else self._current.number

        def behind() -> list[WorkerProcess]:
            return [one for one in self._roster.serving if one.published < number]

        with suppress(TimeoutError):
            async with asyncio.timeout(self._publish_seconds):
                await self._roster.until(lambda: not behind())
        for worker in behind():
            self._log.error("a worker does not take up a configuration and is replaced", worker=worker.pid)
            worker.kill()

    def show_crls(self, snapshot: Snapshot) -> None:
        """Have every worker see these CRLs."""
        self._snapshot = snapshot
        if self._current is not None:
            for worker in self._roster:
                self._send_crls(worker, self._current)

    def bring_up(self, worker: WorkerProcess) -> None:
        """Bring a new worker to where the others are."""
        there = {*self._said.values(), *(() if self._current is None else (self._current,))}
        for generation in sorted(there, key=lambda one: one.number):
            self._bring_to(worker, generation)

    def failed(self, worker: WorkerProcess, number: int, problems: tuple[str, ...]) -> None:
        """Take the news that a worker could not build a generation."""
        if self._staged is not None and number == self._staged.number:
            self._problems = problems
            return
        self._log.error("a worker cannot load what the others have and is replaced", worker=worker.pid, why=problems)
        worker.kill()

    def _next(self, loaded: Loaded) -> _Generation:
        """Raise ConfigError for more than a message holds: a worker would take its end for that of the supervisor."""
        files = pickle.dumps(loaded.files)
        if len(files) > MAX_BLOB_BYTES:
            message = (
                f"the files that it names have more than {MAX_BLOB_BYTES >> 20} MiB, the most that workers are given"
            )
            raise ConfigError([Problem(str(loaded.files.path), 0, 0, "", message)])
        self._number += 1
        return _Generation(self._number, files)

    def _bring_to(self, worker: WorkerProcess, generation: _Generation) -> None:
        """Have a worker answer from this generation, whether or not it has been told to build it."""
        if generation.number not in worker.told:
            self._load(worker, generation)
        self._send_crls(worker, generation)
        worker.post(Order.PUBLISH, number=generation.number)

    def _load(self, worker: WorkerProcess, generation: _Generation) -> None:
        worker.told.add(generation.number)
        worker.post(Order.LOAD, generation.files, number=generation.number)

    def _send_crls(self, worker: WorkerProcess, generation: _Generation) -> None:
        try:
            worker.send_crls(self._snapshot, generation.number)
        except OSError as error:
            # A worker with old CRLs must not go on; for its successor there may be room.
            self._log.error("CRLs cannot be handed to a worker, which is replaced", worker=worker.pid, why=str(error))
            worker.kill()
