"""Ready only between the first configuration and the end."""

import pytest

from extauthz.service.readiness import Phase, Readiness


def test_nothing_is_ready_before_the_first_configuration() -> None:
    one = Readiness()
    assert (one.ready, one.phase) == (False, Phase.LOADING)


def test_listeners_hear_the_state_at_once_and_at_each_change() -> None:
    one = Readiness()
    heard: list[bool] = []
    one.on_change(heard.append)
    one.serve()
    one.drain()
    assert heard == [False, True, False]


def test_required_crls_are_waited_for_once() -> None:
    one = Readiness()
    heard: list[bool] = []
    one.on_change(heard.append)
    one.wait_for(("a", "b"))
    one.serve()
    assert (one.ready, one.phase, one.waiting) == (False, Phase.WAITING_FOR_CRLS, ("a", "b"))
    one.wait_for(("b",))
    assert not one.ready
    one.wait_for(())
    assert one.ready
    one.wait_for(("c",))
    assert one.ready
    assert [now for before, now in zip([False, *heard], heard, strict=False) if now != before] == [True]


def test_who_drains_while_it_waits_never_becomes_ready() -> None:
    one = Readiness()
    one.wait_for(("a",))
    one.serve()
    one.drain()
    one.wait_for(())
    assert one.phase is Phase.DRAINING


@pytest.mark.parametrize("attempts", [1, 2])
def test_draining_is_final(attempts: int) -> None:
    one = Readiness()
    one.serve()
    one.drain()
    for _ in range(attempts):
        one.serve()
    assert (one.ready, one.phase) == (False, Phase.DRAINING)


def test_a_service_that_is_told_to_go_while_it_loads_never_becomes_ready() -> None:
    one = Readiness()
    one.drain()
    one.serve()
    assert not one.ready


def test_missing_workers_are_waited_for_each_time() -> None:
    one = Readiness()
    one.miss_workers(missing=True)
    one.serve()
    assert (one.ready, one.phase) == (False, Phase.WAITING_FOR_WORKERS)
    one.miss_workers(missing=False)
    assert one.ready
    one.miss_workers(missing=True)
    assert (one.ready, one.phase) == (False, Phase.WAITING_FOR_WORKERS)


def test_crls_are_waited_for_first() -> None:
    one = Readiness()
    one.wait_for(("a",))
    one.miss_workers(missing=True)
    one.serve()
    phases = [one.phase]
    one.wait_for(())
    assert [*phases, one.phase] == [Phase.WAITING_FOR_CRLS, Phase.WAITING_FOR_WORKERS]


def test_workers_that_come_back_end_no_draining() -> None:
    one = Readiness()
    one.serve()
    one.drain()
    one.miss_workers(missing=True)
    one.miss_workers(missing=False)
    assert one.phase is Phase.DRAINING


def test_who_hears_of_workers_hears_changes_only() -> None:
    one = Readiness()
    one.serve()
    heard: list[bool] = []
    one.on_change(heard.append)
    for missing in (False, False, True, True, False):
        one.miss_workers(missing=missing)
    assert heard == [True, False, True]
