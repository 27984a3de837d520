import pytest
from cryptography.hazmat.primitives import serialization

from support import pki
from support.config_site import Site

TLS = "listen: {grpc: {tls: {cert: %s, key: %s}}}"


def test_sound_files_are_accepted_and_watched(site: Site) -> None:
    tls = "{cert: pki/leaf.pem, key: pki/leaf.key, client_ca: pki/root.pem, allowed_clients: ['dns:*.a']}"
    loaded = site.load(x=f"listen: {{grpc: {{tls: {tls}}}}}")
    assert {site.directory / "pki/leaf.pem", site.directory / "pki/leaf.key"} <= set(loaded.watched)


def test_key_of_another_certificate_is_refused(site: Site) -> None:
    site.write("pki/other.key", pki.make_ca("Other").key_pem)
    assert site.problems(x=TLS % ("pki/leaf.pem", "pki/other.key")) == [
        "5:48: listen.grpc.tls.key: 'pki/other.key' is not the key of the first certificate in 'pki/leaf.pem'"
    ]


def test_every_unusable_file_is_named(site: Site) -> None:
    tls = "{cert: nope.pem, key: pki/leaf.pem, client_ca: pki}"
    assert site.problems(x=f"listen: {{grpc: {{tls: {tls}}}}}") == [
        "5:29: listen.grpc.tls.cert: 'nope.pem' does not exist",
        "5:44: listen.grpc.tls.key: 'pki/leaf.pem' holds no private key in PEM",
        "5:69: listen.grpc.tls.client_ca: 'pki' is a directory; name one file",
    ]


def test_encrypted_key_is_refused(site: Site) -> None:
    encrypted = site.pki.leaf.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    site.write("pki/leaf.key", encrypted)
    assert site.problems(x=TLS % ("pki/leaf.pem", "pki/leaf.key")) == [
        "5:48: listen.grpc.tls.key: 'pki/leaf.key' is encrypted; the service has no password for it"
    ]


def test_der_is_refused_where_tls_needs_pem(site: Site) -> None:
    site.write("pki/leaf.der", site.pki.leaf.der)
    assert site.problems(x=TLS % ("pki/leaf.der", "pki/leaf.key")) == [
        "5:29: listen.grpc.tls.cert: 'pki/leaf.der' is DER; TLS files must be PEM"
    ]


@pytest.mark.parametrize("names", ["[]", "['example.com']"])
def test_allowed_clients_are_typed_names(site: Site, names: str) -> None:
    tls = f"{{cert: pki/leaf.pem, key: pki/leaf.key, client_ca: pki/root.pem, allowed_clients: {names}}}"
    (problem,) = site.problems(x=f"listen: {{grpc: {{tls: {tls}}}}}")
    assert "listen.grpc.tls.allowed_clients" in problem


def test_allowed_clients_need_a_ca(site: Site) -> None:
    tls = "{cert: pki/leaf.pem, key: pki/leaf.key, allowed_clients: ['dns:*.a']}"
    assert site.problems(x=f"listen: {{grpc: {{tls: {tls}}}}}") == [
        "5:22: listen.grpc.tls: `allowed_clients` needs `client_ca`, or no client has a verified name"
    ]
