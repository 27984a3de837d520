"""Alerts about what the proxy sees."""

from typing import Final

from support.alerts.case import Case, Scene, Series, series

ENVOY: Final = {"namespace": "edge", "job": "envoy"}
PROXY: Final = {**ENVOY, "instance": "10.0.0.9:9901"}


def of_filter(name: str, samples: str) -> Series:
    return series(f"envoy_http_ext_authz_{name}", samples, PROXY, envoy_http_conn_manager_prefix="edge")


def of_cluster(name: str, samples: str, cluster: str = "extauthz") -> Series:
    return series(f"envoy_cluster_upstream_{name}", samples, PROXY, envoy_cluster_name=cluster)


CASES: Final = (
    Case(
        alert="ExtauthzEnvoyErrors",
        fires=Scene(8, (of_filter("error", "0+12x20"),)),
        labels=ENVOY,
        filled=("0.20",),
        near={
            "denials are answers": Scene(12, (of_filter("denied", "0+60x20"), of_filter("error", "0+0x20"))),
            "now and then": Scene(12, (of_filter("error", "0+5x20"),)),
        },
    ),
    Case(
        alert="ExtauthzEnvoyFailsOpen",
        fires=Scene(11, (of_filter("failure_mode_allowed", "0+0x10 1+0x10"),)),
        labels=ENVOY,
        filled=("1",),
        also={
            "the counter shows up with its first event": Scene(5, (of_filter("failure_mode_allowed", "_x5 1+0x10"),))
        },
        near={
            "it is over": Scene(28, (of_filter("failure_mode_allowed", "0+0x10 1+0x20"),)),
            "it is over, and the counter came with it": Scene(28, (of_filter("failure_mode_allowed", "_x5 1+0x30"),)),
        },
    ),
    Case(
        alert="ExtauthzEnvoyTimeouts",
        fires=Scene(8, (of_cluster("rq_timeout", "0+12x20"),)),
        labels={**ENVOY, "envoy_cluster_name": "extauthz"},
        filled=("0.20", "extauthz"),
        near={
            "another cluster": Scene(12, (of_cluster("rq_timeout", "0+12x20", "shop"),)),
            "now and then": Scene(12, (of_cluster("rq_timeout", "0+5x20"),)),
        },
    ),
    Case(
        alert="ExtauthzEnvoyCannotConnect",
        fires=Scene(8, (of_cluster("cx_connect_fail", "0+12x20"),)),
        labels={**ENVOY, "envoy_cluster_name": "extauthz"},
        filled=("0.20", "extauthz"),
        near={
            "another cluster": Scene(12, (of_cluster("cx_connect_fail", "0+12x20", "shop"),)),
            "now and then": Scene(12, (of_cluster("cx_connect_fail", "0+5x20"),)),
        },
    ),
)
