"""gRPC reflection on the transport of our own, with the answers of grpcio-reflection."""

from google.protobuf.message import DecodeError
from grpc_reflection.v1alpha import reflection, reflection_pb2

from extauthz.observe.rpc_metrics import RpcMetrics, RpcType
from extauthz.transport.methods import Method, Outgoing, StreamingMethod
from extauthz.transport.status import CallError, Status

SERVICE_NAME: str = reflection.SERVICE_NAME
_METHOD = "ServerReflectionInfo"


def reflection_methods(services: tuple[str, ...], metrics: RpcMetrics) -> dict[bytes, Method]:
    """Return the one method by path; ``services`` are told beside it."""
    servicer = reflection.ReflectionServicer((*services, SERVICE_NAME))
    method = StreamingMethod(
        lambda outgoing: _Reflection(servicer, outgoing),
        metrics.method(SERVICE_NAME, _METHOD, RpcType.BIDI_STREAM),
        several=True,
    )
    return {f"/{SERVICE_NAME}/{_METHOD}".encode(): method}


class _Reflection:
    """One tool that asks: each question is answered at once."""

    def __init__(self, servicer: reflection.ReflectionServicer, outgoing: Outgoing) -> None:
        self._servicer = servicer
        self._outgoing = outgoing

    def message(self, raw: bytes) -> None:
        """Answer one question."""
        try:
            request = reflection_pb2.ServerReflectionRequest.FromString(raw)
        except DecodeError:
            raise CallError(Status.INTERNAL, "the message is no ServerReflectionRequest") from None
        for answer in self._servicer.ServerReflectionInfo(iter((request,)), None):
            self._outgoing.send(answer.SerializeToString())

    def no_more(self) -> None:
        """End, as the client does."""
        self._outgoing.finish()

    def ended(self) -> None:
        """Nothing: there is nothing to clear up."""
