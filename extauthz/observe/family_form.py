"""Metric families as bytes, on their way from one process to another."""

import json
from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.samples import Sample


def families_to_bytes(families: Iterable[Metric]) -> bytes:
    """Write families as JSON. Exemplars and times of samples are left out: no metric here has any."""
    return json.dumps(
        [
            [one.name, one.documentation, one.type, one.unit, [[s.name, s.labels, s.value] for s in one.samples]]
            for one in families
        ],
        separators=(",", ":"),
    ).encode()


def families_from_bytes(data: bytes) -> tuple[Metric, ...]:
    """Read them again. ValueError for anything else."""
    try:
        return tuple(_family(*one) for one in json.loads(data))
    except (TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"these are no metric families: {error}") from None


def _family(name: str, documentation: str, kind: str, unit: str, samples: list[list[object]]) -> Metric:
    family = Metric(name, documentation, kind, unit)
    family.samples = [_sample(*one) for one in samples]
    return family


def _sample(name: object, labels: object, value: object) -> Sample:
    if not isinstance(name, str) or not isinstance(labels, dict) or not isinstance(value, int | float):
        raise ValueError(f"this is no sample: {name!r}, {labels!r}, {value!r}")  # noqa: TRY004  (the one error that is promised)
    return Sample(name, {str(key): str(text) for key, text in labels.items()}, float(value))
