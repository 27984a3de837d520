"""What answers checks: the part of the service that every serving process has."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from extauthz.config.build_http import CallerRules
from extauthz.config.schema.http import Http
from extauthz.config.schema.listen import Grpc, Listen
from extauthz.config.schema.tls import ServerTls
from extauthz.observe.check_metrics import Api
from extauthz.observe.decision_log import DecisionLog
from extauthz.observe.metrics import Metrics
from extauthz.observe.recent_denials import RecentDenials
from extauthz.observe.transport_metrics import TransportMetrics
from extauthz.policy.rules.base import Rule
from extauthz.service.authorization import AUTHORIZATION, GRPC_FALLBACK
from extauthz.service.bound_settings import callers_wait, http_callers_wait, http_speech
from extauthz.service.callers import Callers
from extauthz.service.checker import Checker
from extauthz.service.engine_holder import EngineHolder, Generation
from extauthz.service.garbage import Retired, Retirement, tame_collector
from extauthz.service.health import HealthState
from extauthz.service.http_listener import HttpListener, HttpParts, http_fallback
from extauthz.service.listener import Listener, grpc_listener
from extauthz.service.readiness import Readiness
from extauthz.service.served import Served
from extauthz.service.shared_address import SharedAddress
from extauthz.service.tls import TlsInUse, TlsMaterial
from extauthz.transport.cause import Cause
from extauthz.transport.room import Room
from extauthz.wire.http.answer import HttpAnswer
from extauthz.wire.http.question import HttpQuestion

Settings = TypeVar("Settings", Grpc, Http)
GrpcGeneration = Generation[bytes, bytes]
HttpGeneration = Generation[HttpQuestion, HttpAnswer]
SWITCH_INTERVAL_SECONDS = 0.0005
"""How long a reload, a scrape or a log writer may keep the interpreter from a waiting check. Measured on two cores
with a CRL of 30,000 entries reloaded without a pause: checks took 28 ms at the 99th percentile with Python's 5 ms,
8 ms with this."""
FLUSH_SECONDS = 2.0
"""What each log has at the end to write what waits: a healthy disk needs a fraction, a dead one never ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a process listens, with the ports that were given for port 0; None where it has no such listener."""

    grpc: str | None = None
    http: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAddresses:
    """A worker's part in addresses that several processes listen on."""

    grpc: SharedAddress
    http: SharedAddress


class Serving:
    """The engines in use, the listeners before them and the decision log behind. Belongs to the event loop."""

    def __init__(self, metrics: Metrics, readiness: Readiness, decision_log: DecisionLog) -> None:
        self._metrics = metrics
        self._readiness = readiness
        self._grpc: EngineHolder[bytes, bytes] = EngineHolder()
        self._http: EngineHolder[HttpQuestion, HttpAnswer] = EngineHolder()
        self._decision_log = decision_log
        self.denials = RecentDenials()
        """Those of this process."""
        self._retirement = Retirement()
        self._memories: Sequence[Retired] = ()
        """What the engines of the last load remember clients by."""
        self._grpc_callers: tuple[Rule | None] | None = None
        """The last rule that was meant for the listener as it was bound; None: no configuration has said any."""
        self._http_rules: CallerRules | None = None
        """The last ones that were meant for the listener as it was bound."""
        self._http_speech: object = None
        """What these callers are known to write."""
        self._tls: dict[Api, TlsInUse] = {}
        self._transport_metrics: TransportMetrics | None = None
        self._bound: Listen | None = None
        self._addresses: Mapping[str, str] = {}
        self._serves_grpc = True
        self._listeners: list[Listener] = []

    def bind_to(self, listen: Listen, *, grpc: bool, addresses: Mapping[str, str] = MappingProxyType({})) -> None:
        """Hold on to these settings of the listeners, whatever comes later. ``grpc``: there is that one.

        ``addresses``: where they listen, by API, if that is not what the settings say, as of a port that is 0 there.
        """
        self._bound = listen
        self._addresses = addresses
        self._serves_grpc = grpc

    def publish(self, served: Served) -> None:
        """Put a load into use. The answers of each API follow one assignment; what is beside them only informs."""
        self._grpc.replace(None if served.grpc is None else self._as_bound(served.grpc, served))
        self._http.replace(None if served.http is None else self._http_as_bound(served.http, served))
        before, self._memories = self._memories, _memories_of(served)
        for memory in before:
            if memory not in self._memories:  # a load takes over what it would build the same
                self._retirement.retire(memory)
        wanted = served.config.listen
        self._take_tls(Api.GRPC, served.tls, waiting=self._bound is not None and callers_wait(self._bound, wanted))
        self._take_tls(
            Api.HTTP, served.http_tls, waiting=self._bound is not None and http_callers_wait(self._bound, wanted)
        )
        self._decision_log.set_limit(served.config.decision_log.queue_size)
        self.denials.keep_subjects(wanted=served.config.listen.admin.status.identities)

    async def start(self, shared: SharedAddresses | None = None) -> Addresses:
        """Bind, begin to accept, and return the addresses. Raises ListenError."""
        assert self._bound is not None  # noqa: S101  (whoever starts it has bound it)
        addresses = Addresses()
        room = Room(max(1, self._on_own_transport(self._bound)))
        if self._serves_grpc:
            grpc = self._grpc_listener(
                self._at(Api.GRPC, self._bound.grpc), room, None if shared is None else shared.grpc
            )
            self._listeners.append(grpc)
            await grpc.start()
            addresses = replace(addresses, grpc=grpc.address)
        if self._bound.http is not None:
            http = self._http_listener(
                self._at(Api.HTTP, self._bound.http), room, None if shared is None else shared.http
            )
            self._listeners.append(http)
            await http.start()
            addresses = replace(addresses, http=http.address)
        tame_collector()
        return addresses

    async def stop(self, grace: float) -> None:
        """Accept nothing more, give calls in flight ``grace`` seconds. May be called again, with less."""
        await asyncio.gather(*[listener.stop(grace) for listener in self._listeners])

    def _at(self, api: Api, settings: Settings) -> Settings:
        address = self._addresses.get(api.value)
        return settings if address is None else settings.model_copy(update={"address": address})

    def _on_own_transport(self, listen: Listen) -> int:
        """Return how many listeners share the room for connections; that of grpcio knows no bounds."""
        return (self._serves_grpc and listen.grpc.transport == "native") + (listen.http is not None)

    def _grpc_listener(self, grpc: Grpc, room: Room, shared: SharedAddress | None) -> Listener:
        health = HealthState(("", AUTHORIZATION))
        listener = grpc_listener(
            grpc,
            checker=Checker(
                self._grpc,
                GRPC_FALLBACK,
                self._metrics.checks.of(Api.GRPC),
                self._decision_log,
                denials=self.denials,
                max_request_bytes=grpc.max_message_bytes,
            ),
            callers=Callers(self._callers_rule),
            health=health,
            metrics=self._metrics,
            transport_metrics=self._of_transport,
            tls=self._tls_in_use(Api.GRPC),
            room=room,
            shared=shared,
        )
        self._readiness.on_change(health.set_serving)
        return listener

    def _http_listener(self, http: Http, room: Room, shared: SharedAddress | None) -> Listener:
        checker = Checker(
            self._http,
            http_fallback(http),
            self._metrics.checks.of(Api.HTTP),
            self._decision_log,
            denials=self.denials,
        )
        parts = HttpParts(
            holder=self._http,
            checker=checker,
            metrics=self._of_transport(),
            readiness=self._readiness,
            tls=self._tls_in_use(Api.HTTP),
            room=room,
        )
        listening = None if shared is None else shared.listening_sockets(http.address)
        return HttpListener(http, parts, listening=listening)

    def _of_transport(self) -> TransportMetrics:
        """Return the one account of connections that the listeners share."""
        if self._transport_metrics is None:
            self._transport_metrics = TransportMetrics(self._metrics.registry, Cause)
        return self._transport_metrics

    def _take_tls(self, api: Api, material: TlsMaterial | None, *, waiting: bool) -> None:
        """Use other material for the next handshakes. A listener that was bound without TLS stays so.

        ``waiting``: who may call stays as it is, and with it whose certificates are believed.
        """
        if material is None:
            return
        if api in self._tls:
            self._tls[api].replace(material, clients=not waiting)
            return
        bound = self._tls_as_bound(api)
        if bound is None or (waiting and bound.client_ca is not None):  # a configuration that says whose is yet to come
            return
        self._tls[api] = TlsInUse(material if bound.client_ca is not None else replace(material, client_ca=None))

    def _tls_as_bound(self, api: Api) -> ServerTls | None:
        if self._bound is None:
            return None
        listener = self._bound.grpc if api is Api.GRPC else self._bound.http
        return None if listener is None else listener.tls

    def _tls_in_use(self, api: Api) -> TlsInUse | None:
        """Return that of a listener that was bound with TLS, which there is; None for any other."""
        return None if self._tls_as_bound(api) is None else self._tls[api]

    def _as_bound(self, generation: GrpcGeneration, served: Served) -> GrpcGeneration | None:
        """Return the generation with a rule for callers that suits the listener as it was bound.

        None, which denies, where no configuration has said who may call this listener.
        """
        if self._bound is None or not callers_wait(self._bound, served.config.listen):
            self._grpc_callers = (generation.callers,)
            return generation
        if self._grpc_callers is None:
            return None
        return replace(generation, callers=self._grpc_callers[0])

    def _http_as_bound(self, generation: HttpGeneration, served: Served) -> HttpGeneration | None:
        """Return the same for HTTP; None, which denies, where no configuration has said who may ask this listener.

        Callers are believed for what they are known to write, so whoever speaks another dialect is no such caller.
        """
        wanted = served.config.listen
        if self._bound is None or not http_callers_wait(self._bound, wanted):
            self._http_rules, self._http_speech = generation.callers.rules, http_speech(wanted)
            return generation
        if self._http_rules is None or self._http_speech != http_speech(wanted):
            return None
        return replace(generation, callers=replace(generation.callers, rules=self._http_rules))

    def _callers_rule(self) -> Rule | None:
        generation = self._grpc.current
        if generation is None:
            return None
        rule: Rule | None = generation.callers
        return rule


def _memories_of(served: Served) -> list[Retired]:
    """Return what the engines of a load remember clients by, each once."""
    engines = [one.engine for one in (served.grpc, served.http) if one is not None]
    return list(dict.fromkeys(memory for engine in engines for memory in engine.memories))
