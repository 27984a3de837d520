import pytest
from cryptography.hazmat.primitives import serialization

from extauthz.config.certificate_files import MAX_KEPT_BYTES, certificates_from_file
from extauthz.config.read_files import FileError
from support import pki

ROOT = pki.make_ca("Root")
ISSUING = pki.make_ca("Issuing", parent=ROOT)


def test_pem_bundle_is_read_in_order_and_text_between_is_passed_over() -> None:
    content = b"# the root\n" + ROOT.pem + b"subject: x\r\n" + ISSUING.pem.replace(b"\n", b"\r\n") + b"end"
    assert [one.der for one in certificates_from_file(content)] == [ROOT.der, ISSUING.der]


def test_one_certificate_in_der_is_read() -> None:
    assert [one.der for one in certificates_from_file(ROOT.der)] == [ROOT.der]


def test_a_small_file_is_parsed_once_and_a_large_one_is_not_kept() -> None:
    content = ISSUING.pem + ROOT.pem
    assert certificates_from_file(bytes(bytearray(content))) is certificates_from_file(content)
    large = content + b"#" * MAX_KEPT_BYTES
    assert certificates_from_file(large) is not certificates_from_file(large)


def test_the_older_label_is_read() -> None:
    assert [one.der for one in certificates_from_file(pki.pem(ROOT.der, "X509 CERTIFICATE"))] == [ROOT.der]


KEY_DER = ROOT.key.private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
CRL = ISSUING.crl()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; it must hold a certificate in PEM or DER"),
        (b" \n", "is empty; it must hold a certificate in PEM or DER"),
        (b"hello", "holds neither PEM nor DER; it must hold a certificate"),
        (ROOT.key_pem, "holds a private key where only certificates belong; keep it elsewhere"),
        (ROOT.pem + ROOT.key_pem, "holds a private key where only certificates belong; keep it elsewhere"),
        (KEY_DER, "holds a private key where only certificates belong; keep it elsewhere"),
        (pki.pem_crl(CRL), "holds a CRL where only certificates belong; CRLs are listed in `revocation.crls`"),
        (CRL, "holds a CRL where only certificates belong; CRLs are listed in `revocation.crls`"),
        (
            pki.pem(ROOT.der, "TRUSTED CERTIFICATE"),
            (
                "holds a block of OpenSSL's own type `TRUSTED CERTIFICATE` where only certificates belong; "
                "convert it with "
                "`openssl x509`"
            ),
        ),
        (pki.pem(b"0\x00", "PUBLIC KEY"), "holds a block of type `PUBLIC KEY` where only certificates belong"),
        (
            ROOT.pem.replace(b"END CERTIFICATE", b"END X509 CRL"),
            "is not sound PEM: BEGIN CERTIFICATE is followed by END X509 CRL",
        ),
        (ROOT.pem.replace(b"\nM", b"\n?"), "is not sound PEM: a block holds something other than base64"),
        (ROOT.pem[:200], "is not sound PEM: a BEGIN line has no END line"),
        (ROOT.pem + ROOT.pem[:200], "is not sound PEM: a BEGIN line has no END line"),
    ],
)
def test_what_is_no_certificate_is_named(content: bytes, message: str) -> None:
    with pytest.raises(FileError) as caught:
        certificates_from_file(content)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (ROOT.der[:-1], "cannot be used: the certificate cannot be parsed: structure: "),
        (ROOT.pem + pki.pem(ROOT.der + b"x"), "cannot be used: certificate 2 of 2 cannot be parsed: structure: "),
        (pki.make_ca("a\x07b").pem, "cannot be used: the certificate cannot be parsed: subject: "),
    ],
)
def test_certificate_that_cannot_be_parsed_says_where(content: bytes, start: str) -> None:
    with pytest.raises(FileError) as caught:
        certificates_from_file(content)
    assert str(caught.value).startswith(start)
