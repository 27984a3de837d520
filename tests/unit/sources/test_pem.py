"""PEM is CERTIFICATE blocks and nothing else."""

import base64

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_CERTIFICATE_BYTES, MAX_TEXT_LENGTH
from extauthz.sources.pem import certificate_from_pem, certificates_from_pem
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
BODY = base64.b64encode(LEAF.der)


def block(body: bytes, label: bytes = b"CERTIFICATE") -> bytes:
    return b"-----BEGIN " + label + b"-----\n" + body + b"\n-----END " + label + b"-----\n"


def sequence_of(total: int) -> bytes:
    """Return a DER SEQUENCE of ``total`` bytes, header included."""
    return b"\x30\x82" + (total - 4).to_bytes(2) + bytes(total - 4)


def test_one_certificate_comes_back_as_its_der() -> None:
    assert certificates_from_pem(LEAF.pem) == (LEAF.der,)
    assert certificate_from_pem(LEAF.pem) == LEAF.der


def test_several_come_back_in_their_order() -> None:
    assert certificates_from_pem(LEAF.pem + CA.pem + ROOT.pem) == (LEAF.der, CA.der, ROOT.der)


@pytest.mark.parametrize(
    "text",
    [
        LEAF.pem.replace(b"\n", b"\r\n"),
        LEAF.pem.rstrip(b"\n"),
        LEAF.pem + b"\n\n",
        LEAF.pem.replace(b"\n", b"\r\n") + b"\r\n",
        block(BODY),
        block(b"\n".join(bytes((byte,)) for byte in BODY)),
    ],
    ids=["crlf", "no final newline", "empty lines after", "crlf and empty line", "one line", "one character a line"],
)
def test_line_breaks_do_not_matter(text: bytes) -> None:
    assert certificates_from_pem(text) == (LEAF.der,)


def test_an_empty_line_may_stand_between_blocks() -> None:
    assert certificates_from_pem(LEAF.pem + b"\n" + CA.pem) == (LEAF.der, CA.der)


BAD = {
    "empty": (b"", "an empty text"),
    "blank line only": (b"\n", "not PEM"),
    "der": (LEAF.der, "may be DER"),
    "base64 only": (BODY, "not PEM"),
    "text before": (b"subject=alice\n" + LEAF.pem, "text before"),
    "blank line before": (b"\n" + LEAF.pem, "text before"),
    "text between": (LEAF.pem + b"issuer=CA\n" + CA.pem, "between or after"),
    "text after": (LEAF.pem + b"x", "between or after"),
    "space after": (LEAF.pem + b" ", "between or after"),
    "text on the end line": (LEAF.pem.rstrip(b"\n") + b"x\n", "END line"),
    "blocks without line break": (LEAF.pem.rstrip(b"\n") + CA.pem, "END line"),
    "text on the begin line": (LEAF.pem.replace(b"BEGIN CERTIFICATE-----", b"BEGIN CERTIFICATE-----x"), "BEGIN line"),
    "one line": (LEAF.pem.replace(b"\n", b""), "BEGIN line"),
    "lines broken by CR": (LEAF.pem.replace(b"\n", b"\r"), "BEGIN line"),
    "begin line only": (b"-----BEGIN CERTIFICATE-----", "BEGIN line"),
    "no end": (LEAF.pem[: LEAF.pem.index(b"-----END")], "without its END"),
    "cut in the end line": (LEAF.pem[:-8], "without its END"),
    "end of another kind": (LEAF.pem.replace(b"END CERTIFICATE", b"END PRIVATE KEY"), "without its END"),
    "end not on its own line": (LEAF.pem.replace(b"\n-----END", b"-----END"), "without its END"),
    "lower case": (LEAF.pem.replace(b"BEGIN CERTIFICATE", b"begin certificate"), "not PEM"),
    "empty block": (block(b""), "an empty CERTIFICATE"),
    "empty block without a line": (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "an empty CERTIFICATE"),
    "not base64": (block(b"!" + BODY[1:]), "not base64"),
    "space in base64": (block(BODY[:8] + b" " + BODY[8:]), "not base64"),
    "url-safe base64": (block(b"MA-_" + BODY), "not base64"),
    "CR in base64": (block(BODY[:8] + b"\r" + BODY[8:]), "not base64"),
    "base64 cut": (block(base64.b64encode(b"\x30\x02ab")[:-2]), "not base64"),
    "more after padding": (block(base64.b64encode(b"\x30\x02ab") + b"AAAA"), "not base64"),
    "headers in the block": (block(b"Proc-Type: 4,ENCRYPTED\n\n" + BODY), "not base64"),
    "block in a block": (block(LEAF.pem.rstrip(b"\n")), "not base64"),
    "der cut": (pki.pem(LEAF.der[:-1]), "does not span"),
    "der with more": (pki.pem(LEAF.der + b"\x00"), "does not span"),
    "two in one block": (pki.pem(LEAF.der * 2), "does not span"),
    "not a sequence": (pki.pem(b"\x31" + LEAF.der[1:]), "start with a DER SEQUENCE"),
    "private key": (LEAF.key_pem, "type PRIVATE KEY,"),
    "encrypted key": (block(BODY, b"ENCRYPTED PRIVATE KEY"), "type ENCRYPTED PRIVATE KEY,"),
    "EC key": (block(BODY, b"EC PRIVATE KEY"), "type EC PRIVATE KEY,"),
    "request": (block(BODY, b"CERTIFICATE REQUEST"), "type CERTIFICATE REQUEST,"),
    "crl": (pki.pem_crl(CA.crl()), "type X509 CRL,"),
    "trusted certificate": (block(BODY, b"TRUSTED CERTIFICATE"), "type TRUSTED CERTIFICATE,"),
    "unknown kind": (block(BODY, b"SECRET alice"), "unknown type"),
    "key after the certificate": (LEAF.pem + LEAF.key_pem, "type PRIVATE KEY,"),
}


@pytest.mark.parametrize(("text", "detail"), BAD.values(), ids=BAD)
def test_everything_else_is_malformed_and_the_detail_says_what_came(text: bytes, detail: str) -> None:
    with pytest.raises(DecodeError) as caught:
        certificates_from_pem(text)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
    assert detail in caught.value.detail


@pytest.mark.parametrize("name", ["private key", "unknown kind", "text before", "not base64", "der cut"])
def test_the_detail_repeats_nothing_of_the_content(name: str) -> None:
    text, _ = BAD[name]
    with pytest.raises(DecodeError) as caught:
        certificates_from_pem(text)
    assert "alice" not in caught.value.detail
    assert not any(line in caught.value.detail.encode() for line in text.split(b"\n") if len(line) > 20)


def test_two_certificates_are_malformed_where_one_is_meant() -> None:
    with pytest.raises(DecodeError, match="2 certificates") as caught:
        certificate_from_pem(LEAF.pem * 2)
    assert caught.value.reason is Reason.SOURCE_MALFORMED


def test_sixteen_certificates_are_read_and_seventeen_are_not() -> None:
    assert certificates_from_pem(LEAF.pem * 16) == (LEAF.der,) * 16
    with pytest.raises(DecodeError) as caught:
        certificates_from_pem(LEAF.pem * 17)
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE


def test_the_largest_certificate_is_read_and_one_byte_more_is_not() -> None:
    largest = sequence_of(MAX_CERTIFICATE_BYTES)
    assert certificates_from_pem(pki.pem(largest)) == (largest,)
    with pytest.raises(DecodeError) as caught:
        certificates_from_pem(pki.pem(largest + b"\x00"))
    assert caught.value.reason is Reason.CERTIFICATE_TOO_LARGE


def test_a_block_that_must_be_too_large_is_refused_before_it_is_decoded() -> None:
    not_even_base64 = block(b"!" * (MAX_CERTIFICATE_BYTES // 3 * 4 + 5))
    with pytest.raises(DecodeError) as caught:
        certificates_from_pem(not_even_base64)
    assert caught.value.reason is Reason.CERTIFICATE_TOO_LARGE


def test_the_longest_text_is_read_and_one_byte_more_is_not() -> None:
    longest = LEAF.pem + b"\n" * (MAX_TEXT_LENGTH - len(LEAF.pem))
    assert certificates_from_pem(longest) == (LEAF.der,)
    with pytest.raises(DecodeError) as caught:
        certificates_from_pem(longest + b"\n")
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE
