"""``make bench``: every row on every side in one run: one table, JSON beside it, and latency against load as a picture.

Each figure is the median of several rounds, in which the sides take turns, so that a slow moment of the machine does
not fall on one of them alone. ``ARGS="--quick"`` only shows that everything works.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from load import LoadError, RefusedError
from load_connection import Question
from machine import Cores, machine
from material import NEVER_SEEN, Material
from matrix import CURVE_RATES, CURVE_SIDES, QUICK_RATES, Cell, groups
from measure import KEEPS_UP, measure, measure_rate
from report import Report, comparisons, headline, median, not_run, table
from targets import Starter, Target

from extauthz.demo.signals import ending_signals_interrupt

ROUNDS: Final = 5
SECONDS: Final = 1.5
CURVE_SECONDS: Final = 1.0
QUICK_ROUNDS: Final = 1
QUICK_SECONDS: Final = 0.4
QUICK_UNSEEN: Final = 25_000
"""New certificates of a quick run: still more than a cache holds."""
RELOAD_ROUND: Final = 3.0
"""Seconds of a round at least in which the configuration is loaded again every second."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int
    seconds: float
    curve_seconds: float
    rates: Sequence[float]
    only: str
    """Rows and sides whose names do not contain this are left out."""

    def wants(self, cell: Cell) -> bool:
        """Say whether a cell is measured."""
        return self.only in f"{cell.row.title}; {cell.side.value}"


def run(plan: Plan, starter: Starter, material: Material, report: Report, cells: Sequence[Sequence[Cell]]) -> None:
    """Measure everything, group by group."""
    for group in cells:
        wanted = [cell for cell in group if plan.wants(cell)]
        if wanted:
            _measure_group(plan, starter, material, report, wanted)
    if plan.rates:
        _measure_curve(plan, starter, material, report)


def _measure_group(plan: Plan, starter: Starter, material: Material, report: Report, group: Sequence[Cell]) -> None:
    with ExitStack() as stack:
        ready: list[tuple[Cell, Target, Iterator[Question]]] = []
        for cell in group:
            row = cell.row
            crls = starter.large_crls() if row.large_crls else "pki/crls/"
            target = stack.enter_context(starter.started(cell.side, crls=crls, bound_tokens=row.bound_tokens))
            ready.append((cell, target, _questions(cell, target, material)))
        for number in range(plan.rounds):
            for cell, target, questions in ready:
                seconds = max(plan.seconds, RELOAD_ROUND) if cell.row.reload else plan.seconds
                figures = measure(cell, target, questions, seconds, first=number == 0)
                report.cells.setdefault((cell.row.title, cell.side.value), []).append(figures.plain())
                _say(f"{number + 1}/{plan.rounds} {cell.row.title}, {cell.side}: {figures.checks_per_second:,.0f}/s")


def _questions(cell: Cell, target: Target, material: Material) -> Iterator[Question]:
    return cell.row.questions(material) if target.is_grpc else _plain_requests()


def _plain_requests() -> Iterator[Question]:
    one = Question(None, allowed=True)
    while True:
        yield one


def _measure_curve(plan: Plan, starter: Starter, material: Material, report: Report) -> None:
    with ExitStack() as stack:
        running = {side: stack.enter_context(starter.started(side)) for side in CURVE_SIDES if plan.only in side.value}
        questions = material.known_only()
        for rate in plan.rates:
            for _ in range(plan.rounds):
                for side, target in list(running.items()):
                    try:
                        figures = measure_rate(target, questions, rate, plan.curve_seconds)
                    except RefusedError as error:
                        _say(f"{side}: {rate:,.0f}/s offered: {error}")
                        report.refused[side.value] = {"offered": rate, "how": str(error)}
                        report.curve.pop((side.value, rate), None)
                        running.pop(side)
                    else:
                        report.curve.setdefault((side.value, rate), []).append(figures.plain())
            for side in list(running):
                reached = median(report.curve[side.value, rate])["checks_per_second"] or 0.0
                _say(f"{side}: {rate:,.0f}/s offered, {reached:,.0f}/s answered")
                if reached < KEEPS_UP * rate:
                    running.pop(side)  # more load would only say again that it is too much


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run, print and write."""
    options = _options()
    plan = _plan(options)
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    cores = Cores.divide()
    settings = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": str(cores),
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "quick": options.quick,
        "peer": options.peer,
        "only": plan.only,
        "question bytes": 0,
    }
    report = Report(machine(), settings)
    if options.peer:
        _say(f"{options.peer} is asked as well; the anchors of the clients are {options.pki}/root-ca.pem")
    with ending_signals_interrupt(), tempfile.TemporaryDirectory(prefix="extauthz-bench-") as directory:
        try:
            material = Material.at(options.pki, unseen=QUICK_UNSEEN if options.quick else NEVER_SEEN)
            starter = Starter.in_directory(Path(directory), material, cores, (options.peer, options.peer_pid))
            settings["question bytes"] = len(material.known)
            os.sched_setaffinity(0, {cores.load})
            run(plan, starter, material, report, groups(peer=bool(options.peer), quick=options.quick))
        except KeyboardInterrupt:
            _say("ended before everything was measured: nothing is written")
            return 130
        except LoadError as error:
            _say(f"the benchmark ends: {error}")
            return 1
    settings["took seconds"] = round(time.monotonic() - begun)
    _publish(report, out, quick=options.quick)
    return 0


def _plan(options: argparse.Namespace) -> Plan:
    usual = (QUICK_ROUNDS, QUICK_SECONDS) if options.quick else (ROUNDS, SECONDS)
    rounds, seconds = options.rounds or usual[0], options.seconds or usual[1]
    if options.quick:
        return Plan(rounds, seconds, QUICK_SECONDS, QUICK_RATES, options.only)
    return Plan(rounds, seconds, CURVE_SECONDS, CURVE_RATES, options.only)


def _publish(report: Report, out: Path, *, quick: bool) -> None:
    figures = report.plain()
    report.write(out / "figures.json")
    pictures: list[Path] = []
    if figures["curve"]:
        from plot import draw_latency  # noqa: PLC0415  (a part of the table needs no matplotlib)

        pictures = draw_latency(figures, out)
    said = "\n".join(f"- {one}" for one in comparisons(figures))
    parts = (headline(figures), table(figures), said, not_run(figures))
    text = "\n\n".join(part for part in parts if part)
    if quick:
        text += "\n\nA quick run: it shows that everything works, and says nothing about speed."
    (out / "table.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    _say(f"written: {', '.join(str(one) for one in (out / 'table.md', out / 'figures.json', *pictures))}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round of the most important rows: a smoke test")
    parser.add_argument("--rounds", type=int, help=f"rounds of each figure ({ROUNDS})")
    parser.add_argument("--seconds", type=float, help=f"seconds of a round ({SECONDS})")
    parser.add_argument("--only", default="", metavar="TEXT", help="only rows and sides with this text")
    parser.add_argument("--peer", metavar="HOST:PORT", help="another authorizer to ask as well")
    parser.add_argument("--peer-pid", type=int, help="its process, for the columns of CPU and memory")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="where the results go (build/bench)")
    parser.add_argument(
        "--pki", type=Path, default=Path("build/bench-pki"), help="the PKI that is used, made if needed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
