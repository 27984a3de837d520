"""Work that is done ends in order; work that hangs does not hold up the end of the process."""

import os
import threading

import pytest

from extauthz.service.worker_threads import WorkerThreads

PATIENCE = 20.0


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the statuses that the process would have ended with at once."""
    statuses: list[int] = []
    monkeypatch.setattr(os, "_exit", statuses.append)
    return statuses


def test_work_that_ends_in_time_is_waited_for(exits: list[int]) -> None:
    begin = threading.Event()
    with WorkerThreads() as threads:
        work = threads.submit(begin.wait, PATIENCE)
        threading.Timer(0.05, begin.set).start()
        threads.end_process_if_hanging(3, patience=PATIENCE)
        assert work.result() is True
    assert exits == []


def test_work_that_hangs_is_left_behind(exits: list[int]) -> None:
    end = threading.Event()
    with WorkerThreads() as threads:
        threads.submit(end.wait, PATIENCE)
        threads.end_process_if_hanging(3, patience=0.01)
        end.set()
    assert exits == [3]


def test_without_work_it_just_ends(exits: list[int]) -> None:
    with WorkerThreads() as threads:
        threads.submit(int).result(PATIENCE)
        threads.end_process_if_hanging(3, patience=PATIENCE)
    assert exits == []
