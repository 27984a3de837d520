"""What the service configures for the whole process, put back for the tests that come after."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def process_as_before() -> Iterator[None]:
    """Put back log handlers, log level and switch interval at the end."""
    root = logging.getLogger()
    handlers, level, interval = list(root.handlers), root.level, sys.getswitchinterval()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.setswitchinterval(interval)
    structlog.reset_defaults()
