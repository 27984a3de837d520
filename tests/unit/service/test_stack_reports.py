"""Stacks of defects: seen, but never a flood, and never a defect of their own."""

import pytest
from structlog.testing import capture_logs

from extauthz.service.decision_id import new_decision_id
from extauthz.service.stack_reports import SECONDS_BETWEEN_STACKS, StackReports


def test_the_next_stack_says_how_many_were_left_out() -> None:
    times = iter([0.0, 0.1, SECONDS_BETWEEN_STACKS - 0.001, SECONDS_BETWEEN_STACKS])
    reports = StackReports(lambda: next(times))
    with capture_logs() as events:
        for _ in range(4):
            reports.report("defect", number=1)
    assert [(event["event"], event["suppressed"], event["number"]) for event in events] == [
        ("defect", 0, 1),
        ("defect", 2, 1),
    ]


def test_a_report_that_fails_raises_nothing() -> None:
    def broken() -> float:
        raise OSError

    StackReports(broken).report("defect")


def test_decision_ids_are_128_random_bits_in_hex() -> None:
    ids = {new_decision_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(one) for one in ids} == {32}
    assert all(int(one, 16) >= 0 for one in ids)


@pytest.mark.parametrize("position", range(32))
def test_no_digit_of_an_id_stays_the_same(position: int) -> None:
    """A counter or a prefix in the id would tell a client how many requests others make."""
    assert len({new_decision_id()[position] for _ in range(200)}) > 8
