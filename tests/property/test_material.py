"""A judgement is kept by the material of a request: whatever a source looks at is in it, or an allow could be wrong."""

from collections.abc import Iterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.model.request import AuthRequest
from extauthz.sources.aws_alb import AlbMode, AwsAlbSource
from extauthz.sources.base64_der import Base64DerSource, Form
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.nginx import NginxSource, NginxVerify
from extauthz.sources.rfc9440 import Rfc9440Source
from extauthz.sources.select import SourceReader
from extauthz.sources.source import Source
from extauthz.sources.xfcc import XfccFormat, XfccSource
from support import pki
from support.source_contract import value_or_denial

CA = pki.make_ca("Issuing CA", parent=pki.make_ca("Root"))
LEAF = CA.issue("alice")
SOURCES: tuple[Source, ...] = (
    EnvoyPeerSource(),
    XfccSource(),
    XfccSource(format=XfccFormat.EITHER),
    NginxSource(),
    NginxSource("ssl-client-cert", "ssl-client-verify", NginxVerify.HERE),
    Base64DerSource("a", "b"),
    Base64DerSource("a", form=Form.COMMA_LIST),
    Base64DerSource("a", form=Form.CONCATENATED),
    Rfc9440Source(),
    AwsAlbSource(AlbMode.PASSTHROUGH, "x-amzn-mtls-clientcert"),
    AwsAlbSource(AlbMode.VERIFY, "x-amzn-mtls-clientcert-leaf"),
)
NAMES = sorted({name for source in SOURCES for name in source.headers} | {"x-other", "cookie"})
values = st.sampled_from(
    [
        "",
        "SUCCESS",
        "NONE",
        "FAILED:unable to verify the first certificate",
        pki.url_pem(LEAF.der),
        pki.url_pem(LEAF.der, CA.der),
        pki.base64_text(LEAF.der),
        pki.base64_text(CA.der),
        pki.byte_sequence(LEAF.der),
        pki.byte_sequence(CA.der),
        pki.xfcc(LEAF.der),
        pki.xfcc_json(pki.json_element(LEAF.der)),
        "junk",
    ]
)
lines = st.lists(values, max_size=2).map(tuple)
headers = st.dictionaries(st.sampled_from(NAMES), lines, max_size=5)
peers = st.sampled_from(["", pki.url_pem(LEAF.der), pki.url_pem(CA.der), "junk"])
requests = st.builds(lambda peer, headers, path: AuthRequest(peer, headers, path=path), peers, headers, st.text())


def named_once(sources: list[Source]) -> list[Source]:
    """Leave out all but the first source of each name: two of one name are refused."""
    return list({source.name: source for source in reversed(sources)}.values())


readers = st.lists(st.sampled_from(SOURCES), min_size=1, max_size=6).map(named_once).map(SourceReader)


class Watched(Mapping[str, tuple[str, ...]]):
    """Headers that note which of them are asked for; to look at all of them is an error."""

    def __init__(self, content: Mapping[str, tuple[str, ...]]) -> None:
        self.content = content
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> tuple[str, ...]:
        self.asked.add(name)
        return self.content[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a source looks through all headers")

    def __len__(self) -> int:
        raise AssertionError("a source counts all headers")


@pytest.mark.parametrize("source", SOURCES, ids=repr)
@given(request=requests)
def test_a_source_looks_at_the_headers_that_it_names_or_at_the_attribute_and_at_nothing_else(
    source: Source, request: AuthRequest
) -> None:
    watched = Watched(request.headers)
    # An object without the other fields of a request: to look at one of them raises AttributeError.
    seen = SimpleNamespace(headers=watched) if source.headers else SimpleNamespace(source_certificate="junk")
    value_or_denial(lambda: source.read(cast("AuthRequest", seen)))
    assert watched.asked <= set(source.headers)


@given(reader=readers, request=requests, name=st.sampled_from(NAMES), instead=lines)
def test_other_lines_of_any_header_that_is_read_are_other_material_and_of_no_other(
    reader: SourceReader, request: AuthRequest, name: str, instead: tuple[str, ...]
) -> None:
    changed = request._replace(headers={**request.headers, name: instead})
    if name not in reader.wanted_headers:
        assert reader.material(changed) == reader.material(request)
    elif instead != request.headers.get(name, ()):
        assert reader.material(changed)[1] != reader.material(request)[1]


@given(reader=readers, one=requests, two=requests)
def test_the_same_material_reads_the_same(reader: SourceReader, one: AuthRequest, two: AuthRequest) -> None:
    # Half of the pairs differ in what no source reads, and so have the same material.
    for other in (two, one._replace(path=two.path, method="POST", headers={**one.headers, "x-other": ("a",)})):
        if reader.material(one) == reader.material(other):
            assert repr(value_or_denial(partial(reader.read, one))) == repr(
                value_or_denial(partial(reader.read, other))
            )
