"""Workers that die at each start are started ever more slowly, and the supervisor stays in charge."""

import os
from collections import Counter
from pathlib import Path

import extauthz
import support
from support.service import RealService, eventually
from support.service_site import Site

SABOTAGE = Path(support.__file__).parent / "sabotage"
TARGET = "extauthz.service.workers.serving_worker:ServingWorker._bind"


def test_they_do_not_spin(site: Site) -> None:
    """A defect is planted in the first thing that a worker does."""
    site.write(workers=2)
    path = os.pathsep.join((str(SABOTAGE), str(Path(extauthz.__file__).parents[1])))
    environment = {"EXTAUTHZ_SABOTAGE": TARGET, "PYTHONPATH": path}
    with RealService(site.path, wait=False, environment=environment) as service:
        restarts = "a worker ended and is started again"
        eventually(lambda: len(service.events(restarts)) >= 6 or None, "each having died three times")
        delays = Counter(event["after_seconds"] for event in service.events(restarts))
        assert max(delays.values()) <= 2, "each of the two waits so long once"
        assert {0.25, 0.5, 1.0} <= set(delays)
        assert len(service.events("a worker starts")) <= len(service.events(restarts)) + 2
        assert service.stop() == 0
        assert service.events("ready") == []
