"""Whether the service wants requests, and why not: one small state machine in which draining is final."""

from collections.abc import Callable
from enum import StrEnum


class Phase(StrEnum):
    """Where the service is in its life."""

    LOADING = "loading"
    WAITING_FOR_CRLS = "waiting_for_crls"
    SERVING = "serving"
    DRAINING = "draining"


class Readiness:
    """The phase, and who wants to hear of it."""

    def __init__(self) -> None:
        self.phase = Phase.LOADING
        self.waiting: tuple[str, ...] = ()
        """The required CRL sources that have not given a usable CRL yet."""
        self._listeners: list[Callable[[bool], None]] = []

    @property
    def ready(self) -> bool:
        """Whether new requests are welcome."""
        return self.phase is Phase.SERVING

    def on_change(self, listener: Callable[[bool], None]) -> None:
        """Call ``listener(ready)`` now and at each change."""
        self._listeners.append(listener)
        listener(self.ready)

    def serve(self) -> None:
        """Welcome requests as soon as nothing is waited for; the sockets are open.

        Without effect once draining has begun.
        """
        if self.phase is Phase.LOADING:
            self._enter(Phase.WAITING_FOR_CRLS if self.waiting else Phase.SERVING)

    def wait_for(self, waiting: tuple[str, ...]) -> None:
        """Name the CRL sources that are waited for. Who serves once goes on serving, whatever becomes of them."""
        self.waiting = waiting
        if self.phase is Phase.WAITING_FOR_CRLS and not waiting:
            self._enter(Phase.SERVING)

    def drain(self) -> None:
        """Ask for no new requests; the end is near. There is no way back."""
        self._enter(Phase.DRAINING)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        for listener in self._listeners:
            listener(self.ready)
