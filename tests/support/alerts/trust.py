"""Alerts that ask: is what it decides by current."""

from collections.abc import Mapping
from typing import Final

from support.alerts.case import JOB, OTHER_POD, POD, Case, Scene, Series, checks, series, started

DAY: Final = 86400
CRL: Final = {**JOB, "crl": "ca.crl"}
ANCHOR: Final = {**JOB, "fingerprint8": "0a1b2c3d"}
ENTRIES: Final = "extauthz_crl_entries"
ROLLBACKS: Final = "extauthz_crl_rollbacks_total"
FIRST_SEEN: Final = ((ROLLBACKS, {"crl": "ca.crl"}), ("extauthz_build_info", {"version": "1"}))
BEGUN: Final = "extauthz_crl_this_update_timestamp_seconds"


def crl(name: str, samples: str) -> Series:
    return series(f"extauthz_crl_{name}", samples, crl="ca.crl")


def watched() -> tuple[Series, ...]:
    """Return what there is of a process that started at 0 and has been scraped ever since."""
    return started(0), series("extauthz_build_info", "1+0x200", version="1")


def begun(samples: str, labels: Mapping[str, str]) -> Series:
    """Return when the CRL that an instance uses was issued."""
    return series(BEGUN, samples, labels, crl="ca.crl")


def life(begins: int, ends: int) -> tuple[Series, ...]:
    """Return a CRL by its two times."""
    this, following = "this_update_timestamp_seconds", "next_update_timestamp_seconds"
    return crl(this, f"{begins}+0x700"), crl(following, f"{ends}+0x700")


def anchor(days: float) -> Series:
    name = "extauthz_trust_anchor_not_after_timestamp_seconds"
    return series(name, f"{days * DAY:.0f}+0x100", fingerprint8="0a1b2c3d")


def server(begins: int, ends: int) -> tuple[Series, ...]:
    name = "extauthz_server_certificate_not_{}_timestamp_seconds"
    return tuple(
        series(name.format(end), f"{at}+0x700", api="http") for end, at in (("before", begins), ("after", ends))
    )


def remaining(day: int, week: int, all_of_them: int) -> tuple[Series, ...]:
    """Return how many allowed requests a minute come with certificates that end within a day, a week, ever."""
    name = "extauthz_client_certificate_remaining_seconds_"
    buckets = {"86400.0": day, "604800.0": week, "+Inf": all_of_them}
    return (
        *(series(name + "bucket", f"0+{each}x100", le=bound) for bound, each in buckets.items()),
        series(name + "count", f"0+{all_of_them}x100"),
    )


CASES: Final = (
    Case(
        alert="ExtauthzCRLStale",
        fires=Scene(7, life(-3600, 60)),
        labels=CRL,
        filled=("ca.crl",),
        near={
            "it is about to end": Scene(10, life(-3600, 601)),
            "its successor came late": Scene(10, (crl("next_update_timestamp_seconds", "60+0x4 3600+0x10"),)),
        },
    ),
    Case(
        alert="ExtauthzCRLExpiringSoon",
        fires=Scene(486, life(0, 36000)),
        labels=CRL,
        filled=("ca.crl", "19%"),
        near={
            "a quarter of its life is left": Scene(450, life(0, 36000)),
            "it lives for a month, and has a week left": Scene(10, life(-23 * DAY, 7 * DAY)),
            "it has ended, which is another alert": Scene(650, life(0, 36000)),
        },
    ),
    Case(
        alert="ExtauthzCRLFetchFailing",
        fires=Scene(60, (crl("last_attempt_successful", "0+0x70"),)),
        labels=CRL,
        filled=("ca.crl",),
        near={"it worked once within the hour": Scene(65, (crl("last_attempt_successful", "0+0x50 1 0+0x20"),))},
    ),
    Case(
        alert="ExtauthzCRLRolledBack",
        fires=Scene(6, (started(0), crl("rollbacks_total", "0+0x5 1+0x10"))),
        labels=CRL,
        filled=("ca.crl",),
        also={
            "at the start, before the first scrape": Scene(3, (started(3), crl("rollbacks_total", "_x3 1+0x10"))),
            "of a source that came with a reload": Scene(90, (*watched(), crl("rollbacks_total", "_x90 1+0x20"))),
            "the same, beside one that is well": Scene(
                90, (*watched(), series(ROLLBACKS, "0+0x200", crl="b.crl"), crl("rollbacks_total", "_x90 1+0x20"))
            ),
        },
        near={
            "long ago": Scene(90, (started(0), crl("rollbacks_total", "0 1+0x100"))),
            "Prometheus is new, the process is not": Scene(75, (started(0), crl("rollbacks_total", "_x70 1+0x20"))),
            "the same, an hour later": Scene(
                131, (started(0), *(series(name, "_x70 1+0x90", **more) for name, more in FIRST_SEEN))
            ),
            "a source that came with a reload and is well": Scene(
                92, (*watched(), crl("rollbacks_total", "_x90 0+0x20"))
            ),
            "the source came long ago": Scene(151, (*watched(), crl("rollbacks_total", "_x90 1+0x90"))),
            "another instance was there": Scene(
                92, (*watched(), series(ROLLBACKS, "_x90 1+0x20", OTHER_POD, crl="ca.crl"))
            ),
        },
    ),
    Case(
        alert="ExtauthzCRLOlderThanBefore",
        fires=Scene(160, (begun("9000+0x40", POD), begun("_x40 5400+0x300", OTHER_POD))),
        labels=CRL,
        filled=("ca.crl",),
        also={"one of two lags": Scene(160, (begun("5400+0x39 9000+0x300", POD), begun("5400+0x300", OTHER_POD)))},
        near={
            "it comes an hour later": Scene(
                200, (begun("5400+0x39 9000+0x300", POD), begun("5400+0x99 9000+0x300", OTHER_POD))
            ),
            "a new instance has the same": Scene(200, (begun("9000+0x40", POD), begun("_x40 9000+0x300", OTHER_POD))),
            "another list": Scene(
                200, (begun("9000+0x300", POD), series(BEGUN, "5400+0x300", OTHER_POD, crl="other.crl"))
            ),
        },
    ),
    Case(
        alert="ExtauthzCRLGone",
        fires=Scene(70, (crl("entries", "5+0x30"), series("extauthz_build_info", "1+0x90", version="1"))),
        labels=CRL,
        filled=("ca.crl",),
        near={
            "another instance has it": Scene(
                75,
                (
                    crl("entries", "5+0x30"),
                    series(ENTRIES, "_x25 5+0x90", OTHER_POD, crl="ca.crl"),
                    series("extauthz_build_info", "1+0x90", version="1"),
                ),
            ),
            "the whole service is gone": Scene(
                75, (crl("entries", "5+0x30"), series("extauthz_build_info", "1+0x30", version="1"))
            ),
        },
    ),
    Case(
        alert="ExtauthzCRLsAwaited",
        fires=Scene(10, (series("extauthz_crl_required_sources_waiting", "2+0x20"),)),
        labels={**JOB, "instance": "10.0.0.1:9190"},
        filled=("10.0.0.1:9190", "2"),
        near={"it began in time": Scene(12, (series("extauthz_crl_required_sources_waiting", "2+0x8 0+0x20"),))},
    ),
    Case(
        alert="ExtauthzRevocationUnknown",
        fires=Scene(8, (checks("0+12x20", "deny", "crl_stale"),)),
        labels={**JOB, "reason": "crl_stale"},
        filled=("0.20", "crl_stale"),
        near={
            "they are revoked": Scene(12, (checks("0+120x20", "deny", "revoked"),)),
            "one client in a while": Scene(12, (checks("0+5x20", "deny", "crl_missing"),)),
        },
    ),
    Case(
        alert="ExtauthzTrustAnchorExpiring",
        fires=Scene(60, (anchor(29),)),
        labels=ANCHOR,
        filled=("0a1b2c3d", "28d 23h 0m 0s"),
        near={"a month and a day": Scene(70, (anchor(31),))},
    ),
    Case(
        alert="ExtauthzTrustAnchorExpiresThisWeek",
        fires=Scene(60, (anchor(6),)),
        labels=ANCHOR,
        filled=("0a1b2c3d", "5d 23h 0m 0s"),
        near={"a week and a day": Scene(70, (anchor(8),))},
    ),
    Case(
        alert="ExtauthzServerCertificateExpiring",
        fires=Scene(6, server(-60 * DAY, 14 * DAY)),
        labels={**JOB, "api": "http"},
        filled=("http", "13d 23h 54m 0s"),
        near={
            "a quarter of its life is left": Scene(450, server(0, 36000)),
            "it lives for a year, and has three weeks left": Scene(10, server(-344 * DAY, 21 * DAY)),
        },
    ),
    Case(
        alert="ExtauthzServerCertificateExpired",
        fires=Scene(5, server(-3600, 240)),
        labels={**JOB, "api": "http"},
        filled=("http",),
        near={"it holds for another second": Scene(5, server(-3600, 301))},
    ),
    Case(
        alert="ExtauthzClientCertificatesExpiring",
        fires=Scene(61, remaining(0, 10, 100)),
        filled=("10%",),
        near={
            "they never live longer than a day": Scene(70, remaining(100, 100, 100)),
            "a few": Scene(70, remaining(0, 4, 100)),
        },
    ),
)
