"""``deny``: what a client that is refused gets to see."""

from typing import Annotated, Literal

from pydantic import Field

from extauthz.config.schema.section import Section, exactly

DenyStatus = Literal[
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417,
    421, 422, 423, 424, 426, 428, 429, 431,
]  # fmt: skip
"""The client errors of Envoy's ``envoy.type.v3.StatusCode``: it accepts no others in an answer."""


class Deny(Section):
    """What a client that is refused gets to see."""

    status: Annotated[DenyStatus, exactly(int)] = Field(
        default=403,
        description="HTTP status of a deny. A failed token binding always gives 401, as RFC 8705 asks for.",
    )
    body: Literal["problem_json", "text", "empty"] = Field(
        default="problem_json",
        description="`problem_json` (RFC 9457), one line of plain text, or nothing. gRPC clients always get text.",
    )
    expose_reason: bool = Field(
        default=False,
        description="Also tell the client the reason and the policy. It helps honest clients and attackers alike.",
    )
