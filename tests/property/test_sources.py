"""Contracts of the sources over all input: a value or ``DecodeError``, and never another one's certificate.

Headers are written here as Envoy writes them: Cert, Chain and Subject in quotes, By, URI and DNS bare, whatever they
hold, and nothing escaped but what RFC 2253 escapes in a DN.
"""

import hashlib
import re
from unittest import mock
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Claims, Presented
from extauthz.sources import xfcc_grammar
from extauthz.sources.der import require_one_sequence
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.pem import certificates_from_pem
from extauthz.sources.percent import percent_decode
from extauthz.sources.select import SourceReader
from extauthz.sources.xfcc import ElementChoice, FromRight, Last, Only, XfccSource
from extauthz.sources.xfcc_element import Element
from support import pki
from support.source_contract import SOURCE_REASONS, decoded_or_denied, value_or_denial

CA = pki.make_ca("Issuing CA", parent=pki.make_ca("Root"))
LEAF = CA.issue("alice")
VICTIM = CA.issue("admin")
MALLORYS_KEY = pki.keys.make_key("ec", "mallory")
XFCC = "x-forwarded-client-cert"
GATEWAY = "spiffe://a/gw"

unhurried = settings(deadline=None)  # other processes share the machine; how long one example takes says nothing


def envoy_element(
    der: bytes, *, by: list[str], chain: list[bytes] | None, subject: str | None, uris: list[str], dns: list[str]
) -> str:
    pairs = [f"By={one}" for one in by]
    pairs.append(f"Hash={hashlib.sha256(der).hexdigest()}")
    pairs.append(f'Cert="{pki.url_pem(der)}"')
    if chain is not None:
        pairs.append(f'Chain="{pki.url_pem(der, *chain)}"')
    if subject is not None:
        pairs.append(f'Subject="{subject}"')
    pairs += [f"URI={one}" for one in uris or [""]]
    pairs += [f"DNS={one}" for one in dns]
    return ";".join(pairs)


def rfc2253_value(text: str) -> str:
    """Escape one attribute value as BoringSSL does for Envoy: special characters and all but printable ASCII."""
    escaped = "".join(
        "\\" + char
        if char in ',+"\\<>;'
        else char
        if " " <= char <= "~"
        else "".join(f"\\{b:02X}" for b in char.encode())
        for char in text
    )
    return "\\" + escaped if escaped.startswith((" ", "#")) else escaped


bare_values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='",;'), max_size=30)
subjects = st.lists(st.text(max_size=20).map(lambda text: f"CN={rfc2253_value(text)}"), max_size=3).map(",".join)
surrogates_too = st.text(st.characters(exclude_categories=[]), max_size=60)
xfcc_tokens = st.sampled_from(
    [
        ",",
        ";",
        "=",
        '"',
        "\\",
        " ",
        "x",
        "By=",
        "Hash=",
        "Cert=",
        "Chain=",
        "Subject=",
        "URI=",
        "DNS=",
        "Foo=",
        "[",
        "é",
    ]
)
xfcc_like = st.lists(xfcc_tokens, max_size=25).map("".join)
choices = st.sampled_from([Only(), Last(), FromRight(1), FromRight(2), FromRight(3)])


def xfcc_of(*lines: str, element: ElementChoice, by: tuple[str, ...] = ()) -> Presented | None:
    return decoded_or_denied(SourceReader([XfccSource(element=element, by=by)]), AuthRequest(headers={XFCC: lines}))


# Decoders ------------------------------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("%%%%0123aAfFgG=+ \n_é\udcff"), max_size=40) | surrogates_too)
def test_percent_decoding_is_that_of_the_standard_library_or_malformed(text: str) -> None:
    outcome = value_or_denial(lambda: percent_decode(text))
    if text.isascii() and re.fullmatch("(?:[^%]|%[0-9A-Fa-f]{2})*", text):
        assert outcome == unquote_to_bytes(text)
    else:
        assert isinstance(outcome, DecodeError)
        assert outcome.reason is Reason.SOURCE_MALFORMED


@given(st.binary(max_size=200), st.text(max_size=20))
def test_percent_encoded_bytes_come_back(data: bytes, safe: str) -> None:
    assert percent_decode(quote(data, safe="".join(char for char in safe if char.isascii() and char != "%"))) == data


@given(st.binary(max_size=300))
@example(b"\x30\x82\x01")
def test_der_framing_accepts_or_raises_decode_error(data: bytes) -> None:
    outcome = value_or_denial(lambda: require_one_sequence(data))
    assert outcome is None or outcome.reason in SOURCE_REASONS


@given(
    st.lists(
        st.binary(max_size=400).map(lambda content: b"\x30\x82\x02\x00" + content.ljust(512, b"\0")),
        min_size=1,
        max_size=16,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_pem_of_any_frames_comes_back(ders: list[bytes], line_break: bytes) -> None:
    text = b"".join(pki.pem(der) for der in ders).replace(b"\n", line_break)
    assert certificates_from_pem(text) == tuple(ders)


pem_parts = st.sampled_from(
    [
        LEAF.pem,
        CA.pem,
        LEAF.key_pem,
        b"-----BEGIN CERTIFICATE-----\n",
        b"\n-----END CERTIFICATE-----\n",
        b"\n",
        b"\r",
        b"MAA=",
    ]
)


@given(st.lists(pem_parts | st.binary(max_size=8), max_size=8).map(b"".join) | st.binary(max_size=200))
def test_pem_decoding_returns_certificates_or_raises_decode_error(text: bytes) -> None:
    outcome = value_or_denial(lambda: certificates_from_pem(text))
    if isinstance(outcome, DecodeError):
        assert outcome.reason in SOURCE_REASONS
    else:
        assert outcome
        for der in outcome:
            require_one_sequence(der)


# The text form -------------------------------------------------------------------------------------------------------


@given(
    st.lists(bare_values, max_size=2),
    st.sampled_from([None, [], [CA.der]]),
    st.none() | subjects,
    st.lists(bare_values, max_size=3),
    st.lists(bare_values, max_size=3),
)
def test_an_element_that_envoy_writes_comes_back(
    by: list[str], chain: list[bytes] | None, subject: str | None, uris: list[str], dns: list[str]
) -> None:
    header = envoy_element(LEAF.der, by=by, chain=chain, subject=subject, uris=uris, dns=dns)
    (element,) = xfcc_grammar.parse_xfcc(header)
    assert element == Element(
        by=tuple(by),
        hash=LEAF.sha256.hex(),
        cert=pki.url_pem(LEAF.der),
        chain=None if chain is None else pki.url_pem(LEAF.der, *chain),
        subject=subject,
        uris=tuple(uris or [""]),
        dns_names=tuple(dns),
    )
    claims = Claims(subject, tuple(filter(None, uris)), tuple(filter(None, dns)))
    assert xfcc_of(header, element=Only()) == Presented(
        LEAF.der, tuple(chain or ()), ("xfcc",), None if claims == Claims(None, (), ()) else claims
    )


@given(xfcc_like)
@example(r'Subject="a\";b"')
@example(r'Subject="a\\";URI=b')
def test_the_quick_pattern_reads_nothing_otherwise_than_the_whole_rule(text: str) -> None:
    def parsed() -> str:
        return repr(value_or_denial(lambda: xfcc_grammar.parse_xfcc(text)))

    quick = parsed()
    with mock.patch.object(xfcc_grammar, "_PLAIN_PAIR", xfcc_grammar._ESCAPED_PAIR):
        assert parsed() == quick


@given(st.lists(xfcc_like | surrogates_too, max_size=4), surrogates_too | st.just(pki.url_pem(LEAF.der)), choices)
def test_any_request_is_read_or_denied(lines: list[str], peer: str, choice: ElementChoice) -> None:
    reader = SourceReader([EnvoyPeerSource(), XfccSource(element=choice, by=("x",))])
    decoded_or_denied(reader, AuthRequest(source_certificate=peer, headers={XFCC: tuple(lines)}))


HEADER = envoy_element(
    LEAF.der, by=[GATEWAY], chain=[CA.der], subject=r"O=Lab\, \"Inc\"", uris=["spiffe://x/a"], dns=["a.example"]
)
OTHER = envoy_element(VICTIM.der, by=[GATEWAY], chain=None, subject="CN=admin", uris=[], dns=[])
positions = st.integers(0, len(HEADER))


@given(positions, positions)
def test_a_header_cut_or_with_a_part_doubled_is_read_or_denied(one: int, two: int) -> None:
    start, end = sorted((one, two))
    cut = xfcc_of(HEADER[:start] + HEADER[end:], element=Only())
    doubled = xfcc_of(HEADER[:end] + HEADER[start:], element=Only())
    for presented in (cut, doubled):
        # The hash stands before the certificate: where both are left whole, it is the certificate that was sent.
        if presented is not None and HEADER.index("Cert=") < start:
            assert presented.leaf == LEAF.der


@given(positions, st.integers(0, len(OTHER)))
def test_two_headers_spliced_never_present_a_third_certificate(one: int, two: int) -> None:
    presented = xfcc_of(HEADER[:one] + OTHER[two:], element=Only())
    if presented is not None:
        assert presented.leaf in {LEAF.der, VICTIM.der}


@given(st.integers(0, len(pki.url_pem(LEAF.der))), st.characters())
def test_a_peer_certificate_with_one_character_changed_is_read_or_denied(at: int, char: str) -> None:
    text = pki.url_pem(LEAF.der)
    decoded_or_denied(
        SourceReader([EnvoyPeerSource()]), AuthRequest(source_certificate=text[:at] + char + text[at + 1 :])
    )


# Never another one's certificate -------------------------------------------------------------------------------------

hostile_parts = st.lists(
    xfcc_tokens.filter(str.isascii)
    | st.sampled_from(
        [
            f'Cert="{pki.url_pem(VICTIM.der)}"',
            f"Hash={VICTIM.sha256.hex()}",
            f"By={GATEWAY}",
            OTHER,
            f",{OTHER}",
            f"x,{OTHER}",
        ]
    ),
    max_size=6,
).map("".join)


@unhurried
@given(hostile_parts, st.booleans(), st.lists(st.just(OTHER), max_size=1), st.sampled_from([0, 1]))
@example(f"x,{OTHER}", False, [], 0)
@example(f"x;By={GATEWAY}", False, [], 0)
@example(f"x,{OTHER}", True, [], 1)
@example(f"x,URI=;{OTHER}", True, [OTHER], 0)
def test_no_name_in_a_certificate_makes_another_certificate_of_it(
    name: str, as_dns: bool, in_front: list[str], hops: int
) -> None:
    """The holder chooses a name in the certificate; one of the proxy's own clients may also send what it likes."""
    uris, dns = ([], [name]) if as_dns else ([name], [])
    mallory = CA.issue("mallory", key=MALLORYS_KEY, uris=uris, dns=dns)
    gateway = envoy_element(CA.der, by=[], chain=None, subject="CN=Issuing CA", uris=[], dns=[])
    vouched = envoy_element(mallory.der, by=[], chain=None, subject="CN=mallory", uris=uris, dns=dns)
    header = ",".join([*in_front, vouched, *[gateway] * hops])
    presented = xfcc_of(header, element=FromRight(1 + hops))
    assert presented is None or presented.leaf == mallory.der
    # This proxy wrote no By. A name in the certificate cannot add it either.
    assert xfcc_of(header, element=FromRight(1 + hops), by=(GATEWAY,)) is None


@given(hostile_parts, st.booleans())
def test_nothing_sent_in_front_changes_what_the_proxy_adds(in_front: str, lines: bool) -> None:
    header = [in_front, HEADER]
    presented = xfcc_of(*(header if lines else [",".join(header)]), element=Last())
    assert presented is None or (presented.leaf, presented.chain) == (LEAF.der, (CA.der,))


@pytest.mark.parametrize("choice", [Only(), Last(), FromRight(1)])
def test_the_headers_that_these_properties_start_from_are_read(choice: ElementChoice) -> None:
    assert xfcc_of(HEADER, element=choice) == Presented(
        LEAF.der, (CA.der,), ("xfcc",), Claims(r"O=Lab\, \"Inc\"", ("spiffe://x/a",), ("a.example",))
    )
    assert xfcc_of(OTHER, element=choice) == Presented(VICTIM.der, (), ("xfcc",), Claims("CN=admin", (), ()))
