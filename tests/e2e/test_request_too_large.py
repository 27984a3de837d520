"""A question that is too large is denied, not left without an answer: an Envoy that fails open would let it through."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge

SMALLEST_LIMIT = 64 << 10


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    listen = {
        "grpc": {"address": "127.0.0.1:0", "max_message_bytes": SMALLEST_LIMIT},
        "admin": {"address": "127.0.0.1:0"},
    }
    return start_edge(
        edges={"https": HttpEdge(failure_mode_allow=True, max_headers_kb=8192, max_body=64 << 20)}, listen=listen
    )


def filler(size: int) -> list[tuple[str, str]]:
    """Return headers of about ``size`` bytes in all."""
    return [(f"x-filler-{number}", "f" * (size // 50)) for number in range(50)]


def test_a_request_of_ordinary_size_passes(edge: Edge, alice: Client) -> None:
    assert edge.ask(alice, headers=filler(40_000)).status == 200


@pytest.mark.parametrize("size", [80_000, 250_000, 1_000_000, 7_000_000])
def test_headers_past_the_limit_are_denied(edge: Edge, alice: Client, size: int) -> None:
    answer = edge.ask(alice, headers=filler(size))
    assert answer.status == 403
    assert edge.reason(answer) == "request_too_large"
    assert not edge.reached(answer)


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_bodies_past_the_limit_are_denied(edge: Edge, alice: Client, size: int) -> None:
    answer = edge.ask(alice, method="POST", body=b"b" * size)
    assert answer.status == 403
    assert edge.reason(answer) == "request_too_large"
    assert not edge.reached(answer)
