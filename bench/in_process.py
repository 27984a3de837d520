"""The service's check without its transport, in this process: from the bytes of a question to those of its answer."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import extauthz
from extauthz.observe.check_metrics import Api
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.metrics import Metrics
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.service.checker import Checker
from extauthz.service.engine_holder import EngineHolder
from extauthz.service.loading import load


class InProcess:
    """One configuration, ready to be asked; a context manager, which ends its threads."""

    def __init__(self, config: Path, *, stopwatch: Callable[[], float] = time.perf_counter) -> None:
        """``stopwatch`` measures the checks for the metrics."""
        self._config = config
        self._keeper = CrlKeeper(InProcessIndexer())
        self._holder = EngineHolder()
        self._metrics = Metrics(version=extauthz.__version__)
        self._log = DecisionLog(self._metrics.decision_log_lost)
        self.check: Callable[[bytes], bytes] = Checker(
            self._holder, self._metrics.checks.of(Api.GRPC), self._log, stopwatch=stopwatch
        ).check

    def __enter__(self) -> Self:
        self.load()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.close()
        self._log.close(1.0)

    def load(self) -> None:
        """Load the configuration, or load it again: what was kept about certificates is forgotten."""
        now = datetime.now(UTC)
        loaded = load(self._config, now, self._keeper)
        snapshot = self._keeper.adopt(loaded.crls, now)
        if loaded.revocation is not None:
            loaded.revocation.store.replace(snapshot.crls, snapshot.rejected)
        self._holder.replace(loaded.generation)
