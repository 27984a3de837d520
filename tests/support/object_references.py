"""Which objects a Kubernetes manifest needs beside itself, by kind, namespace and name, and with which keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Document = Mapping[str, Any]
ANNOTATION: Final = "nginx.ingress.kubernetes.io/"
PAIR: Final = frozenset({"tls.crt", "tls.key"})
AUTHORITY: Final = frozenset({"ca.crt"})
TRIPLE: Final = PAIR | AUTHORITY
OF_THE_CLUSTER: Final = ("ClusterIssuer", "GatewayClass", "Namespace")
"""Kinds without a namespace."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that has to be there; ``keys`` of its data, where they are known."""

    kind: str
    namespace: str
    name: str
    keys: frozenset[str] = field(default=frozenset(), compare=False)


def identity(document: Document) -> Reference:
    """Return what a manifest makes, with the keys of its data."""
    kind, metadata = document["kind"], document["metadata"]
    namespace = "" if kind in OF_THE_CLUSTER else metadata["namespace"]
    keys = frozenset({**document.get("data", {}), **document.get("stringData", {})})
    return Reference(kind, namespace, metadata["name"], keys)


def made_by(document: Document) -> Iterator[Reference]:
    """Yield what is there once this manifest is applied: itself, and the Secret that cert-manager writes for it."""
    one = identity(document)
    yield one
    if one.kind == "Certificate":
        yield Reference("Secret", one.namespace, document["spec"]["secretName"], TRIPLE)


def needed_by(document: Document) -> Iterator[Reference]:
    """Yield what a manifest names."""
    one = identity(document)
    if one.namespace:
        yield Reference("Namespace", "", one.namespace)
    for name, value in document["metadata"].get("annotations", {}).items():
        yield from _annotated(name.removeprefix(ANNOTATION), str(value))
    if one.kind == "ClusterIssuer" and "ca" in document["spec"]:
        # cert-manager looks for it in its own namespace.
        yield Reference("Secret", "cert-manager", document["spec"]["ca"]["secretName"], PAIR)
    yield from _within(document.get("spec", {}), one)


def _annotated(name: str, value: str) -> Iterator[Reference]:
    namespace, _, object_name = value.partition("/")
    if name == "auth-tls-secret":
        yield Reference("Secret", namespace, object_name, AUTHORITY)
    elif name == "auth-proxy-set-headers":
        yield Reference("ConfigMap", namespace, object_name)
    elif name == "auth-url":
        service, service_namespace, *_ = value.partition("://")[2].partition(":")[0].split(".")
        yield Reference("Service", service_namespace, service)


def _within(value: object, owner: Reference) -> Iterator[Reference]:
    if isinstance(value, list):
        for item in value:
            yield from _within(item, owner)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _named(key, item, owner)
            yield from _within(item, owner)


def _named(key: str, value: Any, owner: Reference) -> Iterator[Reference]:  # noqa: ANN401  (a part of a document)
    here = owner.namespace
    match key, value:
        case "configMap", {"name": name}:
            yield Reference("ConfigMap", here, name, _items(value))
        case "secret", {"secretName": name}:
            yield Reference("Secret", here, name, _items(value))
        case "credentialName", str(name):
            yield Reference("Secret", here, name, TRIPLE)
        case "caSecret", str(name):
            yield Reference("Secret", here, name, AUTHORITY)
        case "certSecret", str(name):
            yield Reference("Secret", here, name, PAIR)
        case "tls", {"secretName": name}:
            yield Reference("Secret", here, name, PAIR)
        case "tls", [*several]:
            yield from (Reference("Secret", here, one["secretName"], PAIR) for one in several)
        case "issuerRef", {"name": name, "kind": kind}:
            yield Reference(kind, "", name)
        case "gatewayClassName", str(name):
            yield Reference("GatewayClass", "", name)
        case "gateways", [*names]:
            yield from (Reference("Gateway", here, name) for name in names)
        case "options", {"name": name}:
            yield Reference("TLSOption", value.get("namespace", here), name)
        case "destination", {"host": host}:
            service, namespace, *_ = host.split(".")
            yield Reference("Service", namespace, service)
        case "service", {"name": name}:
            yield Reference("Service", here, name)
        case "address", str(url) if url.startswith("https://"):
            service, namespace, *_ = url.partition("://")[2].partition(":")[0].split(".")
            yield Reference("Service", namespace, service)
        case str(several), [{**_first}, *_] if several in _LISTS:
            for one in value:
                kind, keys = one.get("kind", _LISTS[several][0]), _LISTS[several][1]
                known = kind if several != "services" else "Service"
                yield Reference(known, one.get("namespace", here), one["name"], keys)


_LISTS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "certificateRefs": ("Secret", PAIR),
    "caCertificateRefs": ("Secret", AUTHORITY),
    "backendRefs": ("Service", frozenset()),
    "services": ("Service", frozenset()),
    "parentRefs": ("Gateway", frozenset()),
    "targetRefs": ("", frozenset()),
    "middlewares": ("Middleware", frozenset()),
}
"""Lists of objects by name: the kind of those that say none, and the keys that they must have."""


def _items(source: Document) -> frozenset[str]:
    return frozenset(one["key"] for one in source.get("items", ()))
