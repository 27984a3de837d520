"""Alerts that ask: can it be reached, and does it tell what it does."""

from typing import Final

from support.alerts.case import JOB, Case, Scene, Series, series, started


def closed(samples: str, cause: str) -> Series:
    return series("extauthz_transport_closed_total", samples, cause=cause)


def dropped(samples: str) -> Series:
    return series("extauthz_decision_log_dropped_total", samples, cause="queue_full")


CASES: Final = (
    Case(
        alert="ExtauthzTransportFlood",
        fires=Scene(11, (closed("0+0x10 60+0x30", "rapid_reset"),)),
        labels={**JOB, "cause": "rapid_reset"},
        filled=("60", "rapid_reset"),
        near={
            "connections grow old": Scene(12, (closed("0+60x20", "age"), closed("0+60x20", "drain"))),
            "one in a minute": Scene(30, (closed("0+1x40", "flood"),)),
            "it was over a quarter of an hour ago": Scene(28, (closed("0+0x10 60+0x30", "flood"),)),
        },
    ),
    Case(
        alert="ExtauthzTooManyConnections",
        fires=Scene(11, (started(0), closed("0+0x10 6+0x20", "too_many_connections"))),
        filled=("6",),
        also={"before the first scrape": Scene(3, (started(3), closed("_x3 6+0x20", "too_many_connections")))},
        near={
            "it was over a quarter of an hour ago": Scene(
                28, (started(0), closed("0+0x10 6+0x20", "too_many_connections"))
            ),
            "Prometheus is new, the process is not": Scene(
                22, (started(0), closed("_x20 6+0x20", "too_many_connections"))
            ),
            "connections grow old": Scene(8, (started(5), closed("_x5 6+0x20", "age"))),
        },
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
        also={"before the first scrape": Scene(3, (started(3), closed("_x3 1+0x20", "internal_error")))},
        near={
            "a client's mistake": Scene(12, (closed("0+9x20", "protocol_error"), closed("0+0x20", "internal_error"))),
            "long ago": Scene(40, (started(0), closed("1+0x60", "internal_error"))),
        },
    ),
    Case(
        alert="ExtauthzDecisionLogLosingLines",
        fires=Scene(11, (started(0), dropped("0+0x10 60+0x20"))),
        labels={**JOB, "cause": "queue_full"},
        filled=("60", "queue_full"),
        also={
            "before the first scrape": Scene(3, (started(3), dropped("_x3 60+0x20"))),
            "after a restart": Scene(
                20, (series("process_start_time_seconds", "0+0x19 1199+0x20"), dropped("90+0x19 60+0x9"))
            ),
        },
        near={
            "it was over a quarter of an hour ago": Scene(28, (started(0), dropped("0+0x10 60+0x20"))),
            "Prometheus is new, the process is not": Scene(22, (started(0), dropped("_x20 60+0x20"))),
        },
    ),
)
