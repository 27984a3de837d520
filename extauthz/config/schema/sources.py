"""``sources``: where the client certificate may come from. Nothing is detected automatically."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from extauthz.config.schema.branch import TEXT, UNKNOWN_BRANCH, by_key, by_shape
from extauthz.config.schema.section import AtLeastOne, Section, Text
from extauthz.sources.limits import MAX_XFCC_ELEMENTS

_ENVOY_PEER = "\0EnvoyPeerSource"
_XFCC = "\0XfccSource"
_FROM_RIGHT = "\0FromRight"


class EnvoyPeerSource(Section):
    """`source.certificate` of Envoy's request; needs `include_peer_certificate: true` there. It is the leaf alone."""

    type: Literal["envoy_peer"] = Field(description="`envoy_peer`.")


class FromRight(Section):
    """Count the elements of the header from its right end."""

    from_right: int = Field(
        ge=1,
        le=MAX_XFCC_ELEMENTS,
        description="Take the n-th element from the right: 1 is the last, 2 the one before it.",
    )


Element = Annotated[
    Annotated[Literal["only", "last"], Tag(TEXT)] | Annotated[FromRight, Tag(_FROM_RIGHT)],
    Discriminator(by_shape(_FROM_RIGHT)),
]


class XfccSource(Section):
    """The header `x-forwarded-client-cert`, as Envoy and Istio gateways write it."""

    type: Literal["xfcc"] = Field(description="`xfcc`.")
    element: Element = Field(
        default="only",
        description=(
            "Which element of the header is the client's: `only` (there must be exactly one), `last`, or "
            "`{from_right: n}`. Everything to the left of the elements that your own proxies add may be forged."
        ),
    )
    by: AtLeastOne[Text] | None = Field(
        default=None,
        description=(
            "The URI names of the proxies in between. The element's `By` must be one of them, and so must the `URI` of "
            "each element to its right, which says who handed the header on. `By` alone proves nothing."
        ),
    )


Source = Annotated[
    Annotated[EnvoyPeerSource, Tag(_ENVOY_PEER)] | Annotated[XfccSource, Tag(_XFCC)],
    Discriminator(
        by_key("type", {"envoy_peer": _ENVOY_PEER, "xfcc": _XFCC}),
        custom_error_type=UNKNOWN_BRANCH,
        custom_error_message="the value means none of the alternatives",
    ),
]
