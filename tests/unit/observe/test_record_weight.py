"""The estimate is near what a record really keeps, and never much below it, whatever a certificate is full of."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from extauthz.model.decision import RuleResult, Step
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity, SubjectAltName
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.observe.decision_line import SHOWN_CHARACTERS, DecisionRecord
from extauthz.observe.record_weight import record_weight
from support.identities import identity


def record(
    of: CertIdentity | ForwardedIdentity | None = None, path: str = "/", steps: tuple[Step, ...] = ()
) -> DecisionRecord:
    return DecisionRecord(
        at=datetime(2026, 6, 1, tzinfo=UTC),
        decision_id="00ff",
        allowed=False,
        reason=Reason.EXPIRED,
        detail="",
        policy="p",
        sources=(),
        sha256=None,
        identity=of,
        steps=steps,
        api="grpc",
        seconds=0.001,
        digest="d",
        include=("subject",),
        method="GET",
        host="a.example",
        path=path,
        sni="",
    )


def many(sign: str, count: int, characters: int) -> tuple[str, ...]:
    return tuple(f"{number:04}".ljust(characters, sign) for number in range(count))


def full_of_names(sign: str, count: int, characters: int) -> DecisionRecord:
    return record(identity(sans=tuple(SubjectAltName("uri", one) for one in many(sign, count, characters))))


def full_of_units(sign: str, count: int, characters: int) -> DecisionRecord:
    units = many(sign, count, characters)
    return record(identity(organizational_units=units, subject_dn=",".join(f"OU={unit}" for unit in units)))


def full_of_rules(sign: str, count: int, characters: int) -> DecisionRecord:
    rules = tuple(RuleResult("san.uri", Fail(Reason.SAN_NOT_ALLOWED, one)) for one in many(sign, count, characters))
    return record(steps=(Step(8, "rules", Pass("x"), rules),))


@pytest.mark.parametrize("make", [full_of_names, full_of_units, full_of_rules])
@pytest.mark.parametrize(("sign", "count", "characters"), [("a", 1000, 40), ("\U0001f600", 200, 40), ("a", 2, 60_000)])
def test_the_estimate_is_near_what_is_held(
    make: Callable[[str, int, int], DecisionRecord], sign: str, count: int, characters: int
) -> None:
    tracemalloc.start()
    try:
        made = make(sign, count, characters)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.8 * held < record_weight(made) < 2 * held + 8192


def test_an_ordinary_record_lets_the_queue_hold_its_records() -> None:
    assert record_weight(record(identity())) < (64 << 20) // 8192


def test_a_long_path_counts() -> None:
    assert record_weight(record(path="/" * SHOWN_CHARACTERS)) - record_weight(record()) == SHOWN_CHARACTERS - 1


def test_a_bare_name_counts() -> None:
    short, long = (record(ForwardedIdentity("x" * length, ())) for length in (10, 2000))
    assert record_weight(long) - record_weight(short) == 1990
    assert record_weight(short) > record_weight(record())
