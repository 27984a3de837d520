"""The panels of the dashboard as one picture."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from dashboard_panels import Kind, Panel, Query, Row
from dashboard_rows import ROWS

from support.grafana import filled
from support.prometheus import RealPrometheus

mpl.use("agg")  # no window: this runs on machines without a display
from matplotlib import pyplot as plt
from matplotlib.colors import PowerNorm
from matplotlib.ticker import FuncFormatter

COLUMNS: Final = 24
HEIGHTS: Final = {Kind.STAT: 4, Kind.TABLE: 7}
HEIGHT: Final = 9
HEADING: Final = 2
INCHES_WIDE: Final = 16.0
INCHES_A_UNIT: Final = 0.3
DOTS: Final = 72
STEP_SECONDS: Final = 1.0
COLOURS: Final = 64
_INK, _PAPER, _PANEL, _FAINT, _BAD = "#d8dbe0", "#111217", "#181b1f", "#2c3036", "#f2495c"
_LEGEND: Final = re.compile(r"\{\{(\w+)\}\}")
_LABEL_WIDTH: Final = 34
_SIZES: Final = ((86400 * 2, 86400, "d"), (7200, 3600, "h"), (120, 60, "min"), (1, 1, "s"))


def draw(prometheus: RealPrometheus, start: float, end: float, file: Path) -> None:
    """Ask all queries for the time from start to end, and write the picture."""
    mpl.rcParams.update({"text.color": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK})
    places = _places()
    units = places[-1][3] + places[-1][4]
    figure = plt.figure(figsize=(INCHES_WIDE, units * INCHES_A_UNIT), facecolor=_PAPER)
    for thing, x, width, y, height in places:
        if isinstance(thing, Row):
            figure.text(0.008, 1 - (y + HEADING * 0.7) / units, thing.title, fontsize=15, weight="bold")
            continue
        left, right = (x + 0.9) / COLUMNS, (x + width - 0.25) / COLUMNS
        top, bottom = 1 - (y + 1.3) / units, 1 - (y + height - 1.0) / units
        axes = figure.add_axes((left, bottom, right - left, top - bottom), facecolor=_PANEL)
        axes.set_title(thing.title, fontsize=11, loc="left", color=_INK)
        _DRAWN[thing.kind](axes, thing, _Answers(prometheus, start, end))
    figure.savefig(file, dpi=DOTS, facecolor=_PAPER)
    plt.close(figure)
    _fewer_colours(file)


class _Answers:
    """What Prometheus says about the time that is drawn."""

    def __init__(self, prometheus: RealPrometheus, start: float, end: float) -> None:
        self._prometheus = prometheus
        self._start = start
        self._end = end

    def over_time(self, query: Query) -> list[tuple[Mapping[str, str], list[float], list[float]]]:
        """Return labels, seconds since the start and values of each series."""
        asked = filled(query.expr)
        found = self._prometheus.query_range(asked, start=self._start, end=self._end, step=STEP_SECONDS)
        return [
            (one["metric"], [at - self._start for at, _ in one["values"]], [float(value) for _, value in one["values"]])
            for one in found
        ]

    def now(self, query: Query) -> list[tuple[Mapping[str, str], float]]:
        """Return labels and value of each series at the end."""
        return [(one["metric"], float(one["value"][1])) for one in self._prometheus.query(filled(query.expr))]


def _places() -> Sequence[tuple[Row | Panel, int, int, int, int]]:
    """Return each heading and panel with x, width, y and height, in units of the grid."""
    places: list[tuple[Row | Panel, int, int, int, int]] = []
    y = 0
    for row in ROWS:
        places.append((row, 0, COLUMNS, y, HEADING))
        y += HEADING
        x = 0
        for panel in row.panels:
            height = HEIGHTS.get(panel.kind, HEIGHT)
            places.append((panel, x, panel.width, y, height))
            x += panel.width
            if x >= COLUMNS:
                x, y = 0, y + height
        y += 0 if x == 0 else HEIGHT
    return places


def _lines(axes: Any, panel: Panel, answers: _Answers) -> None:  # noqa: ANN401  (matplotlib has no types here)
    drawn = [
        (_name(query, labels), seconds, values)
        for query in panel.queries
        for labels, seconds, values in answers.over_time(query)
    ]
    if panel.kind is Kind.STACK:
        moments = sorted({at for _, seconds, _ in drawn for at in seconds})
        filled_up = [
            [known.get(at, 0.0) for at in moments]
            for known in (dict(zip(seconds, values, strict=True)) for _, seconds, values in drawn)
        ]
        axes.stackplot(moments, filled_up, labels=[name for name, *_ in drawn], alpha=0.75)
    else:
        for name, seconds, values in drawn:
            axes.plot(seconds, values, label=name, linewidth=1.4)
    _frame(axes, panel)
    several = len(drawn) > _MANY
    # Room for the legend above the highest line.
    axes.set_ylim(0, axes.get_ylim()[1] * (_ROOM_FOR_MANY if several else _ROOM))
    axes.margins(x=0)
    axes.legend(fontsize=7.5, loc="upper left", ncols=2, labelcolor=_INK, **_BOX)


_ROW_HEIGHT: Final = 0.17
_MANY: Final = 4
_ROOM, _ROOM_FOR_MANY = 1.35, 1.75
_BOX: Final[Mapping[str, Any]] = {"facecolor": _PANEL, "edgecolor": _FAINT, "framealpha": 0.75}


def _number(axes: Any, panel: Panel, answers: _Answers) -> None:  # noqa: ANN401  (the same)
    ((_, value),) = answers.now(panel.queries[0])
    bad = panel.bad_above is not None and value >= panel.bad_above
    colour = _BAD if bad else _INK
    axes.text(0.5, 0.45, _worded(value, panel.unit), ha="center", va="center", fontsize=26, color=colour)
    _empty(axes)


def _heatmap(axes: Any, panel: Panel, answers: _Answers) -> None:  # noqa: ANN401  (the same)
    series = sorted(
        (
            (float(labels["le"].replace("+Inf", "inf")), values, seconds)
            for labels, seconds, values in answers.over_time(panel.queries[0])
        ),
        key=lambda one: one[0],
    )
    bounds = [bound for bound, *_ in series]
    below = [0.0] * len(series[0][1])
    rows = []
    for _, values, _ in series:
        rows.append([max(0.0, value - under) for value, under in zip(values, below, strict=True)])
        below = values
    axes.pcolormesh(series[0][2], range(len(rows)), rows, cmap="inferno", norm=PowerNorm(0.4), shading="nearest")
    axes.set_yticks(range(len(rows)), [_worded(bound, "s") if math.isfinite(bound) else "more" for bound in bounds])
    axes.tick_params(labelsize=8, length=0)


def _table(axes: Any, panel: Panel, answers: _Answers) -> None:  # noqa: ANN401  (the same)
    cells: dict[tuple[str, ...], dict[str, str]] = {}
    for query in panel.queries:
        for labels, value in answers.now(query):
            key = tuple(labels.get(label, "") for label in panel.keys)
            cells.setdefault(key, {})[query.legend] = _worded(value, query.unit)
    heads = [*panel.keys, *(query.legend for query in panel.queries)]
    rows = [[*key, *(found.get(query.legend, "") for query in panel.queries)] for key, found in sorted(cells.items())]
    rows = [[cell[-_LABEL_WIDTH:] for cell in row] for row in rows]
    longest = [max(len(row[column]) for row in [heads, *rows]) + 2 for column in range(len(heads))]
    widths = [length / sum(longest) for length in longest]
    tall = _ROW_HEIGHT * (len(rows) + 1)
    made = axes.table(
        rows, colLabels=heads, colWidths=widths, cellLoc="left", bbox=(0, 1 - tall, 1, tall), edges="horizontal"
    )
    made.auto_set_font_size(value=False)
    made.set_fontsize(9)
    for cell in made.get_celld().values():
        cell.set_edgecolor(_FAINT)
    _empty(axes)


def _frame(axes: Any, panel: Panel) -> None:  # noqa: ANN401  (the same)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _worded(value, panel.unit)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    axes.tick_params(labelsize=8, length=0)
    axes.grid(visible=True, color=_FAINT)
    for side in axes.spines.values():
        side.set_visible(False)


def _empty(axes: Any) -> None:  # noqa: ANN401  (the same)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _name(query: Query, labels: Mapping[str, str]) -> str:
    return _LEGEND.sub(lambda found: labels.get(found[1], ""), query.legend).strip()[-_LABEL_WIDTH:] or "-"


def _worded(value: float, unit: str) -> str:
    match unit:
        case "s":
            return _duration(value)
        case "ms":
            return _duration(value / 1000)
        case "percentunit":
            return f"{value * 100:.3g} %"
        case "bytes":
            return f"{value / (1 << 20):.0f} MiB"
        case "reqps":
            return f"{value:.3g}/s"
        case _:
            return f"{value:.3g}"


def _duration(seconds: float) -> str:
    for enough, size, name in _SIZES:
        if abs(seconds) >= enough:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds * 1e3:.3g} ms" if abs(seconds) >= 1e-3 else f"{seconds * 1e6:.3g} µs"  # noqa: PLR2004  (a thousandth)


def _fewer_colours(file: Path) -> None:
    """Write the picture with a palette: a quarter of the bytes."""
    from PIL import Image  # noqa: PLC0415  (comes with matplotlib)

    with Image.open(file) as picture:
        reduced = picture.convert("RGB").quantize(COLOURS)
    reduced.save(file, optimize=True)


_Draw = Callable[[Any, Panel, _Answers], None]
_DRAWN: Final[Mapping[Kind, _Draw]] = {
    Kind.STAT: _number,
    Kind.LINES: _lines,
    Kind.STACK: _lines,
    Kind.HEATMAP: _heatmap,
    Kind.TABLE: _table,
}
