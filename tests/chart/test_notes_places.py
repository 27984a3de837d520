"""Where the notes say that something is: the name that a proxy asks, the URLs of CRLs, a request for `explain`."""

import re
from typing import Any

import pytest

from support.chart_values import ABSENT, minimal
from support.helm import notes


@pytest.mark.parametrize(
    ("policies", "options"),
    [
        ([{"when": {}}], "--host 'web.example.com' --path '/'"),
        ([{"when": {"hosts": ["*.a.example"], "paths": ["/v1/**"]}}], "--host 'x.a.example' --path '/v1/x'"),
        ([{"when": {"hosts": ["re:.*"], "paths": ["re:/.*"]}}], "--host 'HOST' --path 'PATH'"),
        ([{"when": {"hosts": ["a"], "methods": ["PUT", "GET"]}}], "--host 'a' --path '/' --method PUT"),
        ([{"when": {"context": {"a": "b"}}}, {"when": {"hosts": ["c"]}}], "--host 'c' --path '/'"),
        ([{"when": {"sni": ["a"]}}, {"when": {"hosts": ["c"]}}, {"when": {"hosts": ["d"]}}], "--host 'c' --path '/'"),
    ],
)
def test_explain_is_asked_for_what_the_first_policy_is_for(policies: list[dict[str, Any]], options: str) -> None:
    named = [{"name": f"p{at}", "require": {}, **one} for at, one in enumerate(policies)]
    said = notes(values=minimal(config={"policies": named}))
    assert f"explain --config /etc/extauthz/config/extauthz.yaml {options} --cert -" in said


@pytest.mark.parametrize(
    ("dialect", "host"),
    [
        ("nginx", "extauthz.authz.svc.cluster.local"),
        ("haproxy", "extauthz.authz.svc.cluster.local"),
        ("ingress_nginx", "extauthz.authz.svc.cluster.local"),
        ("traefik", "extauthz.authz.svc"),
        ("caddy", "extauthz.authz.svc"),
    ],
)
def test_the_name_is_one_that_this_proxy_can_resolve(dialect: str, host: str) -> None:
    """NGINX asks a name server itself, and knows no search domains."""
    config = {"listen": {"http": {"dialect": dialect, "callers": {"addresses": ["10.0.0.0/8"]}}}, "sources": ABSENT}
    served = {"grpc": {"enabled": False}, "http": {"enabled": True, "tls": True}, "tls": {"secretName": "server"}}
    said = notes(values=minimal(config=config, **served))
    assert f"Ask at https://{host}:9192/check\n" in said
    assert (f"verify the name {host}." in said) is (dialect != "ingress_nginx")
    assert ("ingress-nginx does not verify its certificate" in said) is (dialect == "ingress_nginx")


def test_the_notes_say_where_crls_must_be_and_which_the_pods_wait_for() -> None:
    lists = [{"url": "http://a.example/a.crl"}, {"url": "http://a.example:8080/b.crl", "required": False}]
    said = notes(values=minimal(crls=lists))
    found = dict(re.findall(r"^   (http://\S+) +(.*)$", said, re.MULTILINE))
    assert found == {
        "http://a.example/a.crl": "no pod is ready before it gave a usable CRL",
        "http://a.example:8080/b.crl": "no pod waits for it",
    }
    port = "For a pod behind a Service the port of\n   the pod counts"
    assert port not in said
    peers: dict[str, Any] = {"egress": {"crlPublishers": [{"podSelector": {}}]}}
    said = notes(values=minimal(crls=lists, networkPolicy=peers))
    assert f"to port 443, 80, 8080 of the publishers. {port}" in said
    assert "CRLs must be there" not in notes(values=minimal(crls=[{"configMap": "a"}]))
