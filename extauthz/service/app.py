"""The service as a whole: the one place that wires everything together."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog

from extauthz import __version__
from extauthz.config.parts import Parts
from extauthz.config.schema.config import Config
from extauthz.config.schema.listen import Listen
from extauthz.config.schema.shutdown import Shutdown
from extauthz.model.errors import ConfigError
from extauthz.observe.line_turn import LineTurn
from extauthz.observe.metrics import Metrics
from extauthz.observe.process_log import LogFormat, ProcessLog, configure_process_log
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.url_feed import FETCH_RESULTS
from extauthz.refresh.worker_indexer import WorkerIndexer
from extauthz.service.admin_app import AdminApp
from extauthz.service.admin_listener import AdminListener
from extauthz.service.backend import Backend
from extauthz.service.bound_settings import callers_wait, http_callers_wait, restart_needed
from extauthz.service.checker import utc_now
from extauthz.service.crl_sources import CrlSources
from extauthz.service.lifecycle import drain
from extauthz.service.listen_address import ListenError
from extauthz.service.loading import Loaded, load
from extauthz.service.one_process import OneProcess
from extauthz.service.readiness import Phase, Readiness
from extauthz.service.reload import Reloader, ReloadReport, Trigger
from extauthz.service.serving import FLUSH_SECONDS, SWITCH_INTERVAL_SECONDS
from extauthz.service.signals import Signals
from extauthz.service.status.board import StatusBoard
from extauthz.service.watch import Watcher
from extauthz.service.worker_threads import WorkerThreads
from extauthz.service.workers.pool import WorkerPool
from extauthz.transport.room import widen

T = TypeVar("T")

EXIT_OK = 0
EXIT_HURRIED = 1
"""A second signal cut the end short; calls may have been cut off."""
EXIT_CANNOT_RUN = 2
"""The configuration or an address cannot be used."""
RESTART_SECONDS = 10.0
"""Before a background task that failed starts again, so that a lasting defect does not fill the log."""
HANGING_SECONDS = 2.0
"""What a load or another look at files has at the end. Its outcome counts no more, so only to end in order."""


async def serve(config_path: Path) -> int:
    """Run the service until a signal ends it; return the exit status.

    Problems at the start go to standard error, one sentence a line. Afterwards the process log tells everything, at
    first that the service is ready and where it listens.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    widen()
    process_log = configure_process_log(LogFormat.JSON, "info")
    threads = WorkerThreads()
    asyncio.get_running_loop().set_default_executor(threads)
    status = EXIT_CANNOT_RUN
    try:
        status = await _Service(config_path, process_log).run()
    except ConfigError as error:
        _complain(*(str(problem) for problem in error.problems))
    except ListenError as error:
        _complain(str(error))
    finally:
        process_log.finish(FLUSH_SECONDS)
    threads.end_process_if_hanging(status, patience=HANGING_SECONDS)
    return status


class _Service:
    """Everything that lives as long as the process, but for what answers checks, which may be in others."""

    def __init__(self, config_path: Path, process_log: ProcessLog) -> None:
        self._process_log = process_log
        self._log = structlog.get_logger("extauthz.service")
        self._metrics = Metrics(version=__version__, crl_fetch_results=FETCH_RESULTS)
        self._readiness = Readiness()
        self._keeper = CrlKeeper(
            WorkerIndexer(), on_fetch=self._metrics.crl_fetched, on_rollback=self._metrics.crl_rolled_back
        )
        self._crls = CrlSources(self._keeper, self._metrics, self._readiness)
        self._signals = Signals(self._hung_up)
        self._reloader = Reloader(
            lambda: load(config_path, utc_now(), self._keeper, self._parts),
            self._publish,
            self._metrics,
            config_path=config_path,
        )
        self._watcher = Watcher(lambda: self._reloader.reload(Trigger.FILES))
        self._reloader.on_look(self._watcher.watch)
        self._reloader.on_request(self._keeper.ask_now)
        self._board = StatusBoard(self._readiness, self._reloader, self._crls)
        self._backend: Backend | None = None
        self._bound: Config | None = None
        self._digest = ""
        self._parts: Parts | None = None
        """What is in use."""
        self._shutdown = Shutdown()
        self._hangups: set[asyncio.Task[ReloadReport]] = set()

    async def run(self) -> int:
        self._signals.install()  # first of all: for process 1 of a container, a signal without a handler does nothing
        try:
            await self._unless_stopped(self._reloader.start())
            if self._signals.stop.is_set() or self._backend is None or self._bound is None:
                return EXIT_OK
            return await self._serve(self._bound.listen, self._backend)
        finally:
            if self._backend is not None:
                await self._backend.close(FLUSH_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.to_thread(self._keeper.save), FLUSH_SECONDS)
            self._keeper.close()
            self._signals.remove()

    async def _unless_stopped(self, beginning: Coroutine[Any, Any, T]) -> T | None:
        """Await a step of the start; None when a signal asked for the end before, however long the step takes."""
        step = asyncio.create_task(beginning)
        stop = asyncio.create_task(self._signals.stop.wait())
        await asyncio.wait((step, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not self._signals.stop.is_set():
            return step.result()
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)
        return None

    async def _serve(self, listen: Listen, backend: Backend) -> int:
        admin = AdminListener(
            listen.admin.address,
            AdminApp(backend.registry, self._readiness, self._reloader, self._board, self._crls.problems),
        )
        self._board.follow(backend, admin.address)
        try:
            admin.start()
            addresses = await self._unless_stopped(backend.start())
            if addresses is None:
                return EXIT_OK
            self._board.listening(addresses)

            def facts() -> dict[str, object]:
                listening = {api: address for api, address in asdict(addresses).items() if address is not None}
                return {**listening, "admin": admin.address, "config": self._digest, "version": __version__}

            self._readiness.serve()
            if not self._readiness.ready:
                self._log.warning("waiting for required CRLs", sources=self._readiness.waiting, **facts())
            self._readiness.on_change(lambda ready: self._log.info("ready", **facts()) if ready else None)
            async with self._reloading():
                await self._signals.stop.wait()
                unhurried = await drain(
                    self._readiness,
                    backend,
                    self._signals,
                    delay=self._shutdown.drain_delay,
                    grace=self._shutdown.grace,
                )
        finally:
            await admin.stop()
        self._log.info("stopped")
        return EXIT_OK if unhurried else EXIT_HURRIED

    @asynccontextmanager
    async def _reloading(self) -> AsyncIterator[None]:
        """Reload when files change, also while the service drains: a revocation must count to the last request."""
        tasks = [
            asyncio.create_task(self._kept_going(self._watcher.run)),
            asyncio.create_task(self._kept_going(self._reloader.retry_failures)),
            asyncio.create_task(self._kept_going(self._crls.run)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept_going(self, endless: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await endless()
            except Exception:  # noqa: BLE001  (a defect in the background must neither end the service nor go unnoticed)
                self._log.exception("a background task failed and starts again")
            await asyncio.sleep(RESTART_SECONDS)

    def _publish(self, loaded: Loaded, at: datetime) -> None:
        """Put a load into use. The answers follow one assignment; what is beside it only informs."""
        config = loaded.config
        self._crls.take_up(loaded.crls, loaded.revocation, at)
        backend = self._backend
        if backend is None:
            backend = self._backend = self._backend_for(config)
        backend.publish(loaded, self._crls.snapshot)
        self._board.loaded(loaded, at)
        self._digest, self._parts = loaded.digest, loaded.parts
        self._shutdown = config.shutdown
        self._process_log.adjust(LogFormat(config.log.format), config.log.level)
        self._metrics.show_engine(loaded.view, at)
        for warning in loaded.warnings:
            self._log.warning("configuration warning", warning=warning)
        if self._bound is None:
            self._bound = config
        if self._bound.workers != config.workers:
            self._log.warning("this setting changes only with a restart", setting="workers")
        if (self._bound.sources is None) != (config.sources is None):
            self._log.warning("this setting changes only with a restart", setting="listen.grpc")
        for setting in restart_needed(self._bound.listen, config.listen):
            self._log.warning("this setting changes only with a restart", setting=setting)
        if callers_wait(self._bound.listen, config.listen):
            self._log.warning("who may call stays as it was until a restart", setting="listen.grpc.tls")
        if http_callers_wait(self._bound.listen, config.listen):
            self._log.warning("who may call stays as it was until a restart", setting="listen.http.callers")

    def _backend_for(self, config: Config) -> Backend:
        """Return what answers checks until the end, and connect it with the rest."""
        grpc = config.sources is not None
        if config.workers == 1:
            return OneProcess(config.listen, self._metrics, self._readiness, grpc=grpc)
        pool = WorkerPool(
            config.workers,
            config.listen,
            self._metrics,
            grpc=grpc,
            on_wanted=self._keeper.want,
            on_missing=lambda missing: self._readiness.miss_workers(missing=missing),
        )
        self._process_log.take_turns(LineTurn(pool.turns[1].fileno()))
        self._reloader.on_publishing(pool.prepare, pool.settle)
        self._crls.on_change(pool.show_crls)
        self._readiness.on_change(lambda _ready: pool.drain() if self._readiness.phase is Phase.DRAINING else None)
        return pool

    def _hung_up(self) -> None:
        if self._backend is not None:
            self._backend.reopen_decision_log()
        task = asyncio.create_task(self._reloader.reload(Trigger.SIGHUP))
        self._hangups.add(task)  # the loop itself would forget it
        task.add_done_callback(self._hangups.discard)


def _complain(*problems: str) -> None:
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
