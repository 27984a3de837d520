"""The YAML in the README of the chart, block by block."""

import re
from collections.abc import Sequence

from support.helm import CHART


def yaml_blocks() -> Sequence[str]:
    """Return every fenced block of YAML that is no file of values."""
    text = (CHART / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"<!-- file: .*?<!-- file: end -->", "", text, flags=re.DOTALL)
    return re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
