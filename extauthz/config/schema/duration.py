"""Durations: whole numbers with their units, such as ``90s``, ``2h30m`` or ``500ms``. A bare number is refused."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

DURATION_PATTERN = r"(?=[0-9])([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?"
_DURATION = re.compile(DURATION_PATTERN)
_UNITS = ("days", "hours", "minutes", "seconds", "milliseconds")
_SUFFIXES = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
    ("ms", timedelta(milliseconds=1)),
)


def parse_duration(value: object) -> timedelta:
    """Parse a duration. Raises ValueError, also for numbers: whether 30 means seconds is not for a reader to guess."""
    if not isinstance(value, str):
        raise ValueError('must be a duration with its unit, such as "90s", "2h30m" or "500ms"')  # noqa: TRY004  (pydantic takes ValueError only)
    match = _DURATION.fullmatch(value)
    if match is None:
        raise ValueError(
            f"{value!r} is not a duration; write whole numbers with the units d, h, m, s, ms in this order, "
            'such as "90s"'
        )
    parts = {unit: int(text.rstrip("dhms")) for unit, text in zip(_UNITS, match.groups(), strict=True) if text}
    return timedelta(**parts)


def format_duration(duration: timedelta) -> str:
    """Write a duration in the form that ``parse_duration`` reads; nothing at all is ``0s``."""
    text = ""
    for suffix, unit in _SUFFIXES:
        count, duration = divmod(duration, unit)
        if count:
            text += f"{count}{suffix}"
    return text or "0s"


Duration = Annotated[
    timedelta,
    PlainValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{DURATION_PATTERN}$", "examples": ["90s", "2h30m", "500ms"]}),
]


@dataclass(frozen=True, slots=True)
class between:  # noqa: N801  (it is written like a function, beside pydantic's constraints)
    """Bound a duration, both ends included.

    The JSON Schema has no keyword for that: there the bounds are ``x-shortest`` and ``x-longest``.
    """

    shortest: str
    longest: str

    def _check(self, duration: timedelta) -> timedelta:
        if not parse_duration(self.shortest) <= duration <= parse_duration(self.longest):
            raise ValueError(
                f"{format_duration(duration)} is out of range; it must be from {self.shortest} to {self.longest}"
            )
        return duration

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), "x-shortest": self.shortest, "x-longest": self.longest}


def whole_seconds(duration: timedelta) -> timedelta:
    """Refuse fractions of a second, which X.509 times and session headers cannot express."""
    if duration.microseconds:
        raise ValueError(f"{format_duration(duration)} has a fraction of a second; write whole seconds")
    return duration
