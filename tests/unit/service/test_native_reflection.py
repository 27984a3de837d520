"""Reflection on the native transport: each question is answered, and the end is the client's."""

import pytest
from grpc_reflection.v1alpha import reflection_pb2

from extauthz.observe.metrics import Metrics
from extauthz.service.native_reflection import reflection_methods
from extauthz.transport.methods import Streaming, StreamingMethod
from extauthz.transport.status import CallError, Status


class Tool:
    """One call of a tool."""

    def __init__(self) -> None:
        ((self.path, method),) = reflection_methods(("some.Service",), Metrics(version="1").rpc).items()
        assert isinstance(method, StreamingMethod)
        assert method.several
        self.told: list[reflection_pb2.ServerReflectionResponse] = []
        self.finished = False
        self.call: Streaming = method.open(self)

    def send(self, message: bytes) -> None:
        self.told.append(reflection_pb2.ServerReflectionResponse.FromString(message))

    def finish(self) -> None:
        self.finished = True
        self.call.ended()


def test_each_question_has_one_answer() -> None:
    tool = Tool()
    assert tool.path == b"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    for request in (
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_by_filename="nowhere.proto"),
    ):
        tool.call.message(request.SerializeToString())
    services, missing = tool.told
    assert [one.name for one in services.list_services_response.service] == [
        "grpc.reflection.v1alpha.ServerReflection",
        "some.Service",
    ]
    assert missing.error_response.error_code == Status.NOT_FOUND
    assert not tool.finished
    tool.call.no_more()
    assert tool.finished


def test_bytes_that_are_no_question_are_an_error() -> None:
    with pytest.raises(CallError) as caught:
        Tool().call.message(b"\xff")
    assert caught.value.status is Status.INTERNAL
