"""Whether the service wants requests, and why not: one small state machine in which draining is final."""

from collections.abc import Callable
from enum import StrEnum


class Phase(StrEnum):
    """Where the service is in its life."""

    LOADING = "loading"
    SERVING = "serving"
    DRAINING = "draining"


class Readiness:
    """The phase, and who wants to hear of it."""

    def __init__(self) -> None:
        self.phase = Phase.LOADING
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
        """Welcome requests; the first configuration is loaded. Without effect once draining has begun."""
        if self.phase is Phase.LOADING:
            self._enter(Phase.SERVING)

    def drain(self) -> None:
        """Ask for no new requests; the end is near. There is no way back."""
        self._enter(Phase.DRAINING)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        for listener in self._listeners:
            listener(self.ready)
