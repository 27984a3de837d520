"""An Envoy configuration in either of its forms, as listeners, clusters, routes and discovered filters.

Dumps are what the admin port gives for ``/config_dump``, in which every resource stands under the dump of its kind;
a bootstrap file has them under ``static_resources``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.located import Located
from extauthz.doctor.read_files import read_documents


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyResources:
    """Everything that one file has."""

    listeners: tuple[Located, ...]
    clusters: Mapping[str, Located]
    routes: Mapping[str, Located]
    """Route configurations that listeners name, of those that the file has."""
    filters: Mapping[str, Located]
    """HTTP filters that listeners name and get from elsewhere (ECDS)."""
    elsewhere: tuple[Located, ...] = ()
    """Where the file says that Envoy gets more listeners from; a dump has these too."""
    top: Located


def read_envoy(path: Path) -> EnvoyResources:
    """Read a dump or a bootstrap. Raises UnreadableError."""
    documents = read_documents(path)
    top = documents[0] if documents else Located(None, str(path))
    if top["configs"].items:
        return _dump(top)
    if top["static_resources"].given or top["dynamic_resources"].given:
        return _bootstrap(top, top["static_resources"])
    raise UnreadableError(
        f"{path} is no Envoy configuration: neither `configs` (a dump) nor `static_resources` is in it"
    )


def extension(node: Located) -> tuple[str, Located]:
    """Return the type of a typed configuration, without its package's prefix, and the configuration itself."""
    return unpacked(node["typed_config"])


def unpacked(typed: Located) -> tuple[str, Located]:
    """Return the same of a configuration that says its own type."""
    kind = typed.entries["@type"].text if "@type" in typed.entries else ""
    if kind.endswith("TypedStruct"):  # a configuration that travels as plain JSON
        kind, typed = typed["type_url"].text, typed["value"]
    return kind.rpartition("/")[2].removeprefix("envoy."), typed


def _bootstrap(top: Located, resources: Located) -> EnvoyResources:
    listeners = top.at("dynamic_resources", "lds_config")
    return EnvoyResources(
        elsewhere=(listeners,) if listeners.given else (),
        listeners=tuple(resources["listeners"].items),
        clusters={one["name"].text: one for one in resources["clusters"].items},
        routes={},
        filters={},
        top=top,
    )


def _dump(top: Located) -> EnvoyResources:
    sections = {
        one.entries["@type"].text.rpartition(".")[2]: one for one in top["configs"].items if "@type" in one.entries
    }
    nothing = Located(None, top.file)
    listeners = sections.get("ListenersConfigDump", nothing)
    clusters = sections.get("ClustersConfigDump", nothing)
    routes = sections.get("RoutesConfigDump", nothing)
    filters = sections.get("EcdsConfigDump", nothing)
    if not listeners.given:
        raise UnreadableError(f"{top.file} has no listeners; ask the admin port for /config_dump without a filter")
    return EnvoyResources(
        listeners=(
            *(one["listener"] for one in listeners["static_listeners"].items),
            *(_active(one)["listener"] for one in listeners["dynamic_listeners"].items),
        ),
        clusters={
            one["name"].text: one
            for kind in ("static_clusters", "dynamic_active_clusters")
            for one in (entry["cluster"] for entry in clusters[kind].items)
        },
        routes={
            one["name"].text: one
            for kind in ("static_route_configs", "dynamic_route_configs")
            for one in (entry["route_config"] for entry in routes[kind].items)
        },
        filters={one["name"].text: one for one in (entry["ecds_filter"] for entry in filters["ecds_filters"].items)},
        top=top,
    )


def _active(listener: Located) -> Located:
    state = listener["active_state"]
    return state if state.given else listener["warming_state"]
