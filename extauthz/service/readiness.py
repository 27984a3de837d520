"""Whether the service wants requests, and why not: one small state machine in which draining is final."""

from collections.abc import Callable
from enum import StrEnum


class Phase(StrEnum):
    """Where the service is in its life."""

    LOADING = "loading"
    WAITING_FOR_CRLS = "waiting_for_crls"
    WAITING_FOR_WORKERS = "waiting_for_workers"
    SERVING = "serving"
    DRAINING = "draining"


class Readiness:
    """The phase, and who wants to hear of it."""

    def __init__(self) -> None:
        self.phase = Phase.LOADING
        self.waiting: tuple[str, ...] = ()
        """The required CRL sources that have not given a usable CRL yet."""
        self._missing_workers = False
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
            self._enter(Phase.WAITING_FOR_CRLS if self.waiting else self._after_crls)

    def wait_for(self, waiting: tuple[str, ...]) -> None:
        """Name the CRL sources that are waited for. Who serves once goes on serving, whatever becomes of them."""
        self.waiting = waiting
        if self.phase is Phase.WAITING_FOR_CRLS and not waiting:
            self._enter(self._after_crls)

    def miss_workers(self, *, missing: bool) -> None:
        """Say whether workers are missing, of those that there should be."""
        self._missing_workers = missing
        if self.phase in {Phase.SERVING, Phase.WAITING_FOR_WORKERS} and self.phase is not self._after_crls:
            self._enter(self._after_crls)

    def drain(self) -> None:
        """Ask for no new requests; the end is near. There is no way back."""
        self._enter(Phase.DRAINING)

    @property
    def _after_crls(self) -> Phase:
        return Phase.WAITING_FOR_WORKERS if self._missing_workers else Phase.SERVING

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        for listener in self._listeners:
            listener(self.ready)
