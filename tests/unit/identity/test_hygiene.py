"""Characters that no identity may hold."""

import sys
import unicodedata

import pytest

from extauthz.identity.hygiene import require_clean
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

FORBIDDEN = sorted(
    {
        *range(0x20),
        *range(0x7F, 0xA0),
        0x61C,
        0x200E,
        0x200F,
        0x2028,
        0x2029,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    }
)


def test_each_forbidden_character_is_refused_anywhere() -> None:
    for code in FORBIDDEN:
        for text in (chr(code), f"{chr(code)}a", f"a{chr(code)}", f"a{chr(code)}b"):
            with pytest.raises(DecodeError) as caught:
                require_clean(text, "a name", "subject")
            assert caught.value.reason is Reason.CERTIFICATE_MALFORMED
            assert caught.value.detail == f"subject: a name holds the forbidden character U+{code:04X}"


def test_no_other_character_is() -> None:
    require_clean(
        "".join(chr(code) for code in range(sys.maxunicode + 1) if code not in FORBIDDEN), "a name", "subject"
    )


def test_unicodes_control_and_bidi_classes_are_all_forbidden() -> None:
    """The set is written out in the code; Unicode's own data must not know of more."""
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    known = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Zl", "Zp") or unicodedata.bidirectional(chr(code)) in bidi
    }
    assert known <= set(FORBIDDEN)
