"""The workers: as many as there should be, all with the same configuration and CRLs, whatever becomes of each."""

import asyncio
import pickle
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from extauthz.config.schema.listen import Listen
from extauthz.observe.denial_form import denials_from_bytes
from extauthz.observe.family_form import families_from_bytes
from extauthz.observe.metrics import Metrics
from extauthz.refresh.message import Message
from extauthz.refresh.scratch import scratch_file
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.listen_address import ListenError
from extauthz.service.loading import Loaded
from extauthz.service.serving import Addresses
from extauthz.service.shared_address import KeptAddress
from extauthz.service.workers.back_off import BackOff
from extauthz.service.workers.denials import WorkerDenials
from extauthz.service.workers.generations import Generations
from extauthz.service.workers.numbers import WorkerNumbers
from extauthz.service.workers.orders import Order, Report
from extauthz.service.workers.process import State, WorkerProcess, how_it_ended
from extauthz.service.workers.roster import Roster

PING_SECONDS = 5.0
MAX_UNANSWERED = 6
"""Pings in a row: an event loop that stands still for half a minute answers nobody. Counted, not timed, so that a
machine that was asleep does not kill its workers when it wakes."""
END_SECONDS = 5.0
"""Beyond the grace, for a worker that stops: it writes what waits in its logs."""


Told = TypeVar("Told")


class WorkerPool:
    """See ``Backend``."""

    def __init__(
        self,
        count: int,
        listen: Listen,
        metrics: Metrics,
        *,
        grpc: bool,
        on_wanted: Callable[[Iterable[str]], None],
        on_missing: Callable[[bool], None],
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        """``grpc``: there is that listener.

        ``on_wanted(urls)``: certificates named these distribution points. ``on_missing(missing)``: workers are.
        """
        self._listen = listen
        self._grpc = grpc
        self._on_wanted = on_wanted
        self._ping_seconds = ping_seconds
        self._log = structlog.get_logger("extauthz.service")
        self._roster = Roster(count, on_missing)
        self._generations = Generations(self._roster, listen)
        self._numbers = WorkerNumbers(metrics.registry, self._roster.states)
        self.registry: CollectorRegistry = self._numbers.registry
        """The metrics of all."""
        self._denials = WorkerDenials()
        self.recent_denials = self._denials.collect
        self.turns = (scratch_file("extauthz-decision-log-turn"), scratch_file("extauthz-process-log-turn"))
        """For the turns at the decision log and at standard error."""
        self._kept: dict[str, KeptAddress] = {}
        self._stopping = asyncio.Event()
        self._began = False
        """Whether all of them have listened once."""
        self._cannot_listen: tuple[str, str] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self.prepare = self._generations.prepare
        self.settle = self._generations.settle

    # -- what they have ------------------------------------------------------------------------------------------
    def publish(self, loaded: Loaded, snapshot: Snapshot) -> None:
        """Have every worker answer from the load that was prepared, with these CRLs."""
        self._generations.publish(loaded, snapshot)

    def show_crls(self, snapshot: Snapshot) -> None:
        """Have every worker see these CRLs."""
        self._generations.show_crls(snapshot)

    def reopen_decision_log(self) -> None:
        """Open it anew in every worker."""
        for worker in self._roster:
            worker.post(Order.REOPEN)

    # -- life ----------------------------------------------------------------------------------------------------
    async def start(self) -> Addresses:
        """Start the workers, and return the addresses when all of them accept. Raises ListenError."""
        wanted = {"grpc": self._listen.grpc.address} if self._grpc else {}
        if self._listen.http is not None:
            wanted["http"] = self._listen.http.address
        for api, address in wanted.items():
            self._kept[api] = KeptAddress(address)
        self._tasks = [asyncio.create_task(self._keep()) for _ in range(self._roster.count)]
        self._tasks.append(asyncio.create_task(self._ping()))
        await self._roster.until(
            lambda: self._cannot_listen is not None or len(self._roster.serving) == self._roster.count
        )
        if self._cannot_listen is not None:
            raise ListenError(*self._cannot_listen)
        self._began = True
        return Addresses(**{api: kept.address for api, kept in self._kept.items()})

    def drain(self) -> None:
        """Have every worker say that it is not ready, and start none any more."""
        self._stopping.set()
        for worker in self._roster:
            worker.post(Order.DRAIN)

    async def stop(self, grace: float) -> None:
        """End the workers; one that is not gone after ``grace`` seconds and some more is killed."""
        self._stopping.set()
        for worker in self._roster:
            worker.state = State.STOPPING
            worker.post(Order.STOP, grace=grace)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace + END_SECONDS):
                await self._roster.until(lambda: self._roster.is_empty)
        for worker in self._roster:
            self._log.error("a worker does not end and is killed", worker=worker.pid)
            worker.kill()
        await self._roster.until(lambda: self._roster.is_empty)

    async def close(self, _flush_seconds: float) -> None:
        """End what is left, and give the address back."""
        if not self._roster.is_empty:
            await self.stop(0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for kept in self._kept.values():
            kept.close()
        for turn in self.turns:
            turn.close()

    async def _keep(self) -> None:
        """Keep one place filled."""
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
                    return
            self._numbers.restarted()

    async def _run_one(self) -> str:
        """Start a worker, and say how it ended."""
        try:
            worker = WorkerProcess(self.turns, on_report=self._reported, on_end=self._ended)
        except OSError as error:
            return f"it cannot be started: {error.strerror}"
        try:
            return f"process {worker.pid} with {how_it_ended(await self._bring_up(worker))}"
        except Exception:  # noqa: BLE001  (a defect here must neither leave a place empty for ever nor go unnoticed)
            self._log.exception("a worker cannot be told what it needs", worker=worker.pid)
            worker.kill()
            return f"process {worker.pid} was given up"

    async def _bring_up(self, worker: WorkerProcess) -> int:
        """Tell a new worker what it needs, and return its exit status once it has ended."""
        end = self._roster.add(worker)
        self._log.info("a worker starts", worker=worker.pid)
        real = {api: kept.address for api, kept in self._kept.items()}
        worker.bind(pickle.dumps(self._listen), real, grpc=self._grpc)
        for api, kept in self._kept.items():
            if kept.listening is not None:
                worker.share(api, kept.listening)
        self._generations.bring_up(worker)
        worker.post(Order.LISTEN)
        return await end

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(self._ping_seconds)
            for worker in self._roster:
                if worker.unanswered >= MAX_UNANSWERED:
                    self._log.error("a worker hangs and is replaced", worker=worker.pid)
                    worker.kill()
                worker.unanswered += 1
                worker.post(Order.PING)

    # -- reports -------------------------------------------------------------------------------------------------
    def _reported(self, worker: WorkerProcess, message: Message) -> None:
        """Take a report, in the thread of the worker's link."""
        match message.fields.get("report"):
            case Report.METRICS:
                if (families := self._read(worker, message, families_from_bytes)) is not None:
                    self._numbers.answered(worker, *families)
            case Report.DENIALS:
                if (denials := self._read(worker, message, denials_from_bytes)) is not None:
                    self._denials.answered(worker, *denials)
            case _:
                self._in_loop(lambda: self._take(worker, message))

    def _read(self, worker: WorkerProcess, message: Message, read: Callable[[bytes], Told]) -> tuple[int, Told] | None:
        """Read the answer to a question and the question's number; refuse a worker whose answer is none.

        Only what the worker wrote can fail here; what is done with it afterwards takes any number and any answer.
        """
        try:
            return _number(message.fields), read(message.blob)
        except ValueError:
            self._refuse(worker)
            return None

    def _ended(self, worker: WorkerProcess, status: int) -> None:
        """Take the end of a worker, in the same thread."""
        self._in_loop(lambda: self._strike(worker, status))

    def _strike(self, worker: WorkerProcess, status: int) -> None:
        self._numbers.remove(worker)
        self._denials.remove(worker)
        self._roster.remove(worker, status)

    def _in_loop(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is interested any more
            self._loop.call_soon_threadsafe(call)

    def _refuse(self, worker: WorkerProcess) -> None:
        self._log.exception("a worker reports what no worker does, and is replaced", worker=worker.pid)
        worker.kill()

    def _take(self, worker: WorkerProcess, message: Message) -> None:
        try:
            self._note(worker, message)
        except (KeyError, TypeError, ValueError):
            self._refuse(worker)
        self._roster.changed()

    def _note(self, worker: WorkerProcess, message: Message) -> None:
        fields = message.fields
        match Report(fields["report"]):
            case Report.LOADED:
                worker.built.add(fields["number"])
            case Report.FAILED:
                self._generations.failed(worker, fields["number"], tuple(fields["problems"]))
            case Report.PUBLISHED:
                worker.now_answers_from(fields["number"])
            case Report.LISTENING:
                worker.now_serves()
                self._numbers.add(worker)  # until now it had nothing to count, and no time to answer
                self._denials.add(worker)
            case Report.CANNOT_LISTEN:
                self._cannot_listen = fields["address"], fields["why"]
                self._log.error("a worker cannot listen", worker=worker.pid, why=fields["why"])
                if not self._began:  # the start has failed, so no other is started in its place
                    self._stopping.set()
            case Report.WANTED:
                self._on_wanted(fields["urls"])
            case Report.PONG:
                worker.unanswered = 0


def _number(fields: Mapping[str, Any]) -> int:
    """Return the number of the question that a report answers. Raises ValueError."""
    number = fields.get("number")
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError("this is no number of a question")  # noqa: TRY004  (what the readers of reports raise)
    return number
