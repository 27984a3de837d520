"""``make bench-workers``: one and two serving processes, on both transports, with nothing pinned to a core.

A known certificate is asked about by h2load, which takes a core for itself when the service is fast: on a machine with
two cores a second worker of the native transport has nowhere to run. Certificates never seen before are asked about by
our own load generator, which has little to do then. Medians of the rounds; the variants take turns.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from h2load import run_h2load
from load import Load, run_load
from load_connection import Question
from machine import cpu_seconds, machine
from material import Material, framed
from memory import resident_family
from publish import rows_as_table
from rules import ten_rules
from targets import ready_line

from extauthz.demo.process import ManagedProcess

ROUNDS: Final = 5
SECONDS: Final = 3.0
CONNECTIONS: Final = 8
STREAMS: Final = 16
START_SECONDS: Final = 60.0
KNOWN: Final = "known certificate"
UNSEEN: Final = "ever-new certificates, chain of two"
VARIANTS: Final = tuple((transport, workers) for transport in ("native", "grpcio") for workers in (1, 2))


@dataclass(slots=True)
class Rounds:
    """What each round said of one thing that was asked."""

    per_second: list[float] = field(default_factory=list)
    microseconds: list[float] = field(default_factory=list)
    resident: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Measured:
    """One variant, its service, and what was measured."""

    transport: str
    workers: int
    process: ManagedProcess
    address: str
    unseen: Iterator[Question]
    """About certificates that this service has not seen."""
    asked: dict[str, Rounds] = field(default_factory=dict)

    @property
    def family(self) -> Sequence[int]:
        """The process and its children: the workers, where there are several."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task").glob("*/children")
        return [pid, *(int(one) for file in children for one in file.read_text().split())]

    @property
    def cpu(self) -> float:
        """Seconds of CPU of all processes together."""
        return sum(cpu_seconds(pid) for pid in self.family)

    def row(self, asked: str) -> dict[str, object]:
        """Return the medians."""
        rounds = self.asked[asked]
        return {
            "what is asked": asked,
            "transport": self.transport,
            "workers": self.workers,
            "checks/s": round(statistics.median(rounds.per_second)),
            "CPU us": round(statistics.median(rounds.microseconds), 1),
            "resident MiB": round(statistics.median(rounds.resident)),
        }


@contextmanager
def running(directory: Path, material: Material, transport: str, workers: int) -> Iterator[Measured]:
    """Run one variant of the service."""
    config = directory / f"{transport}-{workers}.yaml"
    log = directory / f"{transport}-{workers}.log"
    text = ten_rules(transport=transport, decision_log=str(log.with_suffix(".jsonl")))
    config.write_text(f"{text}workers: {workers}\n", encoding="utf-8")
    command = [sys.executable, "-P", "-m", "extauthz", "serve", "--config", str(config)]
    with ManagedProcess(config.stem, command, log) as process:
        ready = process.wait_for(lambda: ready_line(log), timeout=START_SECONDS, what="it was not ready")
        yield Measured(transport, workers, process, ready["grpc"], material.never_seen())


def ask_known(one: Measured, body: bytes, seconds: float) -> None:
    """Load one variant for a while with questions about one client."""
    marks: list[float] = []
    result = run_h2load(
        one.address,
        body,
        connections=CONNECTIONS,
        streams=STREAMS,
        seconds=seconds,
        on_window=lambda _begins: marks.append(one.cpu),
    )
    _note(one, KNOWN, result.per_second, result.answers, marks)


def ask_unseen(one: Measured, seconds: float) -> None:
    """Load one variant for a while with questions about certificates that it has not seen."""
    marks: list[float] = []
    host, _, port = one.address.rpartition(":")
    load = Load(
        host=host,
        port=int(port),
        questions=one.unseen,
        connections=CONNECTIONS,
        streams=STREAMS,
        seconds=seconds,
    )
    result = run_load(load, lambda _begins: marks.append(one.cpu))
    _note(one, UNSEEN, result.rate, result.answers, marks)


def _note(one: Measured, asked: str, per_second: float, answers: int, marks: Sequence[float]) -> None:
    rounds = one.asked.setdefault(asked, Rounds())
    begun, ended = marks
    rounds.per_second.append(per_second)
    rounds.microseconds.append((ended - begun) / answers * 1e6)
    rounds.resident.append(resident_family(one.process.pid))


def measure(material: Material, directory: Path, *, rounds: int, seconds: float) -> list[Measured]:
    """Measure every variant, in turns."""
    (directory / "pki").symlink_to(material.pki.resolve())
    body = framed(material.known)
    with ExitStack() as stack:
        variants = [stack.enter_context(running(directory, material, *variant)) for variant in VARIANTS]
        for one in variants:
            ask_known(one, body, min(seconds, 1.0))  # warm, and not counted
            one.asked.clear()
        for _ in range(rounds):
            for one in variants:
                ask_known(one, body, seconds)
        for _ in range(rounds):
            for one in variants:
                ask_unseen(one, seconds)
    return variants


def main() -> None:
    """Run, print, and write ``workers.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    arguments = parser.parse_args()
    material = Material.at(Path("build/bench-pki"))
    with tempfile.TemporaryDirectory(prefix="extauthz-bench-") as directory:
        measured = measure(material, Path(directory), rounds=arguments.rounds, seconds=arguments.seconds)
    rows = [one.row(asked) for asked in (KNOWN, UNSEEN) for one in measured]
    about = machine()
    print(f"{about['cpu']}, {about['cores']} cores, Python {about['python']}:")
    print(f"{CONNECTIONS} connections x {STREAMS} streams, medians of {arguments.rounds} rounds\n")
    print(rows_as_table(rows))
    arguments.out.mkdir(parents=True, exist_ok=True)
    figures = {
        "machine": about,
        "date": datetime.now(UTC).date().isoformat(),
        "rounds": arguments.rounds,
        "connections": CONNECTIONS,
        "streams": STREAMS,
        "rows": rows,
    }
    (arguments.out / "workers.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
