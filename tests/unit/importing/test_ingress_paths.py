"""The paths of rules: what ingress-nginx serves is allowed, the rest is not."""

import json
from pathlib import Path

import pytest

from extauthz.importing.remark import Weight
from support import pki
from support.imported import gate, remarks, run_import

ROOT = pki.make_ca("Root")
ALICE = ROOT.issue("alice")
PREFIX = "nginx.ingress.kubernetes.io/"
SECRET = {
    "kind": "Secret",
    "metadata": {"namespace": "prod", "name": "clients"},
    "stringData": {"ca.crt": ROOT.pem.decode()},
}
FILES = {"prod/clients/ca.crt": ROOT.pem}


def rules(*paths: object, annotations: dict[str, str] | None = None, **spec: object) -> str:
    ingress = {
        "kind": "Ingress",
        "metadata": {
            "namespace": "prod",
            "annotations": {f"{PREFIX}auth-tls-secret": "prod/clients", **(annotations or {})},
        },
        "spec": {"rules": [{"host": "a.example", "http": {"paths": list(paths)}}], **spec},
    }
    return json.dumps({"kind": "List", "items": [ingress, SECRET]})


CASES = [
    # path, pathType, paths that are served, and others.
    ("/v1", "Prefix", ["/v1", "/v1/", "/v1/a/b", "/v1?x=1"], ["/v1x", "/", "/v2"]),
    ("/v1/", "Prefix", ["/v1", "/v1/a"], ["/v10"]),
    ("/health", "Exact", ["/health", "/health/"], ["/health/x", "/healthz"]),
    ("/a*b", "Exact", ["/a*b"], ["/axb"]),
    ("/a*b", "Prefix", ["/a*b", "/a*b/c"], ["/axb"]),
    ("/v1", "ImplementationSpecific", ["/v1", "/v1x", "/v1/a"], ["/v", "/x/v1"]),
    ("/v.1", None, ["/v.1"], ["/vx1"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "path_type", "served", "others"), CASES)
def test_what_a_rule_serves_is_allowed_and_the_rest_denied(
    path: str, path_type: str | None, served: list[str], others: list[str], tmp_path: Path
) -> None:
    result = run_import("ingress-nginx", rules({"path": path, "pathType": path_type}))
    assert result.remarks == ()
    made = gate(tmp_path, result, FILES)
    for one in served:
        assert made.reason(ALICE, host="a.example", path=one) == "allowed"
    for one in others:
        assert made.reason(ALICE, host="a.example", path=one) == "no_policy"


@pytest.mark.parametrize(
    "text",
    [
        rules({"path": "/", "pathType": "Prefix"}, {"path": "/v1", "pathType": "Exact"}),
        rules({"path": "/", "pathType": "ImplementationSpecific"}),
        rules({"pathType": "ImplementationSpecific"}),
        rules(),
        rules({"path": "/v1", "pathType": "Exact"}, defaultBackend={"service": {"name": "x"}}),
    ],
)
def test_a_host_that_serves_every_path_has_none_in_its_policy(text: str, tmp_path: Path) -> None:
    result = run_import("ingress-nginx", text)
    assert result.config.policies[0].when == {"hosts": ["a.example"]}
    assert gate(tmp_path, result, FILES).allows(ALICE, host="a.example", path="/any/where")


@pytest.mark.parametrize("annotation", ["use-regex", "rewrite-target"])
def test_paths_that_may_be_expressions_are_left_to_the_proxy(annotation: str, tmp_path: Path) -> None:
    text = rules({"path": "/v(1|2)", "pathType": "ImplementationSpecific"}, annotations={PREFIX + annotation: "true"})
    result = run_import("ingress-nginx", text)
    assert [one.weight for one in result.remarks] == [Weight.NOTE]
    made = gate(tmp_path, result, FILES)
    assert made.allows(ALICE, host="a.example", path="/v2")
    assert made.reason(None, host="a.example", path="/elsewhere") == "no_certificate"


def test_a_path_that_no_request_can_have_is_left_out(tmp_path: Path) -> None:
    result = run_import(
        "ingress-nginx", rules({"path": "/a/../b", "pathType": "Exact"}, {"path": "/c", "pathType": "Exact"})
    )
    assert len(remarks(result, Weight.LEFT_OUT)) == 1
    made = gate(tmp_path, result, FILES)
    assert made.allows(ALICE, host="a.example", path="/c")
    assert not made.allows(ALICE, host="a.example", path="/b")


def test_a_path_that_does_not_print_is_left_out(tmp_path: Path) -> None:
    paths = ({"path": "/a\u202eb", "pathType": "Exact"}, {"path": "/c", "pathType": "Exact"})
    result = run_import("ingress-nginx", rules(*paths))
    assert ["does not print" in one.message for one in remarks(result, Weight.LEFT_OUT)] == [True]
    assert gate(tmp_path, result, FILES).allows(ALICE, host="a.example", path="/c")


def test_where_no_path_is_left_everything_is_denied(tmp_path: Path) -> None:
    result = run_import("ingress-nginx", rules({"path": "v1", "pathType": "Exact"}))
    assert [one.message for one in remarks(result, Weight.DENIED)] == ["none of its paths can be used"]
    assert not gate(tmp_path, result, FILES).allows(ALICE, host="a.example", path="/v1")
