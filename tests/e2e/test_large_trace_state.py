"""Envoy copies ``tracestate`` from the request into its question; the answer is a decision, up to what is taken.

gRPC by itself refuses long metadata with an error, which an Envoy that fails open takes for a reason to let it through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge
from support.envoy_json import Json, typed
from support.https_client import Answer

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


def ask(edge: Edge, client: Client, size: int) -> Answer:
    return edge.ask(client, headers=[TRACE_PARENT, ("tracestate", "a=" + "x" * size)])


@pytest.mark.parametrize("size", [10, 9_000, 12_000, 20_000, 50_000])
def test_a_denied_client_stays_denied(edge: Edge, alice: Client, size: int) -> None:
    assert_denied(edge, ask(edge, alice, size))


@pytest.mark.parametrize("transport", ["grpcio"], indirect=True)
def test_on_grpcio_a_client_stays_denied_whatever_envoy_takes(edge: Edge, alice: Client) -> None:
    assert_denied(edge, ask(edge, alice, 1_000_000))


@pytest.mark.parametrize("transport", ["native"], indirect=True)
def test_on_the_native_transport_an_envoy_that_takes_more_than_it_and_fails_open_lets_through(
    edge: Edge, alice: Client
) -> None:
    """The wall of libnghttp2: it ends the connection. docs/operations.md says what to do about it: use grpcio."""
    answer = ask(edge, alice, 1_000_000)
    assert edge.reached(answer)
    assert edge.service.metric("extauthz_transport_closed_total", cause="compression") == 1
    assert_denied(edge, ask(edge, alice, 10))


def assert_denied(edge: Edge, answer: Answer) -> None:
    assert answer.status == 403
    assert edge.reason(answer) == "common_name_not_allowed"
    assert not edge.reached(answer)
