"""What it decides by, and how it is: the rows on trust, configuration and the running program."""

from typing import Final

from dashboard_panels import Kind, Panel, Query, Row, lines, of, rate

_REMAINING: Final = "extauthz_client_certificate_remaining_seconds"
_THIS: Final = "extauthz_crl_this_update_timestamp_seconds"
_NEXT: Final = "extauthz_crl_next_update_timestamp_seconds"


def _ends_within(bound: str) -> str:
    soon, all_of_them = rate(f"{_REMAINING}_bucket", f', le="{bound}"'), rate(f"{_REMAINING}_count")
    return f"sum({soon}) / sum({all_of_them})"


def _known() -> str:
    hits, misses = rate("extauthz_cache_hits_total"), rate("extauthz_cache_misses_total")
    return f"sum({hits}) / (sum({hits}) + sum({misses}))"


def _loaded_ago() -> str:
    info, loaded = of("extauthz_config_info"), of("extauthz_config_last_reload_success_timestamp_seconds")
    ago = f"(time() - max by (pod, instance) ({loaded}))"
    return f"max by (pod, instance, hash) ({info}) * on (pod, instance) group_left () {ago}"


TRUST: Final = Row(
    title="Trust",
    panels=(
        Panel(
            title="CRLs in use",
            description="Below 0 in `ends in`: past its nextUpdate, its issuer's clients are denied crl_stale.",
            kind=Kind.TABLE,
            width=16,
            keys=("crl",),
            queries=(
                Query(expr=f"max by (crl) ({of('extauthz_crl_entries')})", legend="entries", unit="short"),
                Query(expr=f"max by (crl) ({of('extauthz_crl_number')})", legend="number", unit="none"),
                Query(expr=f"max by (crl) (time() - {of(_THIS)})", legend="age", unit="s"),
                Query(expr=f"min by (crl) ({of(_NEXT)} - time())", legend="ends in", unit="s"),
            ),
        ),
        Panel(
            title="Trust anchors",
            description="By the first 8 digits of their SHA-256.",
            kind=Kind.TABLE,
            keys=("fingerprint8",),
            queries=(
                Query(
                    expr=f"min by (fingerprint8) ({of('extauthz_trust_anchor_not_after_timestamp_seconds')} - time())",
                    legend="ends in",
                    unit="s",
                ),
            ),
        ),
        Panel(
            title="CRL sources",
            description="Files and URLs. At `usable` 0 what they gave before goes on counting.",
            kind=Kind.TABLE,
            width=16,
            keys=("crl",),
            queries=(
                Query(
                    expr=f"min by (crl) ({of('extauthz_crl_last_attempt_successful')})", legend="usable", unit="none"
                ),
                Query(
                    expr=f"max by (crl) (time() - {of('extauthz_crl_last_success_timestamp_seconds')})",
                    legend="last success",
                    unit="s",
                ),
                Query(expr=f"max by (crl) ({of('extauthz_crl_rejected')})", legend="rejected", unit="none"),
                Query(expr=f"sum by (crl) ({of('extauthz_crl_rollbacks_total')})", legend="roll-backs", unit="none"),
            ),
        ),
        Panel(
            title="The listeners' own certificates",
            description="Of the listeners that speak TLS. Empty where none does.",
            kind=Kind.TABLE,
            keys=("api",),
            queries=(
                Query(
                    expr=f"min by (api) ({of('extauthz_server_certificate_not_after_timestamp_seconds')} - time())",
                    legend="ends in",
                    unit="s",
                ),
            ),
        ),
        lines(
            "Life left of each CRL",
            "Of its own time from thisUpdate to nextUpdate.",
            "percentunit",
            (f"min by (crl) (({of(_NEXT)} - time()) / ({of(_NEXT)} - {of(_THIS)}))", "{{crl}}"),
        ),
        lines(
            "Fetches of CRLs",
            "",
            "short",
            (f"sum by (result) (increase({of('extauthz_crl_fetch_total')}[$__rate_interval])) > 0", "{{result}}"),
            kind=Kind.STACK,
        ),
        lines(
            "Client certificates that end soon",
            "Share of the allowed requests.",
            "percentunit",
            *(
                (
                    _ends_within(bound),
                    f"within {name}",
                )
                for bound, name in (("86400.0", "a day"), ("604800.0", "a week"), ("2.592e+06", "30 days"))
            ),
        ),
    ),
)

CONFIGURATION: Final = Row(
    title="Configuration",
    panels=(
        Panel(
            title="Configuration of each instance",
            description="The same hash everywhere, but for the time of a rollout.",
            kind=Kind.TABLE,
            width=12,
            keys=("pod", "instance", "hash"),
            queries=(
                Query(
                    expr=_loaded_ago(),
                    legend="loaded ago",
                    unit="s",
                ),
            ),
        ),
        Panel(
            title="Reloads",
            description="",
            kind=Kind.LINES,
            width=6,
            queries=(
                Query(
                    expr=f"sum by (result) (increase({of('extauthz_config_reloads_total')}[$__rate_interval]))",
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="Last reload was good",
            description="0: a change is not in use; the last good configuration is.",
            kind=Kind.LINES,
            width=6,
            queries=(
                Query(
                    expr=f"min by (pod, instance) ({of('extauthz_config_last_reload_successful')})",
                    legend="{{instance}}",
                ),
            ),
        ),
    ),
)

RUNTIME: Final = Row(
    title="Runtime",
    panels=(
        lines("CPU", "Cores in use.", "short", (rate("process_cpu_seconds_total"), "{{instance}}")),
        lines("Memory", "Resident.", "bytes", (of("process_resident_memory_bytes"), "{{instance}}")),
        lines("Checks in flight", "", "short", (of("extauthz_checks_in_flight"), "{{instance}}")),
        lines("Connections of proxies", "", "short", (of("extauthz_transport_connections"), "{{instance}}")),
        lines(
            "Connections and calls ended by the service",
            "age and drain are everyday life; docs/operations.md says what the others are.",
            "short",
            (f"sum by (cause) (increase({of('extauthz_transport_closed_total')}[$__rate_interval])) > 0", "{{cause}}"),
            kind=Kind.STACK,
        ),
        lines(
            "Workers", "Where there are several.", "short", (f"sum by (state) ({of('extauthz_workers')})", "{{state}}")
        ),
        lines(
            "Certificates that had been judged before",
            "Share of those that were presented.",
            "percentunit",
            (
                _known(),
                "known",
            ),
        ),
        lines(
            "RPCs, by status",
            "A deny is an RPC that ended OK.",
            "reqps",
            (
                f"sum by (grpc_method, grpc_code) ({rate('grpc_server_handled_total')}) > 0",
                "{{grpc_method}} {{grpc_code}}",
            ),
        ),
        lines(
            "Lost lines of the decision log",
            "",
            "short",
            (f"sum by (cause) ({rate('extauthz_decision_log_dropped_total')})", "{{cause}}"),
        ),
    ),
)
