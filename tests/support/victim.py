"""A service under attack: its counts and its memory, and somebody who asks it real questions all the while."""

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import grpc
from prometheus_client.parser import text_string_to_metric_families

from extauthz.transport.cause import Cause
from support.earned import earned
from support.edge_pki import EdgePki
from support.questions import question
from support.service import CHECK, RealService, eventually
from support.service_site import Site
from support.wire_client import Wire

ANSWER_SECONDS: Final = 15.0
"""For one answer to the bystander: far above what any attack may cost it, and a stall is longer."""
PAUSE_SECONDS: Final = 0.005
ANSWERS_AFTERWARDS: Final = 5
MIB: Final = 1 << 20
SECTIONS: Final[Mapping[str, Any]] = {"headers": {"prefix": "x-client-cert-", "emit": ["cn"]}}
"""Beside those of ``Site``: an answer names whom it lets in."""


def abuse_site(folder: Path, pki: EdgePki, **grpc_settings: object) -> Site:
    """Return a site on the native transport."""
    site = Site(folder, pki, "native")
    listen = {"grpc": {"address": "127.0.0.1:0", **grpc_settings}, "admin": {"address": "127.0.0.1:0"}}
    site.write(listen=listen, **SECTIONS)
    return site


class Questions:
    """Serialised questions: alice and bob may pass, mallory's certificate is nobody's."""

    def __init__(self, pki: EdgePki) -> None:
        self.alice = question(pki.issue("alice")).SerializeToString()
        self.bob = question(pki.issue("bob")).SerializeToString()
        self.mallory = question(pki.issue("mallory", by=pki.authority("Rogue"))).SerializeToString()

    def by_name(self) -> Mapping[str, bytes]:
        return {"alice": self.alice, "bob": self.bob, "mallory": self.mallory}


class Bystander:
    """A client of another implementation that asks over one connection of its own, and notes whatever is wrong."""

    def __init__(self, channel: grpc.Channel, questions: Questions) -> None:
        self._channel = channel
        self._questions = questions.by_name()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.answers = 0
        self.wrong: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        self.goes_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._channel.close()

    def goes_on(self) -> None:
        """Wait for some answers more; fail when one was wrong."""
        wanted = self.answers + ANSWERS_AFTERWARDS
        eventually(lambda: self.wrong or self.answers >= wanted or None, "answers to the bystander")
        assert not self.wrong

    def _ask(self) -> None:
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(CHECK)
        while not self._stop.wait(PAUSE_SECONDS):
            for name, raw in self._questions.items():
                try:
                    earned(name, ask(raw, timeout=ANSWER_SECONDS, wait_for_ready=self.answers == 0))
                except Exception as error:  # noqa: BLE001  (whatever it is, the test must see it)
                    self.wrong[repr(error)] += 1
                self.answers += 1


class Victim:
    """One test's view of a service, as a context manager; leaving it looks for everything that may be left behind."""

    def __init__(self, service: RealService, questions: Questions, channel: grpc.Channel | None = None) -> None:
        """``channel``: the bystander's, plaintext unless given."""
        self.service = service
        self.questions = questions
        self._bystander = Bystander(channel or service.channel(), questions)
        self._wires: list[Wire] = []
        self._before = self._causes()

    def __enter__(self) -> Self:
        self._bystander.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._bystander.goes_on()
        finally:
            self._bystander.__exit__(kind, error, trace)
            for wire in self._wires:
                wire.close()
        if error is None:
            self._nothing_is_left()

    def wire(self, **options: Any) -> Wire:  # noqa: ANN401  (those of ``Wire``)
        """Open a connection, which ends with the test."""
        wire = Wire(self.service.grpc_address, **options)
        self._wires.append(wire)
        return wire

    def ask(self, wire: Wire, name: str) -> int:
        """Make one whole request for a client; return its stream."""
        return wire.ask(name, self.questions.by_name()[name])

    def alive(self, wire: Wire) -> None:
        """Fail unless a connection still answers."""
        assert wire.verdict(self.ask(wire, "alice"))
        assert not wire.verdict(self.ask(wire, "mallory"))

    def counts(self, *causes: Cause) -> None:
        """Wait until exactly these were counted since the test began."""
        wanted = Counter(str(cause) for cause in causes)
        eventually(lambda: self.counted() == wanted or None, f"{wanted} being counted", show=self.counted)

    def counted(self) -> Counter[str]:
        """Return what was counted since the test began."""
        return self._causes() - self._before

    def resident(self) -> int:
        """Return the bytes of memory that the process has."""
        return self._memory("VmRSS")

    def peak(self) -> int:
        """Return the most bytes that it had since ``forget_peak``."""
        return self._memory("VmHWM")

    def forget_peak(self) -> None:
        """Let the peak be what there is now (proc(5), ``clear_refs``)."""
        Path(f"/proc/{self.service.pid}/clear_refs").write_text("5")

    def drops_below(self, most: int) -> None:
        """Wait until the process has no more than so many bytes."""
        eventually(lambda: self.resident() <= most or None, f"at most {most} bytes", show=self.resident)

    def connections(self) -> int:
        """Return how many there are, the bystander's included."""
        return int(self.service.metric("extauthz_transport_connections") or 0)

    def _memory(self, what: str) -> int:
        status = Path(f"/proc/{self.service.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith(f"{what}:")]
        return int(line.split()[1]) * 1024

    def _nothing_is_left(self) -> None:
        for wire in self._wires:
            wire.check_earned()
        eventually(lambda: self.connections() == 0 or None, "no connections", show=self.connections)
        assert self._calls("started") == self._calls("handled")
        assert self.service.running
        assert [line for line in self.service.stderr() if "Traceback" in line or '"error"' in line] == []

    def _causes(self) -> Counter[str]:
        return self._samples("extauthz_transport_closed_total", "cause")

    def _calls(self, what: str) -> Counter[str]:
        return self._samples(f"grpc_server_{what}_total", "grpc_method")

    def _samples(self, name: str, label: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for family in text_string_to_metric_families(self.service.get("/metrics").body):
            for sample in family.samples:
                if sample.name == name:
                    found[sample.labels[label]] += int(sample.value)
        return found
