"""``workers: 1``: this process answers checks itself."""

from prometheus_client import CollectorRegistry

from extauthz.config.schema.listen import Listen
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.metrics import Metrics
from extauthz.observe.recent_denials import DenialsOfAll
from extauthz.refresh.snapshot import Snapshot
from extauthz.service.loading import Loaded
from extauthz.service.readiness import Readiness
from extauthz.service.serving import Addresses, Serving


class OneProcess:
    """See ``Backend``."""

    def __init__(self, listen: Listen, metrics: Metrics, readiness: Readiness, *, grpc: bool) -> None:
        """``grpc``: there is a gRPC listener."""
        self._decision_log = DecisionLog(metrics.decision_log_lost)
        self._serving = Serving(metrics, readiness, self._decision_log)
        self._serving.bind_to(listen, grpc=grpc)
        self.registry: CollectorRegistry = metrics.registry

    def recent_denials(self) -> DenialsOfAll:
        """Return the last denials."""
        return DenialsOfAll(self._serving.denials.latest())

    def publish(self, loaded: Loaded, _snapshot: Snapshot) -> None:
        """Answer from another load; the CRLs are in its store."""
        self._serving.publish(loaded)

    def show_crls(self, _snapshot: Snapshot) -> None:
        """Do nothing: they are in the store that is asked."""

    async def start(self) -> Addresses:
        """Begin to accept."""
        return await self._serving.start()

    def reopen_decision_log(self) -> None:
        """Open it anew before the next line."""
        self._decision_log.reopen()

    async def stop(self, grace: float) -> None:
        """Accept nothing more."""
        await self._serving.stop(grace)

    async def close(self, flush_seconds: float) -> None:
        """Write what waits in the log."""
        self._decision_log.close(flush_seconds)
