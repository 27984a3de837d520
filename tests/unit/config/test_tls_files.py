# ruff: noqa: ANN401  (builders take what the real thing takes, by keyword)
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from extauthz.config.read_files import FileReader
from extauthz.config.schema.tls import Tls
from extauthz.config.tls_files import tls_warnings
from support import der, pki
from support.config_site import Site
from support.keys import PrivateKey, make_key, spki

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


REMEDY = "gRPC serves TLS with RSA of at least 2048 bits or EC on P-256, P-384 or P-521"


def write_pair(site: Site, **options: Any) -> None:
    leaf = site.pki.issuing.issue("server", **options)
    site.write("pki/leaf.pem", leaf.pem)
    site.write("pki/leaf.key", leaf.key_pem)


@pytest.mark.parametrize("key", ["ec", "ec384", "ec521", "rsa", "rsa3072"])
def test_keys_that_grpc_serves_with_are_accepted(site: Site, key: str) -> None:
    write_pair(site, key=key)
    assert site.load(x=TLS % ("pki/leaf.pem", "pki/leaf.key")).config.listen.grpc.tls is not None


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("ed25519", "is neither an RSA nor an EC key"),
        ("ed448", "is neither an RSA nor an EC key"),
        ("dsa", "is neither an RSA nor an EC key"),
        (ec.generate_private_key(ec.SECP256K1()), "is an EC key on secp256k1"),
        (rsa.generate_private_key(65537, 1024), "is an RSA key of 1024 bits"),  # noqa: S505  (too short on purpose)
    ],
)
def test_a_key_that_no_handshake_succeeds_with_is_refused(site: Site, key: Any, what: str) -> None:
    write_pair(site, key=key)
    assert site.problems(x=TLS % ("pki/leaf.pem", "pki/leaf.key")) == [
        f"5:48: listen.grpc.tls.key: 'pki/leaf.key' {what}; {REMEDY}"
    ]


def spki_for_pss_only(key: PrivateKey) -> bytes:
    pss = der.sequence(der.oid("1.2.840.113549.1.1.10"))
    plain = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL, b""))
    inside = spki(key)[4:]  # a sequence of more than 255 bytes: tag and three bytes of length
    assert inside.startswith(plain)
    return der.sequence(pss, inside.removeprefix(plain))


def test_a_certificate_for_pss_signatures_only_is_refused(site: Site) -> None:
    key = make_key("rsa", "pss")
    write_pair(site, key=key, raw_spki=spki_for_pss_only(key))
    what = "'pki/leaf.pem' has its key marked for RSASSA-PSS only; gRPC needs a certificate with RSA of at least 2048"
    assert site.problems(x=TLS % ("pki/leaf.pem", "pki/leaf.key")) == [
        f"5:29: listen.grpc.tls.cert: {what} bits or EC on P-256, P-384 or P-521"
    ]


def test_a_certificate_with_a_key_of_an_unknown_kind_is_not_the_keys(site: Site) -> None:
    write_pair(site, raw_spki=der.sequence(der.sequence(der.oid("1.2.3.4")), der.bits(b"key")))
    assert site.problems(x=TLS % ("pki/leaf.pem", "pki/leaf.key")) == [
        "5:48: listen.grpc.tls.key: 'pki/leaf.key' is not the key of the first certificate in 'pki/leaf.pem'"
    ]


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)])
def test_a_key_that_everyone_may_read_is_a_warning(site: Site, mode: int, warned: bool) -> None:
    (site.directory / "pki/leaf.key").chmod(mode)
    built = site.build(x=TLS % ("pki/leaf.pem", "pki/leaf.key"))
    said = [str(one) for one in built.warnings if "tls.key" in str(one)]
    sentence = "'pki/leaf.key' may be read by every user of this machine; take the permission away (chmod o-r)"
    assert said == ([f"{site.directory}/config.yaml:5:48: listen.grpc.tls.key: {sentence}"] if warned else [])


def test_a_key_that_is_gone_when_its_mode_is_asked_for_is_no_warning(tmp_path: Path) -> None:
    assert list(tls_warnings(Tls(cert="a", key="b"), FileReader(tmp_path), ("listen", "grpc", "tls"))) == []
