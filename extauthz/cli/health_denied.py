"""``extauthz health --denied``: a question about a request without a certificate, which only a denial answers well.

The health check says that a listener serves. This says that what comes behind it decides, and that nobody gets in who
has shown nothing. It is a check like any other: it counts in the metrics and stands in the decision log. Where the
listener knows its callers and the probe is none of them, it is denied as that, and no policy is looked at.
"""

import http.client
import socket
import ssl
from http import HTTPStatus
from pathlib import Path
from typing import Final, cast
from urllib.parse import SplitResult

import grpc

from extauthz.wire.http.answer import DECISION_ID
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import CheckRequest, CheckResponse

CHECK: Final = "/envoy.service.auth.v3.Authorization/Check"
_DECISION_ID: Final = "decision_id"
NOWHERE: Final = "extauthz.invalid"
"""The host that the request is for: no policy means it (RFC 6761 §6.4), except one that is for all."""


class StrangerError(Exception):
    """What answers is no listener of extauthz; the message says why."""


def denied_over_grpc(channel: grpc.Channel, timeout: float) -> bool:
    """Say whether a Check without a certificate is denied. ``timeout``: seconds.

    Raises grpc.RpcError, and StrangerError when nothing decides there.
    """
    question = CheckRequest()
    question.attributes.request.http.method = "GET"
    question.attributes.request.http.host = NOWHERE
    question.attributes.request.http.path = "/"
    ask = channel.unary_unary(
        CHECK, request_serializer=CheckRequest.SerializeToString, response_deserializer=CheckResponse.FromString
    )
    try:
        answer = ask(question, timeout=timeout, wait_for_ready=False)
    except grpc.RpcError as error:
        if cast("grpc.Call", error).code() is grpc.StatusCode.UNIMPLEMENTED:
            raise StrangerError("speaks gRPC but does not decide: it is not extauthz") from error
        raise
    # What a proxy does: a missing status reads as 0, and 0 is an allow.
    denied = bool(answer.status.code != 0)
    if denied and not answer.dynamic_metadata.fields[_DECISION_ID].string_value:
        raise StrangerError("denies without a decision id: nothing of extauthz decides there")
    return denied


def denied_over_http(url: SplitResult, timeout: float, tls: ssl.SSLContext | None, server_name: str | None) -> bool:
    """Say whether a question without any header of a proxy is denied. ``timeout``: seconds.

    ``url`` has host, port and the path below which questions are asked. Raises OSError, http.client.HTTPException, and
    StrangerError when the answer is none of extauthz.
    """
    host, port = str(url.hostname), url.port
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        if tls is not None:
            plain = socket.create_connection((host, port), timeout)
            connection.sock = tls.wrap_socket(plain, server_hostname=server_name or host)
        connection.request("GET", url.path)
        answer = connection.getresponse()
        if answer.getheader(DECISION_ID) is None:
            raise StrangerError(f"answered {answer.status} without {DECISION_ID}: nothing of extauthz decides there")
        return answer.status != HTTPStatus.OK
    finally:
        connection.close()


def tls_of(authorities: Path, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Return what verifies a server by these CAs and shows it a certificate, if there is one. Raises OSError."""
    context = ssl.create_default_context(cafile=authorities)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context
