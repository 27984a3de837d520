import time
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def test_it_waits_as_long_as_it_is_told_and_says_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    monkeypatch.setattr("extauthz.cli.sleep.time.sleep", waits.append)
    outcome = run("sleep", "5")
    assert (waits, outcome.status, outcome.out, outcome.err) == ([5], 0, "", "")


def test_it_really_waits(run: Run) -> None:
    begun = time.monotonic()
    assert run("sleep", "1").status == 0
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("seconds", ["-1", "601", "5s", "0.5", "nan", ""])
def test_what_is_no_time_to_wait_is_status_2(run: Run, monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    monkeypatch.setattr("extauthz.cli.sleep.time.sleep", lambda _: pytest.fail("it waited"))
    assert run("sleep", "--", seconds).status == 2
