"""From a question to its answer: the one function under every API and transport.

Whatever happens inside, the answer is an explicit deny. An error would let the request through at a proxy that fails
open, so there is no way out of ``check`` that raises one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Generic

from extauthz.model.decision import Decision
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail, Outcome
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.observe.check_metrics import ApiChecks
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.recent_denials import RecentDenials
from extauthz.service.decision_id import new_decision_id
from extauthz.service.engine_holder import Answer, EngineHolder, Generation, Question, Writer
from extauthz.service.stack_reports import StackReports
from extauthz.trust.panic import is_panic

MAX_REQUEST_BYTES = 4 << 20
"""The default bound: gRPC's usual one, so that what other authorization services accept is accepted here."""

utc_now: Callable[[], datetime] = partial(datetime.now, UTC)
"""Returns the time of day, aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback(Generic[Question, Answer]):
    """What an API has when nothing else is left."""

    writer: Writer[Answer]
    """For as long as no configuration is loaded."""
    deny: Answer
    """The deny for when not even a deny can be written."""
    size: Callable[[Question], int]
    """Bytes of a question, which are bounded."""


class Checker(Generic[Question, Answer]):
    """Answers checks. Every collaborator is given, clocks included; the engine is read from the holder each time."""

    def __init__(
        self,
        holder: EngineHolder[Question, Answer],
        fallback: Fallback[Question, Answer],
        metrics: ApiChecks,
        decision_log: DecisionLog,
        *,
        denials: RecentDenials | None = None,
        max_request_bytes: int = MAX_REQUEST_BYTES,
        clock: Callable[[], datetime] = utc_now,
        stopwatch: Callable[[], float] = time.perf_counter,
        new_id: Callable[[], str] = new_decision_id,
    ) -> None:
        self._holder = holder
        self._fallback = fallback
        self._size = fallback.size
        self._metrics = metrics
        self._decision_log = decision_log
        self._note_denial = (RecentDenials() if denials is None else denials).note
        self._max_request_bytes = max_request_bytes
        self._clock = clock
        self._stopwatch = stopwatch
        self._new_id = new_id
        self._reports = StackReports()

    def check(self, question: Question, admit: Callable[[], Outcome] | None = None) -> Answer:
        """Answer one question. Raises nothing.

        ``admit`` says whether the caller may ask at all; a ``Fail`` of it denies before the question is read.
        """
        metrics = self._metrics
        metrics.in_flight += 1
        try:
            return self._check(question, admit)
        except BaseException as error:
            if not _is_defect(error):
                raise
            self._reports.report("a check failed outside of its decision")
            return self._fallback.deny
        finally:
            metrics.in_flight -= 1

    def _check(self, question: Question, admit: Callable[[], Outcome] | None) -> Answer:
        begun = self._stopwatch()
        now = self._clock()
        decision_id = self._new_id()
        generation = self._holder.current  # step 0 of the procedure: read once
        if generation is None:
            decision = _denied(Fail(Reason.INTERNAL_ERROR, "no configuration is loaded yet"))
            self._metrics.decided(decision, self._stopwatch() - begun, now)
            self._note_denial(decision, decision_id, now, self._metrics.api)
            return self._fallback.writer.write(decision, decision_id)
        request, decision = self._decide(generation, question, admit, now, decision_id)
        writer = generation.writer
        try:
            answer = writer.write(decision, decision_id)
        except BaseException as error:
            if not _is_defect(error):
                raise
            decision = self._denied_by(error, "an answer could not be written", decision_id)
            answer = self._deny(decision, writer, decision_id)
        seconds = self._stopwatch() - begun
        try:
            self._metrics.decided(decision, seconds, now)
        except BaseException as error:  # an account of a decision never changes it
            if not _is_defect(error):
                raise
            self._reports.report("a decision could not be counted")
        if not decision.allowed:
            self._record(generation, decision, request, decision_id, now=now, seconds=seconds)
            # Last: the log has each denial, whatever becomes of its place on a page.
            self._note_denial(decision, decision_id, now, self._metrics.api)
            return answer
        settings = generation.decision_log
        if settings is not None and settings.draws(decision_id):
            self._record(generation, decision, request, decision_id, now=now, seconds=seconds)
        return answer

    def _decide(
        self,
        generation: Generation[Question, Answer],
        question: Question,
        admit: Callable[[], Outcome] | None,
        now: datetime,
        decision_id: str,
    ) -> tuple[AuthRequest | None, Decision]:
        request = None
        try:
            if admit is not None and isinstance(refused := admit(), Fail):
                return None, _denied(refused)
            if (size := self._size(question)) > self._max_request_bytes:
                detail = f"{size} bytes; at most {self._max_request_bytes}"
                return None, _denied(Fail(Reason.REQUEST_TOO_LARGE, detail))
            request = generation.reader.read(question)
            return request, generation.engine.decide(request, now)
        except DecodeError as error:
            return request, _denied(Fail(error.reason, error.detail))
        except BaseException as error:
            if not _is_defect(error):
                raise
            return request, self._denied_by(error, "a decision failed", decision_id)

    def _record(
        self,
        generation: Generation[Question, Answer],
        decision: Decision,
        request: AuthRequest | None,
        decision_id: str,
        *,
        now: datetime,
        seconds: float,
    ) -> None:
        """Log a decision where there is a log, without a change to it whatever happens."""
        settings = generation.decision_log
        if settings is None:
            return
        try:
            self._decision_log.record(
                decision,
                request,
                decision_id,
                now,
                settings=settings,
                api=self._metrics.api,
                seconds=seconds,
                digest=generation.digest,
            )
        except BaseException as error:
            if not _is_defect(error):
                raise
            self._reports.report("a decision could not be logged")

    def _deny(self, decision: Decision, writer: Writer[Answer], decision_id: str) -> Answer:
        """Write a deny in the place of an answer that could not be written."""
        try:
            return writer.write(decision, decision_id)
        except BaseException as error:
            if not _is_defect(error):
                raise
            self._reports.report("a deny could not be written", decision_id=decision_id)
            return self._fallback.deny

    def _denied_by(self, defect: BaseException, event: str, decision_id: str) -> Decision:
        """Log the defect that is being handled, and return the deny for it."""
        self._reports.report(event, decision_id=decision_id)
        return _denied(Fail(Reason.INTERNAL_ERROR, type(defect).__name__))


def _is_defect(error: BaseException) -> bool:
    """Say whether this denies: all but what ends the program or the task. Panics are defects with another base."""
    return isinstance(error, Exception) or is_panic(error)


def _denied(fail: Fail) -> Decision:
    return Decision(allowed=False, reason=fail.reason, detail=fail.detail)
