"""Collects what the status page shows. Nothing here runs unless somebody asks for the page."""

import asyncio
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from extauthz import __version__
from extauthz.config.schema.config import Config
from extauthz.config.schema.listen import Listen
from extauthz.observe.engine_metrics import EngineView
from extauthz.observe.recent_denials import DenialsOfAll
from extauthz.service.backend import Backend
from extauthz.service.checker import utc_now
from extauthz.service.crl_sources import CrlSources
from extauthz.service.loading import Loaded
from extauthz.service.readiness import Readiness
from extauthz.service.reload import Reloader, ReloadReport
from extauthz.service.serving import Addresses
from extauthz.service.status.counts import Counts, counts_of
from extauthz.service.status.model import Configuration, LastReload, Status
from extauthz.service.status.own_name import names_of
from extauthz.service.status.parts import anchors, crl_sources, denials, listeners, policies, sources
from extauthz.service.status.texts import sentences, shown


class StatusBoard:
    """Knows where the facts are. Its methods belong to the event loop."""

    def __init__(
        self,
        readiness: Readiness,
        reloader: Reloader,
        crls: CrlSources,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._readiness = readiness
        self._reloader = reloader
        self._crls = crls
        self._clock = clock
        self._started = clock()
        self._in_use: _InUse | None = None
        self._bound: Listen | None = None
        self._backend: Backend | None = None
        self._addresses = Addresses()
        self._admin = ""

    def loaded(self, loaded: Loaded, at: datetime) -> None:
        """Take note of a load that came into use."""
        before = 0 if self._in_use is None else self._in_use.generation
        self._in_use = _InUse(
            generation=before + 1,
            at=at,
            view=loaded.view,
            config=loaded.config,
            warnings=loaded.warnings,
            crl_checking=loaded.revocation is not None,
        )
        self._bound = self._bound or loaded.config.listen

    def follow(self, backend: Backend, admin: str) -> None:
        """Ask this backend from now on; ``admin`` is the address of the page itself."""
        self._backend, self._admin = backend, admin

    def listening(self, addresses: Addresses) -> None:
        """Take note of where checks are answered."""
        self._addresses = addresses

    def own_names(self) -> frozenset[str]:
        """Return the names that the page has beside its address; none before there is a configuration."""
        if self._in_use is None or self._bound is None:
            return frozenset()
        return names_of(self._bound.admin, self._in_use.config.listen.admin)

    async def status(self) -> Status:
        """Return everything as it is now. Raises RuntimeError before there is a configuration and a backend."""
        backend = self._backend
        if backend is None or self._in_use is None:
            raise RuntimeError("there is nothing to show yet")
        # In a thread, as a scrape is: with several workers both wait for answers.
        counts, noted = await asyncio.to_thread(
            lambda: (counts_of(backend.registry.collect()), backend.recent_denials())
        )
        # What belongs to the event loop is looked at in it; thousands of CRLs are made presentable beside it.
        return await asyncio.to_thread(self._status_from(self._in_use, counts, noted))

    def _status_from(self, used: "_InUse", counts: Counts, noted: DenialsOfAll) -> Callable[[], Status]:
        """Return what makes the status of the facts of this moment, in any thread."""
        at, phase, waiting, last = self._clock(), self._readiness.phase, self._readiness.waiting, self._reloader.last
        bound, addresses, admin = self._bound or used.config.listen, self._addresses, self._admin
        ready, started = self._readiness.ready, self._started
        snapshot, late = self._crls.look()
        identities = used.config.listen.admin.status.identities
        return lambda: Status(
            at=at,
            phase=phase.value,
            ready=ready,
            waiting_for_crls=tuple(shown(one) for one in waiting),
            version=__version__,
            python=platform.python_version(),
            started=started,
            workers=counts.workers,
            configuration=_configuration(used, counts, last),
            listeners=tuple(listeners(bound, addresses, admin)),
            sources=tuple(sources(used.config, counts)),
            checks_without_certificate=counts.without_certificate,
            samples_unread=counts.unread,
            anchors=tuple(anchors(used.view.anchors)),
            crl_checking=used.crl_checking,
            crl_sources=tuple(crl_sources(snapshot, late)),
            crl_problems=sentences(snapshot.problems),
            policies=tuple(policies(used.view.policies, counts)),
            denials=tuple(denials(noted.latest, identities=identities)),
            denials_late=noted.late,
            denials_ended=noted.ended,
            identities=identities,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _InUse:
    """What is kept of a load: not its files nor the CRLs that it began with, which are replaced while it is in use."""

    generation: int
    at: datetime
    view: EngineView
    config: Config
    warnings: tuple[str, ...]
    crl_checking: bool


def _configuration(used: _InUse, counts: Counts, last: ReloadReport | None) -> Configuration:
    return Configuration(
        generation=used.generation,
        digest=used.view.digest,
        digests_in_use=counts.digests,
        loaded_at=used.at,
        warnings=sentences(used.warnings),
        last_reload=None
        if last is None
        else LastReload(
            result=last.result.value, trigger=last.trigger.value, at=last.at, problems=sentences(last.problems)
        ),
    )
