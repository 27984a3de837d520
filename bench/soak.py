"""``make bench-soak N=...``: so many mixed checks, and what the service has resident meanwhile, as a curve.

Most questions are about clients of a fixed set, some have no certificate, and a few have one that nobody has seen
before or will see again. Connections are new every few seconds, and the configuration is loaded again every minute:
whatever is kept for a certificate, a connection or a configuration and not let go shows as a slope.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Final

from load import Load, LoadError, run_load
from load_connection import Question
from machine import Cores, cpu_seconds, machine
from material import Material, framed
from memory import resident
from questions import new_certificates, question
from targets import Side, Starter, Target

from extauthz.demo.signals import ending_signals_interrupt

SLICE_SECONDS: Final = 5.0
SLICES_TO_RELOAD: Final = 12
FIXED_SET: Final = 1_000
WEIGHTS: Final = {"known": 900, "denied": 95, "new": 5}
"""Of a thousand questions."""
PATTERN: Final = 100_000
"""Questions before the same order of kinds comes again."""
SETTLED: Final = 0.2
"""Share of the run after which the memory should no longer grow: the caches are full."""
RELOADS_TO_SETTLE: Final = 2
"""Reloads until then at least: each lets the caches of the configuration before it go. That takes ten minutes."""
FLAT_MIB: Final = 8.0
"""Growth from then to the end that still counts as flat: what an allocator keeps varies by that."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The service at one moment."""

    seconds: float
    checks: int
    resident: float
    """MiB."""
    cpu: float
    """Microseconds a check in the last slice."""
    p99: float
    """Microseconds in the last slice."""


def mixed(material: Material) -> Iterator[Question]:
    """Yield questions for ever."""
    ders = new_certificates(material.issuing, material.lifetime, FIXED_SET)
    known = cycle([Question(framed(question(der)), allowed=True) for der in ders])
    denied = Question(framed(question(None)), allowed=False)
    kinds = random.Random(3).choices(list(WEIGHTS), list(WEIGHTS.values()), k=PATTERN)  # noqa: S311  (repeatable)
    for kind in cycle(kinds):
        if kind == "known":
            yield next(known)
        elif kind == "denied":
            yield denied
        else:
            (der,) = new_certificates(material.root, material.lifetime, 1)
            yield Question(framed(question(der)), allowed=True)


def soak(target: Target, pid: int, questions: Iterator[Question], checks: int, seconds: float) -> list[Sample]:
    """Ask until so many checks are answered or the time is over; a sample every few seconds."""
    samples: list[Sample] = []
    begun, done, number = time.monotonic(), 0, 0
    while done < checks and time.monotonic() - begun < seconds:
        number += 1
        if number % SLICES_TO_RELOAD == 0:
            target.reload()
        before = cpu_seconds(pid)
        result = run_load(
            Load(host=target.host, port=target.port, questions=questions, seconds=SLICE_SECONDS, warm_up=0.0)
        )
        done += result.answers
        used = (cpu_seconds(pid) - before) / result.answers * 1e6
        p99 = result.quantile(0.99) * 1e6
        samples.append(Sample(time.monotonic() - begun, done, resident(pid), used, p99))
        print(
            f"{done:13,} checks, {result.rate:9,.0f}/s, {samples[-1].resident:7.1f} MiB, p99 {p99:8,.0f} µs",
            file=sys.stderr,
            flush=True,
        )
    return samples


def growth(samples: Sequence[Sample]) -> float:
    """Return by how many MiB the last fifth of the run is above the fifth after the caches were full."""
    part = max(1, int(len(samples) * SETTLED))
    settled, last = samples[part : 2 * part] or samples[:1], samples[-part:]
    return statistics.median(one.resident for one in last) - statistics.median(one.resident for one in settled)


def main() -> int:
    """Run, draw, and say whether the memory stayed flat."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    cores = Cores.divide()
    with ending_signals_interrupt(), tempfile.TemporaryDirectory(prefix="extauthz-soak-") as directory:
        try:
            material = Material.at(options.pki)
            starter = Starter.in_directory(Path(directory), material, cores)
            os.sched_setaffinity(0, {cores.load})
            with starter.started(Side(options.side), decision_log="/dev/null") as target:
                if target.pid is None:
                    raise RuntimeError("a service that was started has a process")
                samples = soak(target, target.pid, mixed(material), options.checks, options.seconds)
        except KeyboardInterrupt:
            print("ended before the end: nothing is written", file=sys.stderr)
            return 130
        except LoadError as error:
            print(f"the soak ends: {error}", file=sys.stderr)
            return 1
    grown = growth(samples)
    figures = {
        "machine": machine(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": str(cores),
        "side": options.side,
        "mix": WEIGHTS,
        "checks": samples[-1].checks,
        "seconds": round(samples[-1].seconds),
        "growth MiB": round(grown, 1),
        "samples": [asdict(one) for one in samples],
    }
    (options.out / "soak.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    from plot import draw_memory  # noqa: PLC0415  (tests of this module need no matplotlib)

    draw_memory([(one.seconds, one.checks, one.resident) for one in samples], options.out)
    flat = grown <= FLAT_MIB
    if len(samples) * SETTLED < RELOADS_TO_SETTLE * SLICES_TO_RELOAD:
        verdict, flat = "too short a run to tell", True
    else:
        verdict = "flat" if flat else "it grows"
    print(
        f"{samples[-1].checks:,} checks in {samples[-1].seconds:,.0f} s on {options.side}: resident "
        f"{samples[0].resident:.0f} MiB at first, {samples[-1].resident:.0f} at the end, {grown:+.1f} after the caches "
        f"were full: {verdict}"
    )
    return 0 if flat else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=50_000_000, help="how many checks (50,000,000)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after this long in any case")
    parser.add_argument("--side", choices=("native", "grpcio"), default="native", help="which transport (native)")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="where the results go (build/bench)")
    parser.add_argument(
        "--pki", type=Path, default=Path("build/bench-pki"), help="the PKI that is used, made if needed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
