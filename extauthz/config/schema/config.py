"""The whole file."""

from typing import Annotated, Literal

from pydantic import Field

from extauthz.config.schema.cache import Cache
from extauthz.config.schema.decision_log import DecisionLog
from extauthz.config.schema.deny import Deny
from extauthz.config.schema.headers import Headers
from extauthz.config.schema.identity import Identity
from extauthz.config.schema.listen import Listen
from extauthz.config.schema.log import Log
from extauthz.config.schema.pins import Pins
from extauthz.config.schema.policy import Policy
from extauthz.config.schema.revocation import Revocation
from extauthz.config.schema.section import AtLeastOne, Section, exactly
from extauthz.config.schema.shutdown import Shutdown
from extauthz.config.schema.sources import Source
from extauthz.config.schema.token_binding import TokenBinding
from extauthz.config.schema.trust import Trust

MOST_WORKERS = 64
"""Processes: past the cores of any machine that runs this beside a proxy."""


class Config(Section):
    """The configuration of extauthz: one YAML or JSON file. Relative paths in it start at the file's directory."""

    version: Annotated[Literal[1], exactly(int)] = Field(description="The version of this format: 1.")
    listen: Listen = Field(default=Listen(), description="The sockets of the service.")
    workers: int = Field(
        default=1,
        ge=1,
        le=MOST_WORKERS,
        description=(
            "Processes that answer checks on the port of `listen.grpc`, for a machine with more cores than one process "
            "uses. More than 1: one more process looks after them. A proxy's few connections spread over them as "
            "`listen.grpc.max_connection_age` ends each. Changes only with a restart."
        ),
    )
    shutdown: Shutdown = Field(default=Shutdown(), description="What happens between SIGTERM and the end.")
    sources: AtLeastOne[Source] | None = Field(
        default=None,
        description=(
            "Where the client certificate may come from in Envoy's `Check` calls, each kind at most once. When several "
            "have one, they must be the same. Needed, unless proxies only ask over HTTP (`listen.http`): then there is "
            "no gRPC listener."
        ),
    )
    trust: Trust = Field(description="Whose certificates are believed.")
    identity: Identity = Field(
        default=Identity(), description="What the policies in smart cards' certificates mean. Needed for cards alone."
    )
    revocation: Revocation | None = Field(
        default=None, description="Which certificates are no longer good. Without it nothing is checked."
    )
    pins: Pins | None = Field(default=None, description="Pins that hold for every policy.")
    token_binding: TokenBinding = Field(default=TokenBinding(), description="Where verified tokens are found.")
    policies: AtLeastOne[Policy] = Field(description="What is asked of which requests. The first that matches decides.")
    unsafe_path_parameters: bool = Field(
        default=False,
        description=(
            "Compare a `;` in a path as it stands. Otherwise it is `path_ambiguous` where policies match on paths: to "
            "servlet containers `/admin;x/users` is `/admin/users`. For upstreams that do not cut it off."
        ),
    )
    cache: Cache = Field(default=Cache(), description="What is remembered of clients.")
    headers: Headers = Field(default=Headers(), description="What the upstream is told about the client.")
    deny: Deny = Field(default=Deny(), description="What a client that is refused gets to see.")
    decision_log: DecisionLog = Field(default=DecisionLog(), description="One line of JSON for each decision.")
    log: Log = Field(default=Log(), description="The process log, for what happens beside decisions.")
