"""Envoy copies ``tracestate`` from the request into its question. However long it is, the answer is a decision.

gRPC by itself refuses long metadata with an error, which an Envoy that fails open takes for a reason to let it through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge
from support.envoy_json import Json, typed

TRACE_PARENT = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingEdge(HttpEdge):
    """A listener that traces every request. Nobody takes the spans, which is no concern of the requests."""

    def network_filters(self) -> Sequence[Json]:
        (manager,) = HttpEdge.network_filters(self)
        settings = manager["typed_config"]
        assert isinstance(settings, dict)
        tracer = typed(
            "envoy.tracers.opentelemetry",
            "config.trace.v3.OpenTelemetryConfig",
            service_name="edge",
            grpc_service={"envoy_grpc": {"cluster_name": "upstream"}, "timeout": "0.2s"},
        )
        settings["tracing"] = {"random_sampling": {"value": 100}, "provider": tracer}
        return [manager]


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(
        edges={"https": TracingEdge(failure_mode_allow=True, max_headers_kb=8192)},
        policies=[{"name": "nobody", "when": {}, "require": {"common_name": ["somebody else"]}}],
    )


@pytest.mark.parametrize("size", [10, 9_000, 12_000, 20_000, 50_000, 1_000_000])
def test_a_denied_client_stays_denied(edge: Edge, alice: Client, size: int) -> None:
    answer = edge.ask(alice, headers=[TRACE_PARENT, ("tracestate", "a=" + "x" * size)])
    assert answer.status == 403
    assert edge.reason(answer) == "common_name_not_allowed"
    assert not edge.reached(answer)
