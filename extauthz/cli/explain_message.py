"""The request of ``extauthz explain`` taken the way that the service's take: as bytes, through the same reader.

So whatever the service refuses to read is refused here too, for the same reason.
"""

from google.protobuf.message import EncodeError

from extauthz.engine import Engine
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.wire.engine_reader import reader_for
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest


def as_the_service_reads_it(request: AuthRequest, engine: Engine, max_bytes: int) -> AuthRequest:
    """Return the request as the service would have it before it, had a proxy sent it.

    ``max_bytes``: ``listen.grpc.max_message_bytes``. Raises DecodeError where the service would deny without deciding.
    """
    raw = check_request_bytes(request)
    if len(raw) > max_bytes:
        raise DecodeError(Reason.REQUEST_TOO_LARGE, f"{len(raw)} bytes; at most {max_bytes}")
    return reader_for(engine).read(raw)


def check_request_bytes(request: AuthRequest) -> bytes:
    """Return the CheckRequest that Envoy makes of an HTTP request, each header line by itself.

    Raises DecodeError (``request_malformed``) for what no CheckRequest can hold: lone surrogates other than those that
    stand for bytes in a header's value, numbers past a double, values nested too deeply.
    """
    message = CheckRequest()
    attributes = message.attributes
    http = attributes.request.http
    http.SetInParent()
    try:
        http.method, http.host, http.path = request.method, request.host, request.path
        attributes.source.certificate = request.source_certificate
        attributes.tls_session.sni = request.sni
        attributes.context_extensions.update(request.context_extensions)
        for name, values in request.headers.items():
            for value in values:
                raw_value = value.encode("utf-8", "surrogateescape")
                http.header_map.headers.add(key=name, raw_value=raw_value)
        for namespace, content in request.metadata.items():
            struct = attributes.metadata_context.filter_metadata[namespace]
            struct.update(content)  # type: ignore[arg-type]  # it was JSON, and so is a Struct
        return message.SerializeToString()
    except (ValueError, OverflowError, RecursionError, EncodeError) as error:  # ValueError: UnicodeEncodeError is one
        raise DecodeError(Reason.REQUEST_MALFORMED, f"no CheckRequest can hold this: {error}") from error
