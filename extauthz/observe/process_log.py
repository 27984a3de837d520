"""The process log: what happens to the service itself, one line an event, to standard error.

JSON for machines or a console form for people. Libraries that log through ``logging`` come out in the same form.
Lines go through a bounded queue: whoever stops reading standard error must not stop the decisions.
"""

import logging
import sys
from collections.abc import Sequence
from enum import StrEnum

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from extauthz.observe.background_writer import BackgroundWriter
from extauthz.observe.line_sink import DescriptorSink, LineSink
from extauthz.observe.line_turn import LineTurn

QUEUE_LINES = 2048
"""Lines that may wait: a start with thousands of warnings fits; stacks are rate-limited where they are logged."""
CHATTY_LIBRARIES = ("uvicorn", "watchfiles")
"""They tell at level info what the service's own lines tell better, or need not be told."""
_STDERR_DESCRIPTOR = 2


class LogFormat(StrEnum):
    """How a line looks."""

    JSON = "json"
    CONSOLE = "console"


class ProcessLog(logging.Handler):
    """The one handler of the process: formats in the caller's thread, writes in its own."""

    def __init__(self, sink: LineSink | None = None, *, limit: int = QUEUE_LINES) -> None:
        """Write to standard error unless a sink is given."""
        super().__init__()
        self._sink = sink or DescriptorSink(_STDERR_DESCRIPTOR)
        self._writer = BackgroundWriter[bytes]("process-log", self._write, limit=limit)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the formatted line; with a full queue it is lost, as there is nowhere left to say so."""
        try:
            self._writer.put(self.format(record).encode("utf-8", "backslashreplace") + b"\n")
        except Exception:  # noqa: BLE001  (logging's contract for emit: its caller never sees a defect in formatting)
            self.handleError(record)

    def adjust(self, log_format: LogFormat, level: str) -> None:
        """Log in this form from this level (``debug``, ``info``, ``warning``, ``error``) on."""
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *_shared_processors()],
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(log_format)],
            )
        )
        logging.getLogger().setLevel(level.upper())

    def take_turns(self, turn: LineTurn) -> None:
        """Take turns with other processes that write to the same standard error."""
        if isinstance(self._sink, DescriptorSink):
            self._sink.turn = turn

    def finish(self, timeout: float) -> None:
        """Write what waits, for at most ``timeout`` seconds."""
        self._writer.close(timeout)

    def _write(self, lines: Sequence[bytes]) -> None:
        try:
            self._sink.write(b"".join(lines))
        except OSError:
            return  # standard error is gone: there is no further place to complain


def configure_process_log(log_format: LogFormat, level: str, sink: LineSink | None = None) -> ProcessLog:
    """Send everything logged in this process, by structlog and by ``logging``, through one new handler."""
    handler = ProcessLog(sink)
    handler.adjust(log_format, level)
    logging.getLogger().handlers[:] = [handler]
    for library in CHATTY_LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return handler


def _shared_processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]


def _renderers(log_format: LogFormat) -> list[Processor]:
    if log_format is LogFormat.CONSOLE:
        return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [_time_first, structlog.processors.JSONRenderer()]


def _time_first(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    first = {name: event.pop(name) for name in ("time", "level", "event") if name in event}
    return {**first, **event}
