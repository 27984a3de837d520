"""gRPC is handed new TLS material once, and keeps what it has otherwise."""

from extauthz.service.grpc_tls import GrpcTls
from extauthz.service.tls import TlsInUse, TlsMaterial
from support import pki

CA = pki.make_ca()
SERVER = CA.issue("server", dns=["server.example"], eku=[pki.SERVER_AUTH])
OTHER = CA.issue("other", dns=["server.example"], eku=[pki.SERVER_AUTH])


def material(leaf: pki.Leaf) -> TlsMaterial:
    return TlsMaterial(leaf.pem, leaf.key_pem, CA.pem)


def test_without_a_change_grpc_goes_on_with_what_it_has() -> None:
    in_use = TlsInUse(material(SERVER))
    credentials = GrpcTls(in_use)
    assert credentials._fetch() is None
    in_use.replace(material(SERVER))
    assert credentials._fetch() is None


def test_new_material_is_handed_over_once() -> None:
    in_use = TlsInUse(material(SERVER))
    credentials = GrpcTls(in_use)
    in_use.replace(material(OTHER))
    assert credentials._fetch() is not None
    assert credentials._fetch() is None
