"""Too much is denied in words, not refused with an RPC error that a proxy may take for a reason to let it through."""

import grpc
import pytest

from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckResponse
from support.questions import allowed, question, reason
from support.service import CHECK, PATIENCE, RealService
from support.service_site import Site, StartService

LIMIT = 65536


@pytest.fixture
def service(start: StartService) -> RealService:
    grpc_section = {"address": "127.0.0.1:0", "max_message_bytes": LIMIT}
    return start(listen={"grpc": grpc_section, "admin": {"address": "127.0.0.1:0"}})


def padded(site: Site, size: int) -> bytes:
    """Return an allowed client's question of exactly so many bytes."""
    asked = question(site.pki.issue("alice"))
    headers = asked.attributes.request.http.headers
    headers["x-padding"] = "x" * (size - asked.ByteSize())
    headers["x-padding"] = "x" * (size - asked.ByteSize() + len(headers["x-padding"]))
    raw = asked.SerializeToString()
    assert len(raw) == size
    return raw


def test_a_question_of_exactly_the_limit_is_answered(service: RealService, site: Site) -> None:
    assert allowed(service.check(padded(site, LIMIT)))


def test_one_byte_more_is_denied(service: RealService, site: Site) -> None:
    answer = service.check(padded(site, LIMIT + 1))
    assert answer.status.code == 7
    assert reason(answer) == "request_too_large"


def test_more_than_all_headers_that_envoy_takes_still_gets_a_deny_in_words(service: RealService) -> None:
    assert reason(service.check(b"\0" * (64 << 20))) == "request_too_large"


def test_far_more_is_refused_by_the_transport(service: RealService) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        service.check(b"\0" * ((64 << 20) + 1))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_the_largest_question_with_the_usual_settings(start: StartService, site: Site) -> None:
    service = start()
    assert allowed(service.check(padded(site, 4 << 20)))
    assert reason(service.check(b"\0" * (64 << 20))) == "request_too_large"


def test_four_times_a_high_limit_still_gets_a_deny_in_words(start: StartService) -> None:
    listen = {"address": "127.0.0.1:0", "max_message_bytes": 5 << 20}
    service = start(listen={"grpc": listen, "admin": {"address": "127.0.0.1:0"}})
    assert reason(service.check(b"\0" * (20 << 20))) == "request_too_large"


@pytest.mark.parametrize("size", [9_000, 12_000, 60 << 10])
def test_metadata_that_a_client_chose_never_becomes_an_rpc_error(size: int, start: StartService, site: Site) -> None:
    assert_answered(start(), site, size)


@pytest.mark.parametrize("transport", ["grpcio"], indirect=True)
@pytest.mark.parametrize("size", [1 << 20, 8 << 20])
def test_on_grpcio_metadata_may_be_as_long_as_anything_that_envoy_takes(
    size: int, start: StartService, site: Site
) -> None:
    assert_answered(start(), site, size)


@pytest.mark.parametrize("transport", ["native"], indirect=True)
@pytest.mark.parametrize("size", [100 << 10, 900 << 10])
def test_on_the_native_transport_longer_metadata_ends_the_connection(
    size: int, start: StartService, site: Site
) -> None:
    """What libnghttp2 makes of a single header of more than 64 KiB, as it is sent: COMPRESSION_ERROR (9).

    An Envoy that fails open lets such a request through, so docs/operations.md has it use grpcio.
    """
    service = start()
    asked = question(site.pki.issue("alice")).SerializeToString()
    with service.channel() as channel, pytest.raises(grpc.RpcError, match="GOAWAY received; Error code: 9") as caught:
        ask_with_metadata(channel, asked, size)
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert service.metric("extauthz_transport_closed_total", cause="compression") == 1
    assert allowed(service.check(asked))


def ask_with_metadata(channel: grpc.Channel, asked: bytes, size: int) -> CheckResponse:
    """Ask with a ``tracestate`` of so many characters."""
    ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(CHECK)
    raw = ask(asked, metadata=(("tracestate", "a=" + "x" * size),), timeout=PATIENCE, wait_for_ready=True)
    return CheckResponse.FromString(raw)


def assert_answered(service: RealService, site: Site, size: int) -> None:
    """Proxies copy ``tracestate`` from the request; gRPC's own refusal comes at random, so this asks several times."""
    asked = question(site.pki.issue("alice")).SerializeToString()
    with service.channel() as channel:
        for _ in range(20):
            assert allowed(ask_with_metadata(channel, asked, size))


def test_bytes_that_are_no_question_are_denied(service: RealService) -> None:
    answer = service.check(b"\xff\xff\xff")
    assert answer.denied_response.status.code == 403
    assert reason(answer) == "request_malformed"
