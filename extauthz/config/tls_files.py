"""The TLS files of a listener: checked at load, so that a bad one is found before the old one is given up."""

import stat
from collections.abc import Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import PublicKeyAlgorithmOID

from extauthz.config.certificate_files import CERTIFICATE_FILE_SIZE, certificates_from_file
from extauthz.config.key_path import KeyPath
from extauthz.config.read_files import FileError, FileReader
from extauthz.config.schema.tls import ServerTls
from extauthz.identity.certificate import Certificate

KEY_FILE_SIZE = 1 << 20
"""Bytes: an RSA key of 16,384 bits takes 13 KiB."""

SMALLEST_RSA_BITS = 2048
"""Smaller ones can be factored, and TLS libraries refuse them or their signatures."""
USABLE_KEYS = f"RSA of at least {SMALLEST_RSA_BITS} bits or EC on P-256, P-384 or P-521"
"""With others (Ed25519, secp256k1) gRPC's BoringSSL opens a listener on which no handshake succeeds."""
_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_CERTIFICATE_KEY_TYPES = frozenset({PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5, PublicKeyAlgorithmOID.EC_PUBLIC_KEY})


def tls_mistakes(tls: ServerTls, files: FileReader, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is wrong with the files: path of the setting, and a sentence. They are not kept.

    ``at`` is the path of the section.
    """
    certificates: tuple[Certificate, ...] = ()
    key: PrivateKeyTypes | None = None
    try:
        certificates = _read_pem(files, tls.cert)
    except FileError as error:
        yield (*at, "cert"), f"{tls.cert!r} {error}"
    try:
        key = _read_key(files, tls.key)
    except FileError as error:
        yield (*at, "key"), f"{tls.key!r} {error}"
    if key is not None and (unusable := _unusable(key)) is not None:
        yield (*at, "key"), f"{tls.key!r} {unusable}; gRPC serves TLS with {USABLE_KEYS}"
    elif certificates and key is not None:
        yield from _certificate_mistakes(tls, certificates[0], key, at)
    if tls.client_ca is not None:
        try:
            _read_pem(files, tls.client_ca)
        except FileError as error:
            yield (*at, "client_ca"), f"{tls.client_ca!r} {error}"


def tls_warnings(tls: ServerTls, files: FileReader, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield what is weak about files in which ``tls_mistakes`` found nothing."""
    try:
        mode = files.resolve(tls.key).stat().st_mode
    except OSError:  # gone since it was read: the next load says so
        return
    if mode & stat.S_IROTH:
        message = f"{tls.key!r} may be read by every user of this machine; take the permission away (chmod o-r)"
        yield (*at, "key"), message


def _certificate_mistakes(
    tls: ServerTls, leaf: Certificate, key: PrivateKeyTypes, at: KeyPath
) -> Iterator[tuple[KeyPath, str]]:
    try:
        belongs = key.public_key() == leaf.x509.public_key()
    except (ValueError, UnsupportedAlgorithm):  # a key of a type that the library does not know
        belongs = False
    if not belongs:
        yield (*at, "key"), f"{tls.key!r} is not the key of the first certificate in {tls.cert!r}"
    elif leaf.x509.public_key_algorithm_oid not in _CERTIFICATE_KEY_TYPES:
        message = f"{tls.cert!r} has its key marked for RSASSA-PSS only; gRPC needs a certificate with {USABLE_KEYS}"
        yield (*at, "cert"), message


def _unusable(key: PrivateKeyTypes) -> str | None:
    """Return what keeps gRPC's TLS from serving with this key, as the rest of a sentence; None when it can."""
    match key:
        case rsa.RSAPrivateKey():
            bits = key.key_size
            return None if bits >= SMALLEST_RSA_BITS else f"is an RSA key of {bits} bits"
        case ec.EllipticCurvePrivateKey():
            name = key.curve.name
            return None if name in _CURVES else f"is an EC key on {name}"
        case _:
            return "is neither an RSA nor an EC key"


def _read_pem(files: FileReader, name: str) -> tuple[Certificate, ...]:
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
