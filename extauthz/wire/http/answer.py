"""A ``Decision`` to an answer over HTTP, serialised once for a decision that comes again."""

import re
from dataclasses import replace
from http import HTTPStatus
from typing import Final, NamedTuple

from extauthz.model.decision import Decision, HeaderMutations
from extauthz.wire.deny import DenyAnswer, render_deny
from extauthz.wire.http.dialect import Preset, Removal

DECISION_ID: Final = "x-extauthz-decision-id"
"""Names the decision, for the proxy's log. It is in the decision log too."""
TO_REMOVE: Final = "x-envoy-auth-headers-to-remove"
MAX_FIELD_VALUE: Final = 16_384
"""Octets of one header value, as over gRPC."""
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_STATUSES: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class HttpAnswer(NamedTuple):
    """What a transport sends."""

    status: int
    fields: bytes
    """Header lines, each with its end (CRLF), without those that are the transport's: length and connection."""
    body: bytes


class HttpAnswerWriter:
    """Writes the answers of one configuration in one dialect."""

    def __init__(self, answer: DenyAnswer, preset: Preset) -> None:
        """``answer`` says how a deny looks to the client."""
        if preset.only_401_and_403 and answer.status not in _STATUSES:
            answer = replace(answer, status=HTTPStatus.FORBIDDEN)
        self._answer = answer
        self._removal = preset.removal

    def write(self, decision: Decision, decision_id: str) -> HttpAnswer:
        """Return the answer for one decision.

        Allow is 200 with the identity headers, and nothing else is. Raises ``ValueError`` for a header that could break
        out of its line; none comes from a renderer that works, and the caller makes a deny of it.
        """
        if not decision.allowed:
            return self._deny(decision, decision_id)
        fields: bytes | None = decision.prepared.get(self)
        if fields is None:
            fields = decision.prepared[self] = self._identity(decision.headers)
        return HttpAnswer(HTTPStatus.OK, fields + _field(DECISION_ID, decision_id), b"")

    def _identity(self, headers: HeaderMutations) -> bytes:
        lines = [_field(name, value) for name, value in headers.set]
        match self._removal:
            case Removal.NAMED:
                lines.append(_field(TO_REMOVE, ",".join(headers.remove)))
            case Removal.BLANK:
                lines.extend(_field(name, "") for name in headers.remove if "_" not in name)
            case Removal.BY_PROXY:
                pass
        return b"".join(lines)

    def _deny(self, decision: Decision, decision_id: str) -> HttpAnswer:
        reply = render_deny(decision, self._answer, decision_id)
        fields = [_field(name, value) for name, value in (*reply.headers, (DECISION_ID, decision_id))]
        return HttpAnswer(reply.status, b"".join(fields), reply.body.encode())


def _field(name: str, value: str) -> bytes:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a lower-case header name: {name[:64]!r}")
    if not (value.isascii() and (value.isprintable() or not value) and len(value) <= MAX_FIELD_VALUE):
        raise ValueError(f"the value of {name} is too long or not printable ASCII")
    return f"{name}: {value}\r\n".encode("ascii")


INTERNAL_ERROR_ANSWER: Final = HttpAnswer(HTTPStatus.FORBIDDEN, b"cache-control: no-store\r\n", b"")
"""The deny for when not even a deny can be written. Made at import, so that nothing is left to fail."""
