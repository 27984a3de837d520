"""The tool that comes with Prometheus, as a function."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from debian_tool import find_tool
from prometheus_rules import Alert, rules

PACKAGE: Final = "prometheus"
SECONDS: Final = 60.0


def promtool(*arguments: str, stdin: str = "") -> str:
    """Run it and return what it says. AssertionError with that when it is not content."""
    command = [str(find_tool("promtool", PACKAGE)), *arguments]
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def run_alert_tests(tests: Sequence[Mapping[str, Any]], alert: Alert, folder: Path) -> str:
    """Run unit tests of one alert. The others are left out, as promtool would evaluate them each minute too."""
    (folder / "rules.yaml").write_text(json.dumps(rules([alert])))
    file = folder / "test.yaml"
    file.write_text(json.dumps({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}))
    return promtool("test", "rules", str(file))
