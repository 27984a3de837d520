"""A worker that runs in the test's own process, and the supervisor's end of its link."""

import asyncio
import pickle
import socket
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, Final

import grpc

from extauthz.config.build import load_engine
from extauthz.config.schema.listen import Listen
from extauthz.refresh.message import Message
from extauthz.refresh.scratch import scratch_file
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.shared_address import KeptAddress
from extauthz.service.workers.crl_sharing import CrlSender
from extauthz.service.workers.link import Link
from extauthz.service.workers.orders import Order, Report
from extauthz.service.workers.serving_worker import ServingWorker
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support.service import CHECK
from support.service_site import Site

PATIENCE: Final = 20.0


class Supervised:
    """A worker that runs as a task of this process, and the supervisor's end of its link."""

    def __init__(self, closing: ExitStack) -> None:
        orders, reports = socket.socketpair(), socket.socketpair()
        turns = [closing.enter_context(scratch_file()) for _ in range(2)]
        self.kept = KeptAddress("127.0.0.1:0")
        closing.callback(self.kept.close)
        self._loop = asyncio.get_running_loop()
        self.reports: list[Message] = []
        self._came = asyncio.Event()
        self.link = Link(reports[0], orders[0], on_message=self._received, on_end=lambda: None)
        self.link.start()
        closing.callback(self.link.close, PATIENCE)
        worker = ServingWorker(orders[1].detach(), reports[1].detach(), *(turn.fileno() for turn in turns))
        self.task = asyncio.create_task(worker.run())
        self._crls = CrlSender()

    def _received(self, message: Message) -> None:
        with suppress(RuntimeError):  # the loop is closed: the test is over
            self._loop.call_soon_threadsafe(self._take, message)

    def _take(self, message: Message) -> None:
        self.reports.append(message)
        self._came.set()

    async def report(self, kind: Report, number: int = 1) -> Mapping[str, Any]:
        """Wait for a report (the second, the third, … of its kind) and return its fields."""
        async with asyncio.timeout(PATIENCE):
            while len(found := [one for one in self.reports if one.fields["report"] == kind]) < number:
                self._came.clear()
                await self._came.wait()
        return found[number - 1].fields

    def order(self, order: Order, blob: bytes = b"", **fields: object) -> None:
        self.link.post(Message({"order": order, **fields}, blob))

    def bind(self, **settings: object) -> None:
        listen = Listen.model_validate({"grpc": {"address": self.kept.address, **settings}})
        self.order(Order.BIND, pickle.dumps(listen), grpc=True, addresses={})

    def load(self, number: int, site: Site, **sections: object) -> None:
        site.write(**sections)
        self.order(Order.LOAD, pickle.dumps(load_engine(site.path).files), number=number)

    def crls(self, number: int, snapshot: Snapshot) -> None:
        for message, owner in self._crls.messages(snapshot, number):
            self.link.post(message, owner)

    async def serve(self, site: Site, **sections: object) -> None:
        """Bring it to where it answers."""
        self.bind(transport=site.transport)
        self.load(1, site, **sections)
        self.crls(1, Snapshot())
        self.order(Order.PUBLISH, number=1)
        self.order(Order.LISTEN)
        await self.report(Report.LISTENING)

    async def check(self, raw: bytes) -> CheckResponse:
        async with grpc.aio.insecure_channel(self.kept.address) as channel:
            ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(CHECK)
            return CheckResponse.FromString(await ask(raw, timeout=PATIENCE, wait_for_ready=True))

    async def ended(self) -> int:
        return await asyncio.wait_for(self.task, PATIENCE)
