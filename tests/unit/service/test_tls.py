"""TLS material is exchanged in place, and a client certificate never stops being needed by a reload."""

from pathlib import Path

from extauthz.config.schema.listen import Tls
from extauthz.service.tls import TlsCredentials, TlsMaterial
from support import pki

CA = pki.make_ca()
SERVER = CA.issue("server", dns=["server.example"], eku=[pki.SERVER_AUTH])
OTHER = CA.issue("other", dns=["server.example"], eku=[pki.SERVER_AUTH])


def material(leaf: pki.Leaf, *, client_ca: bool = True) -> TlsMaterial:
    return TlsMaterial(leaf.pem, leaf.key_pem, CA.pem if client_ca else None)


def test_relative_names_start_at_the_directory(tmp_path: Path) -> None:
    contents = {tmp_path / "c": SERVER.pem, Path("/k"): SERVER.key_pem, tmp_path / "ca": CA.pem}
    settings = Tls(cert="c", key="/k", client_ca="ca")
    assert TlsMaterial.of(settings, tmp_path, contents) == material(SERVER)


def test_without_a_change_grpc_goes_on_with_what_it_has() -> None:
    credentials = TlsCredentials(material(SERVER))
    assert credentials._fetch() is None
    credentials.replace(material(SERVER))
    assert credentials._fetch() is None


def test_new_material_is_handed_over_once() -> None:
    credentials = TlsCredentials(material(SERVER))
    credentials.replace(material(OTHER))
    assert credentials._fetch() is not None
    assert credentials._fetch() is None


def test_the_client_ca_cannot_be_taken_away() -> None:
    credentials = TlsCredentials(material(SERVER))
    credentials.replace(material(OTHER, client_ca=False))
    assert credentials._material == material(OTHER)


def test_without_a_client_ca_from_the_start_there_is_none() -> None:
    credentials = TlsCredentials(material(SERVER, client_ca=False))
    credentials.replace(material(OTHER, client_ca=False))
    assert credentials._material.client_ca is None
