"""Write charts/extauthz/files/dashboard.json from the rows, or with ``--check`` say whether it is up to date.

The Grafana Foundation SDK knows Grafana's own schema, so that a field of a wrong name or type is found here and not by
whoever imports the dashboard.
"""

import json
import string
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from dashboard_panels import SELECTOR, Kind, Panel, Query
from dashboard_rows import ROWS
from grafana_foundation_sdk.builders import common as common_builder
from grafana_foundation_sdk.builders import dashboard, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

ROOT: Final = Path(__file__).parent.parent
FILE: Final = ROOT / "charts" / "extauthz" / "files" / "dashboard.json"
UID: Final = "extauthz"
"""Fixed, so that links to it go on working and an import replaces the one before."""
DATASOURCE: Final = "DS_PROMETHEUS"
EVERYTHING: Final = ".*"
"""What "All" means: it matches where there is no such label, too."""
VARIABLES: Final[Mapping[str, str]] = {
    "namespace": "label_values(extauthz_build_info, namespace)",
    "job": 'label_values(extauthz_build_info{namespace=~"$namespace"}, job)',
    "pod": 'label_values(extauthz_build_info{namespace=~"$namespace", job=~"$job"}, pod)',
    "policy": f"label_values(extauthz_checks_total{{{SELECTOR}}}, policy)",
}
ENVOY_CLUSTER: Final = ".*extauthz.*"
"""What the clusters are called, in Envoy's configuration, that lead here."""
_HEIGHT: Final = 8
_STAT_HEIGHT: Final = 4
_FILL: Final = {Kind.LINES: 10.0, Kind.STACK: 40.0}
_SOURCE: Final = model.DataSourceRef(type_val="prometheus", uid=f"${{{DATASOURCE}}}")


def document() -> str:
    """Return the whole file."""
    board = (
        dashboard.Dashboard("extauthz")
        .uid(UID)
        .description(
            "Decisions by client certificate: what is decided, how fast, on what grounds. See docs/runbook.md."
        )
        .tags(["extauthz", "authorization"])
        .time("now-1h", "now")
        .refresh("30s")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable(DATASOURCE).label("Data source").type("prometheus"))
    )
    for name, query in VARIABLES.items():
        board.with_variable(_variable(name, query))
    board.with_variable(
        dashboard.TextBoxVariable("envoy_cluster").label("Envoy's cluster").default_value(ENVOY_CLUSTER)
    )
    number = 0
    for row in ROWS:
        number += 1
        board.with_row(dashboard.Row(row.title).id(number))
        for panel in row.panels:
            number += 1
            board.with_panel(_BUILDERS[panel.kind](panel, number))
    return json.dumps(board.build(), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def _variable(name: str, query: str) -> dashboard.QueryVariable:
    everything = model.VariableOption(selected=True, text=["All"], value=["$__all"])
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .datasource(_SOURCE)
        .query(query)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(EVERYTHING)
        .current(everything)
    )


def _query(query: Query, ref_id: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(ref_id).datasource(_SOURCE)


def _queries(panel: Panel) -> list[prometheus.Dataquery]:
    return [_query(query, ref_id) for query, ref_id in zip(panel.queries, string.ascii_uppercase, strict=False)]


def _stat(panel: Panel, number: int) -> stat.Panel:
    steps = [model.Threshold(color="text")]
    if panel.bad_above is not None:
        steps = [model.Threshold(color="green"), model.Threshold(value=panel.bad_above, color="red")]
    made = (
        stat.Panel()
        .id(number)
        .title(panel.title)
        .description(panel.description)
        .datasource(_SOURCE)
        .unit(panel.unit)
        .span(panel.width)
        .height(_STAT_HEIGHT)
        .thresholds(dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps))
        .reduce_options(common_builder.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    for query in _queries(panel):
        made.with_target(query)
    return made


def _over_time(panel: Panel, number: int) -> timeseries.Panel:
    made = (
        timeseries.Panel()
        .id(number)
        .title(panel.title)
        .description(panel.description)
        .datasource(_SOURCE)
        .unit(panel.unit)
        .span(panel.width)
        .height(_HEIGHT)
        .axis_soft_min(0)
        .fill_opacity(_FILL[panel.kind])
        .show_points(common.VisibilityMode.NEVER)
        .tooltip(
            common_builder.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
        )
    )
    if panel.kind is Kind.STACK:
        made.stacking(common_builder.StackingConfig().mode(common.StackingMode.NORMAL))
    for query in _queries(panel):
        made.with_target(query)
    return made


def _heatmap(panel: Panel, number: int) -> heatmap.Panel:
    made = (
        heatmap.Panel()
        .id(number)
        .title(panel.title)
        .description(panel.description)
        .datasource(_SOURCE)
        .span(panel.width)
        .height(_HEIGHT)
        .calculate(calculate=False)
        .y_axis(heatmap.YAxisConfig().unit(panel.unit))
        .rows_frame(heatmap.RowsHeatmapOptions().layout(common.HeatmapCellLayout.AUTO))
    )
    for query in _queries(panel):
        made.with_target(query.format(PromQueryFormat.HEATMAP))
    return made


def _table(panel: Panel, number: int) -> table.Panel:
    made = (
        table.Panel()
        .id(number)
        .title(panel.title)
        .description(panel.description)
        .datasource(_SOURCE)
        .span(panel.width)
        .height(_HEIGHT)
        .with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    )
    # A lone query's column is called "Value", those of several "Value #A", "Value #B", …
    alone = len(panel.queries) == 1
    names = {f"Value #{letter}": query for query, letter in zip(panel.queries, string.ascii_uppercase, strict=False)}
    if alone:
        names = {"Value": panel.queries[0]}
    order = {name: place for place, name in enumerate((*panel.keys, *names))}
    renamed = {name: query.legend for name, query in names.items()}
    options = {"excludeByName": {"Time": True}, "indexByName": order, "renameByName": renamed}
    made.with_transformation(model.DataTransformerConfig(id_val="organize", options=options))
    for query in panel.queries:
        made.override_by_name(query.legend, [model.DynamicConfigValue(id_val="unit", value=query.unit)])
    for target in _queries(panel):
        made.with_target(target.format(PromQueryFormat.TABLE).instant())
    return made


_Build = Callable[[Panel, int], stat.Panel | timeseries.Panel | heatmap.Panel | table.Panel]
_BUILDERS: Final[Mapping[Kind, _Build]] = {
    Kind.STAT: _stat,
    Kind.LINES: _over_time,
    Kind.STACK: _over_time,
    Kind.HEATMAP: _heatmap,
    Kind.TABLE: _table,
}


def run(arguments: Sequence[str]) -> int:
    """Write the file, or compare it."""
    text = document()
    if list(arguments) != ["--check"]:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{FILE.relative_to(ROOT)} is out of date: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
