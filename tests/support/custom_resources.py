"""Custom resources as an API server would take them: strict, by what their definitions say.

What is NOT checked: rules in CEL (``x-kubernetes-validations``), and what admission webhooks of the operators say.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from crd_tool import find_crds

PACKAGES: Final[Mapping[str, str]] = {
    "cert-manager.io": "cert-manager",
    "gateway.networking.k8s.io": "gateway-api",
    "monitoring.coreos.com": "prometheus-operator",
    "networking.istio.io": "istio",
    "security.istio.io": "istio",
    "traefik.io": "traefik",
    "trust.cert-manager.io": "cert-manager",
}
"""Group -> the package ``@kubernetes-models/…`` that has it."""
_SCRIPT: Final = Path(__file__).with_suffix(".mjs")
_SECONDS: Final = 60.0

Resource = Mapping[str, Any]


def is_defined(resource: Resource) -> bool:
    """Say whether a resource has a kind and its group is one of those that come with schemas."""
    return _group(resource) in PACKAGES and "kind" in resource


def custom_problems(resources: Sequence[Resource]) -> Sequence[Sequence[str]]:
    """Return for each of these resources what is wrong with it, each with its place.

    An unknown field and an unknown kind are wrong. All are asked about at once, as starting Node.js takes longest.
    """
    tool = find_crds()
    asked = [
        {
            "package": PACKAGES[_group(one)],
            "apiVersion": one["apiVersion"],
            "kind": one["kind"],
            "resource": one,
        }
        for one in resources
    ]
    answer = subprocess.run(
        [tool.node, _SCRIPT, tool.packages],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    assert answer.returncode == 0, answer.stderr
    return [
        [f"@kubernetes-models/{one['package']} has no {one['apiVersion']} {one['kind']}"] if wrong is None else wrong
        for one, wrong in zip(asked, json.loads(answer.stdout), strict=True)
    ]


def _group(resource: Resource) -> str:
    return str(resource.get("apiVersion")).partition("/")[0]
