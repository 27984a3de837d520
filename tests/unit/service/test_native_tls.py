"""The context for the next handshake follows the material in use, and stays good when that is not."""

import os
import ssl

import pytest

from extauthz.service.listen_address import ListenError
from extauthz.service.native_tls import NativeTls, tls_at
from extauthz.service.tls import TlsInUse, TlsMaterial
from extauthz.transport.sessions import ALPN
from support import pki

CA = pki.make_ca()
SERVER = CA.issue("server", dns=["server.example"], eku=[pki.SERVER_AUTH])
STRANGE = pki.make_ca("Strange")
OTHER = CA.issue("other", dns=["server.example"], eku=[pki.SERVER_AUTH])


def material(leaf: pki.Leaf, *, client_ca: bool = True) -> TlsMaterial:
    return TlsMaterial(leaf.pem, leaf.key_pem, CA.pem if client_ca else None)


def shown(context: ssl.SSLContext) -> bytes | None:
    """Return the certificate that a server with this context shows, by a handshake in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    ends = [client.wrap_bio(to_client, to_server), context.wrap_bio(to_server, to_client, server_side=True)]
    for end in ends * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return ends[0].getpeercert(binary_form=True)


def test_a_context_stays_as_long_as_the_material() -> None:
    contexts = NativeTls(TlsInUse(material(SERVER)), [ALPN])
    assert contexts() is contexts()


def test_new_material_is_in_use_at_the_next_handshake() -> None:
    in_use = TlsInUse(material(SERVER, client_ca=False))
    contexts = NativeTls(in_use, [ALPN])
    before = contexts()
    in_use.replace(material(OTHER, client_ca=False))
    assert (shown(before), shown(contexts())) == (SERVER.der, OTHER.der)


def test_material_that_cannot_be_used_leaves_the_old_one() -> None:
    in_use = TlsInUse(material(SERVER))
    contexts = NativeTls(in_use, [ALPN])
    before = contexts()
    in_use.replace(TlsMaterial(SERVER.pem, OTHER.key_pem, CA.pem))
    assert contexts() is before
    assert contexts() is before
    in_use.replace(material(OTHER))
    assert contexts() is not before


def test_material_that_cannot_be_used_at_the_start_is_an_error() -> None:
    with pytest.raises(ssl.SSLError):
        NativeTls(TlsInUse(TlsMaterial(SERVER.pem, OTHER.key_pem)), [ALPN])


@pytest.mark.parametrize(("client_ca", "mode"), [(True, ssl.CERT_REQUIRED), (False, ssl.CERT_NONE)])
def test_clients_need_a_certificate_where_there_is_a_ca(client_ca: bool, mode: ssl.VerifyMode) -> None:
    assert NativeTls(TlsInUse(material(SERVER, client_ca=client_ca)), [ALPN])().verify_mode is mode


def test_nothing_older_than_tls_1_2_is_spoken() -> None:
    assert NativeTls(TlsInUse(material(SERVER)), [ALPN])().minimum_version is ssl.TLSVersion.TLSv1_2


def test_where_there_are_no_files_in_memory_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    assert shown(NativeTls(TlsInUse(material(SERVER, client_ca=False)), [ALPN])()) == SERVER.der


def test_authorities_are_told_of_by_context_and_stay_the_same_while_they_are() -> None:
    heard: list[int] = []
    in_use = TlsInUse(material(SERVER))
    contexts = NativeTls(in_use, [ALPN])
    contexts.on_other_authorities(lambda: heard.append(1))
    first, authorities = contexts(), contexts.authorities
    assert [one.der for one in authorities] == [CA.der]
    in_use.replace(material(OTHER))
    assert contexts.authorities is authorities
    in_use.replace(TlsMaterial(SERVER.pem, OTHER.key_pem, STRANGE.pem))
    assert (contexts.authorities is authorities, heard) == (True, []), "that could not be used"
    in_use.replace(TlsMaterial(OTHER.pem, OTHER.key_pem, CA.pem + STRANGE.pem))
    assert [one.der for one in contexts.authorities] == [CA.der, STRANGE.der]
    assert contexts.authorities_of(first) is authorities
    assert contexts.authorities_of(contexts()) is contexts.authorities
    assert heard == [1]


def test_without_a_client_ca_there_are_no_authorities() -> None:
    assert NativeTls(TlsInUse(material(SERVER, client_ca=False)), [ALPN]).authorities == ()


def test_text_between_the_cas_may_be_in_any_language() -> None:
    file = "# Für die Züge\n".encode() + CA.pem + "# Für die Straße\n".encode() + STRANGE.pem
    contexts = NativeTls(TlsInUse(TlsMaterial(SERVER.pem, SERVER.key_pem, file)), [ALPN])
    assert contexts().cert_store_stats()["x509_ca"] == 2


def test_what_cannot_be_used_keeps_the_listener_from_its_address() -> None:
    with pytest.raises(ListenError, match=r"cannot listen on 127\.0\.0\.1:1: OpenSSL cannot use its TLS files: "):
        tls_at("127.0.0.1:1", TlsInUse(TlsMaterial(SERVER.pem, OTHER.key_pem)), ALPN)
    assert tls_at("127.0.0.1:1", None, ALPN) is None
