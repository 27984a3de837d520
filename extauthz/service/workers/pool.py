"""The workers: as many as there should be, all with the same configuration and CRLs, whatever becomes of each."""

import asyncio
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry

from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.listen import Listen
from extauthz.model.errors import ConfigError, Problem
from extauthz.observe.family_form import families_from_bytes
from extauthz.observe.metrics import Metrics
from extauthz.refresh.message import Message
from extauthz.refresh.scratch import scratch_file
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.listen_address import ListenError
from extauthz.service.loading import Loaded, callers_wait
from extauthz.service.shared_address import KeptAddress
from extauthz.service.workers.back_off import BackOff
from extauthz.service.workers.numbers import WorkerNumbers
from extauthz.service.workers.orders import Order, Report
from extauthz.service.workers.process import State, WorkerProcess, how_it_ended

LOAD_SECONDS = 60.0
"""For a worker to build what the supervisor has built already. One that takes longer is replaced."""
PUBLISH_SECONDS = 5.0
"""For a worker to take what it has built into use: one assignment. A reload is not told as done before."""
PING_SECONDS = 5.0
MAX_UNANSWERED = 6
"""Pings in a row: an event loop that stands still for half a minute answers nobody. Counted, not timed, so that a
machine that was asleep does not kill its workers when it wakes."""
END_SECONDS = 5.0
"""Beyond the grace, for a worker that stops: it flushes its log."""
WAITING = "waiting"
"""The state of a place whose worker ended and is not started again yet."""


@dataclass(frozen=True, slots=True)
class _Generation:
    """What workers build."""

    number: int
    files: RememberedFiles

    @property
    def blob(self) -> bytes:
        return pickle.dumps(self.files)


class WorkerPool:
    """See ``Backend``."""

    def __init__(
        self,
        count: int,
        listen: Listen,
        metrics: Metrics,
        *,
        on_wanted: Callable[[Iterable[str]], None],
        on_missing: Callable[[bool], None],
    ) -> None:
        """``on_wanted(urls)``: certificates named these distribution points. ``on_missing(missing)``: workers are."""
        self._count = count
        self._listen = listen
        self._on_wanted = on_wanted
        self._on_missing = on_missing
        self._log = structlog.get_logger("extauthz.service")
        self._numbers = WorkerNumbers(metrics.registry, self._states)
        self.registry: CollectorRegistry = self._numbers.registry
        self.turns = (scratch_file("extauthz-decision-log-turn"), scratch_file("extauthz-process-log-turn"))
        self._workers: dict[WorkerProcess, asyncio.Future[int]] = {}
        self._current: _Generation | None = None
        self._base: _Generation | None = None
        """The last one that says of TLS what the listener was bound with."""
        self._staged: _Generation | None = None
        self._number = 0
        self._snapshot = Snapshot()
        self._kept: KeptAddress | None = None
        self._address = ""
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()
        self._cannot_listen: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()

    # -- configurations and CRLs ---------------------------------------------------------------------------------
    async def prepare(self, loaded: Loaded) -> None:
        """Have every worker build a load beside what it uses. Raises ConfigError when one cannot; then none has it."""
        self._number += 1
        staged = self._staged = _Generation(self._number, loaded.files)
        self._problems: tuple[str, ...] = ()
        for worker in self._workers:
            self._load(worker, staged)
        with suppress(TimeoutError):
            async with asyncio.timeout(LOAD_SECONDS):
                await self._until(lambda: bool(self._problems) or not self._still_loading(staged))
        if self._problems:
            self._staged = None
            for worker in self._workers:
                worker.post(Order.FORGET, number=staged.number)
            raise ConfigError([Problem(str(loaded.files.path), 0, 0, "", one) for one in self._problems])
        for worker in self._still_loading(staged):
            self._log.error("a worker takes too long to load and is replaced", worker=worker.pid)
            worker.kill()

    def publish(self, loaded: Loaded, snapshot: Snapshot) -> None:
        """Have every worker answer from what it has built, with these CRLs."""
        if self._staged is None:  # the first load: there are no workers yet
            self._number += 1
        staged, self._staged = self._staged or _Generation(self._number, loaded.files), None
        self._current, self._snapshot = staged, snapshot
        if self._base is None or not _tls_differs(self._listen, loaded.config.listen):
            self._base = staged
        for worker in self._workers:
            self._bring(worker, staged)

    async def settle(self) -> None:
        """Return when every worker answers from what was published last; one that does not is replaced."""
        number = 0 if self._current is None else self._current.number
        with suppress(TimeoutError):
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._until(lambda: all(one.published >= number for one in self._serving()))
        for worker in self._serving():
            if worker.published < number:
                self._log.error("a worker does not take up a configuration and is replaced", worker=worker.pid)
                worker.kill()

    def show_crls(self, snapshot: Snapshot) -> None:
        """Have every worker see these CRLs."""
        self._snapshot = snapshot
        for worker in self._workers:
            self._send_crls(worker)

    def reopen_decision_log(self) -> None:
        """Open it anew in every worker."""
        for worker in self._workers:
            worker.post(Order.REOPEN)

    # -- life ----------------------------------------------------------------------------------------------------
    async def start(self) -> str:
        """Start the workers, and return when all of them accept."""
        self._kept = KeptAddress(self._listen.grpc.address)
        self._address = self._kept.address
        self._tasks = [asyncio.create_task(self._keep()) for _ in range(self._count)]
        self._tasks.append(asyncio.create_task(self._ping()))
        await self._until(lambda: self._cannot_listen is not None or len(self._serving()) == self._count)
        if self._cannot_listen is not None:
            raise ListenError(self._address, self._cannot_listen)
        return self._address

    def drain(self) -> None:
        """Have every worker say that it is not ready, and start none any more."""
        self._stopping.set()
        for worker in self._workers:
            worker.post(Order.DRAIN)

    async def stop(self, grace: float) -> None:
        """End the workers; one that is not gone after ``grace`` seconds and some is killed."""
        self._stopping.set()
        for worker in self._workers:
            worker.state = State.STOPPING
            worker.post(Order.STOP, grace=grace)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace + END_SECONDS):
                await self._until(lambda: not self._workers)
        for worker in self._workers:
            self._log.error("a worker does not end and is killed", worker=worker.pid)
            worker.kill()
        await self._until(lambda: not self._workers)

    async def close(self, _flush_seconds: float) -> None:
        """End what is left."""
        if self._workers:
            await self.stop(0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._kept is not None:
            self._kept.close()
        for turn in self.turns:
            turn.close()

    async def _keep(self) -> None:
        """Keep one worker running."""
        back_off = BackOff()
        while not self._stopping.is_set():
            begun = time.monotonic()
            how = await self._run_one()
            if self._stopping.is_set():
                return
            delay = back_off.after(time.monotonic() - begun)
            self._log.error("a worker ended and is started again", how=how, after_seconds=delay)
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._stopping.wait()
            if not self._stopping.is_set():
                self._numbers.restarted()

    async def _run_one(self) -> str:
        """Start a worker, and say how it ended."""
        try:
            worker = WorkerProcess(self.turns, on_report=self._reported, on_end=self._ended)
        except OSError as error:
            return f"it cannot be started: {error.strerror}"
        self._workers[worker] = self._loop.create_future()
        self._numbers.add(worker)
        self._log.info("a worker starts", worker=worker.pid)
        current, kept = self._current, self._kept
        assert current is not None  # noqa: S101  (a load is published before the first worker starts)
        assert kept is not None  # noqa: S101  (and the address taken)
        worker.bind(pickle.dumps(self._bound()), kept.listening)
        if self._base is not None and self._base is not current:
            self._bring(worker, self._base)
        self._bring(worker, current)
        worker.post(Order.LISTEN)
        return how_it_ended(await self._workers[worker])

    def _bound(self) -> Listen:
        grpc = self._listen.grpc.model_copy(update={"address": self._address})
        return self._listen.model_copy(update={"grpc": grpc})

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for worker in self._workers:
                if worker.unanswered >= MAX_UNANSWERED:
                    self._log.error("a worker hangs and is replaced", worker=worker.pid)
                    worker.kill()
                worker.unanswered += 1
                worker.post(Order.PING)

    # -- orders --------------------------------------------------------------------------------------------------
    def _load(self, worker: WorkerProcess, generation: _Generation) -> None:
        worker.loaded.add(generation.number)
        worker.post(Order.LOAD, generation.blob, number=generation.number)

    def _bring(self, worker: WorkerProcess, generation: _Generation) -> None:
        """Have a worker answer from this generation, whether or not it has built it yet."""
        if generation.number not in worker.loaded:
            self._load(worker, generation)
        self._send_crls(worker, generation.number)
        worker.post(Order.PUBLISH, number=generation.number)

    def _send_crls(self, worker: WorkerProcess, number: int | None = None) -> None:
        if number is None:
            number = 0 if self._current is None else self._current.number
        try:
            worker.send_crls(self._snapshot, number)
        except OSError as error:
            # No memory to copy an index to. A worker with old CRLs must not go on; its successor may find room.
            self._log.error(
                "CRLs cannot be handed to a worker, which is replaced", worker=worker.pid, why=error.strerror
            )
            worker.kill()

    # -- reports -------------------------------------------------------------------------------------------------
    def _reported(self, worker: WorkerProcess, message: Message) -> None:
        """Take a report, in the thread of the worker's link; any exception ends the link, and with it the worker."""
        if message.fields["report"] == Report.METRICS:
            self._numbers.answered(worker, message.fields["number"], families_from_bytes(message.blob))
        else:
            self._in_loop(lambda: self._take_or_replace(worker, message))

    def _ended(self, worker: WorkerProcess, status: int) -> None:
        """Take the end of a worker, in its thread."""
        self._numbers.remove(worker)
        self._in_loop(lambda: self._gone(worker, status))

    def _in_loop(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is interested any more
            self._loop.call_soon_threadsafe(call)

    def _gone(self, worker: WorkerProcess, status: int) -> None:
        self._workers.pop(worker).set_result(status)
        self._notify()

    def _take_or_replace(self, worker: WorkerProcess, message: Message) -> None:
        try:
            self._take(worker, message)
        except (KeyError, TypeError, ValueError):
            self._log.exception("a worker reports what no worker does, and is replaced", worker=worker.pid)
            worker.kill()

    def _take(self, worker: WorkerProcess, message: Message) -> None:
        fields = message.fields
        match fields["report"]:
            case Report.LOADED:
                worker.ready.add(fields["number"])
            case Report.FAILED:
                self._failed(worker, fields["number"], tuple(fields["problems"]))
            case Report.PUBLISHED:
                worker.published = fields["number"]
            case Report.LISTENING:
                worker.state = State.SERVING
            case Report.CANNOT_LISTEN:
                self._cannot_listen = fields["why"]
            case Report.WANTED:
                self._on_wanted(fields["urls"])
            case Report.PONG:
                worker.unanswered = 0
        self._notify()

    def _failed(self, worker: WorkerProcess, number: int, problems: tuple[str, ...]) -> None:
        if self._staged is not None and number == self._staged.number:
            self._problems = problems
            return
        self._log.error("a worker cannot load and is replaced", worker=worker.pid, problems=problems)
        worker.kill()

    def _notify(self) -> None:
        self._on_missing(len(self._serving()) < self._count)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self._changed.wait()

    def _serving(self) -> list[WorkerProcess]:
        return [one for one in self._workers if one.state is State.SERVING]

    def _still_loading(self, generation: _Generation) -> list[WorkerProcess]:
        number = generation.number
        return [one for one in self._workers if number in one.loaded and number not in one.ready]

    def _states(self) -> Mapping[str, int]:
        counts = Counter(one.state.value for one in tuple(self._workers))
        there = {state.value: counts[state.value] for state in State}
        return {**there, WAITING: 0 if self._stopping.is_set() else self._count - sum(there.values())}


def _tls_differs(bound: Listen, wanted: Listen) -> bool:
    return (bound.grpc.tls is None) != (wanted.grpc.tls is None) or callers_wait(bound, wanted)
