"""What ``/readyz`` says beside its status: all of it to whoever names the service as its own, the outline to the rest.

Probes and load balancers name it as they like, so any name is answered. But a page that has its own name resolve to
this address may read the answer too (DNS rebinding): it is told neither what the configuration says nor who issues.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from extauthz.service.reload import ReloadReport

_OUTLINE: Final = ("source", "required", "last_attempt", "last_success", "crls_in_use")
"""Of a CRL problem. The sentence may have an issuer's name, and ``where`` is a path of this machine."""


def report_fields(report: ReloadReport) -> dict[str, object]:
    """Return a reload's outcome as JSON has it, with every sentence."""
    return {
        "result": report.result.value,
        "trigger": report.trigger.value,
        "at": report.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "problems": report.problems,
        "warnings": report.warnings,
    }


def placed_fields(report: ReloadReport) -> dict[str, object]:
    """Return the same with the places of the problems alone: `/status` and the log have the sentences."""
    return {**report_fields(report), "problems": report.places}


def outlined_fields(report: ReloadReport) -> dict[str, object]:
    """Return the same with how many problems and warnings there are, as a key may be a name as well."""
    return {**report_fields(report), "problems": len(report.problems), "warnings": len(report.warnings)}


def outlined_problems(problems: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return which CRL sources have a problem, by the label that the metrics have, and since when."""
    return [{key: one[key] for key in _OUTLINE if key in one} for one in problems]
