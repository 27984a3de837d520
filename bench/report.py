"""The figures of a whole run: medians of the rounds, as JSON and as a table."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from matrix import MANY, QUIET, Reload

COLUMNS: Final[Mapping[str, str]] = {
    "checks_per_second": "checks/s",
    "cpu": "CPU µs a check",
    "p50": "p50 µs",
    "p99": "p99 µs",
    "p999": "p99.9 µs",
    "resident": "resident MiB",
}
NOT_MEASURED: Final = "-"
_DECIMALS: Final = {"cpu": 1}

Round = Mapping[str, float | int | None]


@dataclass(slots=True)
class Report:
    """What was measured so far."""

    machine: Mapping[str, str]
    settings: Mapping[str, object]
    cells: dict[tuple[str, str], list[Round]] = field(default_factory=dict)
    """(row, side) -> rounds."""
    curve: dict[tuple[str, float], list[Round]] = field(default_factory=dict)
    """(side, offered requests a second) -> rounds."""

    refused: dict[str, Mapping[str, object]] = field(default_factory=dict)
    """Side -> the offered rate at which it began to refuse requests, and how."""

    def plain(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "machine": self.machine,
            "settings": self.settings,
            "cells": [
                {"row": row, "side": side, "median": median(rounds), "rounds": rounds}
                for (row, side), rounds in self.cells.items()
            ],
            "curve": [
                {"side": side, "offered": rate, "median": median(rounds), "rounds": rounds}
                for (side, rate), rounds in self.curve.items()
            ],
            "refused": self.refused,
        }

    def write(self, path: Path) -> None:
        """Write the JSON."""
        path.write_text(json.dumps(self.plain(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def median(rounds: Iterable[Round]) -> dict[str, float | None]:
    """Return the median of each figure, None where a round has none."""
    listed = list(rounds)
    found: dict[str, float | None] = {}
    for name in listed[0]:
        values = [one[name] for one in listed]
        known = [value for value in values if value is not None]
        found[name] = statistics.median(known) if len(known) == len(values) else None
    return found


def table(figures: Mapping[str, Any]) -> str:
    """Return the table of a run as Markdown. ``figures`` is what ``Report.plain`` gave."""
    lines = [
        f"| what is asked | side | {' | '.join(COLUMNS.values())} |",
        f"|---|---|{'---:|' * len(COLUMNS)}",
    ]
    for cell in figures["cells"]:
        middle = cell["median"]
        shown = [_shown(name, middle.get(name)) for name in COLUMNS]
        if middle.get("envoy_cpu") is not None and cell["side"] != "Envoy without the filter":
            shown[1] += f" + {middle['envoy_cpu']:.1f} {'NGINX' if 'NGINX' in cell['side'] else 'Envoy'}"
        lines.append(f"| {cell['row']} | {cell['side']} | {' | '.join(shown)} |")
    return "\n".join(lines)


def not_run(figures: Mapping[str, Any]) -> str:
    """Say which rows were left out on which sides."""
    rows = list(dict.fromkeys(cell["row"] for cell in figures["cells"]))
    measured: dict[str, list[str]] = {}
    for cell in figures["cells"]:
        measured.setdefault(cell["side"], []).append(cell["row"])
    left_out = [
        f"{side}: all but {' / '.join(done)}"
        if len(done) <= len(rows) / 2
        else f"{side}: {' / '.join(row for row in rows if row not in done)}"
        for side, done in measured.items()
        if len(done) < len(rows)
    ]
    return f"Not run: {'; '.join(left_out)}." if left_out else ""


def comparisons(figures: Mapping[str, Any]) -> Sequence[str]:
    """Say how the sides compare, one sentence each, as far as they were measured."""
    rates = {(cell["row"], cell["side"]): cell["median"]["checks_per_second"] for cell in figures["cells"]}
    tails = {(cell["row"], cell["side"]): cell["median"].get("p99") for cell in figures["cells"]}
    known = "known certificate"
    pairs = (
        ("native", "grpcio", "{:.1f} times the checks of grpcio"),
        ("native", "bare native stub", "{:.0%} of the bare native stub"),
        ("native behind Envoy", "bare native stub behind Envoy", "through Envoy {:.0%} of the bare native stub there"),
        ("native behind Envoy", "grpcio behind Envoy", "through Envoy {:.1f} times the checks of grpcio"),
    )
    said = [
        "native: " + text.format(rates[known, one] / rates[known, other])
        for one, other, text in pairs
        if (known, one) in rates and (known, other) in rates
    ]
    for side in ("native", "grpcio"):
        for quiet in (known, QUIET.title, MANY.title):
            for reload in Reload:
                busy = reload.value if quiet == known else f"{quiet}, {reload}"
                if tails.get((quiet, side)) and tails.get((busy, side)):
                    ratio = tails[busy, side] / tails[quiet, side]
                    said.append(f"{side}: p99 with {reload} is {ratio:.1f} times that without ({quiet})")
    return said


def headline(figures: Mapping[str, Any]) -> str:
    """Say what the figures are of."""
    about, settings = figures["machine"], figures["settings"]
    return (
        f"{about['cpu']}, {about['cores']} cores, {about['system']}, Python {about['python']}, "
        f"extauthz {about['extauthz']}, {settings['date']}; {settings['cores']}. "
        f"A question has {settings.get('question bytes', 0):,} octets. "
        f"Medians of {settings['rounds']} rounds of {settings['seconds']} s."
    )


def _shown(name: str, value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:,.{_DECIMALS.get(name, 0)}f}"
