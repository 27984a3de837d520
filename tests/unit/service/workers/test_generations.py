"""Every worker answers from the same configuration and CRLs, or none takes up the new one."""

import asyncio
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from extauthz.config.remembered_files import RememberedFiles
from extauthz.config.schema.listen import Listen
from extauthz.model.errors import ConfigError
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.loading import Loaded
from extauthz.service.workers import generations as generations_module
from extauthz.service.workers.generations import Generations
from extauthz.service.workers.orders import Order
from extauthz.service.workers.process import State, WorkerProcess
from extauthz.service.workers.roster import Roster

PLAIN = Listen()
MUTUAL = Listen.model_validate({"grpc": {"tls": {"cert": "a", "key": "b", "client_ca": "c"}}})


def http_at(address: str) -> Listen:
    http = {"address": address, "dialect": "nginx", "unsafe_any_caller": True}
    return Listen.model_validate({"http": http})


SNAPSHOT = Snapshot(waiting=("a.crl",))
Said = list[tuple[str, object]]


class FakeConfig:
    """What is looked at of a configuration."""

    sources: object = ()

    def __init__(self, listen: Listen) -> None:
        self.listen = listen


class FakeLoaded:
    """What is looked at of a load."""

    def __init__(self, name: str, listen: Listen = PLAIN) -> None:
        self.files = RememberedFiles(Path(name), Path("/"), {}, {})
        self.config = FakeConfig(listen)


class FakeWorker:
    """Notes its orders, and does with a load what it is told to do."""

    def __init__(self) -> None:
        self.pid = 1
        self.state = State.SERVING
        self.told: set[int] = set()
        self.built: set[int] = set()
        self.published = 0
        self.said: Said = []
        self.on_load: Callable[[int], None] = self.built.add
        self.killed = False
        self.no_room = False

    def post(self, order: Order, blob: bytes = b"", **fields: object) -> None:
        number = cast("int", fields["number"])
        if order is Order.LOAD:
            files: RememberedFiles = pickle.loads(blob)  # noqa: S301  (of this very process)
            self.said.append((f"load {number}", files.path.name))
            self.on_load(number)
        else:
            self.said.append((order.value, number))
        if order is Order.PUBLISH:
            self.published = number

    def send_crls(self, snapshot: Snapshot, number: int) -> None:
        if self.no_room:
            raise OSError(12, "no memory")
        self.said.append((f"crls {number}", snapshot))

    def kill(self) -> None:
        self.killed = True


class Setup:
    """Generations over some workers."""

    def __init__(self, count: int = 2, *, bound: Listen = PLAIN, seconds: float = 20.0) -> None:
        self.roster = Roster(count, lambda _missing: None)
        self.generations = Generations(self.roster, bound, load_seconds=seconds, publish_seconds=seconds)
        self.publish("one")
        self.workers = [self.start() for _ in range(count)]

    def start(self) -> FakeWorker:
        worker = FakeWorker()
        self.roster.add(real(worker))
        self.generations.bring_up(real(worker))
        return worker

    def publish(self, name: str, listen: Listen = PLAIN) -> None:
        self.generations.publish(loaded(name, listen), SNAPSHOT)

    async def reload(self, name: str, listen: Listen = PLAIN) -> None:
        await self.generations.prepare(loaded(name, listen))
        self.publish(name, listen)


def real(worker: FakeWorker) -> WorkerProcess:
    return cast("WorkerProcess", worker)


def loaded(name: str, listen: Listen = PLAIN) -> Loaded:
    return cast("Loaded", FakeLoaded(name, listen))


FIRST: Said = [("load 1", "one"), ("crls 1", SNAPSHOT), ("publish", 1)]


async def test_a_new_worker_is_brought_to_where_the_others_are() -> None:
    one = Setup()
    assert [worker.said for worker in one.workers] == [FIRST, FIRST]


async def test_all_have_built_before_any_answers() -> None:
    one = Setup()
    slow = one.workers[1]
    slow.on_load = lambda _number: None
    preparing = asyncio.create_task(one.generations.prepare(loaded("two")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not preparing.done()
    assert one.workers[0].said[len(FIRST) :] == [("load 2", "two")]
    slow.built.add(2)
    one.roster.changed()
    async with asyncio.timeout(20):
        await preparing
    one.publish("two")
    for worker in one.workers:
        assert worker.said[len(FIRST) :] == [("load 2", "two"), ("crls 2", SNAPSHOT), ("publish", 2)]


async def test_what_one_cannot_build_none_takes_up() -> None:
    one = Setup()
    failing = one.workers[1]
    failing.on_load = lambda number: one.generations.failed(real(failing), number, ("no such thing",))
    with pytest.raises(ConfigError) as caught:
        await one.generations.prepare(loaded("two"))
    assert [problem.message for problem in caught.value.problems] == ["no such thing"]
    for worker in one.workers:
        assert worker.said[len(FIRST) :] == [("load 2", "two"), ("forget", 2)]
        assert not worker.killed
    assert one.start().said == FIRST


@pytest.mark.parametrize("place", [0, 1])
async def test_one_that_ends_over_a_load_speaks_for_all(place: int) -> None:
    one = Setup()
    victim, other = one.workers[place], one.workers[1 - place]
    victim.on_load = lambda _number: one.roster.remove(real(victim), -11)
    with pytest.raises(ConfigError, match="worker 1 ended while it built this"):
        await one.generations.prepare(loaded("two"))
    assert other.said[-1] == ("forget", 2)


async def test_a_load_that_ends_workers_ends_one_of_them() -> None:
    one = Setup(3)
    for worker in one.workers:
        worker.on_load = lambda _number, worker=worker: one.roster.remove(real(worker), -11)  # type: ignore[misc]  # a loop variable
    with pytest.raises(ConfigError):
        await one.generations.prepare(loaded("two"))
    assert len(list(one.roster)) == 2


async def test_one_that_never_comes_to_an_end_keeps_the_old_one_in_use() -> None:
    one = Setup(seconds=0.05)
    one.workers[1].on_load = lambda _number: None
    with pytest.raises(ConfigError, match="worker 1 takes too long to build this"):
        await one.generations.prepare(loaded("two"))


async def test_after_a_failure_the_next_load_is_taken_up() -> None:
    one = Setup()
    failing = one.workers[1]
    failing.on_load = lambda number: one.generations.failed(real(failing), number, ("no",))
    with pytest.raises(ConfigError):
        await one.generations.prepare(loaded("two"))
    failing.on_load = failing.built.add
    await one.reload("three")
    assert failing.said[-1] == ("publish", 3)


async def test_a_worker_that_starts_between_the_steps_is_told_all_of_it() -> None:
    one = Setup()
    await one.generations.prepare(loaded("two"))
    late = one.start()
    one.publish("two")
    assert late.said == [*FIRST, ("load 2", "two"), ("crls 2", SNAPSHOT), ("publish", 2)]


async def test_crls_between_two_loads_go_to_the_one_in_use() -> None:
    one = Setup()
    await one.generations.prepare(loaded("two"))
    other = Snapshot()
    one.generations.show_crls(other)
    assert one.workers[0].said[-1] == ("crls 1", other)
    one.publish("two")
    one.generations.show_crls(other)
    assert one.workers[0].said[-1] == ("crls 2", other)


async def test_settled_is_when_all_answer_from_it() -> None:
    one = Setup()
    await one.reload("two")
    async with asyncio.timeout(20):
        await one.generations.settle()
    one.workers[0].published = 1
    settling = asyncio.create_task(one.generations.settle())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not settling.done()
    one.workers[0].published = 2
    one.roster.changed()
    async with asyncio.timeout(20):
        await settling
    assert not any(worker.killed for worker in one.workers)


async def test_one_that_does_not_take_up_what_all_have_is_replaced() -> None:
    one = Setup(seconds=0.05)
    await one.reload("two")
    one.workers[0].published = 1
    with capture_logs() as events:
        await one.generations.settle()
    assert [worker.killed for worker in one.workers] == [True, False]
    assert events[0]["event"] == "a worker does not take up a configuration and is replaced"


async def test_one_that_cannot_load_what_the_others_have_is_replaced() -> None:
    one = Setup()
    with capture_logs() as events:
        one.generations.failed(real(one.workers[0]), 1, ("odd",))
    assert one.workers[0].killed
    assert events[0]["why"] == ("odd",)


async def test_one_that_cannot_be_given_crls_is_replaced() -> None:
    one = Setup()
    one.workers[0].no_room = True
    with capture_logs():
        one.generations.show_crls(SNAPSHOT)
    assert [worker.killed for worker in one.workers] == [True, False]


async def test_who_may_call_comes_from_the_last_load_that_suits_the_listener() -> None:
    one = Setup()
    await one.reload("two")
    await one.reload("three", MUTUAL)
    late = one.start()
    assert [said for said in late.said if said[0].startswith("load")] == [("load 2", "two"), ("load 3", "three")]
    await one.reload("four")
    assert [said for said in one.start().said if said[0].startswith("load")] == [("load 4", "four")]


async def test_each_listener_has_the_last_load_that_suits_it() -> None:
    def listen(*, grpc: Listen, http: Listen) -> Listen:
        return grpc.model_copy(update={"http": http.http})

    here, elsewhere = http_at("127.0.0.1:1"), http_at("127.0.0.1:2")
    one = Setup(bound=listen(grpc=PLAIN, http=here))
    await one.reload("two", listen(grpc=MUTUAL, http=here))
    await one.reload("three", listen(grpc=PLAIN, http=elsewhere))
    await one.reload("four", listen(grpc=MUTUAL, http=elsewhere))
    late = one.start()
    loads = [said for said in late.said if said[0].startswith("load")]
    assert loads == [("load 2", "two"), ("load 3", "three"), ("load 4", "four")]
    assert [said[1] for said in late.said if said[0] == "publish"] == [2, 3, 4]


async def test_a_certificate_of_its_own_comes_from_the_last_load_that_names_one() -> None:
    own = Listen.model_validate({"grpc": {"tls": {"cert": "a", "key": "b"}}})
    one = Setup(bound=own)
    await one.reload("two", own)
    await one.reload("three", MUTUAL)
    await one.reload("four", PLAIN)
    await one.reload("five", PLAIN)
    loads = [said for said in one.start().said if said[0].startswith("load")]
    assert loads == [("load 3", "three"), ("load 5", "five")]


async def test_more_than_a_message_holds_is_a_problem_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Setup()
    monkeypatch.setattr(generations_module, "MAX_BLOB_BYTES", 10)
    with pytest.raises(ConfigError, match="the most that workers are given"):
        await one.generations.prepare(loaded("two"))
    assert one.workers[0].said == FIRST
