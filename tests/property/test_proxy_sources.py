"""Contracts of the sources for proxies other than Envoy, and of Envoy's JSON, over all input.

Each reads a certificate as its proxy writes it, and of anything else makes a denial or one of the certificates in it.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest, Claims, Presented
from extauthz.sources.aws_alb import AlbMode, AwsAlbSource
from extauthz.sources.base64_der import Base64DerSource, Form
from extauthz.sources.base64_text import base64_decode
from extauthz.sources.der import require_one_sequence, split_sequences
from extauthz.sources.nginx import NginxSource, NginxVerify
from extauthz.sources.rfc9440 import Rfc9440Source
from extauthz.sources.select import SourceReader
from extauthz.sources.source import Source
from extauthz.sources.xfcc import Last, XfccFormat, XfccSource
from extauthz.sources.xfcc_grammar import parse_xfcc
from extauthz.sources.xfcc_json import parse_xfcc_json
from support import pki
from support.source_contract import SOURCE_REASONS, decoded_or_denied, value_or_denial

CA = pki.make_ca("Issuing CA", parent=pki.make_ca("Root"))
LEAF = CA.issue("alice")
VICTIM = CA.issue("admin")
KNOWN = {one.der for one in (LEAF, VICTIM, CA)}
SUCCESS = "SUCCESS"

Write = Callable[[bytes, tuple[bytes, ...]], tuple[str, ...]]


@dataclass(frozen=True)
class Proxy:
    """A source, and how its proxy writes a leaf and a chain into the headers that the source reads."""

    source: Source
    write: Write
    has_chain: bool = False

    def read(self, *values: str) -> Presented | None:
        headers = {name: (value,) for name, value in zip(self.source.headers, values, strict=False)}
        return decoded_or_denied(SourceReader([self.source]), AuthRequest(headers=headers))


def _listed(chain: tuple[bytes, ...]) -> str:
    return ", ".join(map(pki.byte_sequence, chain))


PROXIES = {
    "nginx": Proxy(NginxSource(), lambda leaf, _: (pki.nginx_pem(leaf), SUCCESS)),
    "nginx, verified here": Proxy(NginxSource(verify=NginxVerify.HERE), lambda leaf, _: (pki.nginx_pem(leaf), SUCCESS)),
    "single": Proxy(Base64DerSource("a"), lambda leaf, _: (pki.base64_text(leaf),)),
    "with a chain": Proxy(
        Base64DerSource("a", "b"),
        lambda leaf, chain: (pki.base64_text(leaf), pki.base64_text(*chain)),
        has_chain=True,
    ),
    "comma list": Proxy(
        Base64DerSource("a", form=Form.COMMA_LIST),
        lambda leaf, chain: (",".join(map(pki.base64_text, (leaf, *chain))),),
        has_chain=True,
    ),
    "concatenated": Proxy(
        Base64DerSource("a", form=Form.CONCATENATED),
        lambda leaf, chain: (pki.base64_text(leaf, *chain),),
        has_chain=True,
    ),
    "rfc9440": Proxy(Rfc9440Source(), lambda leaf, chain: (pki.byte_sequence(leaf), _listed(chain)), has_chain=True),
    "alb passthrough": Proxy(
        AwsAlbSource(AlbMode.PASSTHROUGH, "a"), lambda leaf, chain: (pki.alb_pem(leaf, *chain),), has_chain=True
    ),
    "alb verify": Proxy(AwsAlbSource(AlbMode.VERIFY, "a"), lambda leaf, _: (pki.alb_pem(leaf),)),
    "xfcc as JSON": Proxy(
        XfccSource(format=XfccFormat.JSON),
        lambda leaf, chain: (pki.xfcc_json(pki.json_element(leaf, chain=(leaf, *chain))),),
        has_chain=True,
    ),
    "xfcc as either": Proxy(
        XfccSource(format=XfccFormat.EITHER),
        lambda leaf, chain: (pki.xfcc_json(pki.json_element(leaf, chain=(leaf, *chain))),),
        has_chain=True,
    ),
}
proxies = pytest.mark.parametrize("proxy", PROXIES.values(), ids=PROXIES)

frames = st.binary(max_size=300).map(lambda content: b"\x30\x82\x02\x00" + content.ljust(512, b"\0"))
chains = st.lists(frames, max_size=15, unique=True).map(tuple)
texts = st.text(st.characters(exclude_categories=[]), max_size=60)
pieces = st.sampled_from(
    [
        pki.base64_text(LEAF.der),
        pki.base64_text(LEAF.der, CA.der),
        pki.byte_sequence(LEAF.der),
        pki.byte_sequence(CA.der),
        pki.nginx_pem(LEAF.der),
        pki.alb_pem(LEAF.der, CA.der),
        pki.xfcc(LEAF.der),
        pki.xfcc_json(pki.json_element(LEAF.der))[1:-1],
        LEAF.key_pem.decode(),
        SUCCESS,
        "NONE",
        "FAILED:",
        "FAILED:unable to verify the first certificate",
        "MAA=",
        ":MAA=:",
        *',:;=%+-_[]{}" \t\n\0',
        '"hash":"',
        '"uri":[',
        "é",
        "\udcff",
    ]
)
hostile = st.lists(pieces, max_size=8).map("".join) | texts


# Decoders ------------------------------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("MAIi09+/==-_%, \n:é\udcff"), max_size=24) | texts)
@example("MAAA====")
@example("MAB=")
def test_base64_is_what_an_encoder_writes_or_malformed(text: str) -> None:
    outcome = value_or_denial(lambda: base64_decode(text))
    if isinstance(outcome, DecodeError):
        assert outcome.reason is Reason.SOURCE_MALFORMED
    else:
        assert outcome
        assert base64.b64encode(outcome).decode() == text


@given(st.binary(min_size=1, max_size=300))
def test_base64_of_any_bytes_comes_back(data: bytes) -> None:
    assert base64_decode(base64.b64encode(data).decode()) == data


@given(st.lists(st.binary(max_size=9) | st.sampled_from([LEAF.der, CA.der, b"\x30\x00", b"\x30"]), max_size=18))
def test_sequences_told_apart_are_all_the_bytes(parts: list[bytes]) -> None:
    data = b"".join(parts)
    outcome = value_or_denial(lambda: split_sequences(data))
    if isinstance(outcome, DecodeError):
        assert outcome.reason in SOURCE_REASONS
    else:
        assert b"".join(outcome) == data
        assert len(outcome) <= 16
        for one in outcome:
            require_one_sequence(one)


# Sources -------------------------------------------------------------------------------------------------------------


@proxies
@given(leaf=frames, chain=chains)
def test_what_the_proxy_writes_comes_back(proxy: Proxy, leaf: bytes, chain: tuple[bytes, ...]) -> None:
    above = tuple(one for one in chain if one != leaf) if proxy.has_chain else ()
    assert proxy.read(*proxy.write(leaf, above)) == Presented(leaf, above, (proxy.source.name,))


@proxies
@given(one=hostile, two=hostile)
def test_any_headers_are_read_or_denied(proxy: Proxy, one: str, two: str) -> None:
    presented = proxy.read(one, two)
    assert presented is None or {presented.leaf, *presented.chain} <= {*KNOWN, b"\x30\x00"}


@proxies
@given(lines=st.lists(st.lists(hostile, max_size=3), min_size=2, max_size=2))
def test_any_number_of_lines_is_read_or_denied(proxy: Proxy, lines: list[list[str]]) -> None:
    headers = {name: tuple(values) for name, values in zip(proxy.source.headers, lines, strict=False)}
    decoded_or_denied(SourceReader([proxy.source]), AuthRequest(headers=headers))


DELIMITED = {name: one for name, one in PROXIES.items() if name not in {"concatenated", "with a chain"}}
"""Proxies whose certificates have a sign between them. Where they only follow each other, a certificate that is cut may
leave something with the frame of one behind, and whoever parses it finds out."""


@pytest.mark.parametrize("proxy", DELIMITED.values(), ids=DELIMITED)
@given(one=st.integers(0, 3_000), two=st.integers(0, 3_000), which=st.booleans())
def test_a_header_cut_or_with_a_part_doubled_never_presents_a_third_certificate(
    proxy: Proxy, one: int, two: int, which: bool
) -> None:
    values = list(proxy.write(LEAF.der, (CA.der,) if proxy.has_chain else ()))
    at = int(which) if len(values) > 1 else 0
    value = values[at]
    start, end = sorted((one % (len(value) + 1), two % (len(value) + 1)))
    for changed in (value[:start] + value[end:], value[:end] + value[start:]):
        values[at] = changed
        presented = proxy.read(*values)
        assert presented is None or {presented.leaf, *presented.chain} <= KNOWN


MARK = "stranger"


@proxies
@given(before=hostile, after=hostile, other=hostile)
def test_no_detail_repeats_what_a_stranger_wrote(proxy: Proxy, before: str, after: str, other: str) -> None:
    for values in ((before + MARK + after, other), (other, before + MARK + after)):
        headers = {name: (value,) for name, value in zip(proxy.source.headers, values, strict=False)}
        outcome = value_or_denial(partial(proxy.source.read, AuthRequest(headers=headers)))
        assert not isinstance(outcome, DecodeError) or MARK not in outcome.detail


@given(verify=hostile, cert=st.sampled_from([pki.nginx_pem(LEAF.der), ""]))
def test_with_nginx_verifying_only_success_lets_a_certificate_through(verify: str, cert: str) -> None:
    presented = PROXIES["nginx"].read(cert, verify)
    assert (presented is not None) == (bool(cert) and verify == SUCCESS)


# JSON ----------------------------------------------------------------------------------------------------------------

values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)
bare = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='",;'), max_size=20)


@given(
    by=st.lists(values, max_size=2),
    subject=st.none() | values,
    uris=st.lists(values, max_size=3),
    dns=st.lists(values, max_size=3),
    issuer=st.none() | values,
)
def test_an_element_of_any_values_comes_back_from_json(
    by: list[str], subject: str | None, uris: list[str], dns: list[str], issuer: str | None
) -> None:
    made = pki.json_element(LEAF.der, chain=LEAF.chain, by=by, subject=subject, uris=uris, dns=dns, issuer=issuer)
    (element,) = parse_xfcc_json(pki.xfcc_json(made))
    assert (element.by, element.uris, element.dns_names) == (tuple(by), tuple(uris), tuple(dns))
    presented = PROXIES["xfcc as JSON"].read(pki.xfcc_json(made))
    claims = Claims(subject, tuple(filter(None, uris)), tuple(filter(None, dns)), issuer)
    assert presented == Presented(LEAF.der, (CA.der,), ("xfcc",), None if claims == Claims(None, (), ()) else claims)


@given(by=st.lists(bare, max_size=2), uris=st.lists(bare, max_size=3), dns=st.lists(bare, max_size=3))
def test_both_forms_of_an_element_are_the_same(by: list[str], uris: list[str], dns: list[str]) -> None:
    made = pki.json_element(LEAF.der, chain=LEAF.chain, by=by, subject="CN=alice", uris=uris, dns=dns)
    pairs = [f"By={one}" for one in by]
    pairs += [f"Hash={LEAF.sha256.hex()}", f'Cert="{pki.url_pem(LEAF.der)}"', f'Chain="{pki.url_pem(*LEAF.chain)}"']
    pairs += ['Subject="CN=alice"', *(f"URI={one}" for one in uris), *(f"DNS={one}" for one in dns)]
    (in_json,) = parse_xfcc_json(pki.xfcc_json(made))
    (in_text,) = parse_xfcc(";".join(pairs))
    assert in_json._replace(cert=None, chain=None) == in_text._replace(cert=None, chain=None)


IN_JSON = pki.xfcc_json(pki.json_element(LEAF.der, chain=LEAF.chain))
OTHER_IN_JSON = pki.xfcc_json(pki.json_element(VICTIM.der))


@given(st.integers(0, len(IN_JSON)), st.integers(0, len(OTHER_IN_JSON)))
def test_two_arrays_spliced_never_present_a_third_certificate(one: int, two: int) -> None:
    """The hash sees to it. In the forms without one, only the signature does."""
    presented = PROXIES["xfcc as JSON"].read(IN_JSON[:one] + OTHER_IN_JSON[two:])
    assert presented is None or presented.leaf in {LEAF.der, VICTIM.der}


APPENDED = pki.xfcc_json(pki.json_element(LEAF.der))[1:]
json_parts = st.sampled_from(
    [
        *'[]{},:"\\',
        "[]",
        "{}",
        '"hash":"1"',
        '{"hash":"1"}',
        '"uri":["',
        '"by":[',
        '"subject":"',
        pki.xfcc_json(pki.json_element(VICTIM.der))[1:-1],
    ]
)


@given(st.lists(json_parts, max_size=10).map("".join))
@example('{"subject":"')
@example('{"subject":"\\')
@example("[")
@example("[]")
def test_nothing_sent_in_front_changes_what_the_proxy_appends_to_an_array(sent: str) -> None:
    reader = SourceReader([XfccSource(Last(), format=XfccFormat.EITHER)])
    presented = decoded_or_denied(reader, AuthRequest(headers={"x-forwarded-client-cert": (f"[{sent},{APPENDED}",)}))
    assert presented is None or presented.leaf == LEAF.der
