"""What a CRL file may be: one DER, or PEM blocks that are all CRLs."""

import mmap
from pathlib import Path
from typing import Any

import pytest

from extauthz.trust.crl import files as crl_files
from extauthz.trust.crl.files import crls_from_bytes
from extauthz.trust.crl.load import CrlError
from support import pki

CA = pki.make_ca()
FIRST, SECOND = CA.crl(number=1), CA.crl(number=2)


def test_der_is_one_crl_as_it_is() -> None:
    assert crls_from_bytes(FIRST) == (FIRST,)


def test_der_is_not_copied_and_pem_may_be_mapped_too(tmp_path: Path) -> None:
    for data, expected in ((FIRST, (FIRST,)), (pki.pem_crl(FIRST) * 2, (FIRST, FIRST))):
        file = tmp_path / "crl"
        file.write_bytes(data)
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            forms: tuple[Any, ...] = (mapped, memoryview(data))
            for given in forms:
                found = crls_from_bytes(given)
                assert tuple(bytes(one) for one in found) == expected
                assert (found[0] is given) == (data is FIRST)


def test_der_may_hold_what_looks_like_pem() -> None:
    noted = pki.extensions.encode(pki.der.extension("1.2.3", b"-----BEGIN X509 CRL-----"))
    crl = CA.crl(extra_extensions=[noted])
    assert crls_from_bytes(crl) == (crl,)


def test_what_is_neither_is_left_for_the_reader_to_refuse() -> None:
    assert crls_from_bytes(b"junk") == (b"junk",)


def test_a_pem_bundle_is_its_blocks_in_order() -> None:
    text = (
        b"# issued today\n" + pki.pem_crl(FIRST) + b"and\r\n" + pki.pem_crl(SECOND).replace(b"\n", b"\r\n") + b"# end"
    )
    assert crls_from_bytes(text) == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty"),
        (b" \r\n", "the file is empty"),
        (CA.pem, r"there is a certificate where a CRL is meant \(BEGIN CERTIFICATE\)"),
        (pki.pem_crl(FIRST) + CA.pem, "there is a certificate"),
        (CA.key_pem, r"there is a private key where a CRL is meant \(BEGIN PRIVATE KEY\)"),
        (pki.pem(FIRST, "PKCS7"), "there is a pkcs7 where a CRL is meant"),
        (pki.pem_crl(FIRST).replace(b"END X509 CRL", b"END CERTIFICATE"), "begins as X509 CRL and ends as CERTIFICATE"),
        (pki.pem_crl(FIRST)[:-20], "a PEM block is malformed"),
        (pki.pem_crl(FIRST).replace(b"-----END", b"!!-----END"), "a PEM block is malformed"),
        (pki.pem_crl(FIRST) + b"-----BEGIN X509 CRL-----\n", "a PEM block is malformed"),
        (b"-----BEGIN X509 CRL-----\nMIIB=AAA\n-----END X509 CRL-----\n", "a PEM block is not base64"),
        (b"-----BEGIN X509 CRL-----\nMIIBA\n-----END X509 CRL-----\n", "a PEM block is not base64"),
    ],
)
def test_a_malformed_file_is_refused_with_a_sentence(data: bytes, problem: str) -> None:
    with pytest.raises(CrlError, match=problem):
        crls_from_bytes(data)


def test_a_file_of_more_than_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crl_files, "MAX_PEM_BYTES", len(FIRST))
    assert crls_from_bytes(FIRST) == (FIRST,)
    with pytest.raises(CrlError, match=f"at most {len(FIRST)} are read"):
        crls_from_bytes(FIRST + b"\0")
