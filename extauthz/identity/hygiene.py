"""Characters that no identity may hold: they forge lines, headers and labels, or show as other text than they are.

Control characters (C0, DEL, C1), NUL among them; the line separators U+2028 and U+2029; and every bidirectional
control (UAX #9: U+061C, U+200E, U+200F, U+202A-U+202E, U+2066-U+2069). Look-alikes and invisible joiners are not
refused: scripts need them, and only an exact rule can tell names apart.
"""

import re
from typing import Final

from extauthz.identity.refusal import malformed

_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def require_clean(text: str, what: str, stage: str) -> None:
    """Raise ``DecodeError`` if the text holds a forbidden character. The detail names it, never the text."""
    # isprintable() is a fast "no" for the whole set; it also turns up harmless spaces, so the pattern decides.
    if not text.isprintable() and (found := _FORBIDDEN.search(text)) is not None:
        character = ord(found[0])
        raise malformed(stage, f"{what} holds the forbidden character U+{character:04X}")
