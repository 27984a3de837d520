"""Sections of sources, and what they are built into."""

import pytest
from pydantic import TypeAdapter

from extauthz.config.build_sources import build_sources
from extauthz.config.schema.sources import HttpSource as HttpSection
from extauthz.config.schema.sources import Source as SourceSection
from extauthz.sources.aws_alb import AlbMode, AwsAlbSource
from extauthz.sources.base64_der import Base64DerSource, Form
from extauthz.sources.envoy_peer import EnvoyPeerSource
from extauthz.sources.nginx import NginxSource, NginxVerify
from extauthz.sources.rfc9440 import Rfc9440Source
from extauthz.sources.source import Source
from extauthz.sources.xfcc import FromRight, Last, Only, XfccFormat, XfccSource

SECTION: TypeAdapter[SourceSection] = TypeAdapter(SourceSection)
HTTP_SECTION: TypeAdapter[HttpSection] = TypeAdapter(HttpSection)
OVER_HTTP: list[tuple[dict[str, object], Source]] = [
    ({"type": "xfcc"}, XfccSource(Only())),
    ({"type": "xfcc", "element": "last"}, XfccSource(Last())),
    ({"type": "xfcc", "element": {"from_right": 2}, "by": ["a"]}, XfccSource(FromRight(2), ("a",))),
    ({"type": "nginx"}, NginxSource("x-ssl-client-cert", "x-ssl-client-verify", NginxVerify.SUCCESS)),
    (
        {"type": "nginx", "header": "ssl-client-cert", "verify_header": "ssl-client-verify", "verify": "here"},
        NginxSource("ssl-client-cert", "ssl-client-verify", NginxVerify.HERE),
    ),
    ({"type": "base64_der", "header": "a"}, Base64DerSource("a", None, Form.SINGLE)),
    ({"type": "base64_der", "header": "a", "chain_header": "b"}, Base64DerSource("a", "b", Form.SINGLE)),
    ({"type": "base64_der", "header": "a", "form": "comma_list"}, Base64DerSource("a", None, Form.COMMA_LIST)),
    ({"type": "base64_der", "header": "a", "form": "concatenated"}, Base64DerSource("a", None, Form.CONCATENATED)),
    ({"type": "rfc9440"}, Rfc9440Source()),
    ({"type": "xfcc", "format": "json"}, XfccSource(format=XfccFormat.JSON)),
    ({"type": "xfcc", "format": "either"}, XfccSource(format=XfccFormat.EITHER)),
    (
        {"type": "aws_alb", "mode": "passthrough"},
        AwsAlbSource(AlbMode.PASSTHROUGH, "x-amzn-mtls-clientcert"),
    ),
    ({"type": "aws_alb", "mode": "verify"}, AwsAlbSource(AlbMode.VERIFY, "x-amzn-mtls-clientcert-leaf")),
    ({"type": "aws_alb", "mode": "verify", "header": "x-leaf"}, AwsAlbSource(AlbMode.VERIFY, "x-leaf")),
]


@pytest.mark.parametrize(("section", "source"), OVER_HTTP)
def test_each_section_becomes_its_source_in_both_lists(section: dict[str, object], source: Source) -> None:
    assert build_sources([SECTION.validate_python(section)]) == [source]
    assert build_sources([HTTP_SECTION.validate_python(section)]) == [source]


def test_the_attribute_of_envoy_is_no_source_over_plain_http() -> None:
    assert build_sources([SECTION.validate_python({"type": "envoy_peer"})]) == [EnvoyPeerSource()]
    with pytest.raises(ValueError, match="none of the alternatives"):
        HTTP_SECTION.validate_python({"type": "envoy_peer"})


def test_several_come_in_their_order() -> None:
    sections = [SECTION.validate_python({"type": name}) for name in ("rfc9440", "envoy_peer")]
    assert build_sources(sections) == [Rfc9440Source(), EnvoyPeerSource()]
