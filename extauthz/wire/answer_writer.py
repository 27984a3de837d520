"""CheckResponse bytes for a decision that comes again: serialised once, and then only what is new is put in.

The decision id is new in every answer, and the end of the session in every second. An answer is serialised with
stand-ins for both, and cut at them. Stand-ins are random, as long as what they stand for, and leave the process
nowhere, so no certificate and no request can hold one. The two stand close together: what is long is kept once for as
long as the certificate is known (``Decision.lasting``), and what is short once a second (``Decision.prepared``).
"""

import os
from typing import Final, NamedTuple

from extauthz.model.decision import Decision
from extauthz.model.instant import rfc3339
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.response import write_check_response

ID_CHARACTERS: Final = 32
"""Of a decision id. Lengths stand in the serialised form, so an id of another length is serialised by itself."""
SESSION_CHARACTERS: Final = len("2026-06-01T12:00:00Z")

_ID: Final = os.urandom(ID_CHARACTERS // 2).hex()
_SESSION: Final = os.urandom(SESSION_CHARACTERS // 2).hex()
_ID_CUT: Final = _ID.encode()
_SESSION_CUT: Final = _SESSION.encode()


class _Template(NamedTuple):
    """An answer without what is new in each: in this order, with the session's end between all of ``around``."""

    first: bytes
    around: tuple[bytes, ...]
    rest: tuple[bytes, ...]
    """With the id before the first of them, and between all of them."""


class _Prepared(NamedTuple):
    """An answer without its id."""

    first: bytes
    second: bytes
    rest: tuple[bytes, ...]


class AnswerWriter:
    """Writes the answers of one configuration."""

    def __init__(self, answer: DenyAnswer) -> None:
        """``answer`` says how a deny looks to the client."""
        self.answer = answer

    def write(self, decision: Decision, decision_id: str) -> bytes:
        """Return what ``write_check_response`` returns; raises what that raises."""
        if len(decision_id) != ID_CHARACTERS:
            return write_check_response(decision, self.answer, decision_id)
        prepared: _Prepared | None = decision.prepared.get(self)
        if prepared is None:
            prepared = decision.prepared[self] = self._prepare(decision)
        first, second, rest = prepared
        id_bytes = decision_id.encode()
        return b"".join((first, second, id_bytes, id_bytes.join(rest)))

    def _prepare(self, decision: Decision) -> _Prepared:
        template: _Template | None = decision.lasting.get(self)
        if template is None:
            template = decision.lasting[self] = self._template(decision)
        expires = decision.session_expires
        text = b"" if expires is None else rfc3339(expires).encode()
        return _Prepared(template.first, text.join(template.around), template.rest)

    def _template(self, decision: Decision) -> _Template:
        session = None if decision.session_expires is None else _SESSION
        whole = write_check_response(decision, self.answer, _ID, session_expires=session)
        before, *rest = whole.split(_ID_CUT)
        first, *between = before.split(_SESSION_CUT)
        if any(_SESSION_CUT in part for part in rest):
            raise ValueError("the end of the session stands behind the decision id")
        return _Template(first, (b"", *between) if between else (b"",), tuple(rest))
