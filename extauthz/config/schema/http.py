"""``listen.http``: the listener for proxies that ask over HTTP."""

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from extauthz.config.schema.address import UNIX_PREFIX, Address
from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.networks import check_not_everybody
from extauthz.config.schema.section import AtLeastOne, Section, Text
from extauthz.config.schema.sources import HttpSource
from extauthz.config.schema.tls import ServerTls, TypedSan

HIGHEST_USER = 2**32 - 2
"""User ids have 32 bits; the highest means none."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")


def _check_name(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no header name; write letters, digits and single hyphens, in lower case")
    return text


def _check_prefix(text: str) -> str:
    if _PREFIX.fullmatch(text) is None:
        raise ValueError(f'{text!r} is no path to ask below; write one such as "/check", without a slash at its end')
    return text


def _check_network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f"{error}; write an address or a network such as 10.0.0.0/8") from None
    return text


HeaderName = Annotated[str, AfterValidator(_check_name)]
Network = Annotated[str, AfterValidator(_check_network)]
UserId = Annotated[int, Field(ge=0, le=HIGHEST_USER)]


class Secret(Section):
    """A secret that the proxy sends with each question."""

    header: HeaderName = Field(default="x-extauthz-secret", description="The header that it comes in.")
    file: Text = Field(
        description=(
            "The file that holds it: one line of at least 16 printable characters, without spaces. Read again when it "
            "changes."
        )
    )


class Callers(Section):
    """Who may ask. Of the kinds that are given, each must hold."""

    addresses: Annotated[AtLeastOne[Network], AfterValidator(check_not_everybody)] | None = Field(
        default=None,
        description=(
            "Addresses and networks (CIDR) that connections may come from. Not all of IPv4 or IPv6, which would be "
            "everybody."
        ),
    )
    clients: AtLeastOne[TypedSan] | None = Field(
        default=None,
        description="With `tls.client_ca`: typed subjectAltName patterns, of which the proxy's certificate needs one.",
    )
    unix_users: AtLeastOne[UserId] | None = Field(
        default=None, description="On a Unix socket: the ids of the users whose processes may ask."
    )
    secret: Secret | None = Field(default=None, description="A secret that the proxy sends with each question.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("names nobody; give `addresses`, `clients`, `unix_users` or `secret`")
        return self


class RequestHeaders(Section):
    """Other headers than those of the dialect for what is asked about."""

    method_header: HeaderName | None = Field(default=None, description="Holds the method.")
    host_header: HeaderName | None = Field(default=None, description="Holds the host.")
    path_header: HeaderName | None = Field(default=None, description="Holds the path and the query.")
    url_header: HeaderName | None = Field(
        default=None, description="Holds a whole URL, which then gives host, path and query."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.url_header is not None and (self.host_header is not None or self.path_header is not None):
            raise ValueError("`url_header` gives host and path already; leave `host_header` and `path_header` out")
        return self


class Http(Section):
    """The listener for proxies that ask over HTTP: NGINX's `auth_request`, forward-auth, Envoy's `http_service`.

    On it a header *is* the identity, so it has to know who may ask.
    """

    address: Address = Field(
        default="127.0.0.1:9192",
        description="`host:port`, `[ipv6]:port`, or `unix:/path`. Port 0 takes any free port.",
    )
    dialect: Literal["nginx", "ingress_nginx", "traefik", "caddy", "haproxy", "envoy_http"] = Field(
        description=(
            "Which proxy asks. It says which headers hold method, host, path and certificate, and how an answer looks."
        )
    )
    prefix: Annotated[str, AfterValidator(_check_prefix)] = Field(
        default="/check", description="Questions are asked at this path and below it; everything else is not found."
    )
    request: RequestHeaders | None = Field(
        default=None, description="Other headers than those of the dialect for what is asked about."
    )
    sources: AtLeastOne[HttpSource] | None = Field(
        default=None,
        description=(
            "Where the client certificate may come from, in the place of what the dialect says. All kinds but "
            "`envoy_peer`, which is no header."
        ),
    )
    callers: Callers | None = Field(default=None, description="Who may ask; everybody else gets 403.")
    unsafe_any_caller: bool = Field(
        default=False,
        description=(
            "Let everybody ask who can connect. Whoever can connect can then be whoever he likes, in the eyes of "
            "anything that believes the answer."
        ),
    )
    tls: ServerTls | None = Field(default=None, description="Serve TLS. Without it: plaintext HTTP/1.1.")
    max_connection_age: Annotated[Duration, between("1s", "30d")] = Field(
        default=timedelta(minutes=5),
        description="A connection ends with the first answer after this long: proxies then spread over new replicas.",
    )
    idle_timeout: Annotated[Duration, between("1s", "1d")] = Field(
        default=timedelta(minutes=5),
        description="A connection without a question ends after this long. Keep it longer than the proxy's own.",
    )

    @model_validator(mode="after")
    def _somebody_may_ask(self) -> Self:
        if self.callers is None and not self.unsafe_any_caller:
            raise ValueError(
                "needs to know who may ask: for a proxy on this machine `callers: {addresses: [127.0.0.1]}`"
            )
        if self.callers is not None and self.unsafe_any_caller:
            raise ValueError("has `callers` and `unsafe_any_caller: true`; take one of them away")
        return self

    @model_validator(mode="after")
    def _callers_can_be_told_apart(self) -> Self:
        callers = self.callers
        if callers is None:
            return self
        is_unix = self.address.startswith(UNIX_PREFIX)
        if callers.addresses is not None and is_unix:
            raise ValueError("`callers.addresses` needs a port to listen on: a Unix socket has no addresses")
        if callers.unix_users is not None and not is_unix:
            raise ValueError("`callers.unix_users` needs a Unix socket: a port does not tell who connects")
        if callers.clients is not None and (self.tls is None or self.tls.client_ca is None):
            raise ValueError("`callers.clients` needs `tls.client_ca`, or no caller has a verified name")
        return self
