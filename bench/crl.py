"""``make bench-crl``: what large CRLs cost: to load, to keep, to ask, and to whoever asks something else meanwhile.

Three parts. One CRL at a time through the indexing process, as the service does it. Then a set as large as the DoD's,
loaded by the real service at its start. Then the checks that a real service answers while a CRL of a million entries is
replaced. Machine and versions are printed beside the tables; ``--json FILE`` keeps the figures.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cryptography
import grpc
from cryptography.hazmat.primitives import serialization
from large_crls import LargeCa, Shape, make_ca, make_client, make_crl, serials
from memory import peak, resident, resident_family
from questions import question
from running_service import RunningService

import extauthz
from extauthz.identity.certificate import parse_certificate
from extauthz.refresh.worker_indexer import WorkerIndexer
from extauthz.trust.crl.load import Crl

ROUNDS = 3
LOOKUPS = 50_000
SHAPES = {
    "1,000,000 entries, serials of 16 octets, with reasons": Shape(1_000_000, 16, reasons=True),
    "1,000,000 entries, serials of 4 octets, no reasons": Shape(1_000_000, 4, reasons=False),
    "169,000 entries, serials of 3 octets, no reasons": Shape(169_000, 3, reasons=False),
}
DOD_CRLS, DOD_SHAPE = 50, Shape(209_000, 3, reasons=False)
"""230 MB together; the size of the set that the DoD publishes."""
QUIET_SECONDS = 8.0
RELOAD_PATIENCE = 60.0
RELOADS = 3
CHECK = "/envoy.service.auth.v3.Authorization/Check"


# -- one CRL at a time -----------------------------------------------------------------------------------------------
def measure_shape(shape: Shape, folder: Path, now: datetime) -> dict[str, float]:
    """Load one CRL in new processes and ask it questions."""
    ca = make_ca("Large CA", now)
    file = folder / "large.crl"
    file.write_bytes(make_crl(ca, shape, number=1, now=now))
    issuers = [parse_certificate(ca.der)]
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        indices = Path(tempfile.mkdtemp(dir=folder))
        before = resident()
        crl, seconds, worker_peak = timed_load(file, issuers, None)
        hit, miss = timed_lookups(crl, shape)
        grown = resident() - before
        timed_load(file, issuers, indices)
        again, again_seconds, _ = timed_load(file, issuers, indices)
        rounds.append(
            {
                "MB": file.stat().st_size / 1e6,
                "load s": seconds,
                "load from index s": again_seconds,
                "resident MiB": grown,
                "worker peak MiB": worker_peak,
                "hit us": hit,
                "miss us": miss,
            }
        )
        del crl, again
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def timed_load(file: Path, issuers: Sequence[Any], indices: Path | None) -> tuple[Crl, float, float]:
    """Load a CRL in a new process: the CRL, the seconds with the start of the process, and its peak memory in MiB."""
    indexer = WorkerIndexer()
    begun = time.perf_counter()
    with file.open("rb") as stream:
        (verdict,) = indexer.load(stream, file.name, issuers, indices)
    seconds = time.perf_counter() - begun
    if not isinstance(verdict, Crl) or indexer.pid is None:
        raise RuntimeError(f"the CRL cannot be used: {verdict}")
    worker_peak = peak(indexer.pid)
    indexer.close()
    return verdict, seconds, worker_peak


def timed_lookups(crl: Crl, shape: Shape) -> tuple[float, float]:
    """Return microseconds for a serial number that is listed, and for one that is not."""
    step = max(1, shape.entries // LOOKUPS)
    listed = list(islice(serials(shape, 1), 0, None, step))
    unlisted = [one ^ (0x20 << 8 * (shape.serial_octets - 1)) for one in listed]
    times = []
    for wanted, found in ((listed, True), (unlisted, False)):
        begun = time.perf_counter()
        answers = sum(crl.entries.find(one) is not None for one in wanted)
        times.append((time.perf_counter() - begun) / len(wanted) * 1e6)
        if answers != (len(wanted) if found else 0):
            raise RuntimeError("the index gives wrong answers")
    return times[0], times[1]


# -- the real service ------------------------------------------------------------------------------------------------
def write_config(folder: Path, authorities: Sequence[LargeCa]) -> Path:
    """Write a configuration that trusts these CAs and reads ``crls/``."""
    pem = b"".join(one.certificate.public_bytes(serialization.Encoding.PEM) for one in authorities)
    (folder / "anchors.pem").write_bytes(pem)
    config = folder / "extauthz.yaml"
    config.write_text(
        """\
version: 1
listen: {grpc: {address: "127.0.0.1:0"}, admin: {address: "127.0.0.1:0"}}
shutdown: {drain_delay: 0s}
sources: [{type: envoy_peer}]
trust: {anchors: [anchors.pem]}
revocation: {crls: [{path: crls/}]}
policies: [{name: bench, when: {}, require: {}}]
decision_log: {path: "off"}
"""
    )
    return config


def measure_set(folder: Path, now: datetime) -> dict[str, float]:
    """Start the service with a set of CRLs as large as the DoD's."""
    folder.mkdir()
    (folder / "crls").mkdir()
    authorities = [make_ca(f"DoD-like CA {number}", now) for number in range(DOD_CRLS)]
    total = 0
    for number, ca in enumerate(authorities):
        der = make_crl(ca, DOD_SHAPE, number=1, now=now, seed=number)
        (folder / "crls" / f"{number:02}.crl").write_bytes(der)
        total += len(der)
    with RunningService(write_config(folder, authorities)) as running:
        time.sleep(1)
        return {
            "MB": total / 1e6,
            "ready s": running.ready_seconds,
            "peak MiB": running.peak,
            "afterwards MiB": resident_family(running.pid),
        }


def measure_reload(folder: Path, now: datetime) -> dict[str, float]:
    """Ask a service without a pause, first quietly, then while a CRL of a million entries is replaced."""
    folder.mkdir()
    (folder / "crls").mkdir()
    ca = make_ca("Large CA", now)
    shape = Shape(1_000_000, 16, reasons=True)
    versions = [make_crl(ca, shape, number=number, now=now, seed=number) for number in range(1, RELOADS + 2)]
    file = folder / "crls" / "large.crl"
    file.write_bytes(versions[0])
    asked = question(make_client(ca, now))
    with RunningService(write_config(folder, [ca])) as running, grpc.insecure_channel(running.grpc_address) as channel:
        check: Any = channel.unary_unary(CHECK)  # bytes in, bytes out; the library's types know only messages
        until(lambda: True, check, asked, least=1.0)  # warm
        quiet = until(lambda: True, check, asked, least=QUIET_SECONDS)
        busy: list[float] = []
        seconds: list[float] = []
        for number, version in enumerate(versions[1:], 1):
            begun = time.perf_counter()
            beside = folder / "next.crl"
            beside.write_bytes(version)
            beside.replace(file)
            busy += until(partial(has_reloaded, running, number), check, asked)
            seconds.append(time.perf_counter() - begun)
    return {
        "quiet p50 ms": percentile(quiet, 50),
        "quiet p99 ms": percentile(quiet, 99),
        "reload p50 ms": percentile(busy, 50),
        "reload p99 ms": percentile(busy, 99),
        "reload max ms": max(busy),
        "reload s": statistics.median(seconds),
    }


def has_reloaded(running: RunningService, times: int) -> bool:
    """Say whether the service has reloaded so often."""
    return running.count("reloaded") >= times


def until(
    done: Callable[[], bool], check: Callable[[bytes], object], asked: bytes, *, least: float = 0.0
) -> list[float]:
    """Ask one question after another; return the milliseconds of each."""
    times = []
    begun = time.perf_counter()
    while time.perf_counter() - begun < least or not done():
        before = time.perf_counter()
        check(asked)
        times.append((time.perf_counter() - before) * 1e3)
        if before - begun > RELOAD_PATIENCE:
            raise RuntimeError("the reload did not end")
    return times


def percentile(values: Sequence[float], share: int) -> float:
    """Return a percentile."""
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def show(title: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    """Print a table."""
    columns = list(next(iter(rows.values())))
    print(f"\n{title}\n")
    print(f"| | {' | '.join(columns)} |")
    print(f"|---|{'---|' * len(columns)}")
    for name, figures in rows.items():
        print(f"| {name} | {' | '.join(f'{figures[column]:.2f}' for column in columns)} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    machine = f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"extauthz {extauthz.__version__}, cryptography {cryptography.__version__}, {machine}")
    now = datetime.now(UTC).replace(microsecond=0)
    folder = Path(tempfile.mkdtemp(prefix="extauthz-bench-crl-"))
    try:
        shapes = {name: measure_shape(shape, folder, now) for name, shape in SHAPES.items()}
        show("One CRL through the indexing process (its start included)", shapes)
        dod = {f"{DOD_CRLS} CRLs": measure_set(folder / "set", now)}
        show("A large set at the start of the service", dod)
        reload = {"a million entries": measure_reload(folder / "reload", now)}
        show("Checks while a CRL is replaced, one client asking without a pause", reload)
    finally:
        shutil.rmtree(folder)
    if options.json is not None:
        figures = {"machine": machine, "shapes": shapes, "set": dod, "reload": reload}
        options.json.write_text(json.dumps(figures, indent=2))


def processor() -> str:
    """Name the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
