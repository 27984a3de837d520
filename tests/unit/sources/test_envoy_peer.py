"""``source.certificate`` holds one percent-encoded PEM certificate, or nothing."""

from urllib.parse import quote

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.limits import MAX_TEXT_LENGTH
from extauthz.sources.source import CertificateSource
from support import pki

CA = pki.make_ca("Issuing CA")
LEAF = CA.issue("alice")
SOURCE: CertificateSource = EnvoyPeerSource()


def read(text: str) -> Presented | None:
    return SOURCE.read(AuthRequest(source_certificate=text))


def test_the_leaf_of_envoy_is_presented() -> None:
    assert read(pki.url_pem(LEAF.der)) == Presented(LEAF.der, (), ("envoy_peer",), None)


def test_an_empty_attribute_presents_nothing() -> None:
    assert read("") is None


def test_it_reads_no_header() -> None:
    assert SOURCE.headers == ()


@pytest.mark.parametrize(
    "text",
    [
        LEAF.pem.decode(),
        quote(LEAF.pem, safe=""),
        quote(LEAF.pem, safe="+/="),
        pki.url_pem(LEAF.der).replace("%2B", "%2b").replace("%0A", "%0a"),
        pki.url_pem(LEAF.der).replace("%0A", "%0D%0A"),
        pki.url_pem(LEAF.der).removesuffix("%0A"),
    ],
    ids=["not encoded", "all encoded", "base64 left raw", "lower case", "crlf", "no final newline"],
)
def test_every_percent_encoding_of_the_pem_is_the_same_certificate(text: str) -> None:
    assert read(text) == Presented(LEAF.der, (), ("envoy_peer",))


BAD = {
    "blank": (" ", Reason.SOURCE_MALFORMED),
    "truncated": (pki.url_pem(LEAF.der)[:300], Reason.SOURCE_MALFORMED),
    "truncated in an escape": (pki.url_pem(LEAF.der)[:-1], Reason.SOURCE_MALFORMED),
    "doubled": (pki.url_pem(LEAF.der, LEAF.der), Reason.SOURCE_MALFORMED),
    "with its issuer": (pki.url_pem(LEAF.der, CA.der), Reason.SOURCE_MALFORMED),
    "not UTF-8": (pki.url_pem(LEAF.der) + "\udcff", Reason.SOURCE_MALFORMED),
    "plus for space": (pki.url_pem(LEAF.der).replace("%20", "+"), Reason.SOURCE_MALFORMED),
    "encoded twice": (pki.url_pem(LEAF.der).replace("%", "%25"), Reason.SOURCE_MALFORMED),
    "1 MB": ("A" * 1_000_000, Reason.SOURCE_TOO_LARGE),
    "1 MB of escapes": ("%41" * 350_000, Reason.SOURCE_TOO_LARGE),
    "key": (quote(LEAF.key_pem), Reason.SOURCE_MALFORMED),
    "request": (quote(LEAF.pem.replace(b"CERTIFICATE", b"CERTIFICATE REQUEST")), Reason.SOURCE_MALFORMED),
    "crl": (quote(pki.pem_crl(CA.crl())), Reason.SOURCE_MALFORMED),
    "xfcc": (pki.xfcc(LEAF.der), Reason.SOURCE_MALFORMED),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_anything_else_is_denied(text: str, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        read(text)
    assert caught.value.reason is reason


def test_the_limit_is_on_the_encoded_text() -> None:
    longest = quote(LEAF.pem, safe="") + "%0A" * MAX_TEXT_LENGTH
    longest = longest[: MAX_TEXT_LENGTH - (MAX_TEXT_LENGTH - len(quote(LEAF.pem, safe=""))) % 3]
    assert read(longest) == Presented(LEAF.der, (), ("envoy_peer",))
    with pytest.raises(DecodeError) as caught:
        read(longest + "%0A")
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE
