"""A path that an upstream may read in another way than the policies did is denied; Envoy can make it plain before."""

import pytest

from support.edge import Edge, StartEdge
from support.edge_pki import Client
from support.envoy_bootstrap import HttpEdge

AMBIGUOUS = [
    "/public/../ops/x",
    "/public/%2e%2e/ops/x",
    "/public/.%2E/ops/x",
    "/public/./x",
    "//ops/x",
    "/public//x",
    "/public%2f..%2fops/x",
    "/public/%2F/x",
    "/public/%5c../x",
    "/public\\..\\ops",
    "/public/%252e%252e/ops",
    "/public/..;/ops/x",
    "/public/x%00",
    "/public/x%0a",
    "/public/%zz",
    "/public/%ff",
]


@pytest.fixture(scope="module")
def edge(start_edge: StartEdge) -> Edge:
    return start_edge(
        edges={"https": HttpEdge(normalize_path=False), "normal": HttpEdge()},
        policies=[
            {"name": "ops", "when": {"paths": ["/ops/**"]}, "require": {"organizational_unit": ["Ops"]}},
            {"name": "public", "when": {}, "require": {}},
        ],
    )


@pytest.mark.parametrize("http2", [False, True], ids=["http1", "http2"])
@pytest.mark.parametrize("path", AMBIGUOUS)
def test_an_ambiguous_path_never_reaches_the_upstream(edge: Edge, bob: Client, path: str, http2: bool) -> None:
    answer = edge.ask(bob, path, http2=http2)
    assert not edge.reached(answer)
    assert (answer.status, edge.reason(answer)) == (403, "path_ambiguous")


@pytest.mark.parametrize("path", ["/public/../ops/x", "/public/%2e%2e/ops/x", "/public/./../ops//x", "//ops/x"])
def test_an_envoy_that_normalises_decides_on_what_the_upstream_sees(
    edge: Edge, alice: Client, bob: Client, path: str
) -> None:
    assert edge.reason(edge.ask(bob, path, to="normal")) == "organizational_unit_not_allowed"
    answer = edge.ask(alice, path, to="normal")
    assert answer.json()["target"] == "/ops/x"
    assert answer.identity_headers()["x-client-cert-policy"] == "ops"


def test_an_envoy_that_normalises_refuses_escaped_slashes_itself(edge: Edge, alice: Client) -> None:
    answer = edge.ask(alice, "/public%2f..%2fops/x", to="normal")
    assert answer.status == 400
    assert not edge.reached(answer)
