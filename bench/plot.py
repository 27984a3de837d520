"""The picture of a run: latency against the load that is offered, one line a side, p50 and p99."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from measure import KEEPS_UP

mpl.use("agg")  # no window: this runs on machines without a display
from matplotlib import pyplot as plt
from matplotlib.ticker import EngFormatter, NullLocator, StrMethodFormatter

INCHES: Final = (9.0, 5.5)
DOTS: Final = 130
_LINES: Final = {"p50": ":", "p99": "-"}


def draw_latency(figures: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw ``latency.svg`` and ``latency.png``; a side's line ends where it no longer keeps up with what is offered."""
    sides: dict[str, list[tuple[float, Mapping[str, float]]]] = defaultdict(list)
    for point in figures["curve"]:
        if point["median"]["checks_per_second"] >= KEEPS_UP * point["offered"]:
            sides[point["side"]].append((point["offered"], point["median"]))
    mpl.rcParams["svg.hashsalt"] = "extauthz"  # the same figures give the same file
    figure, axes = plt.subplots(figsize=INCHES, layout="constrained")
    for number, (side, points) in enumerate(sides.items()):
        offered = [rate for rate, _ in points]
        for name, style in _LINES.items():
            latency = [median[name] / 1e3 for _, median in points]
            axes.plot(offered, latency, style, color=f"C{number}", marker=".", label=f"{side}, {name}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(sorted({rate for points in sides.values() for rate, _ in points}))
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.tick_params(axis="x", labelsize="small")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.set_xlabel("checks offered a second (at random moments)")
    axes.set_ylabel("latency from the moment a check was due, ms")
    axes.grid(visible=True, which="both", alpha=0.25)
    figure.legend(fontsize="small", loc="outside right upper")
    axes.set_title("A known certificate, ten rules, 2 connections", fontsize="medium")
    return _save(figure, folder, "latency")


def draw_memory(samples: list[tuple[float, float, float]], folder: Path) -> list[Path]:
    """Draw ``soak.svg`` and ``soak.png`` from (seconds, checks so far, resident MiB)."""
    mpl.rcParams["svg.hashsalt"] = "extauthz"
    figure, axes = plt.subplots(figsize=INCHES, layout="constrained")
    axes.plot([checks / 1e6 for _, checks, _ in samples], [resident for _, _, resident in samples])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("checks answered, millions")
    axes.set_ylabel("resident, MiB")
    axes.grid(visible=True, alpha=0.25)
    return _save(figure, folder, "soak")


def _save(figure: Any, folder: Path, name: str) -> list[Path]:  # noqa: ANN401  (matplotlib's own type differs by version)
    written = [folder / f"{name}.{kind}" for kind in ("svg", "png")]
    for path in written:
        figure.savefig(path, dpi=DOTS, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)
    return written
