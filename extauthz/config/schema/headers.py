"""``headers``: what the upstream is told about the client."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from extauthz import headers as renderer
from extauthz.config.schema.section import AnyNumber, Section, Text

NAME_LENGTH = 128
"""Characters of a header name; proxies and upstreams bound the whole block."""

NAME_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
"""Of header names that are written here or looked for: lower case, and in no spelling that could be read as another."""
_PREFIX = re.compile(r"([a-z0-9]+-){2,}")
RESERVED_STARTS = ("x-envoy-", "grpc-", "proxy-")
RESERVED_NAMES = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-forwarded-client-cert",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-request-id",
    }
)
"""Names that proxies, HTTP itself or the client's own credentials need: an identity in their place breaks requests."""

Emitted = Literal[
    "subject",
    "issuer",
    "serial",
    "cn",
    "san",
    "sha256",
    "not-after",
    "kind",
    "spiffe-id",
    "upn",
    "email",
    "edipi",
    "agency-code",
    "fasc-n",
    "card-uuid",
    "ms-sid",
    "policy",
    "session-expires",
]
HeaderField = Literal[
    "subject",
    "issuer",
    "serial_number",
    "common_name",
    "organizations",
    "organizational_units",
    "sans",
    "dns_names",
    "emails",
    "uris",
    "ip_addresses",
    "upns",
    "sha256",
    "thumbprint_s256",
    "spki_sha256",
    "not_before",
    "not_after",
    "kind",
    "spiffe_id",
    "edipi",
    "agency_code",
    "fasc_n",
    "card_uuid",
    "ms_sid",
    "policy_oids",
    "extended_key_usage",
    "policy",
    "session_expires",
]


def _check_name(name: str) -> str:
    if len(name) > NAME_LENGTH or re.fullmatch(NAME_PATTERN, name) is None:
        raise ValueError(f"{name!r} is not a header name; write lower-case letters, digits and single `-` between them")
    if name in RESERVED_NAMES or name.startswith(RESERVED_STARTS):
        raise ValueError(f"the header {name!r} has a meaning of its own; choose another name")
    return name


def _check_prefix(prefix: str) -> str:
    if len(prefix) > NAME_LENGTH or _PREFIX.fullmatch(prefix) is None:
        raise ValueError(
            f"{prefix!r} is not a usable prefix (every request header under it is removed); write at least two "
            f"lower-case words, each with a `-` after it, such as {renderer.DEFAULT_PREFIX!r}"
        )
    if prefix.startswith(RESERVED_STARTS) or any(name.startswith(prefix) for name in RESERVED_NAMES):
        raise ValueError(f"the prefix {prefix!r} covers headers with a meaning of their own; choose another one")
    return prefix


HeaderName = Annotated[str, AfterValidator(_check_name)]
Prefix = Annotated[Text, AfterValidator(_check_prefix)]


class Headers(Section):
    """What the upstream is told about the client. Whatever a client sends under these names is removed."""

    prefix: Prefix = Field(
        default=renderer.DEFAULT_PREFIX,
        description="How the emitted headers' names start. Every request header under it is overwritten or removed.",
    )
    emit: AnyNumber[Emitted] = Field(
        default=get_args(Emitted),
        description="Which headers to write, by the part of their name after the prefix.",
    )
    map: Mapping[HeaderName, HeaderField] = Field(
        default={},
        description="Further headers: name -> field of the identity, such as `x-user: common_name`.",
    )
