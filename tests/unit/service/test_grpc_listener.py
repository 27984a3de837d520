"""The settings reach grpcio."""

import pytest

from extauthz.config.schema.listen import Grpc
from extauthz.service.grpc_listener import _options


@pytest.mark.parametrize(("own", "transport"), [(1 << 20, 64 << 20), (16 << 20, 64 << 20), (32 << 20, 128 << 20)])
def test_the_transport_takes_far_more_than_is_answered_with_a_decision(own: int, transport: int) -> None:
    assert dict(_options(Grpc(max_message_bytes=own)))["grpc.max_receive_message_length"] == transport


def test_the_settings_reach_grpc() -> None:
    settings = Grpc(max_concurrent_streams=7)
    assert dict(_options(settings)) == {
        "grpc.so_reuseport": 0,
        "grpc.max_receive_message_length": 64 << 20,
        "grpc.max_metadata_size": 16 << 20,
        "grpc.absolute_max_metadata_size": 16 << 20,
        "grpc.max_concurrent_streams": 7,
        "grpc.max_connection_age_ms": 300_000,
        "grpc.max_connection_age_grace_ms": 30_000,
        "grpc.keepalive_time_ms": 60_000,
        "grpc.keepalive_timeout_ms": 20_000,
        "grpc.keepalive_permit_without_calls": 1,
        "grpc.http2.min_recv_ping_interval_without_data_ms": 10_000,
    }
