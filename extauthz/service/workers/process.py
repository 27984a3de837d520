"""One worker, as the supervisor sees it: the process, the connection to it, and what it said last."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from enum import StrEnum
from typing import BinaryIO

from extauthz.refresh.message import Message
from extauthz.refresh.snapshot import Snapshot
from extauthz.refresh.worker_indexer import python_path
from extauthz.service.workers.crl_sharing import CrlSender
from extauthz.service.workers.link import Link
from extauthz.service.workers.orders import Order

LINGER_SECONDS = 5.0
"""What a worker has, after it closed the connection, to be gone: it flushes logs."""


class State(StrEnum):
    """What a worker does."""

    STARTING = "starting"
    SERVING = "serving"
    STOPPING = "stopping"


class WorkerProcess:
    """One process, from its start to its end. It is started by exec: a copy of a process with threads is a trap."""

    def __init__(
        self,
        turns: tuple[BinaryIO, BinaryIO],
        *,
        on_report: Callable[["WorkerProcess", Message], None],
        on_end: Callable[["WorkerProcess", int], None],
    ) -> None:
        """Start it. ``turns``: files for the turns at the decision log and at standard error. Raises OSError.

        The callbacks come from a thread. ``on_end(worker, status)`` is the last: below 0, the status is a signal.
        """
        self.state = State.STARTING
        self.told: set[int] = set()
        """The generations that it has been told to build, from the one in use on."""
        self.built: set[int] = set()
        """Those of them that it has built."""
        self.published = 0
        """The generation that it answers from."""
        self._crls = CrlSender()
        self.unanswered = 0
        """Pings in a row without an answer."""
        self._on_end = on_end
        with ExitStack() as theirs, ExitStack() as on_error:
            ours_in, their_out = _pair(theirs, on_error)
            ours_out, their_in = _pair(theirs, on_error)
            handed = (their_in.fileno(), their_out.fileno(), *(one.fileno() for one in turns))
            self.process = subprocess.Popen(  # noqa: S603  (this very program)
                [sys.executable, "-P", "-m", "extauthz.service.workers.worker", *map(str, handed)],
                stdin=subprocess.DEVNULL,
                pass_fds=handed,
                env={**os.environ, "PYTHONPATH": python_path()},
                start_new_session=True,  # a terminal's Ctrl-C is for the supervisor, which then says what to do
            )
            on_error.pop_all()
        self._link = Link(
            ours_in, ours_out, on_message=lambda message: on_report(self, message), on_end=self._connection_ended
        )
        self._link.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def post(self, order: Order, blob: bytes = b"", **fields: object) -> None:
        """Give an order."""
        self._link.post(Message({"order": order, **fields}, blob))

    def bind(self, listen: bytes, addresses: Mapping[str, str], *, grpc: bool) -> None:
        """Say where it will listen: the pickled ``Listen``, the real address by API, and whether for gRPC too."""
        self.post(Order.BIND, listen, addresses=addresses, grpc=grpc)

    def share(self, api: str, listening: socket.socket) -> None:
        """Give it the socket of one API on which all of them listen."""
        self._link.post(Message({"order": Order.SHARE, "api": api}, b"", listening.fileno()), listening)

    def send_crls(self, snapshot: Snapshot, number: int) -> None:
        """Have it see these CRLs in generation ``number``. Raises OSError when there is no room to hand one over."""
        for message, owner in self._crls.messages(snapshot, number):
            self._link.post(message, owner)

    def ask_for_metrics(self, number: int) -> None:
        """See ``numbers.Source``."""
        self.post(Order.METRICS, number=number)

    def ask_for_denials(self, number: int) -> None:
        """Ask for its last denials; a report has them, with the number."""
        self.post(Order.DENIALS, number=number)

    def now_answers_from(self, number: int) -> None:
        """Note the generation that it has taken into use. Those before it are over."""
        self.published = number
        self.told = {one for one in self.told if one >= number}
        self.built = {one for one in self.built if one >= number}

    def now_serves(self) -> None:
        """Note that it accepts; one that has been told to stop meanwhile stays as it is."""
        if self.state is State.STARTING:
            self.state = State.SERVING

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()

    def _connection_ended(self) -> None:
        try:
            status = self.process.wait(LINGER_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._link.close(0)
        self._on_end(self, status)


def how_it_ended(status: int) -> str:
    """Say in words what a process's status means."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def _pair(theirs: ExitStack, on_error: ExitStack) -> tuple[socket.socket, socket.socket]:
    one, other = socket.socketpair()
    on_error.enter_context(one)
    theirs.enter_context(other)
    return one, other
