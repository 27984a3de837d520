"""The real service as a process, with an eye on its memory from the first moment on."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from memory import resident_family

PATIENCE = 120.0
SAMPLE_SECONDS = 0.02


class RunningService:
    """One service as a context manager; entering waits until it is ready."""

    def __init__(self, config: Path) -> None:
        self._begun = time.perf_counter()
        command = [sys.executable, "-m", "extauthz", "serve", "--config", str(config)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._lines: list[Mapping[str, Any]] = []
        self._ready, self._ended = threading.Event(), threading.Event()
        self.ready_seconds = 0.0
        self.peak = 0.0
        """MiB of the process and its children together, at the worst moment so far."""
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._read, self._watch)]

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def grpc_address(self) -> str:
        """Where it listens."""
        return str(next(line["grpc"] for line in self._lines if line["event"] == "ready"))

    def count(self, event: str) -> int:
        """Return how often an event was logged."""
        return sum(line["event"] == event for line in list(self._lines))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        if not self._ready.wait(PATIENCE):
            self._end()
            raise RuntimeError(f"the service did not get ready: {self._lines}")
        self.ready_seconds = time.perf_counter() - self._begun
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._ended.set()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _read(self) -> None:
        for line in self._process.stderr or ():
            self._lines.append(json.loads(line) if line.startswith("{") else {"event": line})
            if self._lines[-1]["event"] == "ready":
                self._ready.set()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, resident_family(self._process.pid))
