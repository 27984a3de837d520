"""From the bytes of a question to the bytes of its answer: the one function under every gRPC transport.

Whatever happens inside, the answer is an explicit CheckResponse. An RPC error would let the request through at a proxy
that fails open, so there is no way out of ``check`` that raises one.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from extauthz.model.decision import Decision
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail, Outcome
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.metrics import Api, Metrics
from extauthz.service.decision_id import new_decision_id
from extauthz.service.engine_holder import EngineHolder, Generation
from extauthz.service.stack_reports import StackReports
from extauthz.trust.panic import is_panic
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.request import read_check_request
from extauthz.wire.response import INTERNAL_ERROR_DENY, write_check_response

MAX_REQUEST_BYTES = 4 << 20
"""The default bound: gRPC's usual one, so that what other authorization services accept is accepted here."""


def utc_now() -> datetime:
    """Return the time of day, aware."""
    return datetime.now(UTC)


class _Asked(NamedTuple):
    """One check: when, by which configuration, and under which id."""

    begun: float
    now: datetime
    decision_id: str
    generation: Generation | None


class Checker:
    """Answers checks. Every collaborator is given, clocks included; the engine is read from the holder each time."""

    def __init__(
        self,
        holder: EngineHolder,
        metrics: Metrics,
        decision_log: DecisionLog,
        *,
        api: Api = Api.GRPC,
        max_request_bytes: int = MAX_REQUEST_BYTES,
        clock: Callable[[], datetime] = utc_now,
        stopwatch: Callable[[], float] = time.perf_counter,
        new_id: Callable[[], str] = new_decision_id,
    ) -> None:
        self._holder = holder
        self._metrics = metrics
        self._decision_log = decision_log
        self._api = api
        self._max_request_bytes = max_request_bytes
        self._clock = clock
        self._stopwatch = stopwatch
        self._new_id = new_id
        self._reports = StackReports()

    def check(self, raw: bytes, admit: Callable[[], Outcome] | None = None) -> bytes:
        """Answer one serialised CheckRequest with a serialised CheckResponse. Raises nothing.

        ``admit`` says whether the caller may ask at all; a ``Fail`` of it denies before the question is read.
        """
        try:
            return self._check(raw, admit)
        except BaseException as error:
            if not _is_defect(error):
                raise
            self._reports.report("a check failed outside of its decision")
            return INTERNAL_ERROR_DENY

    def _check(self, raw: bytes, admit: Callable[[], Outcome] | None) -> bytes:
        asked = _Asked(
            begun=self._stopwatch(),
            now=self._clock(),
            decision_id=self._new_id(),
            generation=self._holder.current,  # step 0 of the procedure: read once
        )
        self._quietly(self._metrics.check_started)
        try:
            request, decision = self._decide(asked, raw, admit)
            decision, answer = self._write(asked, decision)
            seconds = self._stopwatch() - asked.begun
            self._quietly(lambda: self._metrics.decided(decision, self._api, seconds, now=asked.now))
            self._quietly(lambda: self._record(asked, request, decision, seconds))
        finally:
            self._quietly(self._metrics.check_finished)
        return answer

    def _decide(
        self, asked: _Asked, raw: bytes, admit: Callable[[], Outcome] | None
    ) -> tuple[AuthRequest | None, Decision]:
        request = None
        try:
            if asked.generation is None:
                return None, _denied(Fail(Reason.INTERNAL_ERROR, "no configuration is loaded yet"))
            if admit is not None and isinstance(refused := admit(), Fail):
                return None, _denied(refused)
            if len(raw) > self._max_request_bytes:
                detail = f"{len(raw)} bytes; at most {self._max_request_bytes}"
                return None, _denied(Fail(Reason.REQUEST_TOO_LARGE, detail))
            engine = asked.generation.engine
            request = read_check_request(raw, engine.wanted_headers, engine.managed_prefix)
            return request, engine.decide(request, asked.now)
        except DecodeError as error:
            return request, _denied(Fail(error.reason, error.detail))
        except BaseException as error:
            if not _is_defect(error):
                raise
            self._reports.report("a decision failed", decision_id=asked.decision_id)
            return request, _denied(Fail(Reason.INTERNAL_ERROR, type(error).__name__))

    def _write(self, asked: _Asked, decision: Decision) -> tuple[Decision, bytes]:
        answer = DenyAnswer() if asked.generation is None else asked.generation.answer
        try:
            return decision, write_check_response(decision, answer, asked.decision_id)
        except BaseException as error:
            if not _is_defect(error):
                raise
            self._reports.report("an answer could not be written", decision_id=asked.decision_id)
            failed = _denied(Fail(Reason.INTERNAL_ERROR, type(error).__name__))
        try:
            return failed, write_check_response(failed, answer, asked.decision_id)
        except BaseException as error:
            if not _is_defect(error):
                raise
            self._reports.report("a deny could not be written", decision_id=asked.decision_id)
            return failed, INTERNAL_ERROR_DENY

    def _record(self, asked: _Asked, request: AuthRequest | None, decision: Decision, seconds: float) -> None:
        generation = asked.generation
        if generation is None or generation.decision_log is None:
            return
        self._decision_log.record(
            decision,
            request,
            asked.decision_id,
            asked.now,
            settings=generation.decision_log,
            api=self._api,
            seconds=seconds,
            digest=generation.digest,
        )

    def _quietly(self, account: Callable[[], None]) -> None:
        """Keep a decision whole when counting or logging it fails."""
        try:
            account()
        except BaseException as error:  # an account of a decision never changes it
            if not _is_defect(error):
                raise
            self._reports.report("a decision could not be counted or logged")


def _is_defect(error: BaseException) -> bool:
    """Say whether this denies: all but what ends the program or the task. Panics are defects with another base."""
    return isinstance(error, Exception) or is_panic(error)


def _denied(fail: Fail) -> Decision:
    return Decision(allowed=False, reason=fail.reason, detail=fail.detail)
