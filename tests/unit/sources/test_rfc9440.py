"""``Client-Cert`` and ``Client-Cert-Chain`` (RFC 9440)."""

import base64

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.limits import HINT_CHARACTERS, MAX_TEXT_LENGTH
from extauthz.sources.rfc9440 import Rfc9440Source
from extauthz.sources.source import CertificateSource
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
CERT = "client-cert"
CHAIN = "client-cert-chain"
ITEM = pki.byte_sequence(LEAF.der)
ABOVE = (CA.der, ROOT.der)
SOURCE: CertificateSource = Rfc9440Source()


def presented(*chain: bytes) -> Presented:
    return Presented(LEAF.der, chain, ("rfc9440",), None)


def read(cert: str | None, *chain: str) -> Presented | None:
    return SOURCE.read(AuthRequest(headers={CERT: (cert,) if cert is not None else (), CHAIN: chain}))


def denied(cert: str | None, *chain: str) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(cert, *chain)
    return caught.value


def test_a_byte_sequence_is_the_leaf() -> None:
    assert read(ITEM) == presented()
    assert read(f"  {ITEM} ") == presented()  # RFC 8941 §4.2: spaces around the item are discarded


def test_it_reads_the_two_headers_of_the_standard() -> None:
    assert SOURCE.headers == (CERT, CHAIN)


@pytest.mark.parametrize(
    "lines",
    [
        (f"{pki.byte_sequence(CA.der)}, {pki.byte_sequence(ROOT.der)}",),
        (f"{pki.byte_sequence(CA.der)},{pki.byte_sequence(ROOT.der)}",),
        (f" {pki.byte_sequence(CA.der)} \t,\t {pki.byte_sequence(ROOT.der)} ",),
        (pki.byte_sequence(CA.der), pki.byte_sequence(ROOT.der)),
        (pki.byte_sequence(CA.der), f" {pki.byte_sequence(ROOT.der)}"),
    ],
    ids=["one line", "no space", "white space", "two lines", "two lines and a space"],
)
def test_the_chain_is_one_list_however_many_lines_it_has(lines: tuple[str, ...]) -> None:
    assert read(ITEM, *lines) == presented(*ABOVE)


def test_an_empty_list_is_an_empty_chain() -> None:
    assert read(ITEM, "") == presented()
    assert read(ITEM, "  ") == presented()


def test_neither_header_presents_nothing() -> None:
    assert read(None) is None
    assert SOURCE.read(AuthRequest(headers={"x-other": ("a",)})) is None


@pytest.mark.parametrize("chain", [pki.byte_sequence(CA.der), "", "junk"])
def test_a_chain_without_certificate_is_inconsistent(chain: str) -> None:
    error = denied(None, chain)
    assert (error.reason, error.detail) == (Reason.SOURCE_INCONSISTENT, f"{CHAIN} without {CERT}")


@pytest.mark.parametrize("chain", [(LEAF.der,), (LEAF.der, CA.der), (CA.der, LEAF.der)])
def test_the_leaf_has_no_place_in_the_chain(chain: tuple[bytes, ...]) -> None:
    error = denied(ITEM, ", ".join(map(pki.byte_sequence, chain)))
    assert error.reason is Reason.SOURCE_INCONSISTENT
    assert CHAIN in error.detail


@pytest.mark.parametrize("lines", [(ITEM, ITEM), (ITEM, ""), ("", ITEM), ("", "")])
def test_two_lines_of_the_certificate_are_ambiguous(lines: tuple[str, ...]) -> None:
    with pytest.raises(DecodeError) as caught:
        SOURCE.read(AuthRequest(headers={CERT: lines}))
    assert caught.value.reason is Reason.SOURCE_AMBIGUOUS


TEXT = pki.base64_text(LEAF.der)
BAD = {
    "no colons": (TEXT, Reason.SOURCE_MALFORMED, "does not start with a colon"),
    "no colon at the start": (f"{TEXT}:", Reason.SOURCE_MALFORMED, "does not start with a colon"),
    "no colon at the end": (f":{TEXT}", Reason.SOURCE_MALFORMED, "without the colon at its end"),
    "one colon": (":", Reason.SOURCE_MALFORMED, "without the colon at its end"),
    "no bytes": ("::", Reason.SOURCE_MALFORMED, "empty base64"),
    "truncated": (ITEM[:300], Reason.SOURCE_MALFORMED, "without the colon at its end"),
    "truncated, colon back": (ITEM[:301] + ":", Reason.SOURCE_MALFORMED, "does not span"),
    "doubled": (ITEM + ITEM, Reason.SOURCE_MALFORMED, "text after"),
    "trailing text": (ITEM + "x", Reason.SOURCE_MALFORMED, "text after"),
    "trailing NUL": (ITEM + "\0", Reason.SOURCE_MALFORMED, "text after"),
    "parameter": (ITEM + ";a=1", Reason.SOURCE_MALFORMED, "a parameter"),
    "parameter after a space": (ITEM + " ; a", Reason.SOURCE_MALFORMED, "a parameter"),
    "two bytes": (f":{pki.base64_text(LEAF.der + b'..')}:", Reason.SOURCE_MALFORMED, "does not span"),
    "two certificates": (f":{pki.base64_text(LEAF.der, CA.der)}:", Reason.SOURCE_MALFORMED, "does not span"),
    "a string": (f'"{TEXT}"', Reason.SOURCE_MALFORMED, "does not start with a colon"),
    "a token": ("a:b:c", Reason.SOURCE_MALFORMED, "does not start with a colon"),
    "a list in brackets": (f"({ITEM})", Reason.SOURCE_MALFORMED, "does not start with a colon"),
    "white space inside": (f": {TEXT}:", Reason.SOURCE_MALFORMED, "white space"),
    "wrapped": (f":{base64.encodebytes(LEAF.der).decode()}:", Reason.SOURCE_MALFORMED, "white space"),
    "URL-safe": (f":-_{TEXT[2:]}:", Reason.SOURCE_MALFORMED, "URL-safe"),
    "percent-encoded": (f":{TEXT}%3D:", Reason.SOURCE_MALFORMED, "percent-encoded"),
    "lower-case percent": (f":{TEXT}%3d:", Reason.SOURCE_MALFORMED, "percent-encoded"),
    "no padding": (":MAA:", Reason.SOURCE_MALFORMED, "not base64"),
    "bits left over": (":MAB=:", Reason.SOURCE_MALFORMED, "that no encoder writes"),
    "not ASCII": (f":{TEXT}é:", Reason.SOURCE_MALFORMED, "outside ASCII"),
    "surrogate": (f":{TEXT}\udcff:", Reason.SOURCE_MALFORMED, "outside ASCII"),
    "PEM": (f":{LEAF.pem.decode()}:", Reason.SOURCE_MALFORMED, "PEM"),
    "key": (LEAF.key_pem.decode(), Reason.SOURCE_MALFORMED, "does not start with a colon"),
    "key in DER": (":" + base64.b64encode(LEAF.key_pem).decode() + ":", Reason.SOURCE_MALFORMED, "SEQUENCE"),
    "1 MB": (":" + "A" * 1_000_000, Reason.SOURCE_TOO_LARGE, "more than"),
    "1 MB of colons": (":" * 1_000_000, Reason.SOURCE_TOO_LARGE, "more than"),
    "a large certificate": (pki.byte_sequence(b"\x30\x83\x01\x00\x10" + bytes(65_552)),
                            Reason.CERTIFICATE_TOO_LARGE, "more than"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reason", "part"), BAD.values(), ids=BAD)
def test_anything_else_is_denied_in_either_header(text: str, reason: Reason, part: str) -> None:
    for error, header in ((denied(text), CERT), (denied(pki.byte_sequence(CA.der), text), CHAIN)):
        assert error.reason is reason
        assert header in error.detail
        assert part in error.detail


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_certificate_is_malformed(text: str) -> None:
    """Nothing is what a proxy without a certificate sends, not an empty field."""
    assert denied(text).reason is Reason.SOURCE_MALFORMED


def test_a_tab_is_white_space_in_a_list_only() -> None:
    assert denied(ITEM + "\t").reason is Reason.SOURCE_MALFORMED
    assert read(ITEM, pki.byte_sequence(CA.der) + "\t") == presented(CA.der)


def test_two_certificates_in_a_line_are_malformed_and_may_be_two_lines_joined() -> None:
    for joined in (f"{ITEM},{ITEM}", f"{ITEM}, {ITEM}"):
        error = denied(joined)
        assert error.reason is Reason.SOURCE_MALFORMED
        assert "two header lines" in error.detail


@pytest.mark.parametrize(
    "lines",
    [
        (",",),
        (f"{pki.byte_sequence(CA.der)},",),
        (f",{pki.byte_sequence(CA.der)}",),
        (pki.byte_sequence(CA.der), ""),
        ("", pki.byte_sequence(CA.der)),
        ("", ""),
    ],
)
def test_a_gap_in_the_list_is_malformed(lines: tuple[str, ...]) -> None:
    error = denied(ITEM, *lines)
    assert error.reason is Reason.SOURCE_MALFORMED
    assert "nothing where a byte sequence" in error.detail


SMALL = pki.byte_sequence(b"\x30\x00")


def test_sixteen_certificates_are_the_most() -> None:
    assert read(ITEM, ",".join([SMALL] * 15)) == presented(*(b"\x30\x00",) * 15)
    assert read(ITEM, *[SMALL] * 15) == presented(*(b"\x30\x00",) * 15)
    assert denied(ITEM, ",".join([SMALL] * 16)).reason is Reason.SOURCE_TOO_LARGE
    assert denied(ITEM, *[SMALL] * 16).reason is Reason.SOURCE_TOO_LARGE


def test_the_chain_is_bounded_with_all_its_lines_and_the_commas_between_them() -> None:
    half = pki.byte_sequence(CA.der)
    padding = " " * (MAX_TEXT_LENGTH - 2 * len(half) - 1)
    assert read(ITEM, half + padding, pki.byte_sequence(CA.der)) == presented(CA.der, CA.der)
    assert denied(ITEM, half + padding + " ", pki.byte_sequence(CA.der)).reason is Reason.SOURCE_TOO_LARGE


def test_the_hint_is_the_end_of_the_certificate() -> None:
    assert SOURCE.hint(ITEM) == ITEM[-HINT_CHARACTERS:]
    assert SOURCE.hint(ITEM) != SOURCE.hint(pki.byte_sequence(CA.issue("bob").der))
