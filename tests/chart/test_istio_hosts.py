"""Istio's rules with hosts leave no way around: what the chart takes is asked about, whatever port a client writes."""

from typing import Final

import pytest

from support.chart_refusals_istio import asks_about, is_asked
from support.chart_values import MINIMAL, merged
from support.helm import HELMS, RefusedError, render

WEB: Final = "web.example.com"
NAMES: Final = (WEB, "other.example.com", "[2001:db8::1]")
PORTS: Final = ("", ":", ":443", ":8443", ":1")


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize(
    "hosts",
    [
        ["*.example.com"],
        ["*example.com", f"{WEB}:*"],
        ["*.example.com:*", "*.example.com"],
        [f"{WEB}:*"],
        [f"{WEB}:443"],
        [f"{WEB}:"],
        [f"{WEB}:443", WEB],
        [f"{WEB}:4*", WEB],
        [WEB, f"{WEB}:443", "other.example.com:*"],
        ["[2001:db8::1]"],
        ["[2001:db8::1]:*"],
    ],
)
def test_a_rule_that_a_port_gets_around_is_refused(hosts: list[str], helm: str) -> None:
    asked = [{is_asked(hosts, f"{name}{port}") for port in PORTS} for name in NAMES]
    assert {True, False} in asked, "one port is asked about and another is not"
    with pytest.raises(RefusedError, match=r"istio\.authorizationPolicy\.rules has the host"):
        render(helm, values=merged(MINIMAL, asks_about(*hosts)))


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize(
    "hosts",
    [
        [WEB, f"{WEB}:*"],
        [WEB, f"{WEB.upper()}:*"],
        [WEB, f"{WEB}:443", f"{WEB}:*"],
        ["web.*"],
        ["*"],
        ["*", "*.example.com"],
    ],
)
def test_a_rule_that_no_port_gets_around_is_taken(hosts: list[str], helm: str) -> None:
    assert all(is_asked(hosts, f"{WEB}{port}") for port in PORTS)
    made = render(helm, values=merged(MINIMAL, asks_about(*hosts))).one("AuthorizationPolicy")
    assert made["spec"]["rules"] == [{"to": [{"operation": {"hosts": hosts}}]}]
