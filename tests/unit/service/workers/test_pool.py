"""As many workers as there should be: what hangs, lies or cannot be started is dealt with."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from extauthz.observe.metrics import Metrics
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.refresh.message import Message
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.checker import utc_now
from extauthz.service.listen_address import ListenError
from extauthz.service.loading import load
from extauthz.service.workers import pool as pool_module
from extauthz.service.workers.orders import Report
from extauthz.service.workers.pool import WorkerPool
from extauthz.service.workers.process import WorkerProcess
from support.edge_pki import EdgePki
from support.service_site import Site

PATIENCE = 30.0
PING_SECONDS = 0.5
"""Seven of them are more than a worker takes to start, also on a busy machine."""


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    pki = EdgePki(tmp_path_factory.mktemp("pki"))
    return Site(tmp_path_factory.mktemp("site"), pki, "native")


class Setup:
    """A pool, and what it told."""

    def __init__(self, site: Site, count: int) -> None:
        site.write()
        self.wanted: list[str] = []
        self.missing: list[bool] = []
        keeper = CrlKeeper(InProcessIndexer())
        loaded = load(site.path, utc_now(), keeper)
        keeper.close()
        self.pool = WorkerPool(
            count,
            loaded.config.listen,
            Metrics(version="1"),
            grpc=True,
            on_wanted=self._want,
            on_missing=self.missing.append,
            ping_seconds=PING_SECONDS,
        )
        self.pool.publish(loaded, Snapshot())

    def _want(self, urls: Iterable[str]) -> None:
        self.wanted.extend(urls)

    @property
    def workers(self) -> list[WorkerProcess]:
        return list(self.pool._roster)

    async def back_again(self, before: WorkerProcess) -> None:
        """Wait until a worker is gone and as many serve as there should be."""
        async with asyncio.timeout(PATIENCE):
            await self.pool._roster.until(
                lambda: before not in self.workers and len(self.pool._roster.serving) == self.pool._roster.count
            )


@asynccontextmanager
async def running(site: Site, count: int = 1) -> AsyncIterator[Setup]:
    one = Setup(site, count)
    try:
        async with asyncio.timeout(PATIENCE):
            await one.pool.start()
        yield one
    finally:
        await one.pool.close(1.0)


async def test_it_starts_as_many_as_it_should_and_ends_them_all(site: Site) -> None:
    async with running(site, 2) as one:
        workers = one.workers
        assert len(workers) == 2
        assert one.missing[-1] is False
        assert all(worker.published == 1 for worker in workers)
        await one.pool.stop(1.0)
        assert one.workers == []
    assert [worker.process.returncode for worker in workers] == [0, 0]


async def test_one_that_hangs_is_replaced(site: Site) -> None:
    async with running(site) as one:
        (worker,) = one.workers
        told = len(one.missing)
        assert one.missing[-1] is False
        with capture_logs() as events:
            os.kill(worker.pid, signal.SIGSTOP)
            await one.back_again(worker)
        assert "a worker hangs and is replaced" in [event["event"] for event in events]
        since = one.missing[told:]
        assert since[0] is True
        assert since[-1] is False
        assert since == sorted(since, reverse=True), "missing until it is back, and not again"
        assert len(one.workers) == 1


async def test_one_that_answers_is_never_taken_for_hanging(site: Site) -> None:
    async with running(site) as one:
        (worker,) = one.workers
        most = 0
        for _ in range(20):
            await asyncio.sleep(PING_SECONDS / 4)
            most = max(most, worker.unanswered)
        assert most <= pool_module.MAX_UNANSWERED // 2
        assert one.workers == [worker]


@pytest.mark.parametrize(
    "report",
    [
        Message({"report": "no report"}),
        Message({}),
        Message({"report": Report.LOADED}),
        Message({"report": Report.METRICS, "number": 1}, b"no families"),
        Message({"report": Report.DENIALS, "number": 1}, b"no denials"),
        Message({"report": Report.DENIALS}, b"[]"),
        Message({"report": Report.DENIALS, "number": "1"}, b"[]"),
        Message({"report": Report.METRICS, "number": True}, b"[]"),
    ],
)
async def test_one_that_reports_nonsense_is_replaced(site: Site, report: Message) -> None:
    async with running(site) as one:
        (worker,) = one.workers
        with capture_logs() as events:
            one.pool._reported(worker, report)
            await one.back_again(worker)
        assert events[0]["event"] == "a worker reports what no worker does, and is replaced"


async def test_what_certificates_name_is_passed_on(site: Site) -> None:
    async with running(site) as one:
        one.pool._reported(one.workers[0], Message({"report": Report.WANTED, "urls": ["http://crl.example/a"]}))
        await asyncio.sleep(0)
        assert one.wanted == ["http://crl.example/a"]


async def test_one_that_cannot_listen_ends_the_start(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Setup(site, 1)
    starting = asyncio.create_task(one.pool.start())
    async with asyncio.timeout(PATIENCE):
        while not one.workers:  # noqa: ASYNC110  (nobody tells that one was begun)
            await asyncio.sleep(0.01)
    one.pool._reported(
        one.workers[0], Message({"report": Report.CANNOT_LISTEN, "address": "127.0.0.1:9", "why": "no room"})
    )
    with pytest.raises(ListenError, match=r"cannot listen on 127\.0\.0\.1:9: no room"):
        await asyncio.wait_for(starting, PATIENCE)
    await one.pool.close(1.0)
    assert one.workers == []


async def test_one_that_cannot_be_started_is_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    class Failing(WorkerProcess):
        """Fails at first."""

        def __init__(self, *arguments: object, **options: object) -> None:
            tries.append(1)
            if len(tries) == 1:
                raise OSError(11, "try again later")
            super().__init__(*arguments, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(pool_module, "WorkerProcess", Failing)
    with capture_logs() as events:
        async with running(site) as one:
            assert len(one.workers) == 1
    (event,) = [event for event in events if event["event"] == "a worker ended and is started again"]
    assert event["how"] == "it cannot be started: try again later"


async def test_one_that_does_not_end_is_killed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "END_SECONDS", 0.2)
    async with running(site) as one:
        (worker,) = one.workers
        os.kill(worker.pid, signal.SIGSTOP)
        with capture_logs() as events:
            await one.pool.stop(0)
        assert "a worker does not end and is killed" in [event["event"] for event in events]
        assert one.workers == []
