"""What a connection needs of the protocol that is spoken on it: bytes of a client in, bytes for it out."""

from typing import Protocol

from extauthz.transport.cause import Cause


class Conversation(Protocol):
    """One connection's protocol, without its socket. Time is an argument, in seconds of any clock."""

    @property
    def finished(self) -> bool:
        """Nothing more will be read or written: what ``output`` gives next is the end."""
        ...

    @property
    def unsent(self) -> int:
        """Bytes of answers that wait for the client, beside those in the socket."""
        ...

    def receive(self, data: bytes) -> None:
        """Take bytes of the client, and answer what they complete."""
        ...

    def output(self) -> bytes:
        """Return what is to be written now; empty when nothing is."""
        ...

    def tick(self, now: float, *, unwritten: int) -> None:
        """Do what is due. ``unwritten``: bytes that wait in the socket."""
        ...

    def leave(self, now: float, grace: float, cause: Cause = Cause.DRAIN) -> None:
        """Take no new requests; end when those in flight have ended, or ``grace`` seconds from now."""
        ...

    def give_up(self, cause: Cause) -> None:
        """End at once, for the sake of others."""
        ...

    def close(self) -> None:
        """Hear that there is nobody to answer any more."""
        ...
