"""Histogram buckets."""

LATENCY_SECONDS = (
    0.00005,
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
)
"""50 µs to 1 s: a decision takes tens of microseconds, and Envoy's default patience is 200 ms."""

_HOUR = 3600
_DAY = 24 * _HOUR
REMAINING_SECONDS = tuple(
    float(seconds)
    for seconds in (
        0,
        _HOUR,
        6 * _HOUR,
        _DAY,
        3 * _DAY,
        7 * _DAY,
        14 * _DAY,
        30 * _DAY,
        90 * _DAY,
        180 * _DAY,
        365 * _DAY,
    )
)
"""What client certificates have left to live, from hours (SPIFFE) to years (smart cards)."""
