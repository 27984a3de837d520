"""Times as the commands show them."""

from datetime import datetime, timedelta


def instant(value: datetime) -> str:
    """Write an aware UTC time in RFC 3339, whole seconds."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(span: timedelta) -> str:
    """Write a span, its sign left out, as people say it: ``3 days``, ``5 hours``, ``1 minute``."""
    seconds = int(abs(span).total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = seconds // length
        if count:
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"
