"""Whoever holds places at the gRPC listener without a word keeps no proxy out."""

import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import grpc
import pytest

from extauthz.transport.cause import Cause
from support import frames
from support.edge_pki import Client, EdgePki
from support.service import RealService
from support.strangers import HALF_A_CLIENT_HELLO, PLACES, STRANGERS, Strangers, keeps_its_word, with_few_files
from support.victim import Questions, Victim, abuse_site


@pytest.fixture(scope="module")
def gateway(pki: EdgePki) -> Client:
    return pki.client("gateway", dns=["gateway.example"])


@pytest.fixture(scope="module")
def plain(pki: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealService]:
    with with_few_files(RealService(abuse_site(tmp_path_factory.mktemp("plain"), pki).path)) as service:
        yield service


@pytest.fixture(scope="module")
def mutual(pki: EdgePki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealService]:
    tls: Mapping[str, Any] = {
        "cert": str(pki.server.certificate),
        "key": str(pki.server.key),
        "client_ca": str(pki.directory / "root.pem"),
        "allowed_clients": ["dns:gateway.example"],
    }
    with with_few_files(RealService(abuse_site(tmp_path_factory.mktemp("mutual"), pki, tls=tls).path)) as service:
        yield service


def answered(victim: Victim, context: ssl.SSLContext | None) -> bool:
    """Ask over a new connection."""
    wire = victim.wire(tls=context)
    victim.alive(wire)
    wire.close()
    return True


def only_strangers_went(victim: Victim) -> None:
    assert victim.connections() <= STRANGERS + 2
    gone = victim.counted()
    assert gone[Cause.STRANGER] > 0
    # On a slow machine the time of a handshake is up for some before they would have to go.
    assert set(gone) <= {Cause.STRANGER, Cause.HANDSHAKE}
    assert sum(gone.values()) >= 2 * PLACES - STRANGERS


@pytest.mark.parametrize("said", [b"", frames.PREFACE + frames.settings()], ids=["silent", "a hello"])
def test_whoever_never_asks(said: bytes, plain: RealService, questions: Questions) -> None:
    with Victim(plain, questions) as victim, Strangers(plain.grpc_address, said) as strangers:
        keeps_its_word(strangers, lambda: answered(victim, None), trickled=b"")
        only_strangers_went(victim)


@pytest.mark.parametrize("said", [b"", HALF_A_CLIENT_HELLO], ids=["no ClientHello", "half a ClientHello"])
def test_whoever_never_ends_a_handshake(
    said: bytes, mutual: RealService, questions: Questions, pki: EdgePki, gateway: Client
) -> None:
    shown = gateway.credentials
    context = ssl.create_default_context(cafile=str(pki.directory / "root.pem"))
    context.load_cert_chain(shown.certificate, shown.key)
    context.set_alpn_protocols(["h2"])
    roots = (pki.directory / "root.pem").read_bytes()
    credentials = grpc.ssl_channel_credentials(roots, shown.key.read_bytes(), shown.certificate.read_bytes())
    with (
        Victim(mutual, questions, mutual.channel(credentials)) as victim,
        Strangers(mutual.grpc_address, said) as strangers,
    ):
        quiet = victim.wire(tls=context)
        keeps_its_word(strangers, lambda: answered(victim, context))
        victim.alive(quiet)
        only_strangers_went(victim)
