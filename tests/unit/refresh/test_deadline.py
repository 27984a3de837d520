import pytest

from extauthz.refresh.deadline import Deadline


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the monotonic clock of the module, to be set by hand."""
    now = [100.0]
    monkeypatch.setattr("extauthz.refresh.deadline.time.monotonic", lambda: now[0])
    return now


def test_what_remains_shrinks_until_nothing_does(clock: list[float]) -> None:
    deadline = Deadline(30)
    assert deadline.remaining() == 30
    clock[0] = 129.0
    assert deadline.remaining() == 1
    clock[0] = 130.0
    with pytest.raises(TimeoutError):
        deadline.remaining()


def test_a_step_gets_its_own_time_or_what_remains(clock: list[float]) -> None:
    deadline = Deadline(30)
    assert deadline.remaining(5) == 5
    clock[0] = 128.0
    assert deadline.remaining(5) == 2
    clock[0] = 131.0
    with pytest.raises(TimeoutError):
        deadline.remaining(5)
