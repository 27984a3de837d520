"""What a worker does: it carries out orders, and reports."""

import asyncio
import os
import pickle
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog

from extauthz import __version__
from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.listen import Listen
from extauthz.model.errors import ConfigError
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.denial_form import denials_to_bytes
from extauthz.observe.family_form import families_to_bytes
from extauthz.observe.line_turn import LineTurn
from extauthz.observe.metrics import Metrics
from extauthz.observe.process_log import LogFormat, configure_process_log
from extauthz.refresh.message import Message
from extauthz.service.checker import utc_now
from extauthz.service.listen_address import ListenError
from extauthz.service.loading import load_remembered
from extauthz.service.readiness import Readiness
from extauthz.service.served import Served
from extauthz.service.serving import FLUSH_SECONDS, SWITCH_INTERVAL_SECONDS, Serving, SharedAddresses
from extauthz.service.shared_address import SharedAddress
from extauthz.service.workers.crl_sharing import CrlReceiver
from extauthz.service.workers.link import Link
from extauthz.service.workers.orders import Order, Report

ORPHAN_SECONDS = 3.0
"""What a worker without a supervisor has to write its log. Whoever starts the service anew wants the port."""
LOOK_SECONDS = 0.5
"""How often the engine is asked which distribution points certificates named."""
EXIT_OK = 0
EXIT_FAILED = 1
"""The supervisor is gone, or an order could not be carried out."""
EXIT_CANNOT_RUN = 2
"""The address cannot be used."""
LAST_NUMBER = sys.maxsize
"""Of the numbers that a worker gives at its end: later than any that it was asked for."""


class ServingWorker:
    """One worker's life."""

    def __init__(self, orders: int, reports: int, decisions: int, stderr: int) -> None:
        """Take over the descriptors: two sockets, and the files for the turns at the two logs."""
        sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
        self._sockets = socket.socket(fileno=orders), socket.socket(fileno=reports)
        self._process_log = configure_process_log(LogFormat.JSON, "info")
        self._process_log.take_turns(LineTurn(stderr))
        self._log = structlog.get_logger("extauthz.service").bind(worker=os.getpid())
        self._metrics = Metrics(version=__version__)
        self._readiness = Readiness()
        self._decision_log = DecisionLog(self._metrics.decision_log_lost, turn=LineTurn(decisions))
        self._serving = Serving(self._metrics, self._readiness, self._decision_log)
        self._crls = CrlReceiver()
        self._shared = SharedAddresses(grpc=SharedAddress(), http=SharedAddress())
        self._addresses = ""
        self._staged: dict[int, Served] = {}
        self._current: tuple[int, Served] | None = None
        self._orders: asyncio.Queue[Message] = asyncio.Queue()
        self._status: asyncio.Future[int]
        self._stops: set[asyncio.Task[None]] = set()
        self._at_once: dict[Order, Callable[[Message], None]] = {
            Order.BIND: self._bind,
            Order.SHARE: self._share,
            Order.CRL: self._crls.take,
            Order.CRLS: self._see_crls,
            Order.PUBLISH: lambda order: self._publish(order.fields["number"]),
            Order.FORGET: lambda order: self._forget(order.fields["number"]),
            Order.REOPEN: lambda _order: self._decision_log.reopen(),
            Order.DRAIN: lambda _order: self._readiness.drain(),
        }

    async def run(self) -> int:
        """Carry out orders until the end; return the exit status."""
        self._loop = asyncio.get_running_loop()
        self._status = self._loop.create_future()
        self._link = Link(*self._sockets, on_message=self._received, on_end=self._orphaned)
        self._link.start()
        tasks = [asyncio.create_task(self._carry_out_all()), asyncio.create_task(self._tell_wanted())]
        status = await self._status
        for task in tasks:
            task.cancel()
        await self._serving.stop(0)
        await asyncio.to_thread(self._decision_log.close, FLUSH_SECONDS)
        self._give_numbers(LAST_NUMBER)
        await asyncio.to_thread(self._process_log.finish, FLUSH_SECONDS)
        await asyncio.to_thread(self._link.close, FLUSH_SECONDS)
        return status

    # -- orders as they come in, in the link's thread ------------------------------------------------------------
    def _received(self, order: Message) -> None:
        match order.fields["order"]:
            case Order.METRICS:
                try:
                    self._give_numbers(order.fields["number"])
                except Exception:  # noqa: BLE001  (a defect in the numbers costs a scrape, not the checks)
                    self._log.exception("the numbers could not be given")
            case Order.DENIALS:
                self._report(
                    Report.DENIALS, denials_to_bytes(self._serving.denials.latest()), number=order.fields["number"]
                )
            case Order.PING:
                self._in_loop(lambda: self._report(Report.PONG))
            case _:
                self._in_loop(lambda: self._orders.put_nowait(order))

    def _orphaned(self) -> None:
        self._in_loop(lambda: self._end(EXIT_FAILED))
        threading.Timer(ORPHAN_SECONDS, os._exit, [EXIT_FAILED]).start()

    def _in_loop(self, call: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop is closed: this is the end already
            self._loop.call_soon_threadsafe(call)

    # -- orders in their turn ------------------------------------------------------------------------------------
    async def _carry_out_all(self) -> None:
        try:
            while True:
                await self._carry_out(await self._orders.get())
        except Exception:  # noqa: BLE001  (the outermost handler of all orders)
            # What this worker has is no longer what the supervisor believes that it has. Another one starts clean.
            self._log.exception("an order could not be carried out; the worker ends")
            self._end(EXIT_FAILED)

    async def _carry_out(self, order: Message) -> None:
        fields = order.fields
        match fields["order"]:
            case Order.LOAD:
                await self._load(fields["number"], order.blob)
            case Order.LISTEN:
                await self._listen()
            case Order.STOP:
                self._stops.add(asyncio.create_task(self._stop(fields["grace"])))
            case other:
                self._at_once[Order(other)](order)

    def _bind(self, order: Message) -> None:
        listen: Listen = pickle.loads(order.blob)  # noqa: S301  (from the supervisor, which started this process)
        addresses = order.fields["addresses"]
        self._addresses = ", ".join(addresses.values())
        self._serving.bind_to(listen, grpc=order.fields["grpc"], addresses=addresses)

    def _share(self, order: Message) -> None:
        if order.descriptor is not None:
            shared = SharedAddress(socket.socket(fileno=order.descriptor))
            self._shared = replace(self._shared, **{order.fields["api"]: shared})

    async def _load(self, number: int, blob: bytes) -> None:
        files: RememberedFiles = pickle.loads(blob)  # noqa: S301  (from the supervisor, as above)
        try:
            served = await asyncio.to_thread(load_remembered, files)
        except ConfigError as error:
            self._report(Report.FAILED, number=number, problems=[str(problem) for problem in error.problems])
            return
        self._staged[number] = served
        self._report(Report.LOADED, number=number, digest=served.digest)

    def _see_crls(self, order: Message) -> None:
        crls, sent = self._crls.snapshot(order)
        served = self._find(order.fields["number"])
        if served is not None and served.revocation is not None:
            served.revocation.store.replace(crls, sent.rejected)
        self._readiness.wait_for(sent.waiting)

    def _publish(self, number: int) -> None:
        served = self._staged.pop(number, None)
        if served is None:  # it failed, and the supervisor has heard of it
            return
        self._current = number, served
        self._staged = {later: one for later, one in self._staged.items() if later > number}
        self._serving.publish(served)
        self._process_log.adjust(LogFormat(served.config.log.format), served.config.log.level)
        self._metrics.show_engine(served.view, utc_now())
        self._report(Report.PUBLISHED, number=number)

    def _forget(self, number: int) -> None:
        self._staged.pop(number, None)

    def _find(self, number: int) -> Served | None:
        if self._current is not None and self._current[0] == number:
            return self._current[1]
        return self._staged.get(number)

    async def _listen(self) -> None:
        try:
            await self._serving.start(self._shared)
        except ListenError as error:
            self._cannot_listen(error.address, error.why)
            return
        except Exception as error:  # noqa: BLE001  (a start that fails here would fail again and again)
            self._log.exception("a worker cannot begin to accept")
            self._cannot_listen(self._addresses, f"internal error {type(error).__name__}; see the log")
            return
        self._readiness.serve()
        self._report(Report.LISTENING)

    def _cannot_listen(self, address: str, why: str) -> None:
        self._report(Report.CANNOT_LISTEN, address=address, why=why)
        self._end(EXIT_CANNOT_RUN)

    async def _stop(self, grace: float) -> None:
        self._readiness.drain()
        await self._serving.stop(grace)
        self._end(EXIT_OK)

    # -- reports -------------------------------------------------------------------------------------------------
    def _report(self, report: Report, blob: bytes = b"", **fields: object) -> None:
        self._link.post(Message({"report": report, **fields}, blob))

    def _give_numbers(self, number: int) -> None:
        self._report(Report.METRICS, families_to_bytes(self._metrics.registry.collect()), number=number)

    async def _tell_wanted(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            revocation = None if self._current is None else self._current[1].revocation
            if revocation is not None and (urls := revocation.wanted.take()):
                self._report(Report.WANTED, urls=urls)

    def _end(self, status: int) -> None:
        if not self._status.done():
            self._status.set_result(status)
