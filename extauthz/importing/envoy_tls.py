"""What one filter chain's transport socket asks of clients: the validation contexts that apply, in their order."""

from collections.abc import Mapping
from dataclasses import dataclass

from extauthz.importing.envoy_field import field, is_true, snake_case, text_field, type_of
from extauthz.importing.foreign import Node
from extauthz.model.quoted import quoted

_COMMON_VALIDATION = frozenset(
    {"validation_context", "validation_context_sds_secret_config", "combined_validation_context"}
)


@dataclass(frozen=True, slots=True)
class ClientValidation:
    """How a filter chain validates clients."""

    contexts: tuple[Node, ...]
    """A later one overrides single values of an earlier one and adds to its lists, as Envoy merges them."""
    requires_certificate: bool
    unknown: tuple[str, ...]
    """What cannot be looked into, as sentences. Without any, the contexts are all there is."""


def client_validation(chain: Node, secrets: Mapping[str, Node]) -> ClientValidation | None:
    """Return how a filter chain validates clients; None where it never asks them for a certificate."""
    context, unknown = _downstream_context(chain)
    if unknown:
        return ClientValidation((), requires_certificate=False, unknown=(unknown,))
    common = field(context, "common_tls_context")
    combined = field(common, "combined_validation_context")
    plain = (field(common, "validation_context"), field(combined, "default_validation_context"))
    contexts = [one for one in plain if one is not None]
    missing = []
    for holder in (common, combined):
        sds = field(holder, "validation_context_sds_secret_config")
        if sds is None:
            continue
        name = text_field(sds, "name")
        if name in secrets:
            contexts.append(secrets[name])
        else:
            missing.append(
                f"the secret {quoted(name)} comes by SDS and is not in the input; give its file or a /config_dump too"
            )
    keys = () if common is None else common.names()
    unknown_keys = [
        key for key in keys if "validation_context" in snake_case(key) and snake_case(key) not in _COMMON_VALIDATION
    ]
    missing.extend(f"{key} cannot be looked into" for key in unknown_keys)
    requires = is_true(context, "require_client_certificate")
    if not contexts and not missing and not requires:
        return None
    return ClientValidation(tuple(contexts), requires, tuple(missing))


def _downstream_context(chain: Node) -> tuple[Node | None, str]:
    """Return the ``DownstreamTlsContext``, or why there may be one that cannot be seen."""
    if (old := field(chain, "tls_context")) is not None:  # before the transport socket was configurable
        return old, ""
    socket = field(chain, "transport_socket")
    config = field(socket, "typed_config")
    match type_of(config):
        case "DownstreamTlsContext":
            return config, ""
        case "QuicDownstreamTransport":
            return field(config, "downstream_tls_context"), ""
        case "RawBuffer":
            return None, ""
        case "" if socket is None:
            return None, ""
    name = text_field(config, "@type") or text_field(socket, "name")
    return None, f"the transport socket {quoted(name)} is none that is known here"
