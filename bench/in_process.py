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
from extauthz.observe.rpc_metrics import RpcType
from extauthz.refresh.indexer import InProcessIndexer
from extauthz.refresh.keeper import CrlKeeper
from extauthz.service.authorization import AUTHORIZATION, GRPC_FALLBACK
from extauthz.service.checker import Checker
from extauthz.service.engine_holder import EngineHolder
from extauthz.service.loading import load
from extauthz.transport.limits import Limits
from extauthz.transport.memory import Memory
from extauthz.transport.methods import UnaryMethod
from extauthz.transport.session import Session

_LIMITS = Limits(message_bytes=4 << 20, streams=1000, age=1e9, age_grace=30.0, keepalive=1e9, keepalive_timeout=30.0)


class InProcess:
    """One configuration, ready to be asked; a context manager, which ends its threads."""

    def __init__(self, config: Path, *, stopwatch: Callable[[], float] = time.perf_counter) -> None:
        """``stopwatch`` measures the checks for the metrics."""
        self._config = config
        self._stopwatch = stopwatch
        self._keeper = CrlKeeper(InProcessIndexer())
        self._holder: EngineHolder[bytes, bytes] = EngineHolder()
        self._metrics = Metrics(version=extauthz.__version__)
        self._log = DecisionLog(self._metrics.decision_log_lost)
        self.check: Callable[[bytes], bytes] = Checker(
            self._holder, GRPC_FALLBACK, self._metrics.checks.of(Api.GRPC), self._log, stopwatch=stopwatch
        ).check

    def __enter__(self) -> Self:
        self.load()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.close()
        self._log.close(1.0)

    def session(self) -> Session:
        """Return a connection of the native transport, its settings sent, without a socket."""
        calls = self._metrics.rpc.method(AUTHORIZATION, "Check", RpcType.UNARY)
        check = UnaryMethod(lambda raw, _caller: self.check(raw), calls)
        session = Session(
            _LIMITS,
            {f"/{AUTHORIZATION}/Check".encode(): check},
            caller=None,
            asked=lambda: True,
            clock=self._stopwatch,
            begun=self._stopwatch(),
            spread=1.0,
            memory=Memory(_LIMITS.message_bytes),
            count=lambda _cause: None,
            report=lambda _event: None,
            wake=lambda: None,
        )
        session.output()
        return session

    def load(self) -> None:
        """Load the configuration, or load it again: what was kept about certificates is forgotten."""
        now = datetime.now(UTC)
        loaded = load(self._config, now, self._keeper)
        snapshot = self._keeper.adopt(loaded.crls, now)
        if loaded.revocation is not None:
            loaded.revocation.store.replace(snapshot.crls, snapshot.rejected)
        self._holder.replace(loaded.grpc)
