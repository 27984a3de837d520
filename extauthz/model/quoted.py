"""Text from outside inside a ``detail``: always quoted, always short.

A detail is written to the log line and kept with what is remembered of a certificate, several times over. So what a
certificate or a request says is cut where it is put in, and not only where it is printed.
"""

from typing import Final

SHOWN_CHARACTERS: Final = 200
"""Of one text in a detail, quotes included: a usual DN is half as long. A certificate has room for 64 KiB of it."""


def quoted(text: str) -> str:
    """Return ``repr(text)``, cut with an ellipsis (and then without its last quote) to ``SHOWN_CHARACTERS``."""
    # Cut first: writing out 64 KiB of escapes only to throw them away is the work that this should save.
    whole = repr(text[:SHOWN_CHARACTERS])
    return whole if len(whole) <= SHOWN_CHARACTERS else f"{whole[: SHOWN_CHARACTERS - 1]}…"
