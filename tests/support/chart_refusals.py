"""What does not go together in the chart's values: each sentence, the values that bring it up, what else is said."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from support.chart_refusals_around import OF_WHAT_IS_AROUND
from support.chart_refusals_config import OF_CONFIG
from support.chart_refusals_listeners import OF_LISTENERS
from support.chart_refusals_pods import OF_PODS
from support.chart_refusals_state import OF_STATE

REFUSED: Final[Mapping[str, tuple[Mapping[str, Any], Sequence[str]]]] = {
    **OF_CONFIG,
    **OF_LISTENERS,
    **OF_PODS,
    **OF_STATE,
    **OF_WHAT_IS_AROUND,
}
