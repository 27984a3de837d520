"""The Kubernetes objects of the input that matter: Ingresses, and the Secrets that hold CA certificates."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from extauthz.importing.foreign import Node, UnreadableError

PREFIX = "nginx.ingress.kubernetes.io/"
"""Of ingress-nginx's annotations. ``--annotations-prefix`` of the controller can change it; that is not supported."""
DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, slots=True)
class Ingress:
    """One Ingress."""

    node: Node
    namespace: str
    name: str

    def annotation(self, name: str) -> Node | None:
        """Return one of ingress-nginx's annotations, given its name without the prefix."""
        annotations = _child(self.node, "metadata", "annotations")
        return None if annotations is None else annotations.child(PREFIX + name)

    def annotation_text(self, name: str) -> str:
        """Return the text of an annotation, without white space around it; empty without one."""
        node = self.annotation(name)
        return "" if node is None else (node.text() or "").strip()

    def rules(self) -> Iterator[Node]:
        """Yield the rules."""
        rules = _child(self.node, "spec", "rules")
        if rules is not None:
            yield from rules.items()

    @property
    def has_default_backend(self) -> bool:
        """Whether every path of its hosts is served."""
        return _child(self.node, "spec", "defaultBackend") is not None


@dataclass(frozen=True, slots=True)
class CaSecret:
    """What a Secret holds for verifying clients."""

    certificates: bytes | None
    """``ca.crt``; None without one, and where it cannot be decoded."""
    has_crl: bool
    """Whether there is a ``ca.crl``."""


@dataclass(slots=True)
class IngressInput:
    """Everything in the input that an import looks at."""

    ingresses: list[Ingress] = field(default_factory=list)
    secrets: dict[str, CaSecret] = field(default_factory=dict)
    """``namespace/name`` -> what it holds."""


def read_objects(documents: Iterable[Node]) -> IngressInput:
    """Find them in any number of documents, and in what ``kubectl get -o yaml`` makes of several. UnreadableError."""
    found = IngressInput()
    files = []
    for document in documents:
        files.append(document.file)
        for node in _objects(document):
            namespace = _text(node, "metadata", "namespace") or DEFAULT_NAMESPACE
            name = _text(node, "metadata", "name") or "unnamed"
            match _text(node, "kind"):
                case "Ingress":
                    found.ingresses.append(Ingress(node, namespace, name))
                case "Secret":
                    found.secrets[f"{namespace}/{name}"] = _ca_secret(node)
    if not files:
        raise UnreadableError("the input is empty")
    if not found.ingresses:
        where = " and ".join(dict.fromkeys(files))
        raise UnreadableError(f"there is no Ingress in {where}")
    return found


def _objects(document: Node) -> Iterator[Node]:
    items = document.child("items")
    if _text(document, "kind").endswith("List") and items is not None:
        yield from items.items()
    else:
        yield document


def _ca_secret(node: Node) -> CaSecret:
    plain = _text(node, "stringData", "ca.crt")
    has_crl = any(_child(node, key, "ca.crl") is not None for key in ("data", "stringData"))
    if plain:
        return CaSecret(plain.encode(), has_crl)
    try:
        encoded = "".join(_text(node, "data", "ca.crt").split())
        return CaSecret(base64.b64decode(encoded, validate=True) or None, has_crl)
    except ValueError:  # no base64, or no ASCII
        return CaSecret(None, has_crl)


def _child(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = None if node is None else node.child(key)
    return node


def _text(node: Node, *keys: str) -> str:
    found = _child(node, *keys)
    return "" if found is None else found.text() or ""
