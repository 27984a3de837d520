"""RPCs are counted under the names and labels that gRPC dashboards know."""

import grpc
import pytest

from extauthz.observe.metrics import Metrics
from extauthz.observe.rpc_metrics import (
    STATUS_CANCELLED,
    STATUS_NAMES,
    STATUS_NOT_FOUND,
    STATUS_OK,
    STATUS_UNKNOWN,
    RpcType,
)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="1")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.parametrize(
    ("number", "name"),
    [(STATUS_OK, "OK"), (STATUS_CANCELLED, "Canceled"), (STATUS_UNKNOWN, "Unknown"), (STATUS_NOT_FOUND, "NotFound")],
)
def test_a_code_has_the_name_that_go_gives_it(number: int, name: str) -> None:
    assert STATUS_NAMES[number] == name


def test_the_names_are_in_the_order_of_the_codes() -> None:
    folded = [name.lower() for name in STATUS_NAMES]
    assert folded == [code.name.replace("_", "").lower().replace("cancelled", "canceled") for code in in_order()]


def in_order() -> list[grpc.StatusCode]:
    return sorted(grpc.StatusCode, key=lambda code: code.value[0])


def test_rpcs_are_counted_as_grpc_dashboards_expect(metrics: Metrics) -> None:
    method = metrics.rpc.method("some.Service", "Method", RpcType.UNARY)
    labels = {"grpc_type": "unary", "grpc_service": "some.Service", "grpc_method": "Method"}
    assert value(metrics, "grpc_server_handled_total", **labels, grpc_code="ResourceExhausted") == 0.0
    method.started()
    method.started()
    method.handled(STATUS_OK, 0.001)
    method.handled(STATUS_CANCELLED, 0.001)
    assert value(metrics, "grpc_server_started_total", **labels) == 2.0
    assert value(metrics, "grpc_server_handled_total", **labels, grpc_code="OK") == 1.0
    assert value(metrics, "grpc_server_handled_total", **labels, grpc_code="Canceled") == 1.0
    assert value(metrics, "grpc_server_handling_seconds_count", **labels) == 2.0
