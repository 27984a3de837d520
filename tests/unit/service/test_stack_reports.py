"""Stacks of defects: seen, but never a flood, and never a defect of their own."""

from structlog.testing import capture_logs

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
