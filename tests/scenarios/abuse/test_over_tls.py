"""Over TLS: handshakes that are none, stall, or agree on another protocol; and the basics of the rest."""

import ssl
import time
from collections.abc import Iterator

import grpc
import pytest
from ngh2 import ErrorCode

from extauthz.transport.cause import Cause
from extauthz.transport.limits import HANDSHAKE_SECONDS
from support import frames
from support.edge_pki import EdgePki
from support.service import RealService, eventually
from support.victim import MIB, Questions, Victim, abuse_site
from support.wire_client import Wire

SLACK = 8.0


@pytest.fixture(scope="module")
def service(pki: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealService]:
    tls = {"cert": str(pki.server.certificate), "key": str(pki.server.key)}
    with RealService(abuse_site(tmp_path_factory.mktemp("abuse"), pki, tls=tls).path) as service:
        yield service


@pytest.fixture
def victim(service: RealService, questions: Questions, pki: EdgePki) -> Iterator[Victim]:
    credentials = grpc.ssl_channel_credentials((pki.directory / "root.pem").read_bytes())
    with Victim(service, questions, service.channel(credentials)) as victim:
        yield victim


def trusting(pki: EdgePki, *protocols: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(pki.directory / "root.pem"))
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


@pytest.fixture
def h2(pki: EdgePki) -> ssl.SSLContext:
    return trusting(pki, "h2")


def silence(wire: Wire) -> None:
    """Listen to the end, which comes without any frame of HTTP/2; a TLS alert is none."""
    wire.listen_to_end()
    assert wire.frames == []


@pytest.mark.parametrize(
    "sent",
    [
        frames.PREFACE + frames.settings(),
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\0" * 1000,
        bytes.fromhex("16030100050100000100"),
        bytes.fromhex("1603010005ff00000100"),
        bytes.fromhex("1503010002022a"),
        bytes.fromhex("8080010301"),
    ],
    ids=["HTTP/2", "HTTP/1.1", "zeros", "half a ClientHello", "no ClientHello", "an alert", "SSL 2"],
)
def test_what_is_no_handshake(sent: bytes, victim: Victim) -> None:
    wire = victim.wire(hello=False)
    wire.say(sent)
    wire.half_close()
    silence(wire)
    victim.counts(Cause.HANDSHAKE)


@pytest.mark.parametrize("protocols", [(), ("http/1.1",), ("h3",), ("grpc-exp",)])
def test_another_protocol_or_none_is_agreed_on(protocols: tuple[str, ...], victim: Victim, pki: EdgePki) -> None:
    """The handshake is over, and nothing is said in it."""
    wire = victim.wire(tls=trusting(pki, *protocols), hello=False)
    wire.say(wire.hello)
    silence(wire)
    victim.counts(Cause.NO_ALPN)


def test_handshakes_that_stall(victim: Victim) -> None:
    """From the first byte not sent to any other: each has its ten seconds, and they pass for all at once."""
    begun = time.monotonic()
    wires = [victim.wire(hello=False) for _ in range(20)]
    for number, wire in enumerate(wires):
        wire.say(bytes.fromhex("16030100c8010000c40303")[:number])
    for wire in wires:
        silence(wire)
    assert HANDSHAKE_SECONDS - 1 < time.monotonic() - begun < HANDSHAKE_SECONDS + SLACK
    victim.counts(*[Cause.HANDSHAKE] * 20)


def test_a_client_that_goes_in_the_handshake(victim: Victim) -> None:
    hello = _client_hello()
    for length in range(0, len(hello) + 1, 11):
        wire = victim.wire(hello=False)
        wire.say(hello[:length])
        (wire.reset if length % 2 else wire.close)()
    eventually(lambda: victim.connections() == 1 or None, "only the bystander", show=victim.connections)
    assert set(victim.counted()) == {Cause.HANDSHAKE}


def test_ends_in_the_middle_of_a_record(victim: Victim, h2: ssl.SSLContext) -> None:
    for way in (Wire.close, Wire.reset):
        wire = victim.wire(tls=h2)
        stream_id = wire.head()
        wire.say(frames.data(stream_id, b"\0\0"))
        way(wire)
    victim.counts()


def test_bytes_that_are_no_record_end_the_connection(victim: Victim, h2: ssl.SSLContext) -> None:
    wire = victim.wire(tls=h2)
    assert wire.verdict(victim.ask(wire, "alice"))
    wire.say_beneath_tls(b"\x17\x03\x03\x00\x20" + bytes(32))
    wire.listen_to_end()
    victim.counts()


def test_the_oldest_version_that_is_spoken(victim: Victim, pki: EdgePki) -> None:
    context = trusting(pki, "h2")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    wire = victim.wire(tls=context)
    victim.alive(wire)
    victim.counts()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(version: ssl.TLSVersion, victim: Victim, pki: EdgePki) -> None:
    context = trusting(pki, "h2")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = version
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = version
    with pytest.raises(ssl.SSLError):
        victim.wire(tls=context, hello=False)
    victim.counts(Cause.HANDSHAKE)


def test_abuse_over_tls_is_answered_as_without(victim: Victim, h2: ssl.SSLContext) -> None:
    wire = victim.wire(tls=h2)
    wire.say(frames.ping() * 100_000)
    assert wire.goodbye() == (ErrorCode.ENHANCE_YOUR_CALM, b"too_many_pings")
    wire = victim.wire(tls=h2)
    head = frames.headers(1, frames.block([(b":method", b"POST")]), end=True)
    wire.say(head + frames.window_update(0, 0))
    assert wire.goodbye().code == ErrorCode.PROTOCOL_ERROR
    victim.counts(Cause.TOO_MANY_PINGS, Cause.PROTOCOL_ERROR)


def test_many_handshakes_leave_nothing(victim: Victim, h2: ssl.SSLContext) -> None:
    before = victim.resident()
    for number in range(100):
        wire = victim.wire(tls=h2)
        assert wire.verdict(victim.ask(wire, "mallory" if number % 2 else "alice")) == (number % 2 == 0)
        (wire.close if number % 3 else wire.reset)()
    eventually(lambda: victim.connections() == 1 or None, "only the bystander", show=victim.connections)
    assert victim.resident() - before < 16 * MIB
    victim.counts()


def test_slow_readers_over_tls(victim: Victim, h2: ssl.SSLContext) -> None:
    wire = victim.wire(tls=h2, settings={4: 0})
    streams = [victim.ask(wire, name) for name in ("alice", "mallory", "bob") * 50]
    wire.say(frames.settings({4: 1 << 20}))
    assert [wire.verdict(stream_id) for stream_id in streams] == [True, False, True] * 50
    victim.counts()


def _client_hello() -> bytes:
    """Return the first flight of an honest client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()
