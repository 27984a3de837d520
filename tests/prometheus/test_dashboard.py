"""The dashboard is whole: made of the rows, every name defined, no panel over another."""

import itertools
import json
import re
from typing import Any

import pytest
from dashboard import DATASOURCE, FILE, UID, VARIABLES, document, run
from dashboard_panels import Kind, Query
from dashboard_rows import ROWS

from support.grafana import filled

BOARD = json.loads(FILE.read_text(encoding="utf-8"))
PANELS: list[Any] = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
BUILT_IN = {"__rate_interval"}
QUERIES = [query for row in ROWS for panel in row.panels for query in panel.queries]
LEGEND = re.compile(r"\{\{(\w+)\}\}")


def test_the_file_is_made_of_the_rows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["--check"]) == 0
    monkeypatch.setattr("dashboard.document", lambda: document().replace("Decisions", "Other"))
    assert run(["--check"]) == 1
    assert "charts/extauthz/files/dashboard.json is out of date" in capsys.readouterr().err


def test_it_can_be_imported_anywhere_and_found_again() -> None:
    assert BOARD["uid"] == UID
    assert "__inputs" not in BOARD
    assert BOARD.get("id") is None
    sources = [panel["datasource"] for panel in PANELS]
    sources += [target["datasource"] for panel in PANELS for target in panel["targets"]]
    assert {(source["type"], source["uid"]) for source in sources} == {("prometheus", f"${{{DATASOURCE}}}")}


def test_each_variable_that_is_used_is_there_and_each_that_is_there_is_used() -> None:
    there = {variable["name"] for variable in BOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(BOARD["panels"]))) - BUILT_IN
    assert used == there == {DATASOURCE, *VARIABLES, "envoy_cluster"}


def test_all_means_series_without_the_label_too() -> None:
    queried = [variable for variable in BOARD["templating"]["list"] if variable["type"] == "query"]
    assert {variable["allValue"] for variable in queried} == {".*"}
    assert all(variable["current"]["value"] == ["$__all"] for variable in queried)


def test_no_panel_lies_over_another() -> None:
    cells = [
        (x, y)
        for panel in BOARD["panels"]
        for at in [panel["gridPos"]]
        for x, y in itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"]))
    ]
    assert len(cells) == len(set(cells))
    assert {x for x, _ in cells} == set(range(24)), "the grid has 24 columns"


def test_numbers_of_panels_are_unique() -> None:
    numbers = [panel["id"] for panel in BOARD["panels"]]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("query", QUERIES, ids=lambda one: one.expr)
def test_a_legend_names_only_labels_that_a_result_has(query: Query) -> None:
    grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", query.expr) for label in labels.split(",")}
    ungrouped = {"instance"} if not grouped else set()
    assert set(LEGEND.findall(query.legend)) <= grouped | ungrouped


def test_the_service_is_chosen_by_the_same_variables_everywhere() -> None:
    for query in QUERIES:
        expression = re.sub(r"\bby \([^)]*\)", "", query.expr)
        for selected in re.findall(r"\b(?:extauthz|grpc|process)_\w+(\{[^}]*\})?", expression):
            assert selected.startswith('{namespace=~"$namespace", job=~"$job", pod=~"$pod"'), query.expr


def test_each_kind_of_panel_is_drawn_as_such() -> None:
    types = {Kind.STAT: "stat", Kind.LINES: "timeseries", Kind.STACK: "timeseries", Kind.HEATMAP: "heatmap"}
    wanted = [types.get(panel.kind, "table") for row in ROWS for panel in row.panels]
    assert [panel["type"] for panel in PANELS] == wanted
    stacked = [
        panel["fieldConfig"]["defaults"]["custom"].get("stacking") for panel in PANELS if panel["type"] == "timeseries"
    ]
    kinds = [panel.kind for row in ROWS for panel in row.panels if panel.kind in (Kind.LINES, Kind.STACK)]
    assert [bool(one) and one["mode"] == "normal" for one in stacked] == [kind is Kind.STACK for kind in kinds]


def test_a_variable_without_a_value_is_noticed() -> None:
    with pytest.raises(KeyError):
        filled("up{job=~'$nonsense'}")
