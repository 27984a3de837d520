"""CheckRequest bytes become an AuthRequest, or a DecodeError with its reason."""

from collections.abc import Callable

import pytest
from google.protobuf.struct_pb2 import Struct, Value

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.wire.forged_names import MAX_UNDERSCORED_HEADERS
from extauthz.wire.proto.envoy.service.auth.v3.attribute_context_pb2 import AttributeContext
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest
from extauthz.wire.request import (
    KEPT_HEADER_NAMES,
    MAX_KEPT_UNDERSCORED,
    CheckRequestReader,
)

WANTED = frozenset({"x-forwarded-client-cert", "content-type"})
PREFIX = "x-client-cert-"

READER = CheckRequestReader(WANTED, PREFIX)
Build = Callable[[dict[str, str]], AttributeContext]


def read(attributes: AttributeContext) -> AuthRequest:
    return READER.read(CheckRequest(attributes=attributes).SerializeToString())


def with_headers(headers: dict[str, str]) -> AttributeContext:
    attributes = AttributeContext()
    attributes.request.http.headers.update(headers)
    return attributes


def with_header_map(*entries: tuple[str, str | bytes]) -> AttributeContext:
    attributes = AttributeContext()
    for key, value in entries:
        entry = attributes.request.http.header_map.headers.add(key=key)
        if isinstance(value, bytes):
            entry.raw_value = value
        else:
            entry.value = value
    return attributes


def refusal(raw: bytes) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        READER.read(raw)
    return caught.value


def test_every_attribute_has_its_place() -> None:
    attributes = AttributeContext()
    attributes.source.certificate = "-----BEGIN%20CERTIFICATE-----%0A"
    http = attributes.request.http
    http.method, http.host, http.path = "POST", "pay.example.com:8443", "/v1/a%2Fb?c=d"
    http.headers["content-type"] = "application/grpc"
    attributes.tls_session.sni = "pay.example.com"
    attributes.context_extensions["policy"] = "payments"
    attributes.metadata_context.filter_metadata["some.filter"].update({"user": "alice"})

    assert read(attributes) == AuthRequest(
        source_certificate="-----BEGIN%20CERTIFICATE-----%0A",
        headers={"content-type": ("application/grpc",)},
        method="POST",
        host="pay.example.com:8443",
        path="/v1/a%2Fb?c=d",
        sni="pay.example.com",
        context_extensions={"policy": "payments"},
        metadata={"some.filter": {"user": "alice"}},
        is_http=True,
    )


def test_zero_bytes_ask_without_http_and_without_certificate() -> None:
    assert READER.read(b"") == AuthRequest(is_http=False)


def test_a_question_about_a_connection_is_not_http() -> None:
    attributes = AttributeContext()
    attributes.source.certificate = "pem"
    attributes.request.time.GetCurrentTime()
    assert read(attributes) == AuthRequest(source_certificate="pem", is_http=False)


def test_http_without_anything_in_it_is_http() -> None:
    attributes = AttributeContext()
    attributes.request.http.SetInParent()
    assert read(attributes) == AuthRequest(is_http=True)


class TestMergedHeaders:
    def test_only_wanted_headers_are_copied(self) -> None:
        attributes = with_headers({"content-type": "text/plain", "cookie": "secret", ":path": "/"})
        assert read(attributes).headers == {"content-type": ("text/plain",)}

    def test_merged_values_stay_one_value(self) -> None:
        attributes = with_headers({"x-forwarded-client-cert": "Hash=a,Hash=b"})
        assert read(attributes).headers == {"x-forwarded-client-cert": ("Hash=a,Hash=b",)}

    def test_an_empty_value_is_a_value(self) -> None:
        assert read(with_headers({"content-type": ""})).headers == {"content-type": ("",)}

    def test_names_are_read_in_any_case(self) -> None:
        assert read(with_headers({"Content-Type": "a/b"})).headers == {"content-type": ("a/b",)}

    def test_two_spellings_of_a_name_are_malformed(self) -> None:
        attributes = with_headers({"x-forwarded-client-cert": "Hash=a", "X-Forwarded-Client-Cert": "Hash=b"})
        error = refusal(CheckRequest(attributes=attributes).SerializeToString())
        assert error.reason is Reason.REQUEST_MALFORMED
        assert "two spellings" in error.detail


class TestHeaderMap:
    def test_every_line_stands_by_itself_in_order(self) -> None:
        attributes = with_header_map(
            ("x-forwarded-client-cert", b"Hash=b"), ("accept", b"*/*"), ("X-Forwarded-Client-Cert", b"Hash=a")
        )
        assert read(attributes).headers == {"x-forwarded-client-cert": ("Hash=b", "Hash=a")}

    def test_the_text_value_counts_without_a_raw_one(self) -> None:
        assert read(with_header_map(("content-type", "a/b"))).headers == {"content-type": ("a/b",)}

    def test_bytes_that_are_not_utf8_are_kept_as_surrogates(self) -> None:
        assert read(with_header_map(("content-type", b"a\xff\xc3\xa9"))).headers == {"content-type": ("a\udcff\u00e9",)}

    def test_it_wins_over_merged_headers(self) -> None:
        attributes = with_header_map(("content-type", b"raw/lines"))
        attributes.request.http.headers.update({"content-type": "merged/map", "x_forged": "1"})
        request = read(attributes)
        assert request.headers == {"content-type": ("raw/lines",)}
        assert request.underscored_headers == ()

    def test_an_empty_one_does_not_hide_merged_headers(self) -> None:
        attributes = with_headers({"content-type": "a/b"})
        attributes.request.http.header_map.SetInParent()
        assert read(attributes).headers == {"content-type": ("a/b",)}

    def test_many_lines_of_one_header_are_read_in_linear_time(self) -> None:
        count = 50_000
        attributes = with_header_map(*[("content-type", b"v")] * count)
        assert len(read(attributes).headers["content-type"]) == count


class TestForgeryCandidates:
    @pytest.mark.parametrize("raw", [False, True], ids=["headers", "header_map"])
    def test_underscores_and_the_managed_prefix_are_reported_once_and_sorted(self, raw: bool) -> None:
        names = ["x_user", "X-Client-Cert-Subject", "x-client_cert_cn", "accept", "x-user", "X_User"]
        if raw:
            attributes = with_header_map(*((name, b"v") for name in names))
        else:
            attributes = with_headers(dict.fromkeys(names[:-1], "v"))
        assert read(attributes).underscored_headers == ("x-client-cert-subject", "x-client_cert_cn", "x_user")

    def test_the_prefix_counts_only_at_the_start(self) -> None:
        assert read(with_headers({"a-x-client-cert-cn": "v"})).underscored_headers == ()

    def test_a_wanted_header_can_be_a_candidate_too(self) -> None:
        attributes = with_headers({"x-client-cert-cn": "v"})
        raw = CheckRequest(attributes=attributes).SerializeToString()
        request = CheckRequestReader(frozenset({"x-client-cert-cn"}), PREFIX).read(raw)
        assert request.headers == {"x-client-cert-cn": ("v",)}
        assert request.underscored_headers == ("x-client-cert-cn",)

    def test_as_many_as_the_limit_are_read(self) -> None:
        attributes = with_headers({f"x_{number}": "v" for number in range(MAX_UNDERSCORED_HEADERS)})
        assert len(read(attributes).underscored_headers) == MAX_UNDERSCORED_HEADERS

    def test_one_more_is_too_large(self) -> None:
        attributes = with_headers({f"x_{number}": "v" for number in range(MAX_UNDERSCORED_HEADERS + 1)})
        assert refusal(CheckRequest(attributes=attributes).SerializeToString()).reason is Reason.REQUEST_TOO_LARGE

    @pytest.mark.parametrize("name", ["x_a\r\nb", "x_a b", "x-client-cert-\x00", "x_a:", "x_a\n"])
    def test_a_candidate_that_is_no_header_name_is_malformed(self, name: str) -> None:
        attributes = with_headers({name: "v"})
        assert refusal(CheckRequest(attributes=attributes).SerializeToString()).reason is Reason.REQUEST_MALFORMED

    @pytest.mark.parametrize("name", ["x-\u00e9", "\u212a-header", "x_\u0130"])
    def test_a_name_that_is_not_ascii_is_malformed(self, name: str) -> None:
        for attributes in (with_headers({name: "v"}), with_header_map((name, b"v"))):
            assert refusal(CheckRequest(attributes=attributes).SerializeToString()).reason is Reason.REQUEST_MALFORMED


class TestNotACheckRequest:
    @pytest.mark.parametrize(
        "raw",
        [
            b"\x00",
            b"\xff" * 16,
            b"GET / HTTP/1.1\r\n\r\n",
            CheckRequest(attributes=with_headers({"a": "b"})).SerializeToString()[:-1],
            # attributes { source { certificate: <not UTF-8> } }
            b"\x0a\x05\x0a\x03\x2a\x01\xff",
            # attributes { request { http { headers { key: <not UTF-8> } } } }
            b"\x0a\x09\x22\x07\x12\x05\x1a\x03\x0a\x01\xff",
        ],
        ids=["field 0", "garbage", "http/1", "truncated", "bad text", "bad map key"],
    )
    def test_is_malformed(self, raw: bytes) -> None:
        error = refusal(raw)
        assert error.reason is Reason.REQUEST_MALFORMED
        assert error.detail.startswith("not a CheckRequest: ")

    def test_nesting_past_the_parsers_limit_is_malformed(self) -> None:
        assert refusal(nested(200)).reason is Reason.REQUEST_MALFORMED


def nested(levels: int) -> bytes:
    """Return a request whose metadata is so many objects in each other; bytes, as no such message can be built."""
    struct = Struct(fields={"leaf": Value(bool_value=True)}).SerializeToString()
    for _ in range(levels):
        struct = field(1, field(1, b"n") + field(2, field(5, struct)))  # fields { key, value { struct_value } }
    return field(1, field(11, field(1, field(1, b"deep") + field(2, struct))))


def field(number: int, payload: bytes) -> bytes:
    """Return one length-delimited field with a two-byte length."""
    return bytes((number << 3 | 2, len(payload) & 0x7F | 0x80, len(payload) >> 7)) + payload


def test_the_deepest_metadata_that_is_parsed_is_converted() -> None:
    levels, deepest = 0, None
    for levels in range(200):
        try:
            deepest = READER.read(nested(levels)).metadata["deep"]
        except DecodeError:
            break
    assert 20 < levels < 50
    value: object = deepest
    for _ in range(levels - 1):
        assert isinstance(value, dict)
        value = value["n"]
    assert value == {"leaf": True}


class TestKeptNames:
    """What follows from header names is kept by the names joined: no other names may find it."""

    @pytest.mark.parametrize("build", [with_headers, lambda names: with_header_map(*((one, b"v") for one in names))])
    def test_names_with_line_breaks_are_not_those_that_they_look_like(self, build: Build) -> None:
        reader = CheckRequestReader(frozenset({"authorization"}), PREFIX)
        good = CheckRequest(attributes=build({"accept": "v", "authorization": "v"})).SerializeToString()
        odd = CheckRequest(attributes=build({"accept\nauthorization": "v"})).SerializeToString()
        for raw, headers in (
            (odd, {}),
            (good, {"authorization": ("v",)}),
            (odd, {}),
            (good, {"authorization": ("v",)}),
        ):
            assert reader.read(raw).headers == headers

    def test_the_same_names_with_other_values_are_read_anew(self) -> None:
        reader = CheckRequestReader(frozenset({"authorization"}), PREFIX)
        for value in ("one", "two"):
            raw = CheckRequest(attributes=with_headers({"accept": "x", "authorization": value})).SerializeToString()
            assert reader.read(raw).headers == {"authorization": (value,)}

    def test_ever_new_names_do_not_fill_the_memory(self) -> None:
        reader = CheckRequestReader(frozenset(), PREFIX)
        for number in range(KEPT_HEADER_NAMES + 10):
            for attributes in (with_headers({f"a{number}": "v"}), with_header_map((f"a{number}", b"v"))):
                reader.read(CheckRequest(attributes=attributes).SerializeToString())
        assert len(reader._known_maps) <= KEPT_HEADER_NAMES
        assert len(reader._known_lines) <= KEPT_HEADER_NAMES

    def test_what_nobody_looks_at_is_not_read(self) -> None:
        attributes = AttributeContext()
        attributes.context_extensions["a"] = "b"
        attributes.metadata_context.filter_metadata["n"]["k"] = "v"
        raw = CheckRequest(attributes=attributes).SerializeToString()
        request = CheckRequestReader(frozenset(), PREFIX, context=False, metadata=False).read(raw)
        assert (request.context_extensions, request.metadata) == ({}, {})

    def test_many_odd_names_are_looked_through_anew(self) -> None:
        reader = CheckRequestReader(frozenset(), PREFIX)
        names = {f"x_{number}": "v" for number in range(MAX_KEPT_UNDERSCORED + 1)}
        for attributes in (with_headers(names), with_header_map(*((name, b"v") for name in names))):
            raw = CheckRequest(attributes=attributes).SerializeToString()
            assert [len(reader.read(raw).underscored_headers) for _ in range(2)] == [len(names)] * 2
        assert (reader._known_maps, reader._known_lines) == ({}, {})
