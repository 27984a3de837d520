"""A denied gRPC client gets a gRPC status and a short text, not an HTML or JSON body that it cannot read."""

import grpc
import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client, EdgePki
from support.service import eventually


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(policies=[{"name": "sales-only", "when": {}, "require": {"organizational_unit": ["Sales"]}}])


def call(edge: Edge, authority: EdgePki, client: Client) -> grpc.RpcError:
    """Call a method through the edge and return how it failed."""
    credentials = grpc.ssl_channel_credentials(
        (authority.directory / "root.pem").read_bytes(),
        client.credentials.key.read_bytes(),
        client.credentials.certificate.read_bytes(),
    )
    with grpc.secure_channel(f"127.0.0.1:{edge.envoy.ports['https']}", credentials) as channel:
        method = channel.unary_unary("/example.Orders/List", request_serializer=bytes, response_deserializer=bytes)
        with pytest.raises(grpc.RpcError) as caught:
            method(b"", timeout=20)
    return caught.value


def test_a_grpc_client_gets_permission_denied_and_one_line(edge: Edge, authority: EdgePki, alice: Client) -> None:
    error = call(edge, authority, alice)
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    text, _, decision_id = (error.details() or "").partition("; decision_id=")
    assert text == "access denied"
    eventually(lambda: decision_id in {line["decision_id"] for line in edge.decisions()} or None, "the decision's line")


def test_over_http_it_is_a_grpc_status_header(edge: Edge, alice: Client) -> None:
    answer = edge.ask(
        alice, "/example.Orders/List", method="POST", http2=True, headers=[("content-type", "application/grpc")]
    )
    assert answer.status == 200  # the gRPC protocol's own way of saying no
    assert answer.header("grpc-status") == "7"
    assert answer.body == b""
    assert not edge.reached(answer)
