"""Where listeners and secrets stand in what Envoy is given, and in what it says of itself (``/config_dump``)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from extauthz.importing.envoy_field import field as member
from extauthz.importing.envoy_field import fields, text_field, type_of
from extauthz.importing.foreign import Node, UnreadableError


@dataclass(slots=True)
class EnvoyInput:
    """Everything in the input that an import looks at."""

    listeners: list[Node] = field(default_factory=list)
    secrets: dict[str, Node] = field(default_factory=dict)
    """Name of a secret -> its ``validation_context``."""


def read_envoy(documents: Iterable[Node]) -> EnvoyInput:
    """Find them in bootstraps, configuration dumps, and files for LDS and SDS. Raises UnreadableError."""
    found = EnvoyInput()
    files = []
    for document in documents:
        files.append(document.file)
        dumped = [one for entry in fields(document, "configs") for one in _dumped_listeners(entry)]
        boots = [document, *(boot for entry in fields(document, "configs") if (boot := member(entry, "bootstrap")))]
        # What a dump says of listeners is what runs, static ones included; its bootstrap shows those once more.
        static = [one for boot in boots for one in fields(member(boot, "static_resources"), "listeners")]
        found.listeners.extend(dumped or static)
        resources = list(fields(document, "resources"))
        found.listeners.extend(one for one in (document, *resources) if _is_listener(one))
        secrets = [one for boot in boots for one in fields(member(boot, "static_resources"), "secrets")]
        secrets += [one for entry in fields(document, "configs") for one in _dumped_secrets(entry)]
        for secret in (*secrets, *resources, document):
            context = member(secret, "validation_context")
            if context is not None and text_field(secret, "name"):
                found.secrets.setdefault(text_field(secret, "name"), context)
    if not files:
        raise UnreadableError("the input is empty")
    if not found.listeners:
        where = " and ".join(dict.fromkeys(files))
        raise UnreadableError(
            f"there is no listener in {where}; give a bootstrap, the answer of /config_dump, or a file of listeners"
        )
    return found


def _is_listener(node: Node) -> bool:
    return type_of(node) == "Listener" or member(node, "filter_chains") is not None


def _dumped_listeners(entry: Node) -> Iterator[Node]:
    """Yield the listeners of one section of a dump, or of one item of a dump that was asked for a single resource."""
    for one in (*fields(entry, "static_listeners"), *fields(entry, "dynamic_listeners"), entry):
        listener = member(one, "listener") or member(member(one, "active_state"), "listener")
        if listener is not None:
            yield listener


def _dumped_secrets(entry: Node) -> Iterator[Node]:
    for one in (*fields(entry, "static_secrets"), *fields(entry, "dynamic_active_secrets"), entry):
        secret = member(one, "secret")
        if secret is not None:
            yield secret
