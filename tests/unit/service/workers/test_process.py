"""A worker process is started clean, told apart by how it ends, and never left behind."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extauthz.refresh.message import Message
from extauthz.refresh.scratch import scratch_file
from extauthz.service.workers.orders import Order, Report
from extauthz.service.workers.process import State, WorkerProcess, how_it_ended

PATIENCE = 30.0


class Heard:
    """What a worker said, and how it ended."""

    def __init__(self) -> None:
        self.reports: list[Message] = []
        self.status: int | None = None
        self._came = threading.Condition()

    def report(self, _worker: WorkerProcess, message: Message) -> None:
        with self._came:
            self.reports.append(message)
            self._came.notify_all()

    def end(self, _worker: WorkerProcess, status: int) -> None:
        with self._came:
            self.status = status
            self._came.notify_all()

    def wait_for_reports(self, number: int) -> None:
        with self._came:
            assert self._came.wait_for(lambda: len(self.reports) >= number, PATIENCE)

    def wait_for_end(self) -> int:
        with self._came:
            assert self._came.wait_for(lambda: self.status is not None, PATIENCE)
        assert self.status is not None
        return self.status


@contextmanager
def started() -> Iterator[tuple[WorkerProcess, Heard]]:
    heard = Heard()
    with scratch_file() as one, scratch_file() as other:
        worker = WorkerProcess((one, other), on_report=heard.report, on_end=heard.end)
        try:
            yield worker, heard
        finally:
            worker.kill()
            heard.wait_for_end()


def test_it_answers_and_ends_as_it_is_told() -> None:
    with started() as (worker, heard):
        worker.post(Order.PING)
        worker.ask_for_metrics(7)
        heard.wait_for_reports(2)
        assert {message.fields["report"] for message in heard.reports} == {Report.PONG, Report.METRICS}
        assert {message.fields.get("number") for message in heard.reports} == {None, 7}
        worker.post(Order.STOP, grace=0)
        assert heard.wait_for_end() == 0


def test_an_order_that_nobody_understands_ends_it() -> None:
    with started() as (worker, heard):
        worker.post(Order.LOAD, b"no pickle", number=1)
        assert heard.wait_for_end() == 1


def test_only_what_it_needs_is_open_in_it() -> None:
    with Path(__file__).open("rb") as file, started() as (worker, heard):
        os.set_inheritable(file.fileno(), True)
        worker.post(Order.PING)
        heard.wait_for_reports(1)
        targets = {os.readlink(one) for one in Path(f"/proc/{worker.pid}/fd").iterdir()}  # noqa: PTH115  (what it names is no path)
        assert __file__ not in targets
        assert os.getpgid(worker.pid) == worker.pid, "a terminal's Ctrl-C is not for it"


def test_signals_are_not_for_it() -> None:
    with started() as (worker, heard):
        worker.post(Order.PING)
        heard.wait_for_reports(1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(worker.pid, number)
        worker.post(Order.PING)
        heard.wait_for_reports(2)
        os.kill(worker.pid, signal.SIGKILL)
        assert heard.wait_for_end() == -signal.SIGKILL


def test_how_it_ended_is_said_in_words() -> None:
    assert [how_it_ended(status) for status in (0, 2, -9)] == ["status 0", "status 2", "signal SIGKILL"]


def test_what_is_over_is_forgotten_and_a_stop_is_final() -> None:
    with started() as (worker, _heard):
        worker.told, worker.built = {1, 2, 3}, {1, 2}
        worker.now_answers_from(2)
        assert (worker.published, worker.told, worker.built) == (2, {2, 3}, {2})
        worker.now_serves()
        assert worker.state is State.SERVING
        worker.state = State.STOPPING
        worker.now_serves()
        assert worker.state is State.STOPPING
