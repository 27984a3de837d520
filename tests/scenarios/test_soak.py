"""The long form of the reloads under load: ``EXTAUTHZ_SOAK_SECONDS`` (30 by default), one reload a second."""

import os

from support.alternating import CONFIGURATIONS, EXPECTED, Callers, alternate
from support.service_site import Site, StartService

SECONDS = float(os.environ.get("EXTAUTHZ_SOAK_SECONDS", "30"))
PAUSE = 1.0


def test_no_answer_is_wrong_and_no_memory_is_lost(start: StartService, site: Site) -> None:
    clients = {"alice": site.pki.issue("alice"), "bob": site.pki.issue("bob")}
    service = start(**CONFIGURATIONS[0])
    with Callers(service, clients) as callers:
        alternate(service, site, seconds=SECONDS / 3, pause=PAUSE)
        warm = service.metric("process_resident_memory_bytes")
        alternate(service, site, seconds=SECONDS * 2 / 3, pause=PAUSE)
        late = service.metric("process_resident_memory_bytes")
        files = service.metric("process_open_fds")
    assert set(callers.seen) == EXPECTED, callers.seen
    assert service.metric("extauthz_config_reloads_total", result="failure") == 0.0
    assert warm is not None
    assert late is not None
    assert late - warm < (16 << 20), f"{warm} -> {late}"
    assert files is not None
    assert files < 100
    assert service.stop() == 0
    lost = [event for event in service.events() if event["level"] == "error"]
    assert lost == []
    assert len(site.decisions()) == sum(callers.seen.values())
