"""What can be called, and the accounts that are kept of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Caller = Any
"""What a connection's owner wants to be told with each call of it: who calls. The transport only passes it on."""
Unary = Callable[[bytes, Caller], bytes]
"""One message in, one out. It may raise CallError, which becomes the status; anything else becomes INTERNAL."""


class Account(Protocol):
    """Counts the calls of one method."""

    def started(self) -> None:
        """Count a call that begins."""

    def handled(self, status: int, seconds: float) -> None:
        """Count a call that ended with this status code, and how long it took."""

    def answered(self, seconds: float) -> None:
        """Count a call that began and ended with OK: both of the others at once."""


class Outgoing(Protocol):
    """Where a streaming method sends its answers."""

    def send(self, message: bytes) -> None:
        """Send one message. Nothing happens when the call has ended in the meantime."""

    def finish(self) -> None:
        """End the call with OK."""


class Streaming(Protocol):
    """One call of a streaming method, from its first message to its end."""

    def message(self, raw: bytes) -> None:
        """Take one message of the client. It may raise CallError."""

    def no_more(self) -> None:
        """Hear that the client has sent its last message."""

    def ended(self) -> None:
        """Hear that the call is over, however it ended: nothing can be sent any more."""


@dataclass(frozen=True, slots=True, eq=False)
class UnaryMethod:
    """A method of one message each way, answered at once."""

    answer: Unary
    account: Account
    overloaded: Unary | None = None
    """Answers, in the place of ``answer``, a request that could not be kept or decompressed, with an empty message.
    None: such a call ends with RESOURCE_EXHAUSTED."""


@dataclass(frozen=True, slots=True, eq=False)
class StreamingMethod:
    """A method whose answers come when they come."""

    open: Callable[[Outgoing], Streaming]
    account: Account
    several: bool
    """Whether a client may send more than one message."""


Method = UnaryMethod | StreamingMethod
Methods = Mapping[bytes, Method]
"""By path: ``/package.Service/Method``."""
