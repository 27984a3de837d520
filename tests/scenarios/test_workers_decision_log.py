"""Lines of several workers in one log stay whole, and follow a rotation together."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from support.questions import question
from support.service import RealService, eventually
from support.service_site import Site, StartService
from support.workers import ask_anew

LONG_PATH = "/" + "x" * 900
"""A batch of lines with it is far longer than what a pipe takes in one piece."""
CHECKS, AT_ONCE = 150, 4


def ask_much(service: RealService) -> None:
    """Ask over several connections at a time."""

    def ask() -> None:
        for _ in range(CHECKS):
            ask_anew(service, question(path=LONG_PATH))

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def read_slowly(descriptor: int) -> Iterator[list[bytes]]:
    """Read a pipe in small pieces, so that it is full all the time."""
    pieces: list[bytes] = []

    def read() -> None:
        while piece := os.read(descriptor, 1000):
            pieces.append(piece)

    thread = threading.Thread(target=read)
    thread.start()
    yield pieces
    thread.join()
    os.close(descriptor)


def test_lines_in_a_pipe_are_whole(start: StartService) -> None:
    reader, writer = os.pipe()
    with read_slowly(reader) as pieces:
        service = start(workers=2, decision_log={"path": "-", "queue_size": 10_000}, stdout=writer)
        os.close(writer)
        ask_much(service)
        assert service.stop() == 0
    lines = b"".join(pieces).decode().split("\n")
    assert lines.pop() == ""
    ids = [json.loads(line)["decision_id"] for line in lines]
    assert len(set(ids)) == len(ids) == CHECKS * AT_ONCE


def test_after_sighup_the_lines_of_all_go_to_the_new_file(start: StartService, site: Site) -> None:
    service = start(workers=2)
    log = site.folder / "decisions.jsonl"
    for _ in range(20):
        ask_anew(service, question(path="/one"))
    eventually(lambda: len(site.decisions()) == 20 or None, "twenty lines")
    log.rename(site.folder / "decisions.1")
    service.signal(signal.SIGHUP)
    service.event("reloaded")
    for _ in range(20):
        ask_anew(service, question(path="/two"))
    assert service.stop() == 0
    assert [line["path"] for line in site.decisions()] == ["/two"] * 20
    old = (site.folder / "decisions.1").read_text().splitlines()
    assert [json.loads(line)["path"] for line in old] == ["/one"] * 20
