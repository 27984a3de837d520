"""Items are written in order in another thread; a writer that hangs costs items and never the caller's time."""

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from extauthz.observe.background_writer import BATCH_ITEMS, BackgroundWriter

PATIENCE = 10.0


class Gate:
    """A ``write`` that waits until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.written: list[int] = []

    def write(self, batch: Sequence[int]) -> None:
        self.entered.set()
        self.opened.wait(PATIENCE)
        self.written.extend(batch)


@pytest.fixture
def start() -> Iterator[Callable[..., BackgroundWriter[int]]]:
    writers: list[BackgroundWriter[int]] = []

    def make(write: Callable[[Sequence[int]], None], limit: int = 1000) -> BackgroundWriter[int]:
        writers.append(BackgroundWriter("test", write, limit=limit))
        return writers[-1]

    yield make
    for writer in writers:
        assert writer.close(PATIENCE) == 0


def test_items_come_out_in_the_order_they_went_in(start: Callable[..., BackgroundWriter[int]]) -> None:
    written: list[int] = []
    writer = start(written.extend)
    assert all(writer.put(number) for number in range(500))
    assert writer.close(PATIENCE) == 0
    assert written == list(range(500))


def test_batches_are_bounded(start: Callable[..., BackgroundWriter[int]]) -> None:
    sizes: list[int] = []
    writer = start(lambda batch: sizes.append(len(batch)))
    for number in range(BATCH_ITEMS * 2 + 1):
        writer.put(number)
    writer.close(PATIENCE)
    assert sum(sizes) == BATCH_ITEMS * 2 + 1
    assert max(sizes) <= BATCH_ITEMS


def test_items_from_many_threads_are_all_written(start: Callable[..., BackgroundWriter[int]]) -> None:
    written: list[int] = []
    writer = start(written.extend, limit=10_000)
    threads = [
        threading.Thread(target=lambda first=first: [writer.put(first + at) for at in range(1000)])
        for first in range(0, 8000, 1000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    writer.close(PATIENCE)
    assert sorted(written) == list(range(8000))


def test_a_full_queue_refuses_at_once_and_takes_again_later(start: Callable[..., BackgroundWriter[int]]) -> None:
    gate = Gate()
    writer = start(gate.write, limit=3)
    assert [writer.put(number) for number in range(5)] == [True, True, True, False, False]
    gate.opened.set()
    assert writer.close(PATIENCE) == 0
    assert gate.written == [0, 1, 2]


def test_heavy_items_fill_the_queue_and_what_is_written_makes_room() -> None:
    gate = Gate()
    writer = BackgroundWriter("test", gate.write, limit=1000, weight_limit=100)
    assert [writer.put(1, 60), writer.put(2, 41), writer.put(3, 40), writer.put(4, 1)] == [True, False, True, False]
    gate.opened.set()
    waiting = threading.Event()
    for _ in range(1000):
        if writer.put(5, 100):
            break
        waiting.wait(0.01)
    assert writer.close(PATIENCE) == 0
    assert gate.written == [1, 3, 5]


def test_what_a_hanging_write_holds_still_counts_as_waiting(start: Callable[..., BackgroundWriter[int]]) -> None:
    gate = Gate()
    writer = start(gate.write, limit=3)
    writer.put(1)
    assert gate.entered.wait(PATIENCE)
    assert [writer.put(number) for number in (2, 3, 4)] == [True, True, False]
    gate.opened.set()


def test_closing_gives_up_on_a_hanging_write_and_says_how_much_is_left(
    start: Callable[..., BackgroundWriter[int]],
) -> None:
    gate = Gate()
    writer = start(gate.write)
    writer.put(1)
    writer.put(2)
    assert writer.close(0.01) == 2
    gate.opened.set()


def test_a_closed_writer_takes_nothing(start: Callable[..., BackgroundWriter[int]]) -> None:
    writer = start(lambda _batch: None)
    writer.close(PATIENCE)
    assert not writer.put(1)
