"""Two configurations that answer differently in every respect, taking turns under load.

Each answer must be wholly of one of them: who is let in, under which policy, with which headers, and how a deny looks.
An answer that is half of each would show a reload that is not one step.
"""

import itertools
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support.pki import Leaf
from support.questions import allowed, headers, policy, question, reason
from support.service import RealService
from support.service_site import Site

CALLERS = 4
_ALICE_IN = {
    "policies": [{"name": "first", "when": {}, "require": {"common_name": ["alice"]}}],
    "headers": {"prefix": "x-first-", "emit": ["cn", "policy"]},
    "deny": {"status": 403, "body": "text", "expose_reason": True},
}
_BOB_IN = {
    "policies": [{"name": "second", "when": {}, "require": {"common_name": ["bob"]}}],
    "headers": {"prefix": "x-second-", "emit": ["cn", "policy"]},
    "deny": {"status": 404, "body": "text", "expose_reason": True},
}
CONFIGURATIONS = (_ALICE_IN, _BOB_IN)
EXPECTED = frozenset(
    {
        ("alice", "allow", "first", (("x-first-cn", "alice"), ("x-first-policy", "first"))),
        ("bob", "deny", "first", (403, "common_name_not_allowed", "policy=first")),
        ("alice", "deny", "second", (404, "common_name_not_allowed", "policy=second")),
        ("bob", "allow", "second", (("x-second-cn", "bob"), ("x-second-policy", "second"))),
    }
)


class Callers:
    """Threads that ask for alice and bob in turn, as a context manager."""

    def __init__(self, service: RealService, clients: dict[str, Leaf]) -> None:
        self._service = service
        self._questions = {name: question(leaf).SerializeToString() for name, leaf in clients.items()}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]
        self.seen: Counter[object] = Counter()
        """Every answer, in the shape of ``EXPECTED``, or the error that came instead."""

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        seen: Counter[object] = Counter()
        with self._service.channel() as channel:
            while not self._stop.is_set():
                for name, asked in self._questions.items():
                    try:
                        seen[_shape(name, self._service.check(asked, channel=channel))] += 1
                    except Exception as error:  # noqa: BLE001  (whatever it is, the test must see it)
                        seen[repr(error)] += 1
        self.seen.update(seen)


def alternate(service: RealService, site: Site, *, seconds: float, pause: float) -> int:
    """Write one configuration and the other, every ``pause`` seconds, reloading in each way in turn; count them."""
    by_signal: Callable[[], object] = lambda: service.signal(signal.SIGHUP)  # noqa: E731  (one of three of a kind)
    by_file: Callable[[], object] = lambda: None  # noqa: E731  (the written file speaks for itself)
    ways = itertools.cycle((by_signal, service.reload, by_file))
    until = time.monotonic() + seconds
    for number, sections in enumerate(itertools.cycle(CONFIGURATIONS)):
        begun = time.monotonic()
        if begun >= until:
            return number
        site.write(**sections)
        next(ways)()
        time.sleep(max(0.0, begun + pause - time.monotonic()))
    raise AssertionError("unreachable")


def _shape(name: str, answer: CheckResponse) -> tuple[str, str, str, tuple[object, ...]]:
    if allowed(answer):
        return name, "allow", policy(answer), tuple(sorted(headers(answer).items()))
    denied = answer.denied_response
    return name, "deny", policy(answer), (denied.status.code, reason(answer), denied.body.rpartition("; ")[2])
