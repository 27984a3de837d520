"""One line an event, whoever logs it, and never a wait for whoever reads."""

import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from extauthz.observe.process_log import LogFormat, ProcessLog, configure_process_log

PATIENCE = 10.0


class Memory:
    """A sink that keeps the lines."""

    def __init__(self) -> None:
        self.data = b""
        self.opened = threading.Event()
        self.opened.set()

    def write(self, data: bytes) -> None:
        self.opened.wait(PATIENCE)
        self.data += data

    def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def logged(log: ProcessLog, memory: Memory) -> list[dict[str, Any]]:
    log.finish(PATIENCE)
    return [json.loads(line) for line in memory.data.splitlines()]


def test_an_event_is_one_line_of_json_with_its_fields() -> None:
    memory = Memory()
    log = configure_process_log(LogFormat.JSON, "info", memory)
    structlog.get_logger("extauthz.test").info("it happened", number=1, text="a\nb")
    (line,) = logged(log, memory)
    assert list(line)[:3] == ["time", "level", "event"]
    assert line["time"].endswith("Z")
    expected = {"level": "info", "event": "it happened", "logger": "extauthz.test", "number": 1, "text": "a\nb"}
    assert {key: line[key] for key in expected} == expected


def test_libraries_that_use_logging_come_out_in_the_same_form() -> None:
    memory = Memory()
    log = configure_process_log(LogFormat.JSON, "info", memory)
    logging.getLogger("some.library").warning("the %s is %d", "answer", 42)
    (line,) = logged(log, memory)
    assert (line["event"], line["level"], line["logger"]) == ("the answer is 42", "warning", "some.library")


def test_a_stack_is_a_field_of_its_line() -> None:
    memory = Memory()
    log = configure_process_log(LogFormat.JSON, "info", memory)
    try:
        int("boom")
    except ValueError:
        structlog.get_logger("t").exception("failed")
    (line,) = logged(log, memory)
    assert "ValueError: invalid literal" in line["exception"]


def test_events_below_the_level_are_left_out() -> None:
    memory = Memory()
    log = configure_process_log(LogFormat.JSON, "warning", memory)
    structlog.get_logger("t").info("no")
    logging.getLogger("t").info("no")
    structlog.get_logger("t").warning("yes")
    assert [line["event"] for line in logged(log, memory)] == ["yes"]


def test_the_level_and_the_form_can_change() -> None:
    memory = Memory()
    log = configure_process_log(LogFormat.JSON, "warning", memory)
    log.adjust(LogFormat.CONSOLE, "debug")
    structlog.get_logger("t").debug("now", number=1)
    log.finish(PATIENCE)
    assert b"now" in memory.data
    assert not memory.data.startswith(b"{")


def test_the_form_for_people_has_no_colours_when_it_goes_to_a_file() -> None:
    memory = Memory()
    log = configure_process_log(LogFormat.CONSOLE, "info", memory)
    structlog.get_logger("t").error("bad", why="x")
    log.finish(PATIENCE)
    assert b"bad" in memory.data
    assert b"\x1b" not in memory.data


def test_text_that_is_not_unicode_does_not_lose_the_line() -> None:
    memory = Memory()
    log = configure_process_log(LogFormat.CONSOLE, "info", memory)
    structlog.get_logger("t").info("odd \udcff")
    log.finish(PATIENCE)
    assert b"odd" in memory.data


def test_a_reader_that_stops_reading_costs_lines_and_not_time() -> None:
    memory = Memory()
    memory.opened.clear()
    log = ProcessLog(memory, limit=10)
    for number in range(1000):
        log.handle(logging.LogRecord("t", logging.INFO, __file__, 1, str(number), (), None))
    memory.opened.set()
    log.finish(PATIENCE)
    assert memory.data.splitlines() == [str(number).encode() for number in range(10)]


def test_a_standard_error_that_is_gone_is_endured() -> None:
    class Gone(Memory):
        def write(self, data: bytes) -> None:
            raise BrokenPipeError

    log = configure_process_log(LogFormat.JSON, "info", Gone())
    structlog.get_logger("t").info("one")
    structlog.get_logger("t").info("two")
    log.finish(PATIENCE)


def test_a_line_that_cannot_be_formatted_does_not_reach_whoever_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    memory = Memory()
    log = ProcessLog(memory)
    log.handle(logging.LogRecord("t", logging.INFO, __file__, 1, "%d", ("no number",), None))
    log.finish(PATIENCE)
    assert memory.data == b""
