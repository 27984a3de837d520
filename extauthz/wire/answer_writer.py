"""CheckResponse bytes for a decision that may come again: serialised once, and then only the decision id is put in.

An answer is serialised with a stand-in for the id and cut at it. The stand-in is random, as long as an id, and leaves
the process nowhere, so no certificate and no request can hold it.
"""

import os
from typing import Final

from extauthz.model.decision import Decision
from extauthz.wire.deny import DenyAnswer
from extauthz.wire.response import write_check_response

ID_CHARACTERS: Final = 32
"""Of a decision id. Lengths stand in the serialised form, so an id of another length is serialised by itself."""

_STAND_IN: Final = os.urandom(ID_CHARACTERS // 2).hex()
_CUT: Final = _STAND_IN.encode()


class AnswerWriter:
    """Writes the answers of one configuration."""

    def __init__(self, answer: DenyAnswer) -> None:
        """``answer`` says how a deny looks to the client."""
        self.answer = answer

    def write(self, decision: Decision, decision_id: str) -> bytes:
        """Return what ``write_check_response`` returns; raises what that raises."""
        if len(decision_id) != ID_CHARACTERS:
            return write_check_response(decision, self.answer, decision_id)
        parts: list[bytes] | None = decision.prepared.get(self)
        if parts is None:
            parts = write_check_response(decision, self.answer, _STAND_IN).split(_CUT)
            decision.prepared[self] = parts
        return decision_id.encode().join(parts)
