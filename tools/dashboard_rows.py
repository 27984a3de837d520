"""The rows of the dashboard, from top to bottom."""

from typing import Final

from dashboard_state import CONFIGURATION, RUNTIME, TRUST
from dashboard_traffic import DECISIONS, LATENCY, PROXY

ROWS: Final = (DECISIONS, LATENCY, TRUST, CONFIGURATION, RUNTIME, PROXY)
