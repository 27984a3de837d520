"""What is asked and answered: the rows on decisions, latency, and what the proxy sees."""

from typing import Final

from dashboard_panels import ENVOY_CLUSTER, Kind, Panel, Query, Row, checks, lines, number, of, rate

_DENY: Final = ', decision="deny"'
_INTERNAL_ERROR: Final = ', reason="internal_error"'
_DURATIONS: Final = "extauthz_check_duration_seconds_bucket"


def _waits(share: float) -> str:
    buckets = f"rate(envoy_cluster_upstream_rq_time_bucket{{{ENVOY_CLUSTER}}}[$__rate_interval])"
    return f"histogram_quantile({share}, sum by (le) ({buckets}))"


DECISIONS: Final = Row(
    title="Decisions",
    panels=(
        number("Checks", "Decisions a second.", "reqps", f"sum({checks()})"),
        number("Denied", "Share of the checks.", "percentunit", f"sum({checks(_DENY)}) / sum({checks()})"),
        number(
            "Defects in the last hour",
            "Checks that ended in internal_error and were denied. Should be 0; the process log has the stack.",
            "short",
            f"sum(increase({of('extauthz_checks_total', _INTERNAL_ERROR)}[1h]))",
            bad_above=1,
        ),
        number(
            "Configurations in use",
            "More than one for longer than a rollout takes: instances decide differently.",
            "short",
            f"count(count by (hash) ({of('extauthz_config_info')}))",
            bad_above=2,
        ),
        lines("By decision", "", "reqps", (f"sum by (decision) ({checks()})", "{{decision}}"), kind=Kind.STACK),
        lines(
            "Denied, by reason",
            "docs/runbook.md has a section for each reason.",
            "reqps",
            (f"sum by (reason) ({checks(_DENY)}) > 0", "{{reason}}"),
            kind=Kind.STACK,
        ),
        lines(
            "By policy",
            "Without a name: what was denied before a policy was chosen.",
            "reqps",
            (f"sum by (policy, decision) ({checks()}) > 0", "{{policy}} {{decision}}"),
        ),
    ),
)

LATENCY: Final = Row(
    title="Latency",
    panels=(
        Panel(
            title="How long checks take",
            description="From the bytes of a question to the bytes of its answer, inside the service.",
            kind=Kind.HEATMAP,
            unit="s",
            width=12,
            queries=(Query(expr=f"sum by (le) (increase({of(_DURATIONS)}[$__rate_interval]))", legend="{{le}}"),),
        ),
        Panel(
            title="Quantiles",
            description="Envoy gives up after 200 ms unless it was told otherwise.",
            kind=Kind.LINES,
            unit="s",
            width=12,
            queries=tuple(
                Query(expr=f"histogram_quantile({share}, sum by (le) ({rate(_DURATIONS)}))", legend=name)
                for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
            ),
        ),
    ),
)

PROXY: Final = Row(
    title="Proxy view (Envoy)",
    panels=(
        lines(
            "What the filter made of it",
            "error: no answer came. failure_mode_allowed: let through without one.",
            "reqps",
            *(
                (f"sum(rate(envoy_http_ext_authz_{name}[$__rate_interval]))", name)
                for name in ("ok", "denied", "error", "failure_mode_allowed")
            ),
        ),
        lines(
            "How long Envoy waits",
            "From question to answer, as Envoy measures it, in whole milliseconds.",
            "ms",
            *((_waits(share), name) for share, name in ((0.5, "p50"), (0.99, "p99"))),
        ),
        lines(
            "What goes wrong between the two",
            "",
            "reqps",
            *(
                (f"sum(rate(envoy_cluster_upstream_{name}{{{ENVOY_CLUSTER}}}[$__rate_interval]))", name)
                for name in ("rq_timeout", "cx_connect_fail", "rq_retry")
            ),
        ),
    ),
)
