"""What every gRPC listener serves, on either transport: the name of the service, and how large a question may be."""

from typing import Final

from extauthz.config.schema.listen import Grpc
from extauthz.service.checker import Fallback
from extauthz.wire.answer_writer import AnswerWriter
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.proto.envoy.service.auth.v3 import external_auth_pb2
from extauthz.wire.response import INTERNAL_ERROR_DENY

AUTHORIZATION: str = external_auth_pb2.DESCRIPTOR.services_by_name["Authorization"].full_name
TRANSPORT_HEADROOM = 4
"""What the transport accepts, in multiples of ``max_message_bytes``. Past its own limit gRPC answers with an error,
which a proxy that fails open lets through; up to it the answer is ours, a deny."""
TRANSPORT_LEAST_BYTES = 64 << 20
"""The transport accepts this much whatever ``max_message_bytes`` is, as no client may choose between a deny and an
error by the size of its request. Envoy takes up to 8 MiB of headers (``max_request_headers_kb``) and repeats some of
them: path and host are fields of their own and headers as well. Memory is bounded by the concurrent streams, and the
limit that a question meets first is ours, with a deny."""
GRPC_FALLBACK: Final[Fallback[bytes, bytes]] = Fallback(
    writer=AnswerWriter(DenyAnswer()), deny=INTERNAL_ERROR_DENY, size=len
)


def largest_message_bytes(settings: Grpc) -> int:
    """Return what the transport accepts of one message, in bytes."""
    return max(settings.max_message_bytes * TRANSPORT_HEADROOM, TRANSPORT_LEAST_BYTES)
