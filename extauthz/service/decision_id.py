"""Ids of decisions."""

import os

ID_BYTES = 16
"""128 bits, as in a trace id: no two of any number of replicas ever meet."""
DRAWN_AT_ONCE = 256
"""Ids that one call of the kernel brings: the call costs five times what the rest of an id does."""

_drawn: list[str] = []


def new_decision_id() -> str:
    """Return 32 hex digits, all random. Safe for threads.

    Clients see the id of their deny. A counter in it would be cheaper still, and would tell every client how many
    requests others make.
    """
    try:
        return _drawn.pop()
    except IndexError:
        digits = os.urandom(ID_BYTES * DRAWN_AT_ONCE).hex()
        width = 2 * ID_BYTES
        ids = [digits[at : at + width] for at in range(0, len(digits), width)]
        fresh = ids.pop()
        _drawn.extend(ids)
        return fresh
