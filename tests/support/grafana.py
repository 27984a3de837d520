"""What Grafana does with a query before it asks Prometheus."""

import re
from typing import Final

from dashboard import ENVOY_CLUSTER, EVERYTHING, VARIABLES

RATE_INTERVAL: Final = "10s"
"""Grafana takes four scrapes at least; this is more, as Envoy brings its histograms up to date every five seconds."""
_VARIABLE: Final = re.compile(r"\$(\w+)")
_VALUES: Final = {
    **dict.fromkeys(VARIABLES, EVERYTHING),
    "envoy_cluster": ENVOY_CLUSTER,
    "__rate_interval": RATE_INTERVAL,
}


def filled(expression: str) -> str:
    """Return the expression with everything chosen. KeyError for a variable that the dashboard does not have."""
    return _VARIABLE.sub(lambda found: _VALUES[found[1]], expression)
