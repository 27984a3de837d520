"""Every value is documented, has a type, is refused with another one, and changes something."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import jsonschema
import pytest
from chart_readme import Documented, UndocumentedError, documented
from ruamel.yaml import YAML

from support.chart_values import EXISTING, MINIMAL, merged, nested
from support.helm import CHART, HELM4, HELMS, RefusedError, Values, render

TEXT: Final = (CHART / "values.yaml").read_text()
DEFAULTS: Final = YAML(typ="safe").load(TEXT)
SCHEMA: Final = json.loads((CHART / "values.schema.json").read_text())
ROWS: Final = documented(TEXT)
NOT_READ: Final = {("global",)}
"""For charts that have this one as a part: Helm wants the key."""
CLIENT_CA: Final = {"grpc": {"tls": True}, "tls": {"secretName": "server", "clientCA": {"secret": "ca"}}}
HTTP: Final = {
    "http": {"enabled": True},
    "config": {"listen": {"http": {"dialect": "nginx", "unsafe_any_caller": True}}},
}
OTHERS: Final[Mapping[str, tuple[Values, object]]] = {
    # value: (what else is needed, another value than the one before)
    "nameOverride": ({}, "other"),
    "fullnameOverride": ({}, "other"),
    "commonLabels": ({}, {"a": "b"}),
    "commonAnnotations": ({}, {"a": "b"}),
    "image.repository": ({}, "other"),
    "image.tag": ({}, "2"),
    "image.digest": ({}, f"sha256:{64 * '0'}"),
    "image.pullPolicy": ({}, "Always"),
    "imagePullSecrets": ({}, [{"name": "registry"}]),
    "config": ({}, {**MINIMAL["config"], "workers": 2}),
    "existingConfigMap": (EXISTING, "other"),
    "existingSecret": ({"config": None, "existingSecret": "one"}, "other"),
    "existingKey": (EXISTING, "other.yaml"),
    "reload.strategy": ({}, "rollout"),
    "trust.anchors": ({}, [{"secret": "roots"}]),
    "trust.intermediates": ({}, [{"secret": "issuing"}]),
    "crls": ({}, [{"configMap": "crls"}]),
    "state.sizeLimit": ({}, "2Gi"),
    "bindAddress": ({}, "[::]"),
    "grpc.enabled": ({**EXISTING, "http": {"enabled": True}}, False),
    "grpc.port": ({}, 9999),
    "grpc.tls": ({**EXISTING, "tls": {"secretName": "server"}, "http": {"enabled": True, "tls": True}}, True),
    "http.enabled": (EXISTING, True),
    "http.port": (HTTP, 9999),
    "http.tls": ({**HTTP, "grpc": {"tls": True}, "tls": {"secretName": "server"}}, True),
    "http.callerSecret.secret": (HTTP, "secret"),
    "http.callerSecret.key": ({**HTTP, "http": {"enabled": True, "callerSecret": {"secret": "one"}}}, "other"),
    "admin.port": ({}, 9999),
    "tls.secretName": (CLIENT_CA, "other"),
    "tls.certManager.enabled": ({"grpc": {"tls": True}, "tls": {"certManager": {"issuerRef": {"name": "ca"}}}}, True),
    "tls.clientCA.configMap": ({"grpc": {"tls": True}, "tls": {"secretName": "server"}}, "other"),
    "tls.clientCA.secret": (CLIENT_CA, "other"),
    "tls.clientCA.bundle": ({"grpc": {"tls": True}, "tls": {"secretName": "server"}}, "other"),
    "tls.clientCA.key": (CLIENT_CA, "other"),
    "replicas": ({}, 5),
    "updateStrategy": ({}, {"type": "Recreate", "rollingUpdate": None}),
    "revisionHistoryLimit": ({}, 9),
    "resources": ({}, {"limits": {"memory": "1Gi"}}),
    "serviceAccount.create": ({}, False),
    "serviceAccount.name": ({}, "other"),
    "serviceAccount.annotations": ({}, {"a": "b"}),
    "podAnnotations": ({}, {"a": "b"}),
    "podLabels": ({}, {"a": "b"}),
    "podSecurityContext": ({}, {"runAsUser": 1000}),
    "securityContext": ({}, {"runAsUser": 1000}),
    "tmpSizeLimit": ({}, "1Mi"),
    "topologySpreadConstraints": ({}, []),
    "affinity": ({}, {"podAntiAffinity": {}}),
    "nodeSelector": ({}, {"a": "b"}),
    "tolerations": ({}, [{"operator": "Exists"}]),
    "priorityClassName": ({}, "high"),
    "extraEnv": ({}, [{"name": "A", "value": "b"}]),
    "extraVolumes": ({}, [{"name": "a", "emptyDir": {}}]),
    "extraVolumeMounts": ({}, [{"name": "a", "mountPath": "/a"}]),
    "initContainers": ({}, [{"name": "a", "image": "b"}]),
    "extraContainers": ({}, [{"name": "a", "image": "b"}]),
    "extraObjects": ({}, ["kind: A\nmetadata: {name: a}"]),
    "probes.startup": ({}, {"periodSeconds": 7}),
    "probes.liveness": ({}, {"periodSeconds": 7}),
    "probes.readiness": ({}, {"periodSeconds": 7}),
    "probes.readinessType": ({}, "http"),
    "preStopSeconds": ({}, 7),
    "terminationGracePeriodSeconds": ({}, 77),
    "service.annotations": ({}, {"a": "b"}),
    "service.labels": ({}, {"a": "b"}),
    "service.ipFamilyPolicy": ({}, "SingleStack"),
    "service.headless.enabled": ({}, False),
    "networkPolicy.enabled": ({}, False),
    "networkPolicy.proxies": ({}, [{"namespaceSelector": {}}]),
    "networkPolicy.monitoring": ({}, [{"namespaceSelector": {}}]),
    "networkPolicy.egress.restrict": ({}, False),
    "networkPolicy.egress.crlPublishers": ({"crls": [{"url": "http://a/b"}]}, [{"ipBlock": {"cidr": "192.0.2.0/24"}}]),
    "networkPolicy.egress.rules": ({}, [{"ports": [{"port": 1}]}]),
    "podDisruptionBudget.enabled": ({}, False),
    "podDisruptionBudget.maxUnavailable": ({}, "25%"),
    "podDisruptionBudget.minAvailable": ({}, 1),
    "podDisruptionBudget.unhealthyPodEvictionPolicy": ({}, "IfHealthyBudget"),
    "autoscaling.enabled": ({}, True),
    "prometheusRule.enabled": ({}, True),
    "dashboard.enabled": ({}, True),
    "metrics.service.enabled": ({}, False),
    "istio.authorizationPolicy.enabled": ({"istio": {"authorizationPolicy": {"selector": {"a": "b"}}}}, True),
    "test.enabled": ({}, False),
    "test.clientSecret": (CLIENT_CA, "other"),
}
_MONITOR: Final = {"labels": {"a": "b"}, "interval": "7s", "scrapeTimeout": "7s", "relabelings": [{"action": "drop"}]}
_RULE: Final = {
    "labels": {"a": "b"},
    "alertLabels": {"a": "b"},
    "envoyAlerts": True,
    "runbookUrl": "https://runbook",
    "alerts": {"ExtauthzDown": {"enabled": False}},
    "additionalGroups": [{"name": "a", "rules": []}],
}
_SCALING: Final = {
    "minReplicas": 3,
    "maxReplicas": 30,
    "targetCPUUtilizationPercentage": 7,
    "targetMemoryUtilizationPercentage": 7,
    "metrics": [{"type": "Pods"}],
    "behavior": {"scaleUp": {}},
}
_CERTIFICATE: Final = {"duration": "1h", "renewBefore": "1m", "dnsNames": ["other"]}
_ISSUER: Final = {"name": "other", "kind": "Issuer", "group": "other"}
_ISTIO: Final = {"namespace": "other", "provider": "other", "selector": {"a": "c"}, "rules": [{"to": []}]}
_GATEWAY: Final = {
    "namespace": "other",
    "targetRefs": [{"group": "a", "kind": "b", "name": "c"}],
    "timeout": "1s",
    "contextExtensions": [{"name": "a", "value": "b"}],
}
_TARGET: Final = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}


def below(prefix: str, around: Values, others: Mapping[str, object]) -> dict[str, tuple[Values, object]]:
    return {f"{prefix}.{key}": (around, other) for key, other in others.items()}


def monitored(kind: str) -> Values:
    return {"metrics": {kind: {"enabled": True}}, "networkPolicy": {"monitoring": [{"podSelector": {}}]}}


CERTIFIED: Final = {"grpc": {"tls": True}, "tls": {"certManager": {"enabled": True, "issuerRef": {"name": "ca"}}}}
GATEWAY: Final = {"envoyGateway": {"securityPolicy": {"enabled": True, "targetRefs": [_TARGET]}}}
CHANGES: Final[Mapping[str, tuple[Values, object]]] = {
    **OTHERS,
    **below("metrics.serviceMonitor", monitored("serviceMonitor"), _MONITOR),
    **below("metrics.podMonitor", monitored("podMonitor"), _MONITOR),
    "metrics.serviceMonitor.metricRelabelings": (monitored("serviceMonitor"), [{"action": "drop"}]),
    "metrics.podMonitor.metricRelabelings": (monitored("podMonitor"), [{"action": "drop"}]),
    "metrics.serviceMonitor.enabled": ({"networkPolicy": {"monitoring": [{"podSelector": {}}]}}, True),
    "metrics.podMonitor.enabled": ({"networkPolicy": {"monitoring": [{"podSelector": {}}]}}, True),
    **below("prometheusRule", {"prometheusRule": {"enabled": True}}, _RULE),
    **below("autoscaling", {"autoscaling": {"enabled": True}}, _SCALING),
    **below("dashboard", {"dashboard": {"enabled": True}}, {"labels": {"a": "b"}, "annotations": {"a": "b"}}),
    **below("tls.certManager", CERTIFIED, _CERTIFICATE),
    **below("tls.certManager.issuerRef", CERTIFIED, _ISSUER),
    **below(
        "istio.authorizationPolicy",
        {"istio": {"authorizationPolicy": {"enabled": True, "selector": {"a": "b"}}}},
        _ISTIO,
    ),
    "istio.authorizationPolicy.targetRefs": (
        {"istio": {"authorizationPolicy": {"enabled": True, "targetRefs": [_TARGET]}}},
        [{**_TARGET, "name": "other"}],
    ),
    "envoyGateway.securityPolicy.enabled": ({"envoyGateway": {"securityPolicy": {"targetRefs": [_TARGET]}}}, True),
    **below("envoyGateway.securityPolicy", GATEWAY, _GATEWAY),
}


def dotted(row: Documented) -> str:
    return ".".join(row.path)


def test_every_value_has_a_change_to_try() -> None:
    assert {dotted(row) for row in ROWS if row.path not in NOT_READ} == set(CHANGES)


def same(path: str) -> bool:
    """Say whether the manifests stay the same when one value is another one. What was refused before is no longer."""
    around, other = CHANGES[path]
    before = merged(MINIMAL, around)
    after = render(HELM4, values=merged(before, nested(path, other)))
    try:
        return render(HELM4, values=before).documents == after.documents
    except RefusedError:
        return False


def test_every_value_changes_something() -> None:
    with ThreadPoolExecutor(2) as pool:
        unchanged = [path for path, it_is in zip(CHANGES, pool.map(same, CHANGES), strict=True) if it_is]
    assert unchanged == []


def test_every_value_has_a_comment() -> None:
    leaves = set(paths(DEFAULTS))
    told = {row.path for row in ROWS}
    assert all(any(leaf[: len(path)] == path for path in told) for leaf in leaves)
    assert all(row.text and row.section for row in ROWS)


@pytest.mark.parametrize("text", ["a: 1\n", "a:\n  # told\n  b: 1\n  c: 1\n", "# told\n\na: 1\n"])
def test_a_value_without_a_comment_is_noticed(text: str) -> None:
    with pytest.raises(UndocumentedError, match=r"has no comment"):
        documented(text)


def paths(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from paths(value, (*path, key))
        else:
            yield (*path, key)


def test_the_schema_is_one_and_takes_the_defaults() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(DEFAULTS)) == []


def test_the_schema_knows_every_value_and_no_other() -> None:
    for row in ROWS:
        assert "properties" not in (at := schema_at(row.path)) or row.path[0] == "probes", (row.path, at)
    assert set(SCHEMA["properties"]) == set(DEFAULTS)
    for path, schema in closed(SCHEMA, ()):
        defaults: Any = DEFAULTS
        for key in path:
            defaults = defaults[key]
        assert set(defaults) <= set(schema["properties"]), path
        if path[:1] != ("probes",) or path == ("probes",):
            assert set(defaults) == set(schema["properties"]), path


def schema_at(path: tuple[str, ...]) -> Any:
    schema = SCHEMA
    for key in path:
        assert schema["additionalProperties"] is False, path
        schema = schema["properties"][key]
    return schema


def closed(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every mapping with keys of its own, as far as values.yaml has it."""
    if "properties" in schema:
        yield path, schema
        for key, inner in schema["properties"].items():
            yield from closed(inner, (*path, key))


WRONG: Final[Mapping[str, object]] = {
    "string": 7,
    "boolean": "yes",
    "integer": "7",
    "array": {"a": 1},
    "object": ["a"],
}


def wrong_values() -> Iterator[tuple[str, object]]:
    """Yield for each value one that it must not have: by its type, by its words, by its bounds, by its shape."""
    for row in ROWS:
        schema = schema_at(row.path)
        path = dotted(row)
        if "$ref" in schema:
            schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
        kind = schema["type"]
        yield path, WRONG[kind] if isinstance(kind, str) else True
        if "enum" in schema:
            yield path, "other"
        if "pattern" in schema:
            yield path, "~"
        for bound, step in (("minimum", -1), ("maximum", 1)):
            if bound in schema:
                yield path, schema[bound] + step
        if schema.get("additionalProperties") == {"type": "string"}:
            yield path, {"a": 7}
        if schema.get("additionalProperties") is False:
            yield path, {"unknown": 7}
        if kind == "array":
            yield path, [7]


def test_the_schema_refuses_what_a_value_must_not_be() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    tried = list(wrong_values())
    assert len(tried) > len(ROWS)
    for path, wrong in tried:
        errors = list(validator.iter_errors(merged(DEFAULTS, nested(path, wrong))))
        assert [".".join(map(str, one.absolute_path)) for one in errors], f"{path} may be {wrong!r}"
        assert all(".".join(map(str, one.absolute_path)).startswith(path) for one in errors)


def test_the_schema_refuses_a_misspelt_key_wherever_keys_are_known() -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    for path, _ in closed(SCHEMA, ()):
        changed = merged(DEFAULTS, nested(".".join((*path, "misspelt")), 1))
        (error,) = validator.iter_errors(changed)
        assert "misspelt" in error.message


ITEMS: Final[Mapping[str, list[object]]] = {
    "trust.anchors": [{"configmap": "a"}, {"configMap": ""}, {"path": "relative"}, {"configMap": "a", "dod": False}],
    "trust.intermediates": [{"configMap": "a", "dod": True}],
    "crls": [{"url": "ldap://a"}, {"bundle": "a"}, {"url": "http://a", "required": "yes"}],
    "imagePullSecrets": [{}, {"name": ""}],
    "envoyGateway.securityPolicy.targetRefs": [{"kind": "Gateway", "name": "a"}],
    "envoyGateway.securityPolicy.contextExtensions": [{"name": "a"}, {"name": "a", "type": "Value", "value": "b"}],
    "extraObjects": [[]],
}


@pytest.mark.parametrize("path", ITEMS)
def test_the_schema_refuses_what_an_item_of_a_list_must_not_be(path: str) -> None:
    for item in ITEMS[path]:
        changed = merged(DEFAULTS, nested(path, [item]))
        assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(changed)), item


@pytest.mark.parametrize("helm", HELMS)
def test_helm_names_the_place_of_each_wrong_value(helm: str) -> None:
    wrong: dict[str, object] = {
        "replicas": "2",
        "grpc.port": 0,
        "reload.strategy": "never",
        "image.digest": "latest",
        "podLabels": {"a": 1},
        "trust.anchors": [{"configmap": "a"}],
        "prometheusRule.alerts": {"ExtauthzDown": {"severity": "page"}},
        "tlss": {},
    }
    values: Any = MINIMAL
    for path, value in wrong.items():
        values = merged(values, nested(path, value))
    with pytest.raises(RefusedError) as refused:
        render(helm, values=values)
    said = str(refused.value)
    assert "values don't meet the specifications of the schema" in said
    for path in wrong:
        assert all(key in said for key in path.split(".")), path
