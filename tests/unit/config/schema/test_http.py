"""``listen.http``: nobody may ask unless it is said who."""

import pytest
from pydantic import ValidationError

from extauthz.config.schema.http import Http

TLS = {"cert": "c", "key": "k", "client_ca": "ca"}


def http(**settings: object) -> Http:
    return Http.model_validate({"dialect": "nginx", **settings})


def refusal(**settings: object) -> str:
    with pytest.raises(ValidationError) as caught:
        http(**settings)
    return str(caught.value)


def test_somebody_must_be_named() -> None:
    assert "needs to know who may ask" in refusal()
    assert "names nobody" in refusal(callers={})
    assert "take one of them away" in refusal(callers={"addresses": ["10.0.0.1"]}, unsafe_any_caller=True)
    assert http(unsafe_any_caller=True).callers is None


@pytest.mark.parametrize("kind", ["addresses", "clients", "unix_users"])
def test_an_empty_list_is_no_list(kind: str) -> None:
    assert "too_short" in refusal(callers={kind: []})


def test_callers_are_told_apart_by_what_there_is() -> None:
    unix = "unix:/run/x.sock"
    assert "a Unix socket has no addresses" in refusal(address=unix, callers={"addresses": ["10.0.0.1"]})
    assert "needs a Unix socket" in refusal(callers={"unix_users": [0]})
    assert "needs `tls.client_ca`" in refusal(callers={"clients": ["dns:a.example"]})
    assert "needs `tls.client_ca`" in refusal(callers={"clients": ["dns:a.example"]}, tls={"cert": "c", "key": "k"})
    assert http(address=unix, callers={"unix_users": [0, 4294967294]}).callers is not None
    assert http(callers={"clients": ["dns:a.example"]}, tls=TLS).callers is not None


@pytest.mark.parametrize("network", ["10.0.0.0/8", "10.0.0.1", "fd00::/8", "::1"])
def test_addresses_and_networks_are_taken(network: str) -> None:
    assert http(callers={"addresses": [network]}).callers is not None


@pytest.mark.parametrize("network", ["10.0.0.1/8", "gateway", "10.0.0.0/33", "", "10.0.0.0-10.0.0.9", "10.0.0.0/8 "])
def test_other_things_are_not(network: str) -> None:
    assert "write an address or a network" in refusal(callers={"addresses": [network]})


@pytest.mark.parametrize(
    ("networks", "family"),
    [
        (["0.0.0.0/0"], "IPv4"),
        (["10.0.0.0/8", "::/0"], "IPv6"),
        (["128.0.0.0/1", "0.0.0.0/1"], "IPv4"),
        (["8000::/1", "4000::/2", "::/2"], "IPv6"),
        ([f"{first}.0.0.0/8" for first in range(256)], "IPv4"),
    ],
)
def test_networks_that_are_everybody_have_to_be_called_so(networks: list[str], family: str) -> None:
    for beside in ({}, {"secret": {"file": "s"}}):
        refused = refusal(callers={"addresses": networks, **beside})
        assert f"has all of {family} and so keeps nobody out" in refused
        assert "write `unsafe_any_caller: true`" in refused


@pytest.mark.parametrize("networks", [["0.0.0.0/1", "128.0.0.0/2"], ["::/1", "10.0.0.0/8"], ["0.0.0.0/1", "8000::/1"]])
def test_networks_that_leave_somebody_out_are_taken(networks: list[str]) -> None:
    assert http(callers={"addresses": networks}).callers is not None


@pytest.mark.parametrize("prefix", ["/check", "/a/b", "/a-b_c.d~e"])
def test_a_prefix_is_a_plain_path(prefix: str) -> None:
    assert http(prefix=prefix, unsafe_any_caller=True).prefix == prefix


@pytest.mark.parametrize(
    "prefix", ["", "/", "check", "/check/", "/a//b", "/a?b", "/a%2fb", "/..", "/a/../b", "/a b", "/ä"]
)
def test_anything_else_is_none(prefix: str) -> None:
    assert "is no path to ask below" in refusal(prefix=prefix, unsafe_any_caller=True)


@pytest.mark.parametrize("name", ["X-Method", "x_method", "x method", "", "-x", "x--y", ":method"])
def test_a_header_name_is_written_in_lower_case(name: str) -> None:
    assert "is no header name" in refusal(request={"method_header": name}, unsafe_any_caller=True)


def test_a_url_leaves_no_room_for_host_and_path() -> None:
    for other in ("host_header", "path_header"):
        request = {"url_header": "x-url", other: "x-other"}
        assert "`url_header` gives host and path already" in refusal(request=request, unsafe_any_caller=True)


def test_envoys_attribute_is_no_header() -> None:
    assert "envoy_peer" not in str(http(sources=[{"type": "rfc9440"}], unsafe_any_caller=True))
    assert "sources" in refusal(sources=[{"type": "envoy_peer"}], unsafe_any_caller=True)


@pytest.mark.parametrize("dialect", ["NGINX", "apache", "", None])
def test_a_dialect_is_one_that_there_is(dialect: object) -> None:
    assert "dialect" in refusal(dialect=dialect, unsafe_any_caller=True)
