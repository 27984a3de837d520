"""What every source and every decoder of one promises, whatever it is given."""

from collections.abc import Callable
from typing import Final, TypeVar

from extauthz.model.errors import DecodeError
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.der import require_one_sequence
from extauthz.sources.limits import MAX_CHAIN_CERTIFICATES
from extauthz.sources.select import SourceReader

T = TypeVar("T")
SOURCE_REASONS: Final = {reason for reason in Reason if reason.name.startswith(("SOURCE_", "CERTIFICATE_"))}


def value_or_denial(decode: Callable[[], T]) -> T | DecodeError:
    """Return what a decoder returns, or the one exception that it may raise."""
    try:
        return decode()
    except DecodeError as error:
        return error


def decoded_or_denied(reader: SourceReader, request: AuthRequest) -> Presented | None:
    """Read, and hold the outcome against the contract; None for a denial as for nothing presented."""
    outcome = value_or_denial(lambda: reader.read(request))
    if isinstance(outcome, DecodeError):
        assert outcome.reason in SOURCE_REASONS
        assert outcome.detail.isprintable()
        return None
    assert not isinstance(outcome, ForwardedIdentity)  # nobody asked for one
    if outcome is not None:
        assert len(outcome.chain) < MAX_CHAIN_CERTIFICATES
        for der in (outcome.leaf, *outcome.chain):
            require_one_sequence(der)
    return outcome
