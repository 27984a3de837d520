"""gRPC health over its whole life, for whoever asks and whoever watches."""

import signal
import socket
import threading

import grpc
import h2.config
import h2.connection
import h2.settings
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.service import PATIENCE, RealService
from support.service_site import Site, StartService

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICES = ("", "envoy.service.auth.v3.Authorization")


@pytest.mark.parametrize("name", SERVICES)
def test_a_watcher_hears_serving_and_then_not_serving(start: StartService, name: str) -> None:
    service = start()
    with service.channel() as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=name))
        assert next(watch).status == SERVING
        service.signal(signal.SIGTERM)
        assert next(watch).status == NOT_SERVING
        assert list(watch) == []
    assert service.wait() == 0


def test_a_failed_reload_is_no_news_to_a_watcher(start: StartService, site: Site) -> None:
    service = start()
    with service.channel() as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        heard: list[int] = [next(watch).status]  # it listens before anything happens
        listening = threading.Thread(target=lambda: heard.extend(answer.status for answer in watch))
        listening.start()
        site.path.write_text("{")
        assert service.reload().status == 422
        service.signal(signal.SIGTERM)
        listening.join(PATIENCE)
        assert heard == [SERVING, NOT_SERVING]


def test_an_unknown_service_is_not_found(start: StartService) -> None:
    service = start()
    with service.channel() as channel, pytest.raises(grpc.RpcError) as caught:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="no.such.Service"))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_watcher_that_stops_reading_holds_up_neither_news_nor_end(start: StartService) -> None:
    service = start(shutdown={"drain_delay": "0s", "grace": "1s"})
    with stalled_watcher(service), service.channel() as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == SERVING
        service.signal(signal.SIGTERM)
        assert next(watch).status == NOT_SERVING
        assert service.wait() == 0


def stalled_watcher(service: RealService) -> socket.socket:
    """Begin a Watch whose client never lets the server send a byte of data."""
    host, _, port = service.grpc_address.rpartition(":")
    client = socket.create_connection((host, int(port)), PATIENCE)
    http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    no_data = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0}
    http.local_settings = h2.settings.Settings(client=True, initial_values=no_data)
    http.initiate_connection()
    stream = http.get_next_available_stream_id()
    path = "/grpc.health.v1.Health/Watch"
    headers = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x")]
    http.send_headers(stream, [*headers, ("content-type", "application/grpc"), ("te", "trailers")])
    http.send_data(stream, b"\0\0\0\0\0", end_stream=True)
    client.sendall(http.data_to_send())
    while not any(isinstance(event, h2.events.ResponseReceived) for event in http.receive_data(client.recv(65536))):
        pass
    return client
