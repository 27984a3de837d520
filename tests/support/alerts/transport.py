"""Alerts that ask: can it be reached, and does it tell what it does."""

from typing import Final

from support.alerts.case import JOB, Case, Scene, Series, series


def closed(samples: str, cause: str) -> Series:
    return series("extauthz_transport_closed_total", samples, cause=cause)


def dropped(samples: str) -> Series:
    return series("extauthz_decision_log_dropped_total", samples, cause="queue_full")


CASES: Final = (
    Case(
        alert="ExtauthzTransportFlood",
        fires=Scene(8, (closed("0+6x20", "rapid_reset"),)),
        labels={**JOB, "cause": "rapid_reset"},
        filled=("0.10", "rapid_reset"),
        near={
            "connections grow old": Scene(12, (closed("0+60x20", "age"), closed("0+60x20", "drain"))),
            "now and then": Scene(12, (closed("0+2x20", "flood"),)),
        },
    ),
    Case(
        alert="ExtauthzTooManyConnections",
        fires=Scene(6, (closed("0+1x20", "too_many_connections"),)),
        filled=("5",),
        near={"once": Scene(8, (closed("0+0x5 1+0x20", "too_many_connections"),))},
    ),
    Case(
        alert="ExtauthzHandshakesFailing",
        fires=Scene(13, (closed("0+12x20", "handshake"),)),
        labels={**JOB, "cause": "handshake"},
        filled=("0.20", "handshake"),
        near={"a port scan": Scene(20, (closed("0+5x20", "handshake"), closed("0+5x20", "no_alpn")))},
    ),
    Case(
        alert="ExtauthzTransportDefect",
        fires=Scene(3, (closed("0+0x2 1+0x20", "internal_error"),)),
        filled=("1",),
        near={
            "a client's mistake": Scene(12, (closed("0+9x20", "protocol_error"), closed("0+0x20", "internal_error")))
        },
    ),
    Case(
        alert="ExtauthzDecisionLogLosingLines",
        fires=Scene(6, (dropped("0+6x20"),)),
        labels={**JOB, "cause": "queue_full"},
        filled=("0.10", "queue_full"),
        near={"one burst": Scene(8, (dropped("0+0x5 50+0x20"),))},
    ),
)
