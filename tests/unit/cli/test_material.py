import base64
import io
from pathlib import Path

import pytest

from extauthz.cli.material import MAX_BYTES, Form, pem_certificates, read_input, recognise
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")


def refusal(content: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        recognise(content)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
    return caught.value.detail


@pytest.mark.parametrize(
    ("content", "form", "certificates"),
    [
        (LEAF.pem, Form.PEM, (LEAF.der,)),
        (LEAF.chain_pem, Form.PEM, LEAF.chain),
        (b"\xef\xbb\xbf" + LEAF.pem, Form.PEM, (LEAF.der,)),
        (LEAF.pem.replace(b"\n", b"\r\n"), Form.PEM, (LEAF.der,)),
        (LEAF.pem.replace(b"\n", b"\n\t"), Form.PEM, (LEAF.der,)),
        (b"subject=CN = alice\n" + LEAF.pem + b"more words\n", Form.PEM, (LEAF.der,)),
        (LEAF.key_pem + LEAF.pem, Form.PEM, (LEAF.der,)),
        (LEAF.der, Form.DER, (LEAF.der,)),
        (pki.url_pem(LEAF.der).encode(), Form.URL_ENCODED_PEM, (LEAF.der,)),
        (pki.url_pem(*LEAF.chain).encode() + b"\n", Form.URL_ENCODED_PEM, LEAF.chain),
        (pki.url_pem(LEAF.der).replace("-", "%2d").encode(), Form.URL_ENCODED_PEM, (LEAF.der,)),
        (pki.xfcc(LEAF.der).encode(), Form.XFCC, (LEAF.der,)),
        (pki.xfcc(None, hash_=None, chain=LEAF.chain).encode(), Form.XFCC, LEAF.chain),
        (pki.nginx_pem(LEAF.der).encode(), Form.URL_ENCODED_PEM, (LEAF.der,)),
        (b"X-SSL-Client-Cert: " + pki.nginx_pem(LEAF.der).encode(), Form.URL_ENCODED_PEM, (LEAF.der,)),
        (pki.xfcc_json(pki.json_element(LEAF.der, chain=LEAF.chain)).encode(), Form.XFCC, LEAF.chain),
        (b"x-forwarded-client-cert: " + pki.xfcc_json(pki.json_element(LEAF.der)).encode(), Form.XFCC, (LEAF.der,)),
        (pki.base64_text(LEAF.der).encode(), Form.BASE64, (LEAF.der,)),
        (base64.encodebytes(LEAF.der), Form.BASE64, (LEAF.der,)),
        (pki.base64_text(*LEAF.chain).encode(), Form.BASE64, LEAF.chain),
        (",".join(map(pki.base64_text, LEAF.chain)).encode(), Form.BASE64, LEAF.chain),
        (b"X-Client-Certificate: " + pki.base64_text(LEAF.der).encode(), Form.BASE64, (LEAF.der,)),
        (pki.byte_sequence(LEAF.der).encode(), Form.RFC9440, (LEAF.der,)),
        (b"Client-Cert: " + pki.byte_sequence(LEAF.der).encode() + b"\r\n", Form.RFC9440, (LEAF.der,)),
        (", ".join(map(pki.byte_sequence, LEAF.chain)).encode(), Form.RFC9440, LEAF.chain),
        (b"X-Forwarded-Client-Cert: " + pki.xfcc(LEAF.der).encode() + b"\r\n", Form.XFCC, (LEAF.der,)),
    ],
)
def test_each_form_is_recognised(content: bytes, form: Form, certificates: tuple[bytes, ...]) -> None:
    material = recognise(content)
    assert (material.form, material.certificates, material.note) == (form, certificates, "")


def test_of_several_xfcc_elements_the_last_is_taken_and_that_is_said() -> None:
    other = CA.issue("mallory")
    material = recognise(f"{pki.xfcc(other.der)},{pki.xfcc(LEAF.der)}".encode())
    assert material.certificates == (LEAF.der,)
    assert material.note == "element 2 of 2, the one that the last proxy added"


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"hello", "it is neither PEM, DER, URL-encoded PEM, base64, RFC 9440 nor XFCC"),
        (b"\x00\xff", "it is neither PEM, DER, URL-encoded PEM, base64, RFC 9440 nor XFCC"),
        (LEAF.key_pem, "it has a PEM block of type PRIVATE KEY, and no certificate"),
        (pki.pem_crl(CA.crl()), "it is a revocation list, not a certificate: use `extauthz crl`"),
        (
            LEAF.pem[:-20],
            "it has a CERTIFICATE block that is cut off or holds something other than base64",
        ),
        (
            b"Hash=" + b"0" * 64,
            "the XFCC header has neither Cert nor Chain: the proxy does not forward the certificate itself",
        ),
        (pki.pem(b"\x30\x01"), "the DER SEQUENCE does not span exactly the bytes that are there"),
        (b"-----BEGIN%20CERTIFICATE", "a PEM block of an unknown type"),
    ],
)
def test_what_is_no_certificate_is_named(content: bytes, detail: str) -> None:
    assert detail in refusal(content)


def test_pem_without_a_certificate_is_refused() -> None:
    with pytest.raises(DecodeError) as caught:
        pem_certificates(b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n")
    assert caught.value.detail == "it has a PEM block of type CERTIFICATE REQUEST, and no certificate"


def test_a_dash_is_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"from stdin")))
    assert read_input("-") == b"from stdin"


def test_an_input_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"x" * MAX_BYTES)
    assert len(read_input(str(path))) == MAX_BYTES
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(DecodeError) as caught:
        read_input(str(path))
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE
