"""NGINX hands over a certificate and its verdict on it; the two must fit."""

from urllib.parse import quote

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.limits import HINT_CHARACTERS, MAX_TEXT_LENGTH
from extauthz.sources.nginx import NginxSource, NginxVerify
from extauthz.sources.source import CertificateSource
from support import pki

CA = pki.make_ca("Issuing CA")
LEAF = CA.issue("alice")
CERT = "x-ssl-client-cert"
VERIFY = "x-ssl-client-verify"
ESCAPED = pki.nginx_pem(LEAF.der)
PRESENTED = Presented(LEAF.der, (), ("nginx",), None)
NO_ISSUER = "FAILED:unable to verify the first certificate"
SUCCESS: CertificateSource = NginxSource()
HERE: CertificateSource = NginxSource(verify=NginxVerify.HERE)


def read(cert: str | None, verify: str | None, source: CertificateSource = SUCCESS) -> Presented | None:
    headers = {CERT: (cert,) if cert is not None else (), VERIFY: (verify,) if verify is not None else ()}
    return source.read(AuthRequest(headers=headers))


def denied(cert: str | None, verify: str | None, source: CertificateSource = SUCCESS) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(cert, verify, source)
    return caught.value


def test_a_verified_certificate_is_presented_without_chain_and_claims() -> None:
    assert read(ESCAPED, "SUCCESS") == PRESENTED
    assert read(ESCAPED, "SUCCESS", HERE) == PRESENTED


def test_it_reads_the_two_headers_it_is_told_to() -> None:
    source = NginxSource("ssl-client-cert", "ssl-client-verify")
    assert source.headers == ("ssl-client-cert", "ssl-client-verify")
    headers = {"ssl-client-cert": (ESCAPED,), "ssl-client-verify": ("SUCCESS",), CERT: ("junk",), VERIFY: ("junk",)}
    assert source.read(AuthRequest(headers=headers)) == PRESENTED
    assert SUCCESS.headers == (CERT, VERIFY)


@pytest.mark.parametrize("verify", [None, "", "NONE"])
@pytest.mark.parametrize("cert", [None, ""])
def test_no_certificate_and_no_word_of_one_presents_nothing(cert: str | None, verify: str | None) -> None:
    assert read(cert, verify) is None
    assert read(cert, verify, HERE) is None


@pytest.mark.parametrize("source", [SUCCESS, HERE], ids=["success", "here"])
@pytest.mark.parametrize("cert", [None, ""])
@pytest.mark.parametrize("verify", ["SUCCESS", NO_ISSUER, "FAILED:certificate has expired"])
def test_a_verdict_on_no_certificate_is_inconsistent(cert: str | None, verify: str, source: CertificateSource) -> None:
    error = denied(cert, verify, source)
    assert error.reason is Reason.SOURCE_INCONSISTENT
    assert error.detail.startswith(f"{VERIFY} says {verify.partition(':')[0]} and {CERT} has no certificate")


UNTRUSTED = {
    None: f"a certificate without {VERIFY}: does the proxy set it to $ssl_client_verify?",
    "": f"a certificate without {VERIFY}: does the proxy set it to $ssl_client_verify?",
    "NONE": f"a certificate, while {VERIFY} says that the client has none",
    "FAILED:certificate has expired": "the proxy did not verify the certificate: it has expired",
    "FAILED:certificate revoked": "the proxy did not verify the certificate: it is revoked",
    "FAILED:<a stranger's text>": "the proxy did not verify the certificate: for another reason",
    "FAILED": "the proxy did not verify the certificate: for another reason",
}


@pytest.mark.parametrize("source", [SUCCESS, HERE], ids=["success", "here"])
@pytest.mark.parametrize(("verify", "detail"), UNTRUSTED.items())
def test_a_certificate_that_is_not_verified_is_untrusted_each_with_its_own_detail(
    verify: str | None, detail: str, source: CertificateSource
) -> None:
    error = denied(ESCAPED, verify, source)
    assert (error.reason, error.detail) == (Reason.SOURCE_UNTRUSTED, detail)


def test_a_certificate_whose_issuer_nginx_does_not_know_is_for_this_service_to_verify_where_configured() -> None:
    assert read(ESCAPED, NO_ISSUER, HERE) == PRESENTED
    error = denied(ESCAPED, NO_ISSUER)
    assert error.reason is Reason.SOURCE_UNTRUSTED
    assert error.detail.endswith("its issuer is not among the CAs that the proxy trusts")


@pytest.mark.parametrize("cert", [None, "", ESCAPED])
@pytest.mark.parametrize("verify", ["success", "0", "SUCCESS,SUCCESS", "é", "\udcff"])
def test_a_verdict_that_nginx_does_not_write_is_malformed(cert: str | None, verify: str) -> None:
    assert denied(cert, verify).reason is Reason.SOURCE_MALFORMED
    assert denied(cert, verify, HERE).reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize(
    "headers",
    [
        {CERT: (ESCAPED, ESCAPED), VERIFY: ("SUCCESS",)},
        {CERT: ("", ESCAPED), VERIFY: ("SUCCESS",)},
        {CERT: (ESCAPED,), VERIFY: ("SUCCESS", "SUCCESS")},
        {CERT: (ESCAPED,), VERIFY: ("SUCCESS", "")},
        {CERT: ("", "")},
        {VERIFY: ("NONE", "NONE")},
    ],
)
def test_two_lines_of_either_header_are_ambiguous(headers: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(DecodeError) as caught:
        SUCCESS.read(AuthRequest(headers=headers))
    assert caught.value.reason is Reason.SOURCE_AMBIGUOUS


@pytest.mark.parametrize(
    "text",
    [
        LEAF.pem.decode(),
        pki.url_pem(LEAF.der),
        pki.alb_pem(LEAF.der),
        ESCAPED.replace("%2B", "%2b").replace("%0A", "%0a"),
        ESCAPED.replace("%2B", "+"),
        ESCAPED.removesuffix("%0A"),
    ],
    ids=["not encoded", "as Envoy", "as AWS", "lower case", "raw plus in base64", "no final newline"],
)
def test_every_percent_encoding_of_the_pem_is_the_same_certificate(text: str) -> None:
    assert read(text, "SUCCESS") == PRESENTED


BAD = {
    "blank": (" ", Reason.SOURCE_MALFORMED),
    "truncated": (ESCAPED[:300], Reason.SOURCE_MALFORMED),
    "truncated in an escape": (ESCAPED[:-1], Reason.SOURCE_MALFORMED),
    "doubled": (ESCAPED * 2, Reason.SOURCE_MALFORMED),
    "two lines joined": (f"{ESCAPED},{ESCAPED}", Reason.SOURCE_MALFORMED),
    "with its issuer": (quote(LEAF.pem + CA.pem, safe=""), Reason.SOURCE_MALFORMED),
    "trailing bytes": (ESCAPED + "x", Reason.SOURCE_MALFORMED),
    "trailing NUL": (ESCAPED + "%00", Reason.SOURCE_MALFORMED),
    "raw NUL": (ESCAPED + "\0", Reason.SOURCE_MALFORMED),
    "not ASCII": (ESCAPED + "é", Reason.SOURCE_MALFORMED),
    "surrogate": (ESCAPED + "\udcff", Reason.SOURCE_MALFORMED),
    "plus for space": (ESCAPED.replace("%20", "+"), Reason.SOURCE_MALFORMED),
    "encoded twice": (quote(ESCAPED, safe=""), Reason.SOURCE_MALFORMED),
    "tabs for line breaks": (LEAF.pem.decode().replace("\n", "\t"), Reason.SOURCE_MALFORMED),
    "base64 of DER": (pki.base64_text(LEAF.der), Reason.SOURCE_MALFORMED),
    "DER": (quote(LEAF.der, safe=""), Reason.SOURCE_MALFORMED),
    "1 MB": ("A" * 1_000_000, Reason.SOURCE_TOO_LARGE),
    "1 MB of escapes": ("%41" * 350_000, Reason.SOURCE_TOO_LARGE),
    "a large certificate": (pki.nginx_pem(bytes(66_000)), Reason.CERTIFICATE_TOO_LARGE),
    "key": (quote(LEAF.key_pem, safe=""), Reason.SOURCE_MALFORMED),
    "request": (ESCAPED.replace("CERTIFICATE", "CERTIFICATE%20REQUEST"), Reason.SOURCE_MALFORMED),
    "crl": (quote(pki.pem_crl(CA.crl()), safe=""), Reason.SOURCE_MALFORMED),
    "xfcc": (pki.xfcc(LEAF.der), Reason.SOURCE_MALFORMED),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_anything_else_is_denied(text: str, reason: Reason) -> None:
    assert denied(text, "SUCCESS").reason is reason


def test_both_headers_are_bounded() -> None:
    assert denied(ESCAPED, "FAILED:" + "a" * MAX_TEXT_LENGTH).reason is Reason.SOURCE_TOO_LARGE
    assert denied("a" * (MAX_TEXT_LENGTH + 1), "NONE").reason is Reason.SOURCE_TOO_LARGE


def test_the_hint_is_the_end_of_the_certificate() -> None:
    assert SUCCESS.hint(ESCAPED) == ESCAPED[-HINT_CHARACTERS:]
    assert SUCCESS.hint(ESCAPED) != SUCCESS.hint(pki.nginx_pem(CA.issue("bob").der))
