"""An instant as every answer writes it."""

from datetime import UTC, datetime
from typing import Final

_TO_THE_SECOND: Final = len("2026-06-01T12:00:00")


def rfc3339(at: datetime) -> str:
    """Return an aware instant in UTC, in whole seconds, rounded down: ``2026-06-01T12:00:00Z`` (RFC 3339 §5.6)."""
    # isoformat() writes four digits for the year on every platform, where strftime("%Y") may not.
    return at.astimezone(UTC).isoformat("T", "seconds")[:_TO_THE_SECOND] + "Z"
