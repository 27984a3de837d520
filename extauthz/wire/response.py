"""``Decision`` to CheckResponse bytes (Envoy API ``envoy.service.auth.v3``, ``external_auth.proto``).

What a proxy does with the answer, and what follows for how it is written:

- It allows when ``status.code`` is 0, which is also what a missing status reads as. So every answer has its status.
- Releases differ in whether they read ``append`` or ``append_action`` of a header, and in what they do without: an
  identity header could then be added to the one that the client sent. So both are always written, and say overwrite.
- It removes headers after it has set the others. So a name is never in both lists.

An allow is serialised in pieces. Elements of a repeated field and entries of a map stand one after the other on the
wire, so a piece that comes again is kept as bytes. The result is what one message built as a whole would be, but for
the order of map entries, which is free; a test compares the two.
"""

import re
from functools import cache, lru_cache
from typing import Final

from google.protobuf.wrappers_pb2 import BoolValue

from extauthz.model.decision import Decision, HeaderMutations
from extauthz.model.reason import Reason
from extauthz.wire.deny import TOKEN_REASONS, DenyAnswer, render_deny
from extauthz.wire.dynamic_metadata import metadata_bytes
from extauthz.wire.proto.envoy.config.core.v3.base_pb2 import HeaderValue, HeaderValueOption
from extauthz.wire.proto.envoy.service.auth.v3.external_auth_pb2 import (
    CheckResponse,
    DeniedHttpResponse,
    OkHttpResponse,
)
from extauthz.wire.proto.envoy.type.v3.http_status_pb2 import HttpStatus, StatusCode

__all__ = ["INTERNAL_ERROR_DENY", "DenyAnswer", "write_check_response"]

MAX_HEADER_VALUE = 16_384
"""Envoy's limit on a header value that it is asked to set."""

_KEPT_HEADERS = 4_096
_KEPT_HEADER_VALUE = 512
"""Headers that are kept in serialised form, about 1 MB: issuers, kinds and policies are the same for many clients. A
longer value, most likely a long list of names, is serialised anew, so that the memory stays below 5 MB whatever clients
are called."""

_KEPT_REMOVALS = 256
"""Lists of headers to remove that are kept: one for each set of headers that identities lack. Only clients that send
suspicious headers make others."""

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
"""RFC 9110 §5.6.2 ``token``, lower case: no pseudo-header either, which a proxy would not change anyway."""


def write_check_response(
    decision: Decision, answer: DenyAnswer, decision_id: str, *, session_expires: str | None = None
) -> bytes:
    """Write the answer for one decision; the same arguments give the same bytes.

    ``answer`` says how a deny looks to the client and does nothing on an allow. ``session_expires`` stands for the end
    of the session wherever that is told (of a decision that has one). What changes from one answer to the next, the
    session's end and the id, stands close together.

    Raises ``ValueError`` for header mutations that break their contract: a name that is not one, a value with anything
    but printable ASCII or too long, a name twice or in both lists. None of it comes from a renderer that works, and the
    caller's outermost handler makes a deny of it.
    """
    metadata = _length_delimited(
        CheckResponse.DYNAMIC_METADATA_FIELD_NUMBER, metadata_bytes(decision, decision_id, session_expires)
    )
    if decision.allowed:
        ok = _length_delimited(CheckResponse.OK_RESPONSE_FIELD_NUMBER, _ok_response(decision.headers, session_expires))
        return _STATUS_OK + ok + metadata
    denied = _length_delimited(
        CheckResponse.DENIED_RESPONSE_FIELD_NUMBER, _denied_response(decision, answer, decision_id)
    )
    status = _STATUS_UNAUTHENTICATED if decision.reason in TOKEN_REASONS else _STATUS_PERMISSION_DENIED
    return status + denied + metadata


def _status(code: int) -> bytes:
    return CheckResponse(status={"code": code}).SerializeToString()


# The numbers of google.rpc.Code: OK, PERMISSION_DENIED, UNAUTHENTICATED.
_STATUS_OK = _status(0)
_STATUS_PERMISSION_DENIED = _status(7)
_STATUS_UNAUTHENTICATED = _status(16)

_MORE = 0x80  # of a varint's byte: more bytes follow


def _length_delimited(field_number: int, payload: bytes) -> bytes:
    """Return one embedded message as the wire has it: tag, length as a varint, bytes. For field numbers below 16."""
    head = bytearray((field_number << 3 | 2,))
    length = len(payload)
    while length >= _MORE:
        head.append(length & (_MORE - 1) | _MORE)
        length >>= 7
    head.append(length)
    return bytes(head) + payload


def _ok_response(headers: HeaderMutations, session_expires: str | None) -> bytes:
    names = {name for name, _ in headers.set}
    if len(names) != len(headers.set):
        raise ValueError("a header is set twice")
    if not names.isdisjoint(headers.remove):
        raise ValueError("a header is both set and removed")
    pieces = [
        _kept_set_header(name, value) if len(value) <= _KEPT_HEADER_VALUE else _set_header(name, value)
        for name, value in headers.set
        if name not in headers.session
    ]
    session = [
        _set_header(name, value if session_expires is None else session_expires)
        for name, value in headers.set
        if name in headers.session
    ]
    return b"".join((*pieces, _remove_headers(headers.remove), *session))


def _set_header(name: str, value: str) -> bytes:
    return OkHttpResponse(headers=(_header(name, value),)).SerializeToString()


_kept_set_header = lru_cache(maxsize=_KEPT_HEADERS)(_set_header)


@lru_cache(maxsize=_KEPT_REMOVALS)
def _remove_headers(names: tuple[str, ...]) -> bytes:
    for name in names:
        _check_name(name)
    return OkHttpResponse(headers_to_remove=names).SerializeToString()


def _denied_response(decision: Decision, answer: DenyAnswer, decision_id: str) -> bytes:
    reply = render_deny(decision, answer, decision_id)
    return _denied_head(reply.status, reply.headers) + DeniedHttpResponse(body=reply.body).SerializeToString()


@cache  # the statuses times the few headers that render_deny knows
def _denied_head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    return DeniedHttpResponse(
        status=HttpStatus(code=StatusCode.Name(status)), headers=[_header(name, value) for name, value in headers]
    ).SerializeToString()


def _header(name: str, value: str) -> HeaderValueOption:
    """Return the order to overwrite one header, in both of the ways that proxies read."""
    _check_name(name)
    if not (value.isascii() and value.isprintable() and len(value) <= MAX_HEADER_VALUE):
        raise ValueError(f"the value of {name} is too long or not printable ASCII")
    return HeaderValueOption(
        header=HeaderValue(key=name, value=value),
        append=BoolValue(value=False),
        append_action=HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD,
    )


def _check_name(name: str) -> None:
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"not a lower-case header name: {name[:64]!r}")


INTERNAL_ERROR_DENY: Final[bytes] = write_check_response(
    Decision(allowed=False, reason=Reason.INTERNAL_ERROR), DenyAnswer(), ""
)
"""The deny for when not even a deny can be written. Made at import, so that nothing is left to fail."""
