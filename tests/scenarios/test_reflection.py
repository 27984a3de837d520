"""Reflection tells tools such as grpcurl what there is to call, where the operator wants that."""

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from support.service import RealService
from support.service_site import StartService

AUTHORIZATION = "envoy.service.auth.v3.Authorization"


def listen(*, reflection: bool) -> dict[str, object]:
    grpc_section = {"address": "127.0.0.1:0", "reflection": reflection}
    return {"grpc": grpc_section, "admin": {"address": "127.0.0.1:0"}}


def reflect(
    service: RealService, request: reflection_pb2.ServerReflectionRequest
) -> reflection_pb2.ServerReflectionResponse:
    with service.channel() as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        return next(stub.ServerReflectionInfo(iter([request]), wait_for_ready=True, timeout=20))


def test_it_lists_what_there_is(start: StartService) -> None:
    service = start(listen=listen(reflection=True))
    answer = reflect(service, reflection_pb2.ServerReflectionRequest(list_services=""))
    names = {one.name for one in answer.list_services_response.service}
    assert names == {AUTHORIZATION, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


def test_it_describes_check_under_its_official_name(start: StartService) -> None:
    service = start(listen=listen(reflection=True))
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=AUTHORIZATION)
    files = [
        FileDescriptorProto.FromString(raw)
        for raw in reflect(service, request).file_descriptor_response.file_descriptor_proto
    ]
    methods = [method.name for file in files for one in file.service for method in one.method]
    assert methods == ["Check"]


def test_it_is_off_unless_asked_for(start: StartService) -> None:
    service = start()
    with pytest.raises(grpc.RpcError) as caught:
        reflect(service, reflection_pb2.ServerReflectionRequest(list_services=""))
    assert isinstance(caught.value, grpc.Call)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
