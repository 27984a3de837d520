"""``when``: which requests a policy is for."""

import re
from collections.abc import Mapping
from typing import Annotated

from annotated_types import MinLen
from pydantic import AfterValidator, Field

from extauthz.config.schema.section import AtLeastOne, Section, Text, accepted_by
from extauthz.policy.routes import compile_when

_METHOD = re.compile(r"[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*")


def _check_method(method: str) -> str:
    if _METHOD.fullmatch(method) is None:
        raise ValueError(f"{method!r} is not an HTTP method; write it in capitals, such as GET")
    return method


HostPattern = Annotated[Text, accepted_by(lambda texts: compile_when(hosts=texts))]
PathPattern = Annotated[Text, accepted_by(lambda texts: compile_when(paths=texts))]
SniPattern = Annotated[Text, accepted_by(lambda texts: compile_when(sni=texts))]
Method = Annotated[Text, AfterValidator(_check_method)]


class When(Section):
    """Which requests a policy is for. Every key given must hold; within a list one is enough; `{}` is every request."""

    hosts: AtLeastOne[HostPattern] | None = Field(
        default=None,
        description="Host of the request, without port, in any letter case. `*` is one label, `**` any number of them.",
    )
    paths: AtLeastOne[PathPattern] | None = Field(
        default=None,
        description="Decoded path without query. `*` is one segment, `**` any number: `/v1/**` is `/v1` and all below.",
    )
    methods: AtLeastOne[Method] | None = Field(default=None, description="HTTP methods, in capitals.")
    sni: AtLeastOne[SniPattern] | None = Field(
        default=None,
        description="Server name of the TLS handshake (Envoy: `include_tls_session: true`). Patterns as in `hosts`.",
    )
    context: Annotated[Mapping[Text, str], MinLen(1)] | None = Field(
        default=None,
        description="`context_extensions` of the proxy's route, which clients cannot set: key -> its exact value.",
    )
