"""Cert, Chain and Hash of one element speak of the same leaf."""

import hashlib
from urllib.parse import quote

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.xfcc_certificates import certificates_of, require_hash_of
from extauthz.sources.xfcc_element import Element
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
CERT = pki.url_pem(LEAF.der)


def test_neither_is_no_certificate() -> None:
    assert certificates_of(Element(hash="1")) == ()


def test_cert_alone_is_the_leaf() -> None:
    assert certificates_of(Element(cert=CERT)) == (LEAF.der,)


def test_without_cert_the_first_of_chain_is_the_leaf() -> None:
    assert certificates_of(Element(chain=pki.url_pem(LEAF.der, CA.der))) == (LEAF.der, CA.der)


@pytest.mark.parametrize(
    "cert",
    [CERT, CERT.removesuffix("%0A"), quote(LEAF.pem, safe=""), CERT + "%0A", CERT.replace("%0A", "%0a")],
    ids=["as Envoy", "no final newline", "all encoded", "empty line", "lower case"],
)
@pytest.mark.parametrize(
    ("chain", "rest"),
    [
        (CERT, ()),
        (CERT + "%0A", ()),
        (CERT.removesuffix("%0A"), ()),
        (pki.url_pem(LEAF.der, CA.der), (CA.der,)),
        (pki.url_pem(LEAF.der, CA.der, ROOT.der), (CA.der, ROOT.der)),
        (CERT + "%0A" + pki.url_pem(CA.der), (CA.der,)),
        (quote(LEAF.chain_pem, safe="/+"), (CA.der,)),
    ],
    ids=[
        "leaf",
        "leaf and empty line",
        "no final newline",
        "issuer",
        "issuer and root",
        "empty line",
        "other encoding",
    ],
)
def test_cert_and_chain_in_any_writing_are_the_chain(cert: str, chain: str, rest: tuple[bytes, ...]) -> None:
    assert certificates_of(Element(cert=cert, chain=chain)) == (LEAF.der, *rest)


@pytest.mark.parametrize(
    "chain",
    [pki.url_pem(CA.der), pki.url_pem(CA.der, LEAF.der), pki.url_pem(CA.issue("bob").der, CA.der)],
    ids=["leaf left out", "leaf not first", "another leaf"],
)
def test_a_cert_that_is_not_the_first_of_chain_is_inconsistent(chain: str) -> None:
    with pytest.raises(DecodeError) as caught:
        certificates_of(Element(cert=CERT, chain=chain))
    assert caught.value.reason is Reason.SOURCE_INCONSISTENT


@pytest.mark.parametrize(
    "element",
    [
        Element(cert=""),
        Element(chain=""),
        Element(cert=CERT, chain=""),
        Element(cert="", chain=CERT),
        Element(cert=CERT * 2),
        Element(cert=CERT[:-9], chain=CERT),
        Element(cert=CERT, chain=CERT[:-9]),
        Element(cert=CERT, chain=CERT + "x"),
        Element(cert=CERT, chain=CERT + CERT[:-9]),
        Element(cert=CERT, chain=CERT + quote(LEAF.key_pem)),
        Element(cert=CERT.removesuffix("%0A"), chain=CERT.removesuffix("%0A") + CERT),
        Element(cert=quote(LEAF.key_pem)),
        Element(cert=quote(pki.pem_crl(CA.crl()))),
        Element(cert="%zz"),
        Element(cert="\udcff"),
    ],
)
def test_what_does_not_decode_is_malformed(element: Element) -> None:
    with pytest.raises(DecodeError) as caught:
        certificates_of(element)
    assert caught.value.reason is Reason.SOURCE_MALFORMED


@pytest.mark.parametrize("cert", [None, CERT, quote(LEAF.pem, safe="")], ids=["alone", "as Envoy", "other encoding"])
def test_a_chain_has_sixteen_certificates_at_most_leaf_included(cert: str | None) -> None:
    assert certificates_of(Element(cert=cert, chain=CERT * 16)) == (LEAF.der,) * 16
    with pytest.raises(DecodeError) as caught:
        certificates_of(Element(cert=cert, chain=CERT * 17))
    assert caught.value.reason is Reason.SOURCE_TOO_LARGE


@pytest.mark.parametrize("stated", [LEAF.sha256.hex(), LEAF.sha256.hex().upper(), None], ids=["lower", "upper", "none"])
def test_the_hash_of_the_leaf_in_any_case_or_none_at_all(stated: str | None) -> None:
    require_hash_of(LEAF.der, stated)


@pytest.mark.parametrize(
    "stated", [CA.sha256.hex(), "0" * 64, hashlib.sha256(b"").hexdigest()], ids=["other", "zeros", "of_nothing"]
)
def test_the_hash_of_anything_else_is_inconsistent(stated: str) -> None:
    with pytest.raises(DecodeError) as caught:
        require_hash_of(LEAF.der, stated)
    assert caught.value.reason is Reason.SOURCE_INCONSISTENT


@pytest.mark.parametrize(
    "stated",
    ["", LEAF.sha256.hex()[:-1], LEAF.sha256.hex() + "0", LEAF.sha256.hex() + "\n", "g" * 64, "\u0660" * 64],
    ids=["empty", "too_short", "too_long", "newline", "no_hex", "other_digits"],
)
def test_what_is_no_hash_is_malformed(stated: str) -> None:
    with pytest.raises(DecodeError) as caught:
        require_hash_of(LEAF.der, stated)
    assert caught.value.reason is Reason.SOURCE_MALFORMED
