"""``listen``: the sockets of the service."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from extauthz.config.schema.address import Address
from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.http import Http
from extauthz.config.schema.section import AnyNumber, Section
from extauthz.config.schema.tls import Tls
from extauthz.config.schema.url import HostName

SMALLEST_MESSAGE = 65_536
"""Bytes: a request with headers at Envoy's limit of 60 KiB must fit."""
LARGEST_MESSAGE = 64 << 20
"""Bytes: every stream may hold one of these in memory."""


class Grpc(Section):
    """The listener for Envoy's `Check` calls."""

    address: Address = Field(
        default="127.0.0.1:9191",
        description="`host:port`, `[ipv6]:port`, or `unix:/path`. Port 0 takes any free port.",
    )
    transport: Literal["native", "grpcio"] = Field(
        default="native",
        description=(
            "What speaks gRPC: `native` is the fast one; `grpcio` takes single headers of more than 64 KiB, which an "
            "Envoy with `max_request_headers_kb` over 60 can send."
        ),
    )
    tls: Tls | None = Field(default=None, description="Serve TLS. Without it: plaintext HTTP/2.")
    max_message_bytes: int = Field(
        default=4 << 20,
        ge=SMALLEST_MESSAGE,
        le=LARGEST_MESSAGE,
        description="The largest request that is read. Raise it where the proxy sends request bodies along.",
    )
    max_connection_age: Annotated[Duration, between("1s", "30d")] = Field(
        default=timedelta(minutes=5),
        description="A connection is closed gracefully after this long, so that proxies spread over new replicas.",
    )
    max_connection_age_grace: Annotated[Duration, between("0s", "1h")] = Field(
        default=timedelta(seconds=30),
        description="How long calls in flight may still take on a connection that is closed for its age.",
    )
    keepalive_time: Annotated[Duration, between("1s", "1d")] = Field(
        default=timedelta(minutes=1),
        description="A silent connection is pinged after this long.",
    )
    keepalive_timeout: Annotated[Duration, between("1s", "10m")] = Field(
        default=timedelta(seconds=20),
        description="A ping without an answer for this long closes the connection.",
    )
    max_concurrent_streams: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="Calls that may be in flight on one connection.",
    )
    reflection: bool = Field(
        default=False,
        description="Serve gRPC reflection, for tools such as grpcurl.",
    )


class Status(Section):
    """The status page, `/status`."""

    identities: bool = Field(
        default=False,
        description=(
            "Show the subject of the certificate with each of the last denials. It is what a stranger's certificate "
            "claims, and may name people: turn it on where only those who may know can reach the listener."
        ),
    )
    hosts: AnyNumber[HostName] = Field(
        default=(),
        description=(
            "Names under which browsers may ask for the page, such as that of a Service. An address, `localhost` and "
            "the host of `address` are always answered; any other name may be a stranger's, and is answered 421."
        ),
    )


class Admin(Section):
    """The listener for operators: `/status`, `/metrics`, `/healthz`, `/readyz`, `/-/reload`."""

    address: Address = Field(
        default="127.0.0.1:9190",
        description="`host:port`, `[ipv6]:port`, or `unix:/path`. Whoever reaches it can trigger a reload.",
    )
    status: Status = Field(default=Status(), description="What the status page shows.")


class Listen(Section):
    """The sockets of the service."""

    grpc: Grpc = Field(
        default=Grpc(), description="The listener for Envoy's `Check` calls. It is there where there are `sources`."
    )
    http: Http | None = Field(
        default=None, description="The listener for proxies that ask over HTTP. Without it there is none."
    )
    admin: Admin = Field(default=Admin(), description="The listener for metrics, health, status and reload.")
