"""Who is there, who serves, and who waits to hear of it."""

import asyncio
from typing import cast

from extauthz.service.workers.process import State, WorkerProcess
from extauthz.service.workers.roster import Roster


class FakeWorker:
    """What the roster looks at."""

    def __init__(self, state: State = State.STARTING) -> None:
        self.state = state


def worker(state: State = State.STARTING) -> WorkerProcess:
    return cast("WorkerProcess", FakeWorker(state))


async def test_it_counts_by_state_and_what_is_missing_waits() -> None:
    roster = Roster(4, lambda _missing: None)
    for state in (State.STARTING, State.SERVING):
        roster.add(worker(state))
    assert roster.states() == {"starting": 1, "serving": 1, "stopping": 0, "waiting": 2}
    assert len(roster.serving) == 1


async def test_the_end_of_a_worker_is_a_result() -> None:
    roster = Roster(1, lambda _missing: None)
    one = worker()
    end = roster.add(one)
    roster.remove(one, -9)
    assert await end == -9
    assert roster.is_empty


async def test_missing_workers_are_told_at_each_change() -> None:
    heard: list[bool] = []
    roster = Roster(2, heard.append)
    one, other = worker(State.SERVING), worker(State.SERVING)
    roster.add(one)
    roster.changed()
    roster.add(other)
    roster.changed()
    roster.remove(one, 0)
    assert heard == [True, False, True]


async def test_everybody_who_waits_looks_again() -> None:
    roster = Roster(1, lambda _missing: None)
    waiting = [asyncio.create_task(roster.until(lambda: bool(roster.serving))) for _ in range(3)]
    await asyncio.sleep(0)
    roster.changed()
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    roster.add(worker(State.SERVING))
    roster.changed()
    async with asyncio.timeout(20):
        await asyncio.gather(*waiting)


async def test_what_holds_already_is_not_waited_for() -> None:
    async with asyncio.timeout(20):
        await Roster(1, lambda _missing: None).until(lambda: True)
