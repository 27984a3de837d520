"""CRLs that are refused: always whole, always with a sentence, and with the issuer's name if it can be read."""

import tracemalloc
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from extauthz.trust.crl import head as head_module
from extauthz.trust.crl.load import CrlError
from support import pki
from support.loaded_crls import CA, CANNOT, LEAF, ROOT, cert, load, refused

der = pki.der
NOW = pki.NOW


PRIVATE_KEY = CA.key.private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


# -- what it is not ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the CRL is empty"),
        (b"junk", "this is no CRL: it begins with 'junk'"),
        (b"\xef\xbb\xbf\n <html lang='en'>\r\n", """this is no CRL: it begins with "<html lang='en'>\""""),
        (b"<" + b"x" * 40, f"this is no CRL: it begins with '<{'x' * 31}'"),
        (b"a\x1b[2J", "the CRL cannot be read (an element is cut off)"),
        (b"caf\xc3\xa9", "the CRL cannot be read ("),
        (b" \r\n", "the CRL cannot be read ("),
        (b"0123", "the CRL cannot be read ("),
        (b"\x04\0", "the CRL cannot be read (tag 0x04 where 0x30 belongs)"),
        (b"\x30\x80\0\0", "the CRL cannot be read"),
        (b"\x30\x02\5\0", "the CRL cannot be read (tag 0x05 where 0x30 belongs)"),
        (b"\x30\x02\x30\0", "the CRL cannot be read (an element is cut off)"),
        (der.sequence(der.sequence(), der.sequence(), der.bits(b"")), "the CRL cannot be read (an element is cut off"),
        (CA.crl()[:-1], CANNOT + "an element is cut off"),
        (CA.crl() + b"\0", CANNOT + "1 bytes follow the end of the CRL"),
        (CA.crl() + CA.crl(), "bytes follow the end of the CRL"),
        (CA.der, "a certificate was given where a CRL belongs"),
        pytest.param(pki.keys.spki(CA.key), "a public key was given where a CRL belongs", id="public_key"),
        pytest.param(PRIVATE_KEY, "a private key was given where a CRL belongs", id="private_key"),
        (pki.pem_crl(CA.crl()), "the CRL is PEM where DER is expected"),
        (b"\n" + CA.pem, "the CRL is PEM where DER is expected"),
        (CA.crl(outer_algorithm=pki.keys.RSA_SHA256), CANNOT + "ValueError: Inner and outer"),
        (CA.crl(version=3), CANNOT + "InvalidVersion: "),
    ],
)
def test_what_is_not_a_crl_is_refused_with_a_sentence(data: bytes, problem: str) -> None:
    assert problem in refused(data)


class PanicException(BaseException):
    """What the library raises when it breaks down."""


def test_a_panic_of_the_library_is_a_sentence_and_the_end_of_the_program_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down(_data: bytes) -> None:
        raise PanicException

    def interrupt(_data: bytes) -> None:
        raise KeyboardInterrupt

    library = x509.load_der_x509_crl
    answers = iter([library])

    def break_down_later(data: bytes) -> x509.CertificateRevocationList | None:
        """Read the issuer's name, then break down."""
        return next(answers, break_down)(data)

    crl = CA.crl()
    monkeypatch.setattr(x509, "load_der_x509_crl", break_down)
    assert refused(crl) == "the CRL cannot be read (PanicException)"
    monkeypatch.setattr(x509, "load_der_x509_crl", break_down_later)
    assert refused(crl) == CANNOT + "PanicException"
    for at_first in ([], [library]):
        answers = iter(at_first)
        monkeypatch.setattr(x509, "load_der_x509_crl", lambda data, answers=answers: next(answers, interrupt)(data))
        with pytest.raises(KeyboardInterrupt):
            load(crl)


def test_a_crl_of_more_than_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = CA.crl()
    monkeypatch.setattr(head_module, "MAX_CRL_BYTES", len(data))
    assert load(data).number == 1
    monkeypatch.setattr(head_module, "MAX_CRL_BYTES", len(data) - 1)
    assert refused(data) == f"{CANNOT}it has {len(data)} bytes; at most {len(data) - 1} are read"


# -- whose CRL it was -------------------------------------------------------------------------------------------------
def _error(data: bytes, *issuers: pki.Leaf) -> CrlError:
    with pytest.raises(CrlError) as caught:
        load(data, *issuers)
    return caught.value


SOUND = CA.crl([LEAF])


@pytest.mark.parametrize(
    "data",
    [
        SOUND[:-1],
        SOUND[: len(SOUND) // 2],
        SOUND + b"\0",
        CA.crl(spoilt_signature=True),
        CA.crl(version=3),
        CA.crl([(LEAF, "removeFromCRL")]),
        CA.crl(outer_algorithm=pki.keys.RSA_SHA256),
        CA.crl(extra_extensions=[der.extension("1.2.3", b"\5\0", critical=True)]),
        CA.crl(extra_extensions=[(x509.CRLNumber(1), False)]),
        pki.with_bytes_replaced(SOUND, b"260601110000Z", b"269901110000Z"),
    ],
)
def test_an_error_says_whose_crl_it_was(data: bytes) -> None:
    error = _error(data)
    assert (error.issuer_dn, error.issuer_key) == ("CN=Issuing CA,O=Example", cert(CA).subject_key)
    assert "'CN=Issuing CA,O=Example'" in str(error)


def test_of_a_crl_of_an_unknown_issuer_too() -> None:
    assert _error(SOUND, ROOT).issuer_key == cert(CA).subject_key


@pytest.mark.parametrize(
    "data", [b"", b"junk", CA.der, SOUND[:40], pki.pem_crl(SOUND), CA.crl(issuer_name=b"\x30\2\5\0")]
)
def test_an_error_says_nothing_of_an_issuer_that_cannot_be_read(data: bytes) -> None:
    error = _error(data)
    assert (error.issuer_dn, error.issuer_key) == (None, None)


# -- junk -------------------------------------------------------------------------------------------------------------
MEGABYTES = 100


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: bytes(MEGABYTES << 20), id="zeros"),
        pytest.param(lambda: der.sequence(bytes(MEGABYTES << 20)), id="zeros in a sequence"),
        pytest.param(lambda: CA.crl(extra_extensions=[der.extension("1.2.3", bytes(MEGABYTES << 20))]), id="extension"),
        pytest.param(lambda: _in_place_of_the_list(bytes(MEGABYTES << 20)), id="entries"),
        pytest.param(lambda: _in_place_of_the_list(b"\x30" * (MEGABYTES << 20)), id="nested entries"),
    ],
)
def test_a_hundred_megabytes_of_junk_are_refused_with_little_memory(make: Callable[[], bytes]) -> None:
    data = make()
    tracemalloc.start()
    try:
        with pytest.raises(CrlError):
            load(data)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def _in_place_of_the_list(junk: bytes) -> bytes:
    """Return a signed CRL whose list of entries is something else."""
    tbs = der.sequence(
        der.integer(1),
        pki.keys.ECDSA_SHA256,
        CA.name.public_bytes(),
        der.time(NOW),
        der.tlv(der.SEQUENCE, junk),
    )
    return pki.keys.signed(CA.key, tbs)
