"""Routers with what stands before their services, from files or Kubernetes resources."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from extauthz.doctor.budget import Budget
from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.located import Located
from extauthz.doctor.read_files import read_documents

FORWARD_AUTH: Final = "forwardAuth"
PASS_CERTIFICATE: Final = "passTLSClientCert"  # noqa: S105  (the name of a middleware)
_CHAIN: Final = "chain"
_HEADERS: Final = "headers"
_DEFAULT: Final = "default"
_MOST_STEPS: Final = 300_000
"""Middlewares that all rules together look at. A thousand routers with ten of them each need a third of it."""
_DEEPEST_CHAIN: Final = 8
"""Chains of chains. Traefik refuses one that contains itself."""


@dataclass(frozen=True, slots=True)
class Router:
    """A router of the dynamic configuration, or one route of an IngressRoute."""

    node: Located
    names: tuple[Located, ...]
    """The middlewares that it names itself, in their order."""
    entry_points: tuple[str, ...]
    tls: Located
    services: "tuple[Service, ...]"
    """What it leads to."""
    namespace: str = ""
    """Of a resource of Kubernetes."""


@dataclass(frozen=True, slots=True)
class Service:
    """How a router names what it leads to."""

    node: Located
    """Its name; in a resource of Kubernetes a mapping with it."""
    namespace: str = ""
    """Where such a resource is; the service is there too, unless it says otherwise."""

    @property
    def name(self) -> str:
        """Its name, without the provider where that is the file."""
        return (self.node["name"] if self.node.entries else self.node).text.removesuffix("@file")

    @property
    def in_cluster(self) -> str:
        """What is one and the same in Kubernetes; empty for a service in a file."""
        if not self.node.entries:
            return ""
        return f"{self.node['namespace'].text or self.namespace}/{self.name}:{self.node['port'].text}"


@dataclass(frozen=True, slots=True)
class Step:
    """One middleware that a request goes through."""

    kind: str
    config: Located


@dataclass(frozen=True, slots=True)
class TraefikView:
    """Everything of interest in the files."""

    middlewares: dict[str, Located] = field(default_factory=dict)
    routers: list[Router] = field(default_factory=list)
    tls_options: dict[str, Located] = field(default_factory=dict)
    entry_points: dict[str, Located] = field(default_factory=dict)
    services: dict[str, Located] = field(default_factory=dict)
    tcp_services: dict[str, Located] = field(default_factory=dict)
    tcp_services_in_use: list[Service] = field(default_factory=list)
    """Those to which plain connections go."""
    files: list[str] = field(default_factory=list)
    budget: Budget = field(default_factory=lambda: Budget(_MOST_STEPS, "the configuration of Traefik"))

    def steps(self, router: Router) -> list[Step]:
        """Return what a request to this router goes through: the entry points' middlewares, then its own."""
        return [step for name in self._names(router) for step in self._expanded(name, _DEEPEST_CHAIN)]

    @property
    def asking(self) -> Iterator[tuple[Router, list[Step], int]]:
        """The routers that ask an authorizer, with their steps and which of them asks."""
        for router in self.routers:
            steps = self.steps(router)
            kinds = [step.kind.lower() for step in steps]
            if FORWARD_AUTH.lower() in kinds:
                yield router, steps, kinds.index(FORWARD_AUTH.lower())

    @property
    def authorizers(self) -> Iterator[Located]:
        """Every configuration of a middleware that asks one, used or not."""
        for middleware in self.middlewares.values():
            if middleware[FORWARD_AUTH].given:
                yield middleware[FORWARD_AUTH]

    def unknown(self, router: Router) -> list[Located]:
        """Return the names that none of the files defines, of those that a file could."""
        return [one for one in router.names if _plain(one.text) not in self.middlewares and _may_be_in_a_file(one.text)]

    def knows_all(self, router: Router) -> bool:
        """Say whether every middleware of a router is in the files: only then can anything be missed there."""
        return all(self._knows(name, _DEEPEST_CHAIN) for name in self._names(router))

    def client_auth(self, router: Router) -> tuple[Located, bool]:
        """Return what clients' certificates are held against, and whether these files say it.

        Empty and True: clients are not asked. Empty and False: the options are somewhere else.
        """
        tls = router.tls
        if not tls.given:
            tls = next(
                (one.at("http", "tls") for one in self.entry_points.values() if one.at("http", "tls").given), tls
            )
        if not tls.given or tls.value is False:
            return tls, True
        options = tls["options"]
        name = _plain((options["name"] if options.entries else options).text) or _DEFAULT
        if name not in self.tls_options:
            return options, name == _DEFAULT
        return self.tls_options[name]["clientAuth"], True

    def is_redirected(self, router: Router) -> bool:
        """Say whether every entry point that it has sends clients to another one."""
        entry_points = self._entry_points(router)
        return bool(entry_points) and all(
            one.at("http", "redirections", "entryPoint", "to").given for one in entry_points
        )

    def _entry_points(self, router: Router) -> list[Located]:
        named = router.entry_points
        return [node for name, node in self.entry_points.items() if not named or name in named]

    def _names(self, router: Router) -> list[str]:
        own = [name for node in self._entry_points(router) for name in node.at("http", "middlewares").items]
        return [name.text for name in (*own, *router.names)]

    def _middleware(self, name: str) -> Located | None:
        """Return a middleware, unless it is another provider's, which may have one of the same name."""
        return self.middlewares.get(_plain(name)) if _may_be_in_a_file(name) else None

    def _knows(self, name: str, depth: int) -> bool:
        self.budget.spend()
        middleware = self._middleware(name)
        if middleware is None or depth == 0:
            return False
        return all(self._knows(inner, depth - 1) for inner in _chained(middleware[_CHAIN]))

    def _expanded(self, name: str, depth: int) -> Iterator[Step]:
        self.budget.spend()
        middleware = self._middleware(name)
        if middleware is None or depth == 0:
            return
        for kind, config in middleware.entries.items():
            if kind.lower() == _CHAIN:
                for inner in _chained(config):
                    yield from self._expanded(inner, depth - 1)
            else:
                yield Step(kind, config)


def read_traefik(paths: Iterable[Path]) -> TraefikView:
    """Read every document of the files. Raises UnreadableError, also when nothing in a file is Traefik's."""
    view = TraefikView()
    for path in paths:
        before = _count(view)
        view.files.append(str(path))
        for document in read_documents(path):
            for one in document["items"].items or [document]:
                _sort_in(view, one)
        if _count(view) == before:
            raise UnreadableError(
                f"{path} has nothing to examine: no entry points, routers, middlewares or TLS options"
            )
    return view


def _sort_in(view: TraefikView, one: Located) -> None:
    name = one.at("metadata", "name").text
    namespace = one.at("metadata", "namespace").text
    spec = one["spec"]
    match one["kind"].text:
        case "Middleware":
            view.middlewares[name] = spec
        case "TLSOption":
            view.tls_options[name] = spec
        case "IngressRoute":
            view.routers.extend(_router_of_resource(spec, route, namespace) for route in spec["routes"].items)
        case "IngressRouteTCP":
            services = (each for route in spec["routes"].items for each in route["services"].items)
            view.tcp_services_in_use.extend(Service(each, namespace) for each in services)
        case _:
            _sort_in_file(view, one)


def _sort_in_file(view: TraefikView, one: Located) -> None:
    view.middlewares.update(one.at("http", "middlewares").entries)
    view.tls_options.update(one.at("tls", "options").entries)
    view.entry_points.update(one["entryPoints"].entries)
    view.services.update(one.at("http", "services").entries)
    view.tcp_services.update(one.at("tcp", "services").entries)
    view.tcp_services_in_use.extend(Service(node["service"]) for node in one.at("tcp", "routers").entries.values())
    view.routers.extend(
        Router(
            node, tuple(node["middlewares"].items), node["entryPoints"].texts, node["tls"], (Service(node["service"]),)
        )
        for node in one.at("http", "routers").entries.values()
    )


def cleared(steps: list[Step]) -> set[str]:
    """Return the headers, in lower case, of which nothing is left behind these middlewares."""
    return {
        name.lower()
        for step in steps
        if step.kind.lower() == _HEADERS
        for name, value in step.config["customRequestHeaders"].entries.items()
        if value.text == ""
    }


def _router_of_resource(spec: Located, route: Located, namespace: str) -> Router:
    middlewares = tuple(each["name"] for each in route["middlewares"].items)
    services = tuple(Service(each, namespace) for each in route["services"].items)
    return Router(route, middlewares, spec["entryPoints"].texts, spec["tls"], services, namespace)


def _chained(chain: Located) -> list[str]:
    return [(one["name"] if one.entries else one).text for one in chain["middlewares"].items]


def _plain(name: str) -> str:
    """Return a name without its provider; Traefik writes ``auth@file``, and ``namespace-auth@kubernetescrd``."""
    return name.partition("@")[0]


def _may_be_in_a_file(name: str) -> bool:
    return name.partition("@")[2] in {"", "file"}


def _count(view: TraefikView) -> int:
    return sum(map(len, (view.middlewares, view.routers, view.tls_options, view.entry_points)))
