"""Which objects a Kubernetes manifest needs beside itself, by kind, namespace and name, and with which keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    if one.kind in {"Issuer", "ClusterIssuer"} and "ca" in document["spec"]:
        # For a ClusterIssuer cert-manager looks for it in its own namespace.
        yield Reference("Secret", one.namespace or "cert-manager", document["spec"]["ca"]["secretName"], PAIR)
    yield from _within(document.get("spec", {}), one)


def _annotated(name: str, value: str) -> Iterator[Reference]:
    namespace, _, object_name = value.partition("/")
    if name == "auth-tls-secret":
        yield Reference("Secret", namespace, object_name, AUTHORITY)
    elif name == "auth-proxy-set-headers":
        yield Reference("ConfigMap", namespace, object_name)
    elif name == "auth-url":
        yield _of_url(value)


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
    if key in _TEXTS and isinstance(value, str):
        kind, keys = _TEXTS[key]
        yield Reference(kind, "" if kind in OF_THE_CLUSTER else here, value, keys)
    elif key in _MAPPINGS and isinstance(value, Mapping):
        kind, field_name = _MAPPINGS[key]
        if field_name in value:
            yield Reference(kind, value.get("namespace", here), value[field_name], _items(value))
    elif key in _LISTS and isinstance(value, list):
        kind, keys = _LISTS[key]
        for one in value:
            given = one.get("kind", kind) if key != "services" else kind
            yield Reference(given, one.get("namespace", here), one["name"], keys)
    elif key in _OTHERS:
        yield from _OTHERS[key](value, here)


def _tls(value: Any, here: str) -> Iterator[Reference]:  # noqa: ANN401  (a part of a document)
    """Yield the Secrets of an Ingress (a list) or an IngressRoute (one)."""
    for one in value if isinstance(value, list) else [value]:
        if "secretName" in one:
            yield Reference("Secret", here, one["secretName"], PAIR)


def _issuer(value: Document, here: str) -> Iterator[Reference]:
    yield Reference(value["kind"], "" if value["kind"] in OF_THE_CLUSTER else here, value["name"])


def _gateways(value: Sequence[str], here: str) -> Iterator[Reference]:
    for name in value:
        yield Reference("Gateway", here, name)


def _destination(value: Document, _here: str) -> Iterator[Reference]:
    service, namespace, *_ = value["host"].split(".")
    yield Reference("Service", namespace, service)


def _address(value: object, _here: str) -> Iterator[Reference]:
    if isinstance(value, str) and value.startswith("https://"):
        yield _of_url(value)


def _of_url(url: str) -> Reference:
    service, namespace, *_ = url.partition("://")[2].partition(":")[0].split(".")
    return Reference("Service", namespace, service)


_TEXTS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "credentialName": ("Secret", TRIPLE),
    "caSecret": ("Secret", AUTHORITY),
    "certSecret": ("Secret", PAIR),
    "gatewayClassName": ("GatewayClass", frozenset()),
}
_MAPPINGS: Final[Mapping[str, tuple[str, str]]] = {
    "configMap": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName"),
    "options": ("TLSOption", "name"),
    "service": ("Service", "name"),
}
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
_OTHERS: Final[Mapping[str, Callable[[Any, str], Iterator[Reference]]]] = {
    "tls": _tls,
    "issuerRef": _issuer,
    "gateways": _gateways,
    "destination": _destination,
    "address": _address,
}


def _items(source: Document) -> frozenset[str]:
    return frozenset(one["key"] for one in source.get("items", ()))
