"""Denials as bytes, on their way from one process to another."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.observe.recent_denials import FINGERPRINT_DIGITS, KEPT_DENIALS, SUBJECT_CHARACTERS, Denial

MAX_TEXT_CHARACTERS = 1_024
"""Of an id, a policy's name, an API: all of them are ours or the operator's, and short."""
_FINGERPRINT = re.compile(f"[0-9a-f]{{{FINGERPRINT_DIGITS}}}")


def denials_to_bytes(denials: Iterable[Denial]) -> bytes:
    """Write denials as JSON."""
    rows = [{**one._asdict(), "at": one.at.timestamp()} for one in denials]
    return json.dumps(rows, separators=(",", ":")).encode()


def denials_from_bytes(data: bytes) -> tuple[Denial, ...]:
    """Read them again. ValueError for anything else, and for more than is ever kept."""
    try:
        rows = json.loads(data)
        if not isinstance(rows, list) or len(rows) > KEPT_DENIALS:
            raise ValueError("these are no denials, or too many")
        return tuple(_denial(row) for row in rows)
    except (OverflowError, OSError, RecursionError) as error:
        raise ValueError(f"these are no denials: {error}") from None


def _denial(row: object) -> Denial:
    if not isinstance(row, dict) or row.keys() != set(Denial._fields):
        raise ValueError("this is no denial")
    at, fingerprint8, subject = row["at"], row["fingerprint8"], row["subject"]
    if isinstance(at, bool) or not isinstance(at, int | float):
        raise ValueError("this is no time")  # noqa: TRY004  (the one error that is promised)
    reason = Reason(_text(row["reason"]))
    if reason in ALLOW_REASONS:
        raise ValueError("an allow is no denial")
    if fingerprint8 is not None and not _FINGERPRINT.fullmatch(_text(fingerprint8)):
        raise ValueError("this is no fingerprint")
    return Denial(
        datetime.fromtimestamp(at, UTC),
        _text(row["decision_id"]),
        reason,
        _text(row["policy"]),
        _text(row["api"]),
        fingerprint8,
        None if subject is None else _text(subject, SUBJECT_CHARACTERS),
    )


def _text(value: object, most: int = MAX_TEXT_CHARACTERS) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError("this is no text, or too long")
    return value
