"""What figures belong to: the machine, its programs, and which core does what."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import extauthz


def machine() -> dict[str, str]:
    """Name what the figures belong to."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    return {
        "cpu": model,
        "cores": str(len(os.sched_getaffinity(0))),
        "python": platform.python_version(),
        "system": platform.platform(),
        "extauthz": extauthz.__version__,
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the server has and which the load; both the same where there is only one."""

    server: int
    load: int

    @classmethod
    def divide(cls) -> Self:
        """Take the first two cores that this process may use."""
        usable = sorted(os.sched_getaffinity(0))
        return cls(usable[0], usable[min(1, len(usable) - 1)])

    @property
    def apart(self) -> bool:
        """Whether server and load have a core each."""
        return self.server != self.load

    def __str__(self) -> str:
        if not self.apart:
            return f"one core ({self.server}) for server and load together: the figures are of both"
        return f"server on core {self.server}, load on core {self.load}"


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run the block on one core; a process that it starts stays there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the CPU that a process has used, in user and kernel mode, all its threads: proc(5), ``/proc/PID/stat``."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS
