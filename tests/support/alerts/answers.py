"""Alerts that ask: are its answers right."""

from typing import Final

from support.alerts.case import JOB, Case, Scene, Series, checks, series, started


def internal_errors(samples: str) -> Series:
    return checks(samples, "deny", "internal_error", policy="")


def strangers(samples: str) -> Series:
    return checks(samples, "deny", "caller_not_allowed", policy="")


def answered(
    samples: str, code: str, method: str = "Check", service: str = "envoy.service.auth.v3.Authorization"
) -> Series:
    return series("grpc_server_handled_total", samples, grpc_service=service, grpc_method=method, grpc_code=code)


def took(samples: str, bound: str) -> Series:
    labels = {"api": "grpc", "decision": "allow", "le": bound}
    return series("extauthz_check_duration_seconds_bucket", samples, **labels)


def counted(samples: str) -> Series:
    return series("extauthz_check_duration_seconds_count", samples, api="grpc", decision="allow")


CASES: Final = (
    Case(
        alert="ExtauthzInternalErrors",
        fires=Scene(10, (internal_errors("0+0x9 1+0x10"),)),
        filled=("1",),
        also={"before the first scrape": Scene(3, (started(3), internal_errors("_x3 1+0x20")))},
        near={
            "other denials": Scene(15, (internal_errors("0+0x20"), checks("0+9x20", "deny", "expired"))),
            "long ago": Scene(40, (started(0), internal_errors("0 1+0x60"))),
        },
    ),
    Case(
        alert="ExtauthzErrorBudgetBurnsFast",
        fires=Scene(3, (internal_errors("0+2x80"), checks("0+98x80", "allow", "allowed"))),
        filled=("2%",),
        near={
            "one in a hundred": Scene(75, (internal_errors("0+1x80"), checks("0+99x80", "allow", "allowed"))),
            "it is as good as over": Scene(
                75, (internal_errors("0+0x20 0+20x20 401+1x60"), checks("0+99x90", "allow", "allowed"))
            ),
            "it has only just begun": Scene(
                75, (internal_errors("0+0x68 0+9x10"), checks("0+98x90", "allow", "allowed"))
            ),
        },
    ),
    Case(
        alert="ExtauthzErrorBudgetBurns",
        fires=Scene(16, (internal_errors("0+1x400"), checks("0+99x400", "allow", "allowed"))),
        filled=("1%",),
        near={
            "one in two hundred": Scene(400, (internal_errors("0+1x400"), checks("0+199x400", "allow", "allowed"))),
            "it is as good as over": Scene(
                400, (internal_errors("0+90x100 9004+4x300"), checks("0+990x400", "allow", "allowed"))
            ),
            "it has begun half an hour ago": Scene(
                410, (internal_errors("0+0x380 0+60x30"), checks("0+990x420", "allow", "allowed"))
            ),
        },
    ),
    Case(
        alert="ExtauthzRpcErrors",
        fires=Scene(13, (answered("0+12x20", "DeadlineExceeded"), answered("0+900x20", "OK"))),
        labels={**JOB, "grpc_code": "DeadlineExceeded"},
        filled=("0.20", "DeadlineExceeded"),
        near={
            "the proxy gave up": Scene(20, (answered("0+120x20", "Canceled"),)),
            "now and then": Scene(20, (answered("0+5x20", "DeadlineExceeded"),)),
            "health checks": Scene(20, (answered("0+12x20", "NotFound", service="grpc.health.v1.Health"),)),
        },
    ),
    Case(
        alert="ExtauthzDenyRateSpike",
        fires=Scene(139, (checks("0+5x130 650+120x20", "deny", "expired"), checks("0+20x150", "allow", "allowed"))),
        filled=("85.71%",),
        near={
            "not three times as many": Scene(
                145, (checks("0+100x130 13000+280x20", "deny", "expired"), checks("0+9900x150", "allow", "allowed"))
            ),
            "a handful": Scene(
                145, (checks("0+1x130 130+50x20", "deny", "expired"), checks("0+99x150", "allow", "allowed"))
            ),
            "as many as ever": Scene(
                145, (checks("0+120x150", "deny", "no_certificate"), checks("0+9x150", "allow", "allowed"))
            ),
        },
    ),
    Case(
        alert="ExtauthzNoCertificateSource",
        fires=Scene(
            13,
            (
                checks("0+5x20", "deny", "no_certificate"),
                checks("0+6x20", "deny", "certificate_not_forwarded"),
                checks("0+1x20", "allow", "allowed"),
            ),
        ),
        filled=("91.67%",),
        near={
            "one in ten has one": Scene(
                15, (checks("0+90x20", "deny", "no_certificate"), checks("0+10x20", "allow", "allowed"))
            ),
            "a policy wants none": Scene(15, (checks("0+90x20", "allow", "allowed_without_certificate"),)),
            "hardly any traffic": Scene(15, (checks("0+5x20", "deny", "no_certificate"),)),
        },
    ),
    Case(
        alert="ExtauthzCallersRefused",
        fires=Scene(11, (started(0), strangers("0+0x10 6+0x20"))),
        filled=("6",),
        also={"before the first scrape": Scene(3, (started(3), strangers("_x3 6+0x20")))},
        near={
            "it was over a quarter of an hour ago": Scene(28, (started(0), strangers("0+0x10 6+0x20"))),
            "clients without a certificate": Scene(8, (started(5), checks("_x5 6+0x20", "deny", "no_certificate"))),
        },
    ),
    Case(
        alert="ExtauthzLatencyHigh",
        fires=Scene(
            13, (took("0+90x20", "0.025"), took("0+120x20", "0.05"), took("0+120x20", "+Inf"), counted("0+120x20"))
        ),
        labels={**JOB, "api": "grpc"},
        filled=("49ms", "grpc"),
        near={
            "one in two hundred is slow": Scene(
                20,
                (
                    took("0+1194x20", "0.025"),
                    took("0+1200x20", "0.05"),
                    took("0+1200x20", "+Inf"),
                    counted("0+1200x20"),
                ),
            ),
            "hardly any traffic": Scene(
                20, (took("0+0x20", "0.025"), took("0+50x20", "0.05"), took("0+50x20", "+Inf"), counted("0+50x20"))
            ),
        },
    ),
)
