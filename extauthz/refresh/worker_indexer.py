"""The service's side of the indexing process (``worker``): started when needed, replaced when it fails."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import extauthz
from extauthz.identity.certificate import Certificate
from extauthz.refresh.index_file import share_index
from extauthz.refresh.indexer import IndexerError, Verdict
from extauthz.refresh.message import ConnectionEnded, Message, receive, send
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.index import CrlIndex
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl

JOB_SECONDS = 120.0
"""For one file. A million entries take three seconds on an idle machine."""
IDLE_SECONDS = 30.0
"""How long the process is kept without a job: it has 40 MB, and takes a quarter of a second to start."""
_PACKAGE = Path(extauthz.__file__).parents[1]


class _Worker:
    """One process."""

    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair()
        try:
            with theirs:
                self.process = subprocess.Popen(  # noqa: S603  (this very program)
                    [sys.executable, "-P", "-m", "extauthz.refresh.worker", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env={**os.environ, "PYTHONPATH": python_path()},
                    start_new_session=True,  # a terminal's Ctrl-C is for the service, which then closes the socket
                )
        except OSError:
            self.channel.close()
            raise
        self.jobs = 0

    def end(self) -> str:
        """End the process, whatever it does, and say how it ended."""
        self.channel.close()
        self.process.kill()
        status = self.process.wait()
        return f"signal {-status}" if status < 0 else f"status {status}"


class WorkerIndexer:
    """Verifies and indexes in a process of its own; one file at a time."""

    def __init__(self, *, job_seconds: float = JOB_SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._job_seconds = job_seconds
        self._idle_seconds = idle_seconds
        self._one_at_a_time = threading.Lock()
        self._worker: _Worker | None = None
        self._used_at = 0.0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        worker = self._worker
        return None if worker is None else worker.process.pid

    def load(
        self, file: BinaryIO, label: str, issuers: Sequence[Certificate], indices: Path | None = None
    ) -> tuple[Verdict, ...]:
        """Return every CRL of the file, from its beginning. See ``Indexer``."""
        job = Message(
            {"sizes": [len(one.der) for one in issuers], "indices": None if indices is None else str(indices)},
            b"".join(one.der for one in issuers),
            file.fileno(),
        )
        with self._one_at_a_time:
            while True:
                worker = self._ready_worker()
                worker.jobs += 1
                try:
                    return self._run(worker, job, label, issuers)
                except ConnectionEnded:
                    how = self._drop(worker)
                    if worker.jobs == 1:
                        raise IndexerError(f"the indexing process ended at it ({how})") from None
                    # It had done others before: somebody may have ended it meanwhile. A new one gets one try.
                except TimeoutError:
                    self._drop(worker)
                    message = f"not verified and indexed within {self._job_seconds:g} s"
                    raise IndexerError(message) from None
                finally:
                    self._used_at = time.monotonic()

    def rest(self) -> None:
        """End the process if it has had nothing to do for a while."""
        if not self._one_at_a_time.acquire(blocking=False):
            return
        try:
            worker = self._worker
            if worker is not None and time.monotonic() - self._used_at >= self._idle_seconds:
                self._drop(worker)
        finally:
            self._one_at_a_time.release()

    def close(self) -> None:
        """End the process at once; a job in it fails."""
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.process.kill()  # a job in it sees the end of the connection, and cleans up
        if self._one_at_a_time.acquire(blocking=False):
            try:
                if self._worker is not None:
                    self._drop(self._worker)
            finally:
                self._one_at_a_time.release()

    def _ready_worker(self) -> _Worker:
        if self._closed:
            raise IndexerError("the service ends")
        if self._worker is None:
            try:
                self._worker = _Worker()
            except OSError as error:
                raise IndexerError(f"the indexing process cannot be started: {error.strerror}") from None
        return self._worker

    def _drop(self, worker: _Worker) -> str:
        self._worker = None
        return worker.end()

    def _run(self, worker: _Worker, job: Message, label: str, issuers: Sequence[Certificate]) -> tuple[Verdict, ...]:
        deadline = time.monotonic() + self._job_seconds
        send(worker.channel, job, deadline)
        verdicts: list[Verdict] = []
        while True:
            answer = receive(worker.channel, deadline)
            if answer.fields.get("end") == "failed":
                raise IndexerError(f"the indexing process failed: {answer.fields['why']}")
            if "end" in answer.fields:
                return tuple(verdicts)
            verdicts.append(_verdict(answer, label, issuers))


def _verdict(answer: Message, label: str, issuers: Sequence[Certificate]) -> Verdict:
    """Put together what was handed over. IndexerError when it cannot be."""
    fields, descriptor = answer.fields, answer.descriptor
    if descriptor is None:
        return RejectedCrl(
            label=label, why=fields["why"], issuer_dn=fields["issuer_dn"], issuer_key=fields["issuer_key"]
        )
    with closing(open(descriptor, "rb")):  # noqa: PTH123  (a descriptor; the mapping outlives it)
        try:
            return Crl(
                head=read_head(answer.blob),
                signers=tuple(issuers[number] for number in fields["signers"]),
                entries=CrlIndex(share_index(descriptor, fields["index_size"])),
                sha256=bytes.fromhex(fields["sha256"]),
                size=fields["size"],
            )
        except (OSError, ValueError, CrlError) as error:
            raise IndexerError(f"what the indexing process gave cannot be used: {error}") from error


def python_path() -> str:
    """Return a search path by which a process of this program's own finds the very code that runs here."""
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(_PACKAGE), *([inherited] if inherited else [])])
