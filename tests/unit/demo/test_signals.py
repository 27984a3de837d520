import signal
import threading

import pytest

from extauthz.demo.signals import ending_signals_interrupt, ignore_interrupts, interrupts_held

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("number", ENDING)
def test_each_signal_interrupts_and_afterwards_all_is_as_before(number: signal.Signals) -> None:
    before = [signal.getsignal(one) for one in ENDING]
    with pytest.raises(KeyboardInterrupt), ending_signals_interrupt():
        signal.raise_signal(number)
    assert [signal.getsignal(one) for one in ENDING] == before


def test_held_signals_are_delivered_at_the_end_of_the_block() -> None:
    done: list[str] = []

    def body() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGTERM)
            done.append("the rest of the block")

    with ending_signals_interrupt(), pytest.raises(KeyboardInterrupt):
        body()
    assert done == ["the rest of the block"]


def test_ignored_signals_stay_ignored_until_the_end_of_the_outer_block() -> None:
    before = [signal.getsignal(one) for one in ENDING]
    with ending_signals_interrupt():
        ignore_interrupts()
        for number in ENDING:
            signal.raise_signal(number)
        with interrupts_held():
            signal.raise_signal(signal.SIGHUP)
    assert [signal.getsignal(one) for one in ENDING] == before


def test_a_signal_that_was_ignored_before_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_signals_interrupt():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_holding_in_another_thread_does_nothing() -> None:
    passed = []

    def body() -> None:
        with interrupts_held():
            passed.append("no error")

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert passed == ["no error"]
