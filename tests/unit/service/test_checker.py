# ruff: noqa: ANN401  (stand-ins and builders take what the real thing takes, by keyword)
"""Whatever happens, the answer is an explicit CheckResponse, counted and logged under its reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.observe.decision_log import DecisionLogSettings
from extauthz.observe.recent_denials import Denial, RecentDenials
from extauthz.service.authorization import GRPC_FALLBACK
from extauthz.service.checker import Checker
from extauthz.service.engine_holder import EngineHolder, Generation
from extauthz.service.garbage import Retired
from extauthz.wire import answer_writer as answer_writer_module
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse
from extauthz.wire.request import CheckRequestReader
from extauthz.wire.response import INTERNAL_ERROR_DENY

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ALLOW = Decision(allowed=True, reason=Reason.ALLOWED, policy="p", headers=HeaderMutations((("x-client-cert-cn", "a"),)))
QUESTION = CheckRequest()
QUESTION.attributes.request.http.path = "/asked"
RAW = QUESTION.SerializeToString()
OK, PERMISSION_DENIED = 0, 7


class FakeEngine:
    """Answers with what it is given, or does what it is told."""

    def __init__(self, decide: Callable[[AuthRequest, datetime], Decision] = lambda _request, _now: ALLOW) -> None:
        self._decide = decide

    @property
    def memories(self) -> tuple[Retired, ...]:
        return ()

    def decide(self, request: AuthRequest, now: datetime) -> Decision:
        return self._decide(request, now)


@dataclass
class FakeMetrics:
    """Counts like the real ones, into plain values."""

    decisions: list[tuple[bool, Reason, str]] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    api: str = "grpc"
    in_flight: int = 0
    in_flight_at_decisions: list[int] = field(default_factory=list)

    def decided(self, decision: Decision, seconds: float, now: datetime) -> None:
        self.in_flight_at_decisions.append(self.in_flight)
        self.decisions.append((decision.allowed, decision.reason, self.api))
        self.seconds.append(seconds)
        self.moments.append(now)


class FakeLog:
    """Keeps what is recorded."""

    def __init__(self) -> None:
        self.records: list[tuple[Decision, AuthRequest | None, str, datetime, dict[str, Any]]] = []

    def record(
        self, decision: Decision, request: AuthRequest | None, decision_id: str, at: datetime, **rest: object
    ) -> None:
        self.records.append((decision, request, decision_id, at, rest))


@dataclass
class Setup:
    """A checker and everything around it."""

    holder: EngineHolder[bytes, bytes]
    metrics: FakeMetrics
    log: FakeLog
    checker: Checker[bytes, bytes]

    def check(self, raw: bytes = RAW, admit: Callable[[], Pass | Fail] | None = None) -> CheckResponse:
        return CheckResponse.FromString(self.checker.check(raw, admit))


def generation(engine: FakeEngine, answer: DenyAnswer | None = None, **changes: Any) -> Generation[bytes, bytes]:
    fields = {
        "engine": engine,
        "reader": CheckRequestReader(frozenset({"authorization"}), "x-client-cert-"),
        "writer": AnswerWriter(answer or DenyAnswer()),
        "decision_log": DecisionLogSettings(),
        "digest": "d1",
        **changes,
    }
    return Generation(**fields)


def prepared(engine: FakeEngine | None = None, metrics: Any = None, log: Any = None, **options: Any) -> Setup:
    holder: EngineHolder[bytes, bytes] = EngineHolder()
    if engine is not None:
        holder.replace(generation(engine))
    metrics, log = metrics or FakeMetrics(), log or FakeLog()
    ticks = iter(range(1000))
    defaults = {"clock": lambda: NOW, "stopwatch": lambda: float(next(ticks)), "new_id": lambda: "id-1"}
    return Setup(holder, metrics, log, Checker(holder, GRPC_FALLBACK, metrics, log, **{**defaults, **options}))


def raising(error: BaseException) -> FakeEngine:
    def decide(_request: AuthRequest, _now: datetime) -> Decision:
        raise error

    return FakeEngine(decide)


def assert_denied(one: Setup, answer: CheckResponse, reason: Reason) -> None:
    assert answer.status.code == PERMISSION_DENIED
    assert answer.WhichOneof("http_response") == "denied_response"
    assert answer.denied_response.status.code == 403
    assert answer.dynamic_metadata["reason"] == reason.value
    assert one.metrics.decisions == [(False, reason, "grpc")]


def test_an_allow_is_answered_counted_and_logged() -> None:
    asked: list[tuple[AuthRequest, datetime]] = []

    def decide(request: AuthRequest, now: datetime) -> Decision:
        asked.append((request, now))
        return ALLOW

    one = prepared(FakeEngine(decide))
    answer = one.check()
    assert answer.status.code == OK
    assert answer.ok_response.headers[0].header.value == "a"
    assert answer.dynamic_metadata["decision_id"] == "id-1"
    assert [(request.path, now) for request, now in asked] == [("/asked", NOW)]
    assert one.metrics.decisions == [(True, Reason.ALLOWED, "grpc")]
    assert (one.metrics.moments, one.metrics.seconds) == ([NOW], [1.0])
    ((decision, request, decision_id, at, rest),) = one.log.records
    assert (decision, decision_id, at) == (ALLOW, "id-1", NOW)
    assert request is asked[0][0]
    assert rest == {"settings": DecisionLogSettings(), "api": "grpc", "seconds": 1.0, "digest": "d1"}


def test_what_is_not_a_check_request_is_denied() -> None:
    one = prepared(FakeEngine())
    assert_denied(one, one.check(b"\xff\xff"), Reason.REQUEST_MALFORMED)
    assert one.log.records[0][1] is None


def test_a_reason_raised_while_deciding_is_the_reason_of_the_deny() -> None:
    one = prepared(raising(DecodeError(Reason.SOURCE_TOO_LARGE, "secret detail")))
    answer = one.check()
    assert_denied(one, answer, Reason.SOURCE_TOO_LARGE)
    assert b"secret detail" not in answer.SerializeToString()
    assert one.log.records[0][0].detail == "secret detail"


@pytest.mark.parametrize("error", [ValueError("secret"), RecursionError(), MemoryError(), AssertionError()])
def test_a_defect_while_deciding_is_an_explicit_deny_with_its_stack_in_the_log(error: Exception) -> None:
    one = prepared(raising(error))
    with capture_logs() as events:
        answer = one.check()
    assert_denied(one, answer, Reason.INTERNAL_ERROR)
    assert b"secret" not in answer.SerializeToString()
    assert one.log.records[0][0].detail == type(error).__name__
    assert [(event["log_level"], event["decision_id"]) for event in events] == [("error", "id-1")]


class PanicException(BaseException):
    """Named as the certificate library's panics are."""


def panicking(*_arguments: object, **_fields: object) -> Any:
    raise PanicException("called `Option::unwrap()` on a `None` value")


def test_a_panic_of_native_code_while_deciding_is_an_explicit_deny() -> None:
    one = prepared(FakeEngine(panicking))
    assert_denied(one, one.check(), Reason.INTERNAL_ERROR)
    assert one.log.records[0][0].detail == "PanicException"


def test_a_panic_while_the_caller_is_looked_at_is_an_explicit_deny() -> None:
    one = prepared(FakeEngine())
    assert_denied(one, one.check(admit=panicking), Reason.INTERNAL_ERROR)


def test_a_panic_while_the_answer_is_written_is_an_explicit_deny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_writer_module, "write_check_response", panicking)
    one = prepared(FakeEngine())
    assert one.check().SerializeToString() == CheckResponse.FromString(INTERNAL_ERROR_DENY).SerializeToString()


def test_a_panic_outside_of_the_decision_is_an_explicit_deny() -> None:
    one = prepared(FakeEngine(), clock=panicking)
    assert one.checker.check(RAW) == INTERNAL_ERROR_DENY


def test_a_panic_while_counting_leaves_the_answer_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    one = prepared(FakeEngine())
    monkeypatch.setattr(one.metrics, "decided", panicking)
    assert one.check().status.code == OK


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_the_program_is_no_defect(end: type[BaseException]) -> None:
    with pytest.raises(end):
        prepared(raising(end())).checker.check(RAW)


def test_a_stream_of_defects_is_logged_once_in_a_while_and_counted_each_time() -> None:
    one = prepared(raising(ValueError()))
    with capture_logs() as events:
        for _ in range(100):
            one.check()
    assert len(events) == 1
    assert len(one.metrics.decisions) == 100


def test_the_largest_request_is_read_and_one_byte_more_is_not() -> None:
    one = prepared(FakeEngine(), max_request_bytes=len(RAW))
    assert one.check().status.code == OK
    other = prepared(FakeEngine(), max_request_bytes=len(RAW) - 1)
    assert_denied(other, other.check(), Reason.REQUEST_TOO_LARGE)


def test_without_a_configuration_every_question_is_denied() -> None:
    one = prepared(None)
    assert_denied(one, one.check(), Reason.INTERNAL_ERROR)
    assert one.log.records == []


def test_a_caller_who_may_not_ask_is_denied_before_the_question_is_read() -> None:
    one = prepared(FakeEngine())
    refused = Fail(Reason.CALLER_NOT_ALLOWED, "not on the list")
    assert_denied(one, one.check(b"\xff not even read", lambda: refused), Reason.CALLER_NOT_ALLOWED)


def test_a_caller_who_may_ask_gets_the_decision() -> None:
    assert prepared(FakeEngine()).check(admit=Pass).status.code == OK


def test_a_defect_in_looking_at_the_caller_denies() -> None:
    def broken() -> Pass:
        raise KeyError

    one = prepared(FakeEngine())
    assert_denied(one, one.check(admit=broken), Reason.INTERNAL_ERROR)


def test_an_allow_that_cannot_be_written_becomes_a_deny_and_is_counted_as_one() -> None:
    broken = Decision(
        allowed=True, reason=Reason.ALLOWED, headers=HeaderMutations((("x-client-cert-cn", "a\r\nb: c"),))
    )
    one = prepared(FakeEngine(lambda _request, _now: broken))
    answer = one.check()
    assert_denied(one, answer, Reason.INTERNAL_ERROR)
    assert answer.dynamic_metadata["decision_id"] == "id-1"


def test_when_no_answer_can_be_written_the_prepared_deny_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> bytes:
        raise ValueError

    one = prepared(FakeEngine())
    monkeypatch.setattr(answer_writer_module, "write_check_response", broken)
    assert one.checker.check(RAW) == INTERNAL_ERROR_DENY
    assert one.metrics.decisions == [(False, Reason.INTERNAL_ERROR, "grpc")]


def test_an_engine_that_answers_nonsense_is_a_defect() -> None:
    nonsense: Any = None
    one = prepared(FakeEngine(lambda _request, _now: nonsense))
    assert_denied(one, one.check(), Reason.INTERNAL_ERROR)


def test_a_count_that_fails_does_not_change_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError

    one = prepared(FakeEngine())
    monkeypatch.setattr(one.metrics, "decided", broken)
    assert one.check().status.code == OK
    assert len(one.log.records) == 1


def test_a_log_that_fails_does_not_change_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError

    one = prepared(FakeEngine())
    monkeypatch.setattr(one.log, "record", broken)
    assert one.check().status.code == OK
    assert one.metrics.decisions == [(True, Reason.ALLOWED, "grpc")]


@pytest.mark.parametrize("collaborator", ["clock", "stopwatch", "new_id"])
def test_a_collaborator_that_fails_costs_a_deny_and_no_rpc_error(collaborator: str) -> None:
    def broken() -> Any:
        raise OSError

    assert prepared(FakeEngine(), **{collaborator: broken}).checker.check(RAW) == INTERNAL_ERROR_DENY


def test_checks_in_flight_balance_whatever_happens() -> None:
    for engine in (FakeEngine(), raising(ValueError())):
        one = prepared(engine)
        one.check()
        assert one.metrics.in_flight_at_decisions == [1]
        assert one.metrics.in_flight == 0


def test_an_allow_outside_of_the_sample_is_counted_and_not_logged() -> None:
    one = prepared()
    one.holder.replace(generation(FakeEngine(), decision_log=DecisionLogSettings(allow_sample=0.0)))
    assert one.check().status.code == OK
    assert (len(one.metrics.decisions), one.log.records) == (1, [])


def test_one_check_uses_one_generation_even_when_a_reload_comes_in_between() -> None:
    holder_box: list[EngineHolder[bytes, bytes]] = []

    def decide(_request: AuthRequest, _now: datetime) -> Decision:
        holder_box[0].replace(generation(FakeEngine(), answer=DenyAnswer(status=404), digest="d2"))
        return Decision(allowed=False, reason=Reason.NO_POLICY)

    one = prepared(FakeEngine(decide))
    holder_box.append(one.holder)
    assert one.check().denied_response.status.code == 403
    assert one.log.records[0][4]["digest"] == "d1"
    assert one.check().status.code == OK
    assert one.log.records[1][4]["digest"] == "d2"


def test_the_deny_answer_of_the_configuration_is_used() -> None:
    one = prepared()
    engine = FakeEngine(lambda _request, _now: Decision(allowed=False, reason=Reason.EXPIRED, policy="p"))
    one.holder.replace(generation(engine, answer=DenyAnswer(status=404, body="text", expose_reason=True)))
    denied = one.check().denied_response
    assert (denied.status.code, denied.body) == (404, "access denied; decision_id=id-1; reason=expired; policy=p")


def test_without_a_decision_log_nothing_is_recorded() -> None:
    one = prepared()
    one.holder.replace(generation(FakeEngine(), decision_log=None))
    assert one.check().status.code == OK
    assert one.log.records == []


def noted(engine: FakeEngine | None, raw: bytes = RAW, **changes: Any) -> list[Denial]:
    """Return what is noted of one check."""
    denials = RecentDenials()
    one = prepared(engine, denials=denials)
    if changes:
        one.holder.replace(generation(engine or FakeEngine(), **changes))
    one.check(raw)
    return list(denials.latest())


def test_a_deny_is_noted_with_or_without_a_log_and_an_allow_is_not() -> None:
    deny = FakeEngine(lambda _request, _now: Decision(allowed=False, reason=Reason.EXPIRED, policy="p"))
    expected = [Denial(NOW, "id-1", Reason.EXPIRED, "p", "grpc", None, None)]
    assert noted(deny) == expected
    assert noted(deny, decision_log=None) == expected
    assert noted(FakeEngine()) == []


def test_a_deny_is_in_the_log_whatever_becomes_of_its_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise MemoryError

    denials = RecentDenials()
    monkeypatch.setattr(denials, "note", broken)
    one = prepared(FakeEngine(lambda _request, _now: Decision(allowed=False, reason=Reason.EXPIRED)), denials=denials)
    assert one.check().status.code != OK
    assert len(one.log.records) == 1


def test_denies_of_every_origin_are_noted() -> None:
    assert [one.reason for one in noted(None)] == [Reason.INTERNAL_ERROR]
    assert [one.reason for one in noted(FakeEngine(), b"\xff\xff")] == [Reason.REQUEST_MALFORMED]
    assert [one.reason for one in noted(raising(ValueError()))] == [Reason.INTERNAL_ERROR]


@given(st.binary(max_size=400))
def test_any_bytes_get_an_explicit_answer(raw: bytes) -> None:
    one = prepared(FakeEngine())
    answer = one.check(raw)
    assert answer.HasField("status")
    assert (answer.status.code == OK) == (answer.WhichOneof("http_response") == "ok_response")
    assert len(one.metrics.decisions) == 1
