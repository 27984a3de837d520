"""Collects what the status page shows. Nothing here runs unless somebody asks for the page."""

import asyncio
import platform
from collections.abc import Callable
from datetime import datetime

from extauthz import __version__
from extauthz.config.schema.config import Config
from extauthz.service.backend import Backend
from extauthz.service.checker import utc_now
from extauthz.service.crl_sources import CrlSources
from extauthz.service.loading import Loaded
from extauthz.service.readiness import Readiness
from extauthz.service.reload import Reloader
from extauthz.service.serving import Addresses
from extauthz.service.status.counts import Counts, counts_of
from extauthz.service.status.model import Configuration, LastReload, Status
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
        self._generation = 0
        self._loaded: Loaded | None = None
        self._loaded_at = self._started
        self._bound: Config | None = None
        self._backend: Backend | None = None
        self._addresses = Addresses()
        self._admin = ""

    def loaded(self, loaded: Loaded, at: datetime) -> None:
        """Take note of a load that came into use."""
        self._generation += 1
        self._loaded, self._loaded_at = loaded, at
        self._bound = self._bound or loaded.config

    def follow(self, backend: Backend, admin: str) -> None:
        """Ask this backend from now on; ``admin`` is the address of the page itself."""
        self._backend, self._admin = backend, admin

    def listening(self, addresses: Addresses) -> None:
        """Take note of where checks are answered."""
        self._addresses = addresses

    async def status(self) -> Status:
        """Return everything as it is now. Raises RuntimeError before there is a configuration and a backend."""
        loaded, bound, backend = self._loaded, self._bound, self._backend
        if loaded is None or bound is None or backend is None:
            raise RuntimeError("there is nothing to show yet")
        # In a thread, as a scrape is: with several workers both wait for answers.
        counts, noted = await asyncio.to_thread(
            lambda: (counts_of(backend.registry.collect()), backend.recent_denials())
        )
        at = self._clock()
        snapshot, late = self._crls.look()
        identities = loaded.config.listen.admin.status.identities
        return Status(
            at=at,
            phase=self._readiness.phase.value,
            ready=self._readiness.ready,
            waiting_for_crls=tuple(shown(one) for one in self._readiness.waiting),
            version=__version__,
            python=platform.python_version(),
            started=self._started,
            workers=counts.workers,
            configuration=self._configuration(loaded, counts),
            listeners=tuple(listeners(bound.listen, self._addresses, self._admin)),
            sources=tuple(sources(loaded.config, counts)),
            checks_without_certificate=counts.without_certificate,
            anchors=tuple(anchors(loaded.view.anchors)),
            crl_checking=loaded.revocation is not None,
            crl_sources=tuple(crl_sources(snapshot, late)),
            crl_problems=sentences(snapshot.problems),
            policies=tuple(policies(loaded.view.policies, counts)),
            denials=tuple(denials(noted.latest, identities=identities)),
            denials_late=noted.late,
            identities=identities,
        )

    def _configuration(self, loaded: Loaded, counts: Counts) -> Configuration:
        last = self._reloader.last
        return Configuration(
            generation=self._generation,
            digest=loaded.digest,
            digests_in_use=counts.digests,
            loaded_at=self._loaded_at,
            warnings=sentences(loaded.warnings),
            last_reload=None
            if last is None
            else LastReload(
                result=last.result.value, trigger=last.trigger.value, at=last.at, problems=sentences(last.problems)
            ),
        )
