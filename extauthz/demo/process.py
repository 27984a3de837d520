"""A child process with a log file: started, watched while it comes up, and always ended by its own id."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from extauthz.demo.errors import DemoError
from extauthz.demo.signals import interrupts_held

Found = TypeVar("Found")

STOP_GRACE = 5.0
"""Seconds between the polite signal and the one that no process survives."""
POLL_INTERVAL = 0.02
"""Seconds between two looks at something that is coming up: far below what a person notices."""
SHOWN_LINES = 5
"""How much of a dead process's log goes into the error: enough to hold the cause, short enough to be read."""


class ManagedProcess:
    """One child process as a context manager: entering starts it, leaving ends it. Output goes to ``log_path``."""

    def __init__(
        self, name: str, arguments: Sequence[str], log_path: Path, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log_path = log_path
        self._arguments = tuple(arguments)
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            with self.log_path.open("ab") as log, interrupts_held():
                # A process group of its own: Ctrl-C at the terminal reaches only the parent, which then ends its
                # children in order.
                self._process = subprocess.Popen(  # noqa: S603  (the arguments are this program's own)
                    self._arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment,
                    process_group=0,
                )
        except OSError as error:
            raise DemoError(f"{self.name} cannot be started: {self._arguments[0]}: {error.strerror}") from error
        except BaseException:  # what was held back: leaving would not be called
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id; it stays readable after the process has ended."""
        if self._process is None:
            raise DemoError(f"{self.name} was not started")
        return self._process.pid

    def returncode(self) -> int | None:
        """Return the exit status (negative: ended by that signal), or None while it runs or before it started."""
        return None if self._process is None else self._process.poll()

    def require_running(self) -> None:
        """Raise DemoError with the end of its log when the process has ended."""
        status = self.returncode()
        if status is not None:
            raise DemoError(
                f"{self.name} ended unexpectedly with status {status}. Its last words:\n{self.last_words()}"
            )

    def last_words(self) -> str:
        """Return the last lines of the log, indented."""
        lines = self.log_path.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"

    def wait_for(self, look: Callable[[], Found | None], *, timeout: float, what: str) -> Found:
        """Return what ``look()`` gives as soon as that is not None.

        Raises DemoError when the process ends first, or after ``timeout`` seconds, saying ``what`` is missing.
        """
        deadline = time.monotonic() + timeout
        while (found := look()) is None:
            self.require_running()
            if time.monotonic() > deadline:
                raise DemoError(f"{self.name}: {what} after {timeout:.0f} s. Its last words:\n{self.last_words()}")
            time.sleep(POLL_INTERVAL)
        return found

    def stop(self, grace: float = STOP_GRACE) -> None:
        """End the process: SIGTERM, after ``grace`` seconds SIGKILL. Does nothing when it has ended already."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
