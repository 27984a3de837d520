"""Option values of ``extauthz explain`` that need reading: pairs and times."""

from collections.abc import Sequence
from datetime import datetime

import click

Pairs = Sequence[tuple[str, str]]
_EXAMPLE_TIME = "2026-11-23T14:00:00Z"


def read_headers(_context: click.Context, _option: click.Parameter, values: Sequence[str]) -> Pairs:
    """Read ``NAME:VALUE``, white space around both left out."""
    return [_pair(value, ":", "NAME:VALUE") for value in values]


def read_context(_context: click.Context, _option: click.Parameter, values: Sequence[str]) -> Pairs:
    """Read ``KEY=VALUE``, white space around both left out."""
    return [_pair(value, "=", "KEY=VALUE") for value in values]


def read_time(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """Read a time in RFC 3339: date, time and offset."""
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a time such as {_EXAMPLE_TIME}") from None
    if instant.tzinfo is None:
        raise click.BadParameter(f"{value!r} has no offset: write it as {_EXAMPLE_TIME}")
    return instant


def _pair(value: str, separator: str, form: str) -> tuple[str, str]:
    left, found, right = value.partition(separator)
    if not found or not left.strip():
        raise click.BadParameter(f"{value!r} is not of the form {form}")
    return left.strip(), right.strip()
