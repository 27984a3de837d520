"""All of the cases."""

from collections.abc import Mapping
from typing import Final

from support.alerts import answers, configuration, envoy, presence, transport, trust
from support.alerts.case import Case

CASES: Final[Mapping[str, Case]] = {
    case.alert: case for part in (presence, answers, trust, configuration, transport, envoy) for case in part.CASES
}
