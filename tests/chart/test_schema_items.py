"""Items of lists are refused, too, where one of their keys is misspelt or missing."""

import json
from collections.abc import Mapping
from typing import Any, Final

import jsonschema
import pytest
from ruamel.yaml import YAML

from support.chart_values import merged, nested
from support.helm import CHART

DEFAULTS: Final = YAML(typ="safe").load((CHART / "values.yaml").read_text())
SCHEMA: Final[Any] = json.loads((CHART / "values.schema.json").read_text())
ITEMS: Final[Mapping[str, list[object]]] = {
    "trust.anchors": [{"configmap": "a"}, {"configMap": ""}, {"path": "relative"}, {"configMap": "a", "dod": False}],
    "trust.intermediates": [{"configMap": "a", "dod": True}],
    "crls": [{"url": "ldap://a"}, {"bundle": "a"}, {"url": "http://a", "required": "yes"}],
    "imagePullSecrets": [{}, {"name": ""}],
    "envoyGateway.securityPolicy.targetRefs": [
        {"kind": "Gateway", "name": "a"},
        {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "a", "namespace": "b"},
    ],
    "envoyGateway.securityPolicy.contextExtensions": [{"name": "a"}, {"name": "a", "type": "Value", "value": "b"}],
    "networkPolicy.proxies": [
        {},
        {"podselector": {}},
        {"podSelector": {"app": "envoy"}},
        {"namespaceSelector": {"matchlabels": {"a": "b"}}},
        {"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Equals", "values": ["b"]}]}},
        {"ipBlock": {"cidr": "10.0.0.1"}},
        {"ipBlock": {"cidr": "10.0.0.0/8", "exept": []}},
        {"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}},
        {"podSelector": {}, "ports": [{"port": 9191}]},
    ],
    "networkPolicy.monitoring": [{"namespace": "monitoring"}],
    "networkPolicy.egress.dns.peers": [{"podSelector": {"k8s-app": "kube-dns"}}],
    "networkPolicy.egress.crlPublishers": [{"cidr": "192.0.2.0/24"}],
    "networkPolicy.egress.rules": [
        {},
        {"from": [{"podSelector": {}}]},
        {"to": [{"ipblock": {}}]},
        {"ports": [{"ports": 1}]},
    ],
    "istio.authorizationPolicy.targetRefs": [
        {"name": "a"},
        {"kind": "Gateway", "nam": "a"},
        {"kind": "Gateway", "name": "a", "namespace": "b"},
    ],
    "istio.authorizationPolicy.rules": [
        {"to": [{"operations": {"hosts": ["a"]}}]},
        {"to": [{"operation": {"host": ["a"]}}]},
        {"to": [{"operation": {"hosts": []}}]},
        {"operation": {"hosts": ["a"]}},
    ],
    "extraObjects": [[]],
}


PEERS: Final = [
    {"podSelector": {}},
    {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "a"}},
        "podSelector": {"matchLabels": {"b": "c"}},
    },
    {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}},
    {"ipBlock": {"cidr": "2001:db8::/32", "except": ["2001:db8::1/128"]}},
]


def test_the_schema_takes_every_form_of_a_peer() -> None:
    for path in ("proxies", "monitoring", "egress.dns.peers", "egress.crlPublishers"):
        changed = merged(DEFAULTS, nested(f"networkPolicy.{path}", PEERS))
        assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(changed)) == []


@pytest.mark.parametrize(("status", "taken"), [(0, True), (200, False), (399, False), (400, True), (599, True)])
def test_envoy_gateway_answers_an_outage_with_an_error_or_as_it_likes(status: int, taken: bool) -> None:
    changed = merged(DEFAULTS, nested("envoyGateway.securityPolicy.statusOnError", status))
    assert (list(jsonschema.Draft7Validator(SCHEMA).iter_errors(changed)) == []) is taken


@pytest.mark.parametrize("path", ITEMS)
def test_the_schema_refuses_what_an_item_of_a_list_must_not_be(path: str) -> None:
    for item in ITEMS[path]:
        changed = merged(DEFAULTS, nested(path, [item]))
        assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(changed)), item
