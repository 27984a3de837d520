"""The TLS files of the listener: checked at load, so that a bad one is found before the old one is given up."""

from collections.abc import Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from extauthz.config.certificate_files import CERTIFICATE_FILE_SIZE, certificates_from_file
from extauthz.config.key_path import KeyPath
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.schema.listen import Tls
from extauthz.identity.certificate import Certificate

KEY_FILE_SIZE = 1 << 20
"""Bytes: an RSA key of 16,384 bits takes 13 KiB."""

_TLS: KeyPath = ("listen", "grpc", "tls")


def tls_mistakes(tls: Tls, files: FileReader) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong with the files: path of the setting, and a sentence. They are not kept."""
    certificates: list[Certificate] = []
    key: PrivateKeyTypes | None = None
    try:
        certificates = _read_pem(files, tls.cert)
    except FileError as error:
        yield (*_TLS, "cert"), f"{tls.cert!r} {error}"
    try:
        key = _read_key(files, tls.key)
    except FileError as error:
        yield (*_TLS, "key"), f"{tls.key!r} {error}"
    if certificates and key is not None and key.public_key() != certificates[0].x509.public_key():
        message = f"{tls.key!r} is not the key of the first certificate in {tls.cert!r}"
        yield (*_TLS, "key"), message
    if tls.client_ca is not None:
        try:
            _read_pem(files, tls.client_ca)
        except FileError as error:
            yield (*_TLS, "client_ca"), f"{tls.client_ca!r} {error}"


def _read_pem(files: FileReader, name: str) -> list[Certificate]:
    content = files.read(files.single_file(name), CERTIFICATE_FILE_SIZE)
    certificates = certificates_from_file(content)
    if b"-----BEGIN " not in content:
        raise FileError("is DER; TLS files must be PEM")
    return certificates


def _read_key(files: FileReader, name: str) -> PrivateKeyTypes:
    content = files.read(files.single_file(name), KEY_FILE_SIZE)
    try:
        return serialization.load_pem_private_key(content, password=None)
    except TypeError:
        raise FileError("is encrypted; the service has no password for it") from None
    except (ValueError, UnsupportedAlgorithm):
        raise FileError("holds no private key in PEM") from None
