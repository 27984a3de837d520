"""Write examples/prometheus/rules.yaml from the chart's list of alerts; with ``--check``, say whether it is up to date.

The list itself, ``charts/extauthz/files/alerts.yaml``, is read here for the tests as well.
"""

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parent.parent
ALERTS: Final = ROOT / "charts" / "extauthz" / "files" / "alerts.yaml"
RULES: Final = ROOT / "examples" / "prometheus" / "rules.yaml"
RUNBOOK: Final = "docs/runbook.md"
GROUP_NAMES: Final = {"extauthz": "extauthz", "envoy": "extauthz-envoy"}
"""The group in the list -> that of the rules."""
SEVERITIES: Final = ("critical", "warning", "info")
_HEAD: Final = (
    "# Made from charts/extauthz/files/alerts.yaml by `make docs`. Put the job's own name in ExtauthzAbsent.\n"
    "# The group extauthz-envoy is for those who scrape Envoy as well; without its metrics it does nothing.\n"
)
_WIDTH: Final = 1 << 12
"""One line for each text: the writer leaves blanks at the ends of those that it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One entry of the list. ``duration`` is its ``for``."""

    group: str
    alert: str
    expr: str
    duration: str
    severity: str
    summary: str
    description: str
    runbook: str


def read_alerts(path: Path = ALERTS) -> Sequence[Alert]:
    """Read the list. TypeError for a key that is missing or not known."""
    entries: list[dict[str, str]] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return [Alert(duration=entry.pop("for"), **entry) for entry in entries]


def rule(alert: Alert) -> Mapping[str, object]:
    """Return the alerting rule as Prometheus wants it."""
    return {
        "alert": alert.alert,
        "expr": alert.expr,
        "for": alert.duration,
        "labels": {"severity": alert.severity},
        "annotations": {
            "summary": alert.summary,
            "description": alert.description,
            "runbook": f"{RUNBOOK}#{alert.runbook}",
        },
    }


def rules(alerts: Sequence[Alert]) -> Mapping[str, Any]:
    """Return the document of a rules file."""
    groups = [
        {"name": name, "rules": [rule(one) for one in alerts if one.group == group]}
        for group, name in GROUP_NAMES.items()
    ]
    return {"groups": groups}


def rules_text(alerts: Sequence[Alert]) -> str:
    """Return the whole file."""
    writer = YAML()
    writer.default_flow_style = False
    writer.width = _WIDTH
    text = io.StringIO()
    writer.dump(rules(alerts), text)
    return _HEAD + text.getvalue()


def run(arguments: Sequence[str]) -> int:
    """Write the file, or compare it."""
    text = rules_text(read_alerts())
    if list(arguments) != ["--check"]:
        RULES.write_text(text, encoding="utf-8")
        return 0
    if RULES.exists() and RULES.read_text(encoding="utf-8") == text:
        return 0
    print(f"{RULES.relative_to(ROOT)} is out of date: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
