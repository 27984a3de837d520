"""A scrape has the numbers of all; late ones are the last that were given, and none ever goes backwards."""

import threading

from prometheus_client import CollectorRegistry, Counter, Gauge

from extauthz.service.workers.numbers import WorkerNumbers

OWN = CollectorRegistry()
Counter("checks", "", registry=OWN)


class FakeWorker:
    """Answers as it is told."""

    def __init__(self, numbers: WorkerNumbers, *, answers: bool = True) -> None:
        self._numbers = numbers
        self.answers = answers
        self.registry = CollectorRegistry()
        self.checks = Counter("checks", "", registry=self.registry)
        self.in_flight = Gauge("extauthz_checks_in_flight", "", registry=self.registry)
        self.asked: list[int] = []
        numbers.add(self)

    def ask_for_metrics(self, number: int) -> None:
        self.asked.append(number)
        if self.answers:
            threading.Thread(target=self.answer, args=(number,)).start()

    def answer(self, number: int) -> None:
        self._numbers.answered(self, number, tuple(self.registry.collect()))


def numbers(answer_seconds: float = 20.0) -> WorkerNumbers:
    return WorkerNumbers(OWN, lambda: {"serving": 2, "waiting": 1}, answer_seconds=answer_seconds)


def value(whole: WorkerNumbers, name: str, **labels: str) -> float | None:
    return whole.registry.get_sample_value(name, labels)


def test_the_numbers_of_all_are_added_up() -> None:
    whole = numbers()
    one, other = FakeWorker(whole), FakeWorker(whole)
    one.checks.inc(3)
    other.checks.inc(4)
    assert value(whole, "checks_total") == 7.0
    assert one.asked == other.asked == [1]


def test_states_and_restarts_are_told() -> None:
    whole = numbers()
    whole.restarted()
    assert value(whole, "extauthz_workers", state="serving") == 2.0
    assert value(whole, "extauthz_workers", state="waiting") == 1.0
    assert value(whole, "extauthz_worker_restarts_total") == 1.0
    assert value(whole, "extauthz_worker_scrapes_late_total") == 0.0


def test_what_an_ended_worker_counted_stays_and_its_gauges_go() -> None:
    whole = numbers()
    one, other = FakeWorker(whole), FakeWorker(whole)
    for worker in (one, other):
        worker.checks.inc(5)
        worker.in_flight.set(2)
    assert value(whole, "checks_total") == 10.0
    whole.remove(one)
    whole.remove(other)
    again = FakeWorker(whole)
    again.checks.inc()
    assert value(whole, "checks_total") == 11.0
    assert value(whole, "extauthz_checks_in_flight") == 0.0


def test_numbers_given_at_the_end_count() -> None:
    whole = numbers()
    one = FakeWorker(whole, answers=False)
    one.checks.inc(5)
    one.answer(1 << 60)
    whole.remove(one)
    assert value(whole, "checks_total") == 5.0


def test_a_late_worker_has_its_last_numbers_and_is_counted() -> None:
    whole = numbers(answer_seconds=0.2)
    one, other = FakeWorker(whole), FakeWorker(whole)
    one.checks.inc(2)
    assert value(whole, "checks_total") == 2.0
    one.answers = False
    one.checks.inc(2)
    other.checks.inc(1)
    assert value(whole, "checks_total") == 3.0
    assert value(whole, "extauthz_worker_scrapes_late_total") == 2.0, "one for each of the two looks"


def test_a_late_answer_of_an_earlier_scrape_is_no_answer_to_this_one() -> None:
    whole = numbers(answer_seconds=0.2)
    one = FakeWorker(whole, answers=False)
    tuple(whole.collect())
    one.ask_for_metrics = lambda number: one.answer(number - 1)  # type: ignore[method-assign]  # of the scrape before
    tuple(whole.collect())
    assert value(whole, "extauthz_worker_scrapes_late_total") == 3.0


def test_a_worker_that_ends_meanwhile_is_not_waited_for() -> None:
    whole = numbers()
    one = FakeWorker(whole, answers=False)
    one.ask_for_metrics = lambda number: threading.Timer(0.05 * number, whole.remove, [one]).start()  # type: ignore[method-assign]  # it ends instead
    assert value(whole, "checks_total") == 0.0
    assert value(whole, "extauthz_worker_scrapes_late_total") == 0.0


def test_who_is_not_known_is_not_listened_to() -> None:
    whole = numbers()
    one = FakeWorker(whole)
    whole.remove(one)
    one.checks.inc(9)
    one.answer(5)
    assert value(whole, "checks_total") == 0.0
