"""TLS material is exchanged in place, and a client certificate never stops being needed by a reload."""

from pathlib import Path

from extauthz.config.schema.tls import Tls
from extauthz.service.tls import TlsInUse, TlsMaterial
from support import pki

CA = pki.make_ca()
OTHER_CA = pki.make_ca("Other")
SERVER = CA.issue("server", dns=["server.example"], eku=[pki.SERVER_AUTH])
OTHER = CA.issue("other", dns=["server.example"], eku=[pki.SERVER_AUTH])


def material(leaf: pki.Leaf, *, client_ca: bool = True) -> TlsMaterial:
    return TlsMaterial(leaf.pem, leaf.key_pem, CA.pem if client_ca else None)


def test_relative_names_start_at_the_directory(tmp_path: Path) -> None:
    contents = {tmp_path / "c": SERVER.pem, Path("/k"): SERVER.key_pem, tmp_path / "ca": CA.pem}
    settings = Tls(cert="c", key="/k", client_ca="ca")
    assert TlsMaterial.of(settings, tmp_path, contents) == material(SERVER)


def test_the_newest_material_is_in_use() -> None:
    in_use = TlsInUse(material(SERVER))
    in_use.replace(material(OTHER))
    assert in_use.material == material(OTHER)


def test_the_client_ca_cannot_be_taken_away() -> None:
    in_use = TlsInUse(material(SERVER))
    in_use.replace(material(OTHER, client_ca=False))
    assert in_use.material == material(OTHER)


def test_without_a_client_ca_from_the_start_there_is_none() -> None:
    in_use = TlsInUse(material(SERVER, client_ca=False))
    in_use.replace(material(OTHER))
    assert in_use.material.client_ca is None


def test_the_client_ca_stays_where_who_may_call_does() -> None:
    heard: list[bytes | None] = []
    in_use = TlsInUse(material(SERVER))
    in_use.on_change(lambda: heard.append(in_use.material.client_ca))
    in_use.replace(TlsMaterial(OTHER.pem, OTHER.key_pem, OTHER_CA.pem), clients=False)
    assert in_use.material == material(OTHER)
    in_use.replace(TlsMaterial(OTHER.pem, OTHER.key_pem, OTHER_CA.pem))
    assert heard == [CA.pem, OTHER_CA.pem]
