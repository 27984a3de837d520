"""What ended workers noted is missed out loud."""

from unittest.mock import Mock

from extauthz.service.workers.denials import WorkerDenials
from extauthz.service.workers.process import WorkerProcess


def test_workers_that_ended_are_counted() -> None:
    denials = WorkerDenials(answer_seconds=0.01)
    first, second = (Mock(WorkerProcess) for _ in range(2))
    denials.add(first)
    denials.add(second)
    assert denials.collect() == ((), 2, 0)
    denials.remove(first)
    assert denials.collect() == ((), 1, 1)
    denials.remove(second)
    assert denials.collect() == ((), 0, 2)
