"""``Decision`` to CheckResponse bytes (Envoy API ``envoy.service.auth.v3``, ``external_auth.proto``).

What a proxy does with the answer, and what follows for how it is written:

- It allows when ``status.code`` is 0, which is also what a missing status reads as. So every answer has its status.
- Releases differ in whether they read ``append`` or ``append_action`` of a header, and in what they do without: an
  identity header could then be added to the one that the client sent. So both are always written, and say overwrite.
- It removes headers after it has set the others. So a name is never in both lists.

An allow is written field by field (``wire_format``). The result is what one message built as a whole would be, but for
the order of map entries, which is free; a test compares the two.
"""

import re
from collections.abc import Mapping
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
from extauthz.wire.wire_format import delimited, head, tag_of

__all__ = ["INTERNAL_ERROR_DENY", "DenyAnswer", "write_check_response"]

MAX_HEADER_VALUE = 16_384
"""Envoy's limit on a header value that it is asked to set."""

_KEPT_HEADS = 4_096
"""What stands before the values of headers, those used last: for a few dozen names, each with the lengths that are
usual."""

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
    metadata = delimited(_METADATA, metadata_bytes(decision, decision_id, session_expires))
    if decision.allowed:
        return _STATUS_OK + delimited(_OK, _ok_response(decision.headers, session_expires)) + metadata
    denied = delimited(_DENIED, _denied_response(decision, answer, decision_id))
    status = _STATUS_UNAUTHENTICATED if decision.reason in TOKEN_REASONS else _STATUS_PERMISSION_DENIED
    return status + denied + metadata


def _status(code: int) -> bytes:
    return CheckResponse(status={"code": code}).SerializeToString()


# The numbers of google.rpc.Code: OK, PERMISSION_DENIED, UNAUTHENTICATED.
_STATUS_OK = _status(0)
_STATUS_PERMISSION_DENIED = _status(7)
_STATUS_UNAUTHENTICATED = _status(16)

_OK: Final = tag_of(CheckResponse.OK_RESPONSE_FIELD_NUMBER)
_DENIED: Final = tag_of(CheckResponse.DENIED_RESPONSE_FIELD_NUMBER)
_METADATA: Final = tag_of(CheckResponse.DYNAMIC_METADATA_FIELD_NUMBER)
_OK_HEADER: Final = tag_of(OkHttpResponse.HEADERS_FIELD_NUMBER)
_DENIED_HEADER: Final = tag_of(DeniedHttpResponse.HEADERS_FIELD_NUMBER)
_OPTION_HEADER: Final = tag_of(HeaderValueOption.HEADER_FIELD_NUMBER)
_HEADER_VALUE: Final = tag_of(HeaderValue.VALUE_FIELD_NUMBER)
_OVERWRITE: Final = HeaderValueOption(
    append=BoolValue(value=False), append_action=HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
).SerializeToString()
"""The order to overwrite a header, in both of the ways that proxies read. It stands behind the header itself."""


def _ok_response(headers: HeaderMutations, session_expires: str | None) -> bytes:
    values = dict(headers.set)
    if len(values) != len(headers.set):
        raise ValueError("a header is set twice")
    if not values.keys().isdisjoint(headers.remove):
        raise ValueError("a header is both set and removed")
    ends = {name: values.pop(name) for name in sorted(headers.session)}
    if session_expires is not None:
        ends = dict.fromkeys(ends, session_expires)
    return _set_headers(_OK_HEADER, values) + _remove_headers(headers.remove) + _set_headers(_OK_HEADER, ends)


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
    status_field = DeniedHttpResponse(status=HttpStatus(code=StatusCode.Name(status))).SerializeToString()
    return status_field + _set_headers(_DENIED_HEADER, dict(headers))


def _set_headers(tag: bytes, values: Mapping[str, str]) -> bytes:
    """Return the fields that overwrite headers, by name; ``tag`` is that of the answer's headers."""
    longest = max(map(len, values.values()), default=0)
    if longest > MAX_HEADER_VALUE or not _is_plain("".join(values.values())):
        bad = next(name for name, value in values.items() if len(value) > MAX_HEADER_VALUE or not _is_plain(value))
        raise ValueError(f"the value of {bad} is too long or not printable ASCII")
    return b"".join(
        [_header_head(tag, name, len(value)) + value.encode("ascii") + _OVERWRITE for name, value in values.items()]
    )


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


@lru_cache(maxsize=_KEPT_HEADS)
def _header_head(tag: bytes, name: str, octets: int) -> bytes:
    """Return what stands before a header's value, in three messages: the answer, HeaderValueOption, HeaderValue."""
    _check_name(name)
    header = HeaderValue(key=name).SerializeToString()
    if octets:  # an empty text is not written
        header += head(_HEADER_VALUE, octets)
    option = head(_OPTION_HEADER, len(header) + octets) + header
    return head(tag, len(option) + octets + len(_OVERWRITE)) + option


def _check_name(name: str) -> None:
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"not a lower-case header name: {name[:64]!r}")


INTERNAL_ERROR_DENY: Final[bytes] = write_check_response(
    Decision(allowed=False, reason=Reason.INTERNAL_ERROR), DenyAnswer(), ""
)
"""The deny for when not even a deny can be written. Made at import, so that nothing is left to fail."""
