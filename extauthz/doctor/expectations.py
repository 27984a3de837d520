"""What a configuration of extauthz needs from the proxy, as the questions that the rules ask."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from extauthz.config.build_http import http_sources
from extauthz.config.document import Document
from extauthz.config.key_path import KeyPath, dotted
from extauthz.config.schema.config import Config
from extauthz.config.schema.sources import FromRight, Source, XfccSource
from extauthz.doctor.code import Code
from extauthz.doctor.finding import Finding
from extauthz.doctor.wiring import ENVOY_HTTP, HttpWiring, http_wiring, speaks
from extauthz.wire.http.dialect import Dialect


@dataclass(frozen=True)
class Expectations:
    """One checked configuration, seen from the proxy."""

    config: Config
    file: str
    document: Document = field(repr=False)

    def found(self, code: Code, path: KeyPath, detail: str = "") -> Finding:
        """Return a finding at a place of the configuration."""
        place = self.document.place_of_value(path)
        return Finding(code=code, file=self.file, line=place.line, path=dotted(path), detail=detail)

    @cached_property
    def identity_headers(self) -> tuple[str, ...]:
        """The headers that the upstream believes: writing one of them past extauthz forges an identity."""
        headers = self.config.headers
        return tuple(dict.fromkeys([*(headers.prefix + suffix for suffix in headers.emit), *headers.map]))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """What is read of the questions that an Envoy asks, by either listener."""
        over_http = http_sources(self.config) if speaks(self.config.listen.http, ENVOY_HTTP) else ()
        return (*(self.config.sources or ()), *over_http)

    def reads(self, kind: str) -> bool:
        """Say whether a source of this type is among them."""
        return any(source.type == kind for source in self.sources)

    @property
    def takes_only_element(self) -> bool:
        """Whether XFCC must have exactly one element."""
        return any(isinstance(source, XfccSource) and source.element == "only" for source in self.sources)

    @property
    def looks_past_a_proxy(self) -> bool:
        """Whether the client's element of XFCC is one that a proxy further out wrote, as behind a sidecar."""
        chosen = (source.element for source in self.sources if isinstance(source, XfccSource))
        return any(isinstance(element, FromRight) and element.from_right > 1 for element in chosen)

    @property
    def verifies_chains(self) -> bool:
        """Whether extauthz itself verifies signatures up to an anchor."""
        return self.config.trust.chain == "verify"

    @property
    def lets_in_without_certificate(self) -> bool:
        """Whether some policy takes requests without a certificate."""
        return any(policy.certificate == "optional" for policy in self.config.policies)

    @cached_property
    def sni_policies(self) -> tuple[str, ...]:
        """The policies that match on the name in the handshake."""
        return tuple(policy.name for policy in self.config.policies if policy.when.sni is not None)

    @cached_property
    def path_policies(self) -> tuple[str, ...]:
        """The policies that match on paths."""
        return tuple(policy.name for policy in self.config.policies if policy.when.paths is not None)

    @cached_property
    def matches_on_hosts(self) -> bool:
        """Whether some policy matches on hosts."""
        return any(policy.when.hosts is not None for policy in self.config.policies)

    @cached_property
    def token_policies(self) -> tuple[str, ...]:
        """The policies that look for verified tokens."""
        looking = {"required", "if_present"}
        return tuple(one.name for one in self.config.policies if one.require.token_binding in looking)

    @cached_property
    def context(self) -> Mapping[KeyPath, tuple[str, str]]:
        """What policies want in ``context_extensions``: place in the configuration -> key and value."""
        return {
            ("policies", index, "when", "context", key): (key, value)
            for index, policy in enumerate(self.config.policies)
            for key, value in (policy.when.context or {}).items()
        }

    @cached_property
    def context_policies(self) -> tuple[str, ...]:
        """The policies that wait for something in ``context_extensions``."""
        return tuple(policy.name for policy in self.config.policies if policy.when.context)

    def http(self, dialects: tuple[Dialect, ...]) -> HttpWiring:
        """Return how the HTTP listener is to be served by a proxy of this kind."""
        return http_wiring(self.config, dialects)

    def answers_over_http(self, dialects: tuple[Dialect, ...]) -> Iterator[Finding]:
        """Yield it when there is no HTTP listener for a proxy that asks over HTTP."""
        http = self.config.listen.http
        if http is None:
            yield self.found(Code.CONFIG_HTTP_NOT_LISTENING, ("listen",), f"dialect: {dialects[0]}")
        elif not speaks(http, dialects):
            detail = f"it is {http.dialect}, not {' or '.join(dialects)}"
            yield self.found(Code.CONFIG_HTTP_OTHER_DIALECT, ("listen", "http", "dialect"), detail)

    def answers_envoy(self, over_http: Collection[bool]) -> Iterator[Finding]:
        """Yield what Envoys, of which each asks over HTTP or over gRPC, do not find here."""
        if any(over_http):
            yield from self.answers_over_http(ENVOY_HTTP)
        if not all(over_http):
            yield from self.answers_over_grpc()

    def answers_over_grpc(self) -> Iterator[Finding]:
        """Yield it when there is no gRPC listener."""
        if self.config.sources is None:
            yield self.found(Code.CONFIG_GRPC_NOT_LISTENING, ("listen",))
