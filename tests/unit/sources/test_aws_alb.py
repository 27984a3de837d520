"""AWS's Application Load Balancer hands over the chain or the leaf, by its mode."""

from urllib.parse import quote

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.aws_alb import DEFAULT_HEADERS, AlbMode, AwsAlbSource
from extauthz.sources.limits import HINT_CHARACTERS
from extauthz.sources.source import CertificateSource
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
CHAIN_HEADER = "x-amzn-mtls-clientcert"
LEAF_HEADER = "x-amzn-mtls-clientcert-leaf"
PASSTHROUGH: CertificateSource = AwsAlbSource(AlbMode.PASSTHROUGH, CHAIN_HEADER)
VERIFY: CertificateSource = AwsAlbSource(AlbMode.VERIFY, LEAF_HEADER)
BOTH = pytest.mark.parametrize("source", [PASSTHROUGH, VERIFY], ids=["passthrough", "verify"])


def presented(*chain: bytes) -> Presented:
    return Presented(LEAF.der, chain, ("aws_alb",), None)


def read(source: CertificateSource, *lines: str) -> Presented | None:
    return source.read(AuthRequest(headers={source.headers[0]: lines}))


def denied(source: CertificateSource, *lines: str) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(source, *lines)
    return caught.value


def test_passthrough_has_the_chain_with_the_leaf_first() -> None:
    text = pki.alb_pem(LEAF.der, CA.der, ROOT.der)
    assert read(PASSTHROUGH, text) == presented(CA.der, ROOT.der)
    assert read(PASSTHROUGH, pki.alb_pem(LEAF.der)) == presented()


def test_verify_has_the_leaf_alone() -> None:
    assert read(VERIFY, pki.alb_pem(LEAF.der)) == presented()
    assert denied(VERIFY, pki.alb_pem(LEAF.der, CA.der)).reason is Reason.SOURCE_MALFORMED


def test_each_mode_has_its_header() -> None:
    assert DEFAULT_HEADERS == {AlbMode.PASSTHROUGH: CHAIN_HEADER, AlbMode.VERIFY: LEAF_HEADER}
    assert AwsAlbSource(AlbMode.VERIFY, "x-leaf").headers == ("x-leaf",)
    text = pki.alb_pem(LEAF.der)
    assert VERIFY.read(AuthRequest(headers={CHAIN_HEADER: (text,)})) is None
    assert PASSTHROUGH.read(AuthRequest(headers={LEAF_HEADER: (text,)})) is None


@BOTH
def test_no_header_or_an_empty_one_presents_nothing(source: CertificateSource) -> None:
    assert read(source) is None
    assert read(source, "") is None
    assert source.read(AuthRequest()) is None


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        pki.alb_pem(LEAF.der),
        pki.alb_pem(LEAF.der).replace("=", "%3D"),
        pki.nginx_pem(LEAF.der),
        pki.nginx_pem(LEAF.der).replace("%2B", "%2b").replace("%0A", "%0a"),
        LEAF.pem.decode(),
    ],
    ids=["as documented", "as shown", "all encoded", "lower-case percent", "not encoded"],
)
def test_every_percent_encoding_of_the_pem_is_the_same_certificate(source: CertificateSource, text: str) -> None:
    assert read(source, text) == presented()


@BOTH
@pytest.mark.parametrize("lines", [("", ""), (pki.alb_pem(LEAF.der), ""), (pki.alb_pem(LEAF.der),) * 2])
def test_two_lines_are_ambiguous(source: CertificateSource, lines: tuple[str, ...]) -> None:
    assert denied(source, *lines).reason is Reason.SOURCE_AMBIGUOUS


@pytest.mark.parametrize("chain", [(LEAF.der,), (CA.der, LEAF.der)])
def test_the_leaf_once_more_is_inconsistent(chain: tuple[bytes, ...]) -> None:
    assert denied(PASSTHROUGH, pki.alb_pem(LEAF.der, *chain)).reason is Reason.SOURCE_INCONSISTENT


TEXT = pki.alb_pem(LEAF.der)
BAD = {
    "blank": (" ", Reason.SOURCE_MALFORMED),
    "truncated": (TEXT[:300], Reason.SOURCE_MALFORMED),
    "truncated in an escape": (TEXT[:-1], Reason.SOURCE_MALFORMED),
    "two lines joined": (f"{TEXT},{TEXT}", Reason.SOURCE_MALFORMED),
    "trailing bytes": (TEXT + "x", Reason.SOURCE_MALFORMED),
    "NUL": (TEXT + "%00", Reason.SOURCE_MALFORMED),
    "raw NUL": (TEXT + "\0", Reason.SOURCE_MALFORMED),
    "not ASCII": (TEXT + "é", Reason.SOURCE_MALFORMED),
    "surrogate": (TEXT + "\udcff", Reason.SOURCE_MALFORMED),
    "plus for space": (TEXT.replace("%20", "+"), Reason.SOURCE_MALFORMED),
    "a space for a plus": (TEXT.replace("%20", "\1").replace("+", " ").replace("\1", "%20") + " ",
                           Reason.SOURCE_MALFORMED),
    "encoded twice": (quote(TEXT, safe=""), Reason.SOURCE_MALFORMED),
    "base64": (pki.base64_text(LEAF.der), Reason.SOURCE_MALFORMED),
    "key": (quote(LEAF.key_pem, safe="+/="), Reason.SOURCE_MALFORMED),
    "request": (TEXT.replace("CERTIFICATE", "CERTIFICATE%20REQUEST"), Reason.SOURCE_MALFORMED),
    "key after it": (TEXT + quote(LEAF.key_pem, safe="+/="), Reason.SOURCE_MALFORMED),
    "1 MB": ("A" * 1_000_000, Reason.SOURCE_TOO_LARGE),
    "1 MB of escapes": ("%41" * 350_000, Reason.SOURCE_TOO_LARGE),
    "a large certificate": (pki.alb_pem(bytes(66_000)), Reason.CERTIFICATE_TOO_LARGE),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_anything_else_is_denied(source: CertificateSource, text: str, reason: Reason) -> None:
    assert denied(source, text).reason is reason


def test_seventeen_certificates_are_too_many() -> None:
    assert denied(PASSTHROUGH, pki.alb_pem(LEAF.der, *[b"\x30\x00"] * 16)).reason is Reason.SOURCE_TOO_LARGE
    assert read(PASSTHROUGH, pki.alb_pem(LEAF.der, *[b"\x30\x00"] * 15)) == presented(*[b"\x30\x00"] * 15)


def test_the_hint_is_a_part_of_the_leaf() -> None:
    other = CA.issue("bob").der
    chains = [pki.alb_pem(der, CA.der) for der in (LEAF.der, other)]
    leaves = [pki.alb_pem(der) for der in (LEAF.der, other)]
    assert PASSTHROUGH.hint(chains[0]) != PASSTHROUGH.hint(chains[1])
    assert VERIFY.hint(leaves[0]) != VERIFY.hint(leaves[1])
    assert len(PASSTHROUGH.hint(chains[0])) == len(VERIFY.hint(leaves[0])) == HINT_CHARACTERS
