"""What the dashboard shows: rows of panels with their queries, as plain values.

``dashboard.py`` makes Grafana's JSON of them, ``dashboard_picture.py`` draws them, and a test asks each query of a real
Prometheus.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

SELECTOR: Final = 'namespace=~"$namespace", job=~"$job", pod=~"$pod"'
"""Series of the service that the variables choose. Where there is no label `namespace` or `pod`, "All" matches too."""
ENVOY_CLUSTER: Final = 'envoy_cluster_name=~"$envoy_cluster"'
_BY_POLICY: Final = SELECTOR + ', policy=~"$policy"'


class Kind(Enum):
    """How a panel looks."""

    STAT = auto()
    """One number."""
    LINES = auto()
    STACK = auto()
    """Areas on top of each other."""
    HEATMAP = auto()
    """Of the buckets of a histogram."""
    TABLE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query. Lines: ``legend`` may name labels as ``{{label}}``. Tables: it is the head of the column."""

    expr: str
    legend: str = ""
    unit: str = ""
    """Of a table's column, in Grafana's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel; ``width`` of the 24 that a row has."""

    title: str
    description: str
    kind: Kind
    queries: tuple[Query, ...]
    unit: str = "short"
    width: int = 8
    keys: tuple[str, ...] = ()
    """Of a table: the labels that become columns, and by which the rows of several queries are put together."""
    bad_above: float | None = None
    """Of a number: it is shown in red from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


def checks(more: str = "") -> str:
    """Return the rate of checks, with further matchers."""
    return f"rate(extauthz_checks_total{{{_BY_POLICY}{more}}}[$__rate_interval])"


def rate(metric: str, more: str = "") -> str:
    """Return the rate of one of the service's counters."""
    return f"rate({metric}{{{SELECTOR}{more}}}[$__rate_interval])"


def of(metric: str, more: str = "") -> str:
    """Return one of the service's gauges."""
    return f"{metric}{{{SELECTOR}{more}}}"


def lines(title: str, description: str, unit: str, *queries: tuple[str, str], kind: Kind = Kind.LINES) -> Panel:
    """Return a panel over time of (expression, legend)."""
    made = tuple(Query(expr=expr, legend=legend) for expr, legend in queries)
    return Panel(title=title, description=description, kind=kind, unit=unit, queries=made)


def number(title: str, description: str, unit: str, expr: str, bad_above: float | None = None) -> Panel:
    """Return a panel with one number."""
    return Panel(
        title=title,
        description=description,
        kind=Kind.STAT,
        unit=unit,
        queries=(Query(expr=expr),),
        width=6,
        bad_above=bad_above,
    )
