"""One that dies at each start is started ever more slowly; one that had a long life at once."""

from extauthz.service.workers.back_off import LONGEST_SECONDS, STEADY_SECONDS, BackOff


def test_short_lives_double_the_wait_up_to_a_bound() -> None:
    one = BackOff()
    waits = [one.after(0.1) for _ in range(40)]
    assert waits[:7] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0]
    assert set(waits[6:]) == {LONGEST_SECONDS}


def test_a_long_life_is_no_reason_to_wait_and_begins_anew() -> None:
    one = BackOff()
    assert [one.after(1.0), one.after(STEADY_SECONDS), one.after(1.0)] == [0.25, 0.0, 0.25]
