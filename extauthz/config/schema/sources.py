"""``sources``: where the client certificate may come from. Nothing is detected automatically."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from extauthz.config.schema.branch import TEXT, UNKNOWN_BRANCH, by_key, by_shape
from extauthz.config.schema.section import AtLeastOne, Section, Text
from extauthz.config.schema.source_header import SourceHeader
from extauthz.config.schema.trust import TrustDomain
from extauthz.sources.aws_alb import DEFAULT_HEADERS, AlbMode
from extauthz.sources.limits import MAX_XFCC_ELEMENTS
from extauthz.sources.nginx import DEFAULT_HEADER, DEFAULT_VERIFY_HEADER

_ENVOY_PEER = "\0EnvoyPeerSource"
_XFCC = "\0XfccSource"
_NGINX = "\0NginxSource"
_BASE64_DER = "\0Base64DerSource"
_RFC9440 = "\0Rfc9440Source"
_AWS_ALB = "\0AwsAlbSource"
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


class IdentityOnly(Section):
    """Whom a mesh may name without a certificate."""

    trust_domains: AtLeastOne[TrustDomain] = Field(
        description="SPIFFE trust domains, such as `cluster.local`. A name of any other domain is denied."
    )


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
    format: Literal["text", "json", "either"] = Field(
        default="text",
        description=(
            "What the proxy writes: `text`, `json` (Envoy's `format: JSON` in `set_current_client_cert_details`), or "
            "`either`, the whole header one or the other, where proxies append to what clients send."
        ),
    )
    unsafe_identity_only: IdentityOnly | None = Field(
        default=None,
        description=(
            "Believe a proxy of `by` for who the client is, where its element has neither `Cert` nor `Chain`: one "
            "SPIFFE ID in `URI` and no other name. Nobody here sees a certificate then. Counts only for policies with "
            "`certificate: unsafe_forwarded_identity`; needs `by`, and `element: only` or `last`."
        ),
    )

    @model_validator(mode="after")
    def _somebody_vouches(self) -> Self:
        if self.unsafe_identity_only is None:
            return self
        if self.by is None:
            raise ValueError("`unsafe_identity_only` needs `by`: the proxies that may say who a client is")
        if isinstance(self.element, FromRight) and self.element.from_right > 1:
            raise ValueError(
                "`unsafe_identity_only` needs `element: only` or `last`: what follows an element may be text of the "
                "very client that it names"
            )
        return self


class NginxSource(Section):
    """Two headers of NGINX or ingress-nginx: `$ssl_client_escaped_cert` and `$ssl_client_verify`. The leaf alone."""

    type: Literal["nginx"] = Field(description="`nginx`.")
    header: SourceHeader = Field(
        default=DEFAULT_HEADER,
        description="The header that the proxy sets to `$ssl_client_escaped_cert`. ingress-nginx: `ssl-client-cert`.",
    )
    verify_header: SourceHeader = Field(
        default=DEFAULT_VERIFY_HEADER,
        description="The header that the proxy sets to `$ssl_client_verify`. ingress-nginx: `ssl-client-verify`.",
    )
    verify: Literal["success", "here"] = Field(
        default="success",
        description=(
            "`success`: only a certificate that NGINX verified is used. `here`: also one whose CA NGINX does not know "
            "(`ssl_verify_client optional_no_ca`); it needs `trust.chain: verify`."
        ),
    )


class Base64DerSource(Section):
    """DER as base64 in headers of your choice, as Traefik, Caddy and HAProxy can write it."""

    type: Literal["base64_der"] = Field(description="`base64_der`.")
    header: SourceHeader = Field(
        description="The header with the client's certificate. The proxy must replace what a client sends under it."
    )
    chain_header: SourceHeader | None = Field(
        default=None,
        description=(
            "A header with the rest of the chain: base64 of the certificates one after the other, without the client's "
            "own (HAProxy's `ssl_c_chain_der`)."
        ),
    )
    form: Literal["single", "comma_list", "concatenated"] = Field(
        default="single",
        description=(
            "What is in `header`: `single`, one certificate; `comma_list`, base64 texts with commas between them, the "
            "client's first (Traefik v3); `concatenated`, base64 of several certificates, the client's first."
        ),
    )

    @model_validator(mode="after")
    def _one_place_for_the_chain(self) -> Self:
        if self.chain_header is not None and self.form != "single":
            raise ValueError(f"`chain_header` needs `form: single`; with `{self.form}` the chain is in `header`")
        return self


class Rfc9440Source(Section):
    """The headers `Client-Cert` and `Client-Cert-Chain` of RFC 9440. The proxy must remove what a client sends."""

    type: Literal["rfc9440"] = Field(description="`rfc9440`.")


class AwsAlbSource(Section):
    """The headers of AWS's Application Load Balancer with mutual TLS."""

    type: Literal["aws_alb"] = Field(description="`aws_alb`.")
    mode: Literal["passthrough", "verify"] = Field(
        description=(
            "The mode of the listener. `passthrough`: the whole chain, which nobody has verified, so it needs "
            "`trust.chain: verify`. `verify`: the client's certificate alone, which the load balancer verified."
        )
    )
    header: SourceHeader | None = Field(
        default=None,
        description=(
            "The header, where the listener's attributes give it another name than `x-amzn-mtls-clientcert` "
            "(`passthrough`) or `x-amzn-mtls-clientcert-leaf` (`verify`)."
        ),
    )

    @property
    def header_in_use(self) -> str:
        """The header that is read, lower case."""
        return DEFAULT_HEADERS[AlbMode(self.mode)] if self.header is None else self.header


_Http = (
    Annotated[XfccSource, Tag(_XFCC)]
    | Annotated[NginxSource, Tag(_NGINX)]
    | Annotated[Base64DerSource, Tag(_BASE64_DER)]
    | Annotated[Rfc9440Source, Tag(_RFC9440)]
    | Annotated[AwsAlbSource, Tag(_AWS_ALB)]
)
_HTTP_TAGS = {"xfcc": _XFCC, "nginx": _NGINX, "base64_der": _BASE64_DER, "rfc9440": _RFC9440, "aws_alb": _AWS_ALB}
_UNKNOWN_TYPE = "the value means none of the alternatives"

HttpSource = Annotated[
    _Http,
    Discriminator(
        by_key("type", _HTTP_TAGS),
        custom_error_type=UNKNOWN_BRANCH,
        custom_error_message=_UNKNOWN_TYPE,
    ),
]
"""A source that plain HTTP can carry: all of them but Envoy's own attribute."""

Source = Annotated[
    Annotated[EnvoyPeerSource, Tag(_ENVOY_PEER)] | _Http,
    Discriminator(
        by_key("type", {"envoy_peer": _ENVOY_PEER, **_HTTP_TAGS}),
        custom_error_type=UNKNOWN_BRANCH,
        custom_error_message=_UNKNOWN_TYPE,
    ),
]
