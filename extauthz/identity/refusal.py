"""How this layer refuses a certificate: always the same exception, always with the stage in front."""

from typing import Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

_LONGEST_QUOTE: Final = 300
"""A library's message is cut here: it goes into one log line and may hold parts of the input."""


def malformed(stage: str, why: str) -> DecodeError:
    """Return (not raise) the refusal ``certificate_malformed`` with the detail ``<stage>: <why>``."""
    return DecodeError(Reason.CERTIFICATE_MALFORMED, f"{stage}: {why}")


def too_large(stage: str, why: str) -> DecodeError:
    """Return (not raise) the refusal ``certificate_too_large`` with the detail ``<stage>: <why>``."""
    return DecodeError(Reason.CERTIFICATE_TOO_LARGE, f"{stage}: {why}")


def conflict(stage: str, why: str) -> DecodeError:
    """Return (not raise) the refusal ``identity_conflict`` with the detail ``<stage>: <why>``."""
    return DecodeError(Reason.IDENTITY_CONFLICT, f"{stage}: {why}")


def describe(error: BaseException) -> str:
    """Say what a library raised: its type and its message as printable ASCII, cut to a line's length."""
    text = ascii(str(error))[1:-1]
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE] + "…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
