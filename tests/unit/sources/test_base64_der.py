"""Base64 of DER in headers that the operator names, in three forms."""

import base64
from urllib.parse import quote

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Presented
from extauthz.sources.base64_der import Base64DerSource, Form
from extauthz.sources.limits import HINT_CHARACTERS, MAX_TEXT_LENGTH
from extauthz.sources.source import CertificateSource
from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice")
OTHER = CA.issue("bob")
CERT = "x-client-certificate"
CHAIN = "x-client-chain"
TEXT = pki.base64_text(LEAF.der)
SOURCES: dict[str, CertificateSource] = {form.value: Base64DerSource(CERT, form=form) for form in Form}
SINGLE = SOURCES["single"]
WITH_CHAIN = Base64DerSource(CERT, CHAIN)


def presented(*chain: bytes) -> Presented:
    return Presented(LEAF.der, chain, ("base64_der",), None)


def read(source: CertificateSource, cert: str | None, chain: str | None = None) -> Presented | None:
    headers = {CERT: (cert,) if cert is not None else (), CHAIN: (chain,) if chain is not None else ()}
    return source.read(AuthRequest(headers=headers))


def denied(source: CertificateSource, cert: str | None, chain: str | None = None) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(source, cert, chain)
    return caught.value


@pytest.mark.parametrize("form", Form)
def test_one_certificate_is_the_leaf_in_every_form(form: Form) -> None:
    assert read(SOURCES[form], TEXT) == presented()


def test_the_first_of_a_list_is_the_leaf() -> None:
    text = ",".join(pki.base64_text(one) for one in (LEAF.der, CA.der, ROOT.der))
    assert read(SOURCES["comma_list"], text) == presented(CA.der, ROOT.der)


def test_the_first_of_concatenated_certificates_is_the_leaf() -> None:
    assert read(SOURCES["concatenated"], pki.base64_text(LEAF.der, CA.der, ROOT.der)) == presented(CA.der, ROOT.der)


def test_the_chain_may_come_in_a_header_of_its_own() -> None:
    assert read(WITH_CHAIN, TEXT, pki.base64_text(CA.der, ROOT.der)) == presented(CA.der, ROOT.der)
    assert read(WITH_CHAIN, TEXT, "") == presented()
    assert read(WITH_CHAIN, TEXT) == presented()


def test_only_the_headers_that_are_named_are_read() -> None:
    assert SINGLE.headers == (CERT,)
    assert WITH_CHAIN.headers == (CERT, CHAIN)
    assert read(SINGLE, TEXT, "junk") == presented()


@pytest.mark.parametrize("source", [*SOURCES.values(), WITH_CHAIN])
@pytest.mark.parametrize("cert", [None, ""])
def test_no_header_or_an_empty_one_presents_nothing(source: CertificateSource, cert: str | None) -> None:
    assert read(source, cert) is None
    assert read(source, cert, "") is None


@pytest.mark.parametrize("cert", [None, ""])
def test_a_chain_without_a_leaf_is_inconsistent(cert: str | None) -> None:
    error = denied(WITH_CHAIN, cert, pki.base64_text(CA.der))
    assert (error.reason, error.detail) == (Reason.SOURCE_INCONSISTENT, f"{CHAIN} without {CERT}")


@pytest.mark.parametrize("chain", [(LEAF.der,), (LEAF.der, CA.der), (CA.der, LEAF.der)])
def test_a_chain_with_the_leaf_in_it_is_inconsistent(chain: tuple[bytes, ...]) -> None:
    error = denied(WITH_CHAIN, TEXT, pki.base64_text(*chain))
    assert error.reason is Reason.SOURCE_INCONSISTENT
    assert CHAIN in error.detail


@pytest.mark.parametrize("source", [*SOURCES.values(), WITH_CHAIN])
@pytest.mark.parametrize("lines", [(TEXT, TEXT), (TEXT, ""), ("", TEXT), ("", "")])
def test_two_lines_are_ambiguous(source: CertificateSource, lines: tuple[str, ...]) -> None:
    with pytest.raises(DecodeError) as caught:
        source.read(AuthRequest(headers={CERT: lines}))
    assert caught.value.reason is Reason.SOURCE_AMBIGUOUS


def test_two_lines_of_the_chain_are_ambiguous() -> None:
    chain = pki.base64_text(CA.der)
    for lines in ((chain, chain), ("", chain), ("", "")):
        with pytest.raises(DecodeError) as caught:
            WITH_CHAIN.read(AuthRequest(headers={CERT: (TEXT,), CHAIN: lines}))
        assert caught.value.reason is Reason.SOURCE_AMBIGUOUS


@pytest.mark.parametrize("form", [Form.COMMA_LIST, Form.CONCATENATED])
def test_there_is_one_place_for_the_chain(form: Form) -> None:
    with pytest.raises(ValueError, match="chain"):
        Base64DerSource(CERT, CHAIN, form)


BAD = {
    "blank": (" ", Reason.SOURCE_MALFORMED),
    "truncated": (TEXT[:300], Reason.SOURCE_MALFORMED),
    "truncated in a group": (TEXT[:301], Reason.SOURCE_MALFORMED),
    "trailing bytes": (pki.base64_text(LEAF.der + b"\0"), Reason.SOURCE_MALFORMED),
    "trailing NUL": (TEXT + "\0", Reason.SOURCE_MALFORMED),
    "not ASCII": (TEXT + "é", Reason.SOURCE_MALFORMED),
    "surrogate": (TEXT + "\udcff", Reason.SOURCE_MALFORMED),
    "white space": (TEXT + " ", Reason.SOURCE_MALFORMED),
    "a space for a plus": (TEXT.replace("+", " ") + " ", Reason.SOURCE_MALFORMED),
    "percent-encoded": (quote(TEXT, safe="") + "%0A", Reason.SOURCE_MALFORMED),
    "lower-case percent": (TEXT + "%0a", Reason.SOURCE_MALFORMED),
    "URL-safe": (base64.urlsafe_b64encode(LEAF.der).decode() + "-", Reason.SOURCE_MALFORMED),
    "PEM": (LEAF.pem.decode(), Reason.SOURCE_MALFORMED),
    "PEM in a URL": (pki.nginx_pem(LEAF.der), Reason.SOURCE_MALFORMED),
    "base64 of PEM": (base64.b64encode(LEAF.pem).decode(), Reason.SOURCE_MALFORMED),
    "key": (LEAF.key_pem.decode(), Reason.SOURCE_MALFORMED),
    "byte sequence": (pki.byte_sequence(LEAF.der), Reason.SOURCE_MALFORMED),
    "separator only": (",", Reason.SOURCE_MALFORMED),
    "separator first": ("," + TEXT, Reason.SOURCE_MALFORMED),
    "separator last": (TEXT + ",", Reason.SOURCE_MALFORMED),
    "a separator with a space": (f"{TEXT}, {TEXT}", Reason.SOURCE_MALFORMED),
    "1 MB": ("A" * 1_000_000, Reason.SOURCE_TOO_LARGE),
    "1 MB of separators": ("," * 1_000_000, Reason.SOURCE_TOO_LARGE),
    "a large certificate": (pki.base64_text(b"\x30\x83\x01\x00\x10" + bytes(65_552)), Reason.CERTIFICATE_TOO_LARGE),
}  # fmt: skip


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_anything_else_is_denied(text: str, reason: Reason, form: Form) -> None:
    assert denied(SOURCES[form], text).reason is reason


def test_two_certificates_in_a_form_of_one_are_malformed() -> None:
    assert denied(SINGLE, pki.base64_text(LEAF.der, CA.der)).reason is Reason.SOURCE_MALFORMED
    assert denied(SINGLE, f"{TEXT},{pki.base64_text(CA.der)}").reason is Reason.SOURCE_MALFORMED
    assert denied(SOURCES["comma_list"], pki.base64_text(LEAF.der, CA.der)).reason is Reason.SOURCE_MALFORMED
    assert denied(SOURCES["concatenated"], f"{TEXT},{TEXT}").reason is Reason.SOURCE_MALFORMED


def test_the_leaf_once_more_is_inconsistent_in_the_forms_with_a_chain() -> None:
    """As where two equal header lines were joined."""
    for above in ((LEAF.der,), (CA.der, LEAF.der)):
        listed = ",".join(map(pki.base64_text, (LEAF.der, *above)))
        assert denied(SOURCES["comma_list"], listed).reason is Reason.SOURCE_INCONSISTENT
        together = pki.base64_text(LEAF.der, *above)
        assert denied(SOURCES["concatenated"], together).reason is Reason.SOURCE_INCONSISTENT


def test_what_looks_like_traefik_v2_is_called_so() -> None:
    assert "Traefik v2" in denied(SOURCES["comma_list"], TEXT.replace("+", "%2B") + "%3D").detail


SMALL = b"\x30\x00"


def test_sixteen_certificates_are_the_most_wherever_they_stand() -> None:
    comma, concatenated = SOURCES["comma_list"], SOURCES["concatenated"]
    for count, most in ((16, True), (17, False)):
        listed = ",".join(map(pki.base64_text, [LEAF.der, *[SMALL] * (count - 1)]))
        together = pki.base64_text(LEAF.der, *[SMALL] * (count - 1))
        above = pki.base64_text(*[SMALL] * (count - 1))
        if most:
            assert read(comma, listed) == presented(*(SMALL,) * 15)
            assert read(concatenated, together) == presented(*(SMALL,) * 15)
            assert read(WITH_CHAIN, TEXT, above) == presented(*(SMALL,) * 15)
        else:
            assert denied(comma, listed).reason is Reason.SOURCE_TOO_LARGE
            assert denied(concatenated, together).reason is Reason.SOURCE_TOO_LARGE
            assert denied(WITH_CHAIN, TEXT, above).reason is Reason.SOURCE_TOO_LARGE
    assert denied(WITH_CHAIN, TEXT, pki.base64_text(*[SMALL] * 17)).reason is Reason.SOURCE_TOO_LARGE


def test_a_chain_is_read_as_strictly_and_named_in_the_detail() -> None:
    for text, reason in BAD.values():
        error = denied(WITH_CHAIN, TEXT, text)
        assert error.reason is reason
        assert CHAIN in error.detail
    assert denied(WITH_CHAIN, TEXT, "a" * (MAX_TEXT_LENGTH + 1)).reason is Reason.SOURCE_TOO_LARGE


def test_the_hint_is_a_part_of_the_leaf() -> None:
    others = [CA.der, ROOT.der]
    for form in Form:
        source = SOURCES[form]
        if form is Form.COMMA_LIST:
            mine, bobs = (",".join(pki.base64_text(one) for one in (der, *others)) for der in (LEAF.der, OTHER.der))
        else:
            chain = others if form is Form.CONCATENATED else []
            mine, bobs = (pki.base64_text(der, *chain) for der in (LEAF.der, OTHER.der))
        assert source.hint(mine) != source.hint(bobs)
        assert len(source.hint(mine)) == HINT_CHARACTERS
        assert source.hint(mine) in TEXT


def test_the_hint_of_short_text_is_all_of_it() -> None:
    assert SOURCES["comma_list"].hint("ab,c") == "ab"
    assert SOURCES["comma_list"].hint("ab") == SINGLE.hint("ab") == SOURCES["concatenated"].hint("ab") == "ab"
