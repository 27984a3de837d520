"""The resources of some YAML files that decide how an Istio gateway asks extauthz."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.located import Located
from extauthz.doctor.read_files import inner_document, read_documents

GRPC: Final = "envoyExtAuthzGrpc"
HTTP: Final = "envoyExtAuthzHttp"
_MESH_KEYS: Final = ("extensionProviders", "defaultConfig")
_PROXY_CONFIG: Final = "proxy.istio.io/config"
_ROOT: Final = "istio-system"
_CLUSTER_GATEWAY: Final = "gateway.networking.k8s.io"


@dataclass(frozen=True, slots=True)
class Provider:
    """An extension provider that asks an authorizer."""

    name: str
    settings: Located
    over_http: bool


@dataclass(frozen=True, slots=True)
class Pods:
    """What a workload makes."""

    labels: Located
    namespace: str


@dataclass(frozen=True, slots=True)
class IstioView:
    """Everything of interest in the files."""

    meshes: list[Located] = field(default_factory=list)
    policies: list[Located] = field(default_factory=list)
    gateways: list[Located] = field(default_factory=list)
    """Istio's own."""
    cluster_gateways: list[Located] = field(default_factory=list)
    """Those of the Gateway API."""
    proxy_configs: list[Located] = field(default_factory=list)
    """What a ProxyConfig, the mesh or a workload's annotation says about proxies."""
    pods: list[Pods] = field(default_factory=list)
    peer_authentications: list[Located] = field(default_factory=list)
    routes: list[Located] = field(default_factory=list)
    """VirtualServices, and routes of the Gateway API."""
    files: list[str] = field(default_factory=list)

    @property
    def root_namespaces(self) -> frozenset[str]:
        """The namespace whose policies are about pods of all of them, by each mesh."""
        return frozenset(mesh["rootNamespace"].text or _ROOT for mesh in self.meshes) or frozenset({_ROOT})

    @property
    def providers(self) -> tuple[Provider, ...]:
        """The providers of every mesh configuration that ask an authorizer."""
        return tuple(
            Provider(one["name"].text, one[kind], kind == HTTP)
            for mesh in self.meshes
            for one in mesh["extensionProviders"].items
            for kind in (GRPC, HTTP)
            if one[kind].given
        )

    @property
    def custom_policies(self) -> tuple[Located, ...]:
        """The policies that leave the decision to a provider."""
        return tuple(one for one in self.policies if one.at("spec", "action").text == "CUSTOM")


def read_istio(paths: Iterable[Path]) -> IstioView:
    """Read every document of the files. Raises UnreadableError, also when nothing in a file is Istio's."""
    view = IstioView()
    for path in paths:
        before = _count(view)
        view.files.append(str(path))
        for document in read_documents(path):
            for one in _resources(document):
                _sort_in(view, one)
        if _count(view) == before:
            raise UnreadableError(
                f"{path} has nothing to examine: no MeshConfig, AuthorizationPolicy, Gateway or proxy configuration"
            )
    return view


def _resources(document: Located) -> Iterator[Located]:
    if document["kind"].text == "List" or document["kind"].text.endswith("List"):
        yield from document["items"].items
    else:
        yield document


def _sort_in(view: IstioView, one: Located) -> None:
    kind = one["kind"].text
    kept = {
        "AuthorizationPolicy": view.policies,
        "PeerAuthentication": view.peer_authentications,
        **dict.fromkeys(("VirtualService", "HTTPRoute", "GRPCRoute"), view.routes),
    }
    match kind:
        case _ if kind in kept:
            kept[kind].append(one)
        case "Gateway" if one["apiVersion"].text.startswith(_CLUSTER_GATEWAY):
            view.cluster_gateways.append(one)
        case "Gateway":
            view.gateways.append(one)
        case "ConfigMap":
            _add_mesh(view, inner_document(one.at("data", "mesh")))
        case "IstioOperator":
            _add_mesh(view, one.at("spec", "meshConfig"))
        case "":  # a mesh configuration by itself, or the values of Istio's chart
            _add_mesh(view, one["meshConfig"] if one["meshConfig"].given else one)
        case _:
            template = one.at("spec", "template", "metadata")
            labels = one.at("metadata", "labels") if kind == "Pod" else template["labels"]
            if labels.given:
                view.pods.append(Pods(labels, one.at("metadata", "namespace").text))
            annotations = (template["annotations"], one.at("metadata", "annotations"))
            for annotation in (some.entries.get(_PROXY_CONFIG) for some in annotations):
                if annotation is not None:
                    view.proxy_configs.append(inner_document(annotation))


def _add_mesh(view: IstioView, mesh: Located) -> None:
    if any(mesh[key].given for key in _MESH_KEYS):
        view.meshes.append(mesh)
        if mesh["defaultConfig"].given:
            view.proxy_configs.append(mesh["defaultConfig"])


def _count(view: IstioView) -> int:
    found = (
        *(view.meshes, view.policies, view.gateways, view.cluster_gateways, view.proxy_configs),
        *(view.peer_authentications, view.routes),
    )
    return sum(map(len, found))
