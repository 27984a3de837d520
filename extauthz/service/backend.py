"""What answers checks, seen from what looks after it: this process, or several others."""

from typing import Protocol

from prometheus_client import CollectorRegistry

from extauthz.observe.recent_denials import DenialsOfAll
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.loading import Loaded
from extauthz.service.serving import Addresses


class Backend(Protocol):
    """Its methods belong to the event loop."""

    @property
    def registry(self) -> CollectorRegistry:
        """The metrics of all."""
        ...

    def recent_denials(self) -> DenialsOfAll:
        """Return the last denials of all. For any thread but that of the event loop: it may wait."""
        ...

    def publish(self, loaded: Loaded, snapshot: Snapshot) -> None:
        """Answer from another load, with these CRLs. Must not fail."""
        ...

    def show_crls(self, snapshot: Snapshot) -> None:
        """Take other CRLs into use, for the load that was published last. Must not fail."""
        ...

    async def start(self) -> Addresses:
        """Begin to accept, and return the addresses. Raises ListenError."""
        ...

    def reopen_decision_log(self) -> None:
        """Open it anew before the next line, as log rotation asks for."""
        ...

    async def stop(self, grace: float) -> None:
        """Accept nothing more, give calls in flight ``grace`` seconds. May be called again, with less."""
        ...

    async def close(self, flush_seconds: float) -> None:
        """Give back everything; logs have this long to write what waits."""
        ...
