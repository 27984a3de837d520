"""Filter chains: which connections each is for, and whether a policy can tell them apart."""

from dataclasses import dataclass

from extauthz.importing.envoy_field import field, fields, snake_case, text_field
from extauthz.importing.envoy_input import EnvoyInput
from extauthz.importing.envoy_tls import client_validation
from extauthz.importing.envoy_validation import ChainRequirement, RequirementReader
from extauthz.importing.foreign import Node

_TOLD_BY_SNI = frozenset({"server_names", "transport_protocol"})
"""Fields of ``filter_chain_match`` that need nothing else: ``when`` has SNI, and who shows a certificate uses TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One filter chain that asks clients for certificates."""

    listener: str
    node: Node
    server_names: tuple[str, ...]
    """In lower case; empty: every name, and none."""
    is_told_by_sni: bool
    """Whether the server name is all that chooses it within its listener."""
    requirement: ChainRequirement


@dataclass(frozen=True, slots=True)
class Chains:
    """The filter chains of the input."""

    asking: tuple[Chain, ...]
    silent: int
    """How many ask for no certificate."""


def read_chains(found: EnvoyInput) -> Chains:
    """Read every filter chain of every listener."""
    asking: list[Chain] = []
    silent = 0
    reader = RequirementReader()
    for number, listener in enumerate(found.listeners):
        name = text_field(listener, "name")
        if not name or not name.isprintable():
            name = f"listener-{number}"
        by_matcher = field(listener, "filter_chain_matcher") is not None
        default = field(listener, "default_filter_chain")
        nodes = [*fields(listener, "filter_chains"), *([] if default is None else [default])]
        for index, node in enumerate(nodes):
            validation = client_validation(node, found.secrets)
            if validation is None:
                silent += 1
                continue
            label = (name,) if len(nodes) == 1 else (name, text_field(node, "name") or str(index))
            match = None if node is default else field(node, "filter_chain_match")
            other = {snake_case(key) for key in match.names()} - _TOLD_BY_SNI if match is not None else set()
            asking.append(
                Chain(
                    listener=name,
                    node=node,
                    server_names=tuple((one.text() or "").lower() for one in fields(match, "server_names")),
                    is_told_by_sni=not other and not by_matcher,
                    requirement=reader.read(validation, label, node),
                )
            )
    return Chains(tuple(asking), silent)
