"""A failed handshake is told with its peer and cause, and a flood of them once a second."""

from structlog.testing import capture_logs

from extauthz.service.refused_handshakes import SECONDS_BETWEEN_LINES, RefusedHandshakes


def test_a_flood_is_told_once_in_a_while() -> None:
    now = [100.0]
    refused = RefusedHandshakes(lambda: now[0])
    with capture_logs() as events:
        for number in range(10):
            refused.note(f"10.0.0.{number}:1234", "certificate verify failed")
        now[0] += SECONDS_BETWEEN_LINES
        refused.note("10.0.0.99:1234", "timed out")
    assert [(one["peer"], one["why"], one["untold"], one["log_level"]) for one in events] == [
        ("10.0.0.0:1234", "certificate verify failed", 0, "warning"),
        ("10.0.0.99:1234", "timed out", 9, "warning"),
    ]
