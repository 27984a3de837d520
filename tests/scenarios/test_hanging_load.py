"""Files on a network that went away hang a load for ever. The process still ends when it is asked to."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from extauthz.service.app import EXIT_HURRIED, EXIT_OK
from support.service import RealService, eventually
from support.service_site import Site

PROGRAM = """
import asyncio, itertools, pathlib, sys, threading
from extauthz.service import app

load, loads = app.load, itertools.count(1)

def hanging(*arguments):
    if next(loads) == int(sys.argv[3]):
        print("hanging", file=sys.stderr, flush=True)
        threading.Event().wait()
    return load(*arguments)

app.load = hanging
sys.exit(asyncio.run(app.serve(pathlib.Path(sys.argv[1]))))
"""

StartHanging = Callable[[int], RealService]


@pytest.fixture
def start_hanging(site: Site) -> Iterator[StartHanging]:
    """Start a service whose load with the given number, from 1, never ends."""
    with ExitStack() as running:

        def begin(load: int) -> RealService:
            service = RealService(site.path, wait=load > 1)
            service.command = (sys.executable, "-P", "-c", PROGRAM, str(site.path), "at-load", str(load))
            return running.enter_context(service)

        yield begin


def wait_until_it_hangs(service: RealService) -> None:
    eventually(lambda: "hanging" in service.stderr() or None, "a load that hangs", show=service.stderr)


def test_one_signal_ends_a_start(start_hanging: StartHanging, site: Site) -> None:
    site.write()
    service = start_hanging(1)
    wait_until_it_hangs(service)
    assert service.stop() == EXIT_OK


def test_one_signal_ends_a_service_in_order(start_hanging: StartHanging, site: Site) -> None:
    site.write()
    service = start_hanging(2)
    service.signal(signal.SIGHUP)
    wait_until_it_hangs(service)
    assert service.stop() == EXIT_OK
    assert service.events("stopped")


def test_a_second_signal_ends_it_at_once(start_hanging: StartHanging, site: Site) -> None:
    site.write(shutdown={"drain_delay": "10m", "grace": "10m"})
    service = start_hanging(2)
    service.signal(signal.SIGHUP)
    wait_until_it_hangs(service)
    service.signal(signal.SIGTERM)
    service.event("draining")
    assert service.stop() == EXIT_HURRIED
    assert service.events("stopped")
