"""All workers are asked, and nobody waits for one that does not answer or is gone."""

import threading

from extauthz.service.workers.inquiry import Inquiry


class Worker:
    """Answers as it is told."""

    def __init__(self, says: str | None) -> None:
        self.says = says


def inquiry(seconds: float = 20.0) -> Inquiry[Worker, str]:
    def ask(worker: Worker, number: int) -> None:
        if worker.says is not None:
            threading.Thread(target=one.answered, args=(worker, number, worker.says)).start()

    one: Inquiry[Worker, str] = Inquiry(ask, "nothing yet", answer_seconds=seconds)
    return one


def test_the_answers_of_all_are_there() -> None:
    one = inquiry()
    for says in ("a", "b"):
        one.add(Worker(says))
    assert one.ask_all() == 0
    assert one.last() == ("a", "b")


def test_one_that_does_not_answer_is_counted_and_what_it_said_last_stays() -> None:
    one = inquiry(0.1)
    worker = Worker("before")
    one.add(worker)
    one.add(Worker(None))
    assert one.ask_all() == 1
    worker.says = None
    assert one.ask_all() == 2
    assert one.last() == ("before", "nothing yet")


def test_who_is_gone_is_neither_waited_for_nor_heard() -> None:
    one = inquiry()
    worker = Worker("last words")
    one.add(worker)
    one.ask_all()
    assert one.remove(worker) == "last words"
    assert one.remove(worker) == "nothing yet"
    one.answered(worker, 99, "from beyond")
    assert one.ask_all() == 0
    assert one.last() == ()


def test_an_answer_to_an_earlier_question_does_not_replace_a_later_one() -> None:
    one = inquiry()
    worker = Worker("new")
    one.add(worker)
    one.ask_all()
    one.ask_all()
    one.answered(worker, 1, "old")
    assert one.last() == ("new",)
