"""Contracts of the wire: a decoder returns or raises DecodeError, and no answer can break out of a header."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.errors import DecodeError
from extauthz.model.reason import ALLOW_REASONS, Reason
from extauthz.model.request import AuthRequest
from extauthz.wire.deny import DENY_STATUSES
from extauthz.wire.forged_names import MAX_UNDERSCORED_HEADERS
from extauthz.wire.proto.envoy.config.core.v3.base_pb2 import HeaderValueOption
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse
from extauthz.wire.request import CheckRequestReader
from extauthz.wire.response import DenyAnswer, write_check_response
from support.identities import identity

WANTED = frozenset({"x-forwarded-client-cert", "content-type"})
PREFIX = "x-client-cert-"
READER = CheckRequestReader(WANTED, PREFIX)


def seed(*, header_map: bool) -> bytes:
    request = CheckRequest()
    attributes = request.attributes
    attributes.source.certificate = "-----BEGIN%20CERTIFICATE-----"
    attributes.source.address.socket_address.port_value = 443
    http = attributes.request.http
    http.method, http.host, http.path = "GET", "a.example", "/v1?x=%2f"
    for name in ("x-forwarded-client-cert", "content-type", "x_client_cert_cn", "X-Client-Cert-Upn"):
        if header_map:
            http.header_map.headers.add(key=name, raw_value=b"\xffvalue")
        else:
            http.headers[name] = "value"
    attributes.context_extensions["policy"] = "payments"
    attributes.tls_session.sni = "a.example"
    claims: dict[str, Any] = {"jwt": {"cnf": {"x5t#S256": "a" * 43}, "aud": ["a", 1, None, True]}}
    attributes.metadata_context.filter_metadata["envoy.filters.http.jwt_authn"].update(claims)
    return request.SerializeToString(deterministic=True)


SEEDS = (seed(header_map=False), seed(header_map=True))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """Return a valid request with bytes cut out, written over, or spliced in from another."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "overwrite", "insert", "splice"])):
            case "cut":
                del data[at : at + draw(st.integers(1, 8))]
            case "overwrite":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=4))
            case _:
                other = draw(st.sampled_from(SEEDS))
                begin = draw(st.integers(0, len(other)))
                data[at:at] = other[begin : begin + draw(st.integers(1, 64))]
    return bytes(data)


def read(raw: bytes) -> AuthRequest | Reason:
    try:
        return READER.read(raw)
    except DecodeError as error:
        return error.reason


def check_reading(raw: bytes) -> None:
    request = read(raw)
    assert read(raw) == request
    if isinstance(request, Reason):
        assert request in {Reason.REQUEST_MALFORMED, Reason.REQUEST_TOO_LARGE}
        return
    assert request.headers.keys() <= WANTED
    assert len(request.underscored_headers) <= MAX_UNDERSCORED_HEADERS
    for name in request.underscored_headers:
        assert name.isascii()
        assert name.isprintable()
        assert name == name.lower()
        assert re.search("[^a-z0-9-]", name) or name.startswith(PREFIX)
    for value in request.metadata.values():
        assert isinstance(value, dict)


@given(st.binary(max_size=300))
@example(b"")
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    check_reading(raw)


@given(mutations())
def test_mutated_requests_are_read_or_refused(raw: bytes) -> None:
    check_reading(raw)


names = st.one_of(st.sampled_from(["x-a", "x-b", "x_a", "X-A", ":path", ""]), st.text(max_size=8))
values = st.one_of(st.text(max_size=20), st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=600))
mutation_lists = st.builds(
    HeaderMutations,
    set=st.lists(st.tuples(names, values), max_size=4).map(tuple),
    remove=st.lists(names, max_size=4).map(tuple),
)
decisions = st.one_of(
    st.builds(
        Decision,
        allowed=st.just(value=True),
        reason=st.sampled_from(sorted(ALLOW_REASONS)),
        policy=st.sampled_from(["", "payments"]),
        identity=st.sampled_from([None, identity()]),
        headers=mutation_lists,
    ),
    st.builds(
        Decision,
        allowed=st.just(value=False),
        reason=st.sampled_from(sorted(set(Reason) - ALLOW_REASONS)),
        detail=st.text(max_size=20),
        policy=st.sampled_from(["", "payments"]),
        identity=st.sampled_from([None, identity()]),
        headers=mutation_lists,
        is_grpc=st.booleans(),
    ),
)
answers = st.builds(
    DenyAnswer,
    status=st.sampled_from(sorted(DENY_STATUSES)),
    body=st.sampled_from(["problem_json", "text", "empty"]),
    expose_reason=st.booleans(),
)


def is_sound(headers: HeaderMutations) -> bool:
    """Say in other words than the writer does whether these mutations keep their contract."""
    tokens = set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
    every = [name for name, _ in headers.set] + list(dict.fromkeys(headers.remove))
    texts = [value for _, value in headers.set]
    return (
        len(set(every)) == len(every)
        and all(name and set(name) <= tokens for name in every)
        and all(" " <= character <= "~" for text in texts for character in text)
    )


@given(decisions, answers, st.text(alphabet="0123456789abcdef", min_size=1, max_size=32))
def test_an_answer_says_what_was_decided_and_no_header_breaks_out(
    decision: Decision, answer: DenyAnswer, decision_id: str
) -> None:
    if decision.allowed and not is_sound(decision.headers):
        with pytest.raises(ValueError, match=r"header|value of"):
            write_check_response(decision, answer, decision_id)
        return
    raw = write_check_response(decision, answer, decision_id)
    assert raw == write_check_response(decision, answer, decision_id)
    response = CheckResponse.FromString(raw)
    assert response.HasField("status")
    assert (response.status.code == 0) is decision.allowed
    if decision.allowed:
        assert response.WhichOneof("http_response") == "ok_response"
        options = list(response.ok_response.headers)
        assert tuple((one.header.key, one.header.value) for one in options) == decision.headers.set
        assert {one.header.key for one in options}.isdisjoint(response.ok_response.headers_to_remove)
    else:
        assert response.WhichOneof("http_response") == "denied_response"
        options = list(response.denied_response.headers)
        assert response.denied_response.status.code >= 400
    for one in options:
        assert one.header.key.isprintable()
        assert one.header.value.isprintable()
        assert one.HasField("append")
        assert not one.append.value
        assert one.append_action == HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
    told = response.dynamic_metadata
    assert told["decision"] == ("allow" if decision.allowed else "deny")
    assert told["reason"] == decision.reason.value
    assert told["decision_id"] == decision_id
    assert ("identity" in told) is (decision.identity is not None)
