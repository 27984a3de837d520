"""The real Helm, both major versions: what the chart becomes, and what it refuses.

with_values = render(HELM4, [CHART / "ci" / "istio-values.yaml"])
with_values.one("Deployment")["spec"]
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from helm_tool import find_helm
from ruamel.yaml import YAML

from extauthz.config.yaml_document import read_document

CHART: Final = Path(__file__).parents[2] / "charts" / "extauthz"
SITUATIONS: Final = ("istio", "envoy-gateway", "envoy-sidecar", "ingress", "ingress-nginx")
"""Those that the README tells of, one file of values each. "ingress" is Traefik."""
HELM3: Final = "helm3"
HELM4: Final = "helm4"
HELMS: Final = (HELM3, HELM4)
KUBERNETES: Final = ("1.27.0", "1.30.0", "1.37.0")
"""The oldest that the chart takes, the first whose kubelet waits before a stop, and a new one."""
NEW: Final = KUBERNETES[-1]
RELEASE: Final = "extauthz"
NAMESPACE: Final = "authz"
APIS: Final = (
    "monitoring.coreos.com/v1",
    "cert-manager.io/v1",
    "security.istio.io/v1",
    "gateway.envoyproxy.io/v1alpha1",
    "gateway.networking.k8s.io/v1beta1",
)
"""What a cluster may say that it has."""

Document = Mapping[str, Any]
Values = Mapping[str, object]


class RefusedError(ValueError):
    """Helm would not do it; the message is what it wrote."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The manifests of one rendering, in the order of Helm."""

    documents: Sequence[Document]

    def of(self, kind: str) -> Sequence[Document]:
        """Return all of one kind."""
        return [one for one in self.documents if one["kind"] == kind]

    def one(self, kind: str, name: str = RELEASE) -> Document:
        """Return the one of a kind and name."""
        (found,) = [one for one in self.of(kind) if one["metadata"]["name"] == name]
        return found

    @property
    def deployment(self) -> Document:
        """The only one."""
        (found,) = self.of("Deployment")
        return found

    @property
    def workload(self) -> Document:
        """The only Deployment or StatefulSet."""
        (found,) = [*self.of("Deployment"), *self.of("StatefulSet")]
        return found

    @property
    def pod(self) -> Mapping[str, Any]:
        """The spec of its pods."""
        spec: Mapping[str, Any] = self.workload["spec"]["template"]["spec"]
        return spec

    @property
    def claims(self) -> Sequence[str]:
        """The volumes of its pods that are claims of each alone, by name."""
        return [one["metadata"]["name"] for one in self.workload["spec"].get("volumeClaimTemplates", ())]

    @property
    def container(self) -> Mapping[str, Any]:
        """The container of the service."""
        (found,) = [one for one in self.pod["containers"] if one["name"] == "extauthz"]
        return dict(found)

    @property
    def config_text(self) -> str:
        (found,) = [one["data"] for one in self.of("ConfigMap") if "extauthz.yaml" in one.get("data", ())]
        return str(found["extauthz.yaml"])

    @property
    def config(self) -> Mapping[str, Any]:
        """The configuration as the service reads it."""
        document, mistakes = read_document(self.config_text.encode())
        assert document is not None
        assert mistakes == ()
        assert isinstance(document.value, dict)
        return document.value


def render(
    helm: str = HELM4,
    files: Sequence[Path] = (),
    values: Values | None = None,
    *,
    kubernetes: str = NEW,
    apis: Sequence[str] = (),
    release: str = RELEASE,
    namespace: str = NAMESPACE,
) -> Rendered:
    """Render the chart with files of values and single values over them. Raises RefusedError."""
    cluster = ("--kube-version", kubernetes, *(option for api in apis for option in ("--api-versions", api)))
    return _render((helm, "template", release), namespace, tuple(files), json.dumps(values or {}), cluster)


@cache
def _render(
    command: tuple[str, ...], namespace: str, files: tuple[Path, ...], values: str, cluster: tuple[str, ...]
) -> Rendered:
    text = _run(command, files, values, *cluster, namespace=namespace)
    return Rendered([one for one in YAML(typ="safe").load_all(text) if one is not None])


def notes(files: Sequence[Path] = (), values: Values | None = None) -> str:
    """Return what Helm tells who has installed the chart.

    It shows that only with a cluster at hand, so a copy of the chart gets a template that shows it.
    """
    with tempfile.TemporaryDirectory(prefix="extauthz-chart-") as folder:
        chart = Path(folder) / "extauthz"
        shutil.copytree(CHART, chart)
        shown = 'notes: {{ include "extauthz/templates/NOTES.txt" . | toJson }}'
        (chart / "templates" / "shown.yaml").write_text(shown)
        options = ("--show-only", "templates/shown.yaml")
        text = _run([HELM4, "template", RELEASE], files, json.dumps(values or {}), *options, chart=chart)
    return str(YAML(typ="safe").load(text)["notes"])


def lint(helm: str, files: Sequence[Path], kubernetes: str) -> str:
    """Return what ``helm lint --strict`` has to say. Raises RefusedError."""
    return _run([helm, "lint"], files, "{}", "--strict", "--kube-version", kubernetes)


def _run(
    command: Sequence[str],
    files: Sequence[Path],
    values: str,
    *options: str,
    chart: Path = CHART,
    namespace: str = NAMESPACE,
) -> str:
    with tempfile.TemporaryDirectory(prefix="extauthz-helm-") as home:
        over = Path(home) / "values.json"
        over.write_text(values)
        given = [option for file in (*files, over) for option in ("--values", str(file))]
        helm, *action = command
        done = subprocess.run(
            [str(find_helm(helm)), *action, str(chart), "--namespace", namespace, *given, *options],
            env={"HOME": home, "PATH": os.environ["PATH"], "KUBECONFIG": str(Path(home) / "none")},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RefusedError(done.stdout + done.stderr)
    return done.stdout
