r"""The text form of XFCC (``x-forwarded-client-cert``), as Envoy really writes it.

Elements are separated by ``,``, the pairs of an element by ``;``, and a pair is ``key=value`` with a key in any case.
A value is bare, up to the next separator, or stands in double quotes.

Envoy's documentation says that a ``"`` inside quotes is written ``\"``. Envoy itself escapes nothing. It puts quotes
round Cert, Chain and Subject and copies By, URI and DNS bare. Cert and Chain are percent-encoded. Subject is RFC 2253
text, in which a ``"`` is already written ``\"``, a backslash ``\\``, and a byte that is not printable ASCII ``\XX``:
``Subject="CN=alice=1,OU=a\;b,O=Lab\, \"Inc\""``. So inside quotes a backslash always takes the next character with
it, which finds the true closing quote, and the value of Subject is the text between the quotes *unchanged*: the
backslashes are those of the DN, and taking them away would make another DN of it.

What Envoy writes bare may hold anything that is in a certificate. A ``;`` or ``,`` in it looks like a separator, and
nothing in the text tells the two apart. What follows then is refused where it does not parse; ``xfcc_element`` and
``xfcc_splice`` refuse where it could do harm. The quotes that the documentation allows round a By, URI or DNS are
refused as well: Envoy never writes them, so they are a client's.
"""

import re
from typing import Final

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_XFCC_ELEMENTS, MAX_XFCC_PAIRS
from extauthz.sources.xfcc_element import Element, Pair, element_from_pairs

_KEY: Final = r"[ \t]*+([A-Za-z]++)="
"""White space before it is what proxies put in when they join header lines (RFC 9110 §5.6.1)."""
_BARE_AND_END: Final = r'([^",;]*+))([,;]|\Z)'
_PLAIN_PAIR: Final = re.compile(_KEY + r'(?:"([^"]*+)"|' + _BARE_AND_END)
_ESCAPED_PAIR: Final = re.compile(_KEY + r'(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|' + _BARE_AND_END)
"""The whole rule for quotes. The plain pattern is several times faster on a long Cert, and differs for backslashes."""

_PERCENT_ENCODED: Final = frozenset({"cert", "chain"})
"""Keys with long values, whose own decoder takes no control character; not worth a scan here."""
_ESCAPED_SEMICOLONS_ONLY: Final = re.compile(r"(?:[^\\;]++|\\.)*+")
"""What stands in quotes. Percent-encoding has no ``;``, and RFC 2253 writes ``\\;``. A bare one is what Envoy writes
between two pairs: then a client has opened the quote in an element of its own, closed it with a name in its
certificate, and swallowed the element of the proxy."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def parse_xfcc(text: str) -> tuple[Element, ...]:
    """Read the text form of a whole XFCC header: one element or more, in the order written.

    Raises ``DecodeError``: SOURCE_TOO_LARGE (more than 16 elements, or 2,048 pairs in all), else SOURCE_MALFORMED, with
    the place in the detail, counted from 1. Malformed are JSON, lone surrogates (bytes that are not UTF-8), control
    characters, empty elements and pairs, a missing ``=``, unbalanced quotes, text after a closing quote, a ``;`` in
    quotes without a backslash, and what ``element_from_pairs`` refuses. It bounds no length, decodes no value, and
    verifies nothing.
    """
    _require_text_form(text)
    elements: list[Element] = []
    pairs_left = MAX_XFCC_PAIRS
    at = 0
    separator = ","
    while separator:
        if len(elements) == MAX_XFCC_ELEMENTS:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_XFCC_ELEMENTS} elements")
        pairs: list[Pair] = []
        try:
            at, separator = _read_pairs(text, at, pairs, pairs_left)
            elements.append(element_from_pairs(pairs))
        except DecodeError as error:
            raise DecodeError(error.reason, f"element {len(elements) + 1}: {error.detail}") from error
        pairs_left -= len(pairs)
    return tuple(elements)


def _require_text_form(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise DecodeError(Reason.SOURCE_MALFORMED, "bytes that are not UTF-8") from error
    if text.startswith(("{", "[")):
        raise DecodeError(
            Reason.SOURCE_MALFORMED, "the JSON form is not enabled: let the proxy write the text form, or set `format`"
        )


def _read_pairs(text: str, at: int, pairs: list[Pair], pairs_left: int) -> tuple[int, str]:
    """Append the pairs of the element at ``at``.

    Returns where the next element starts, and the separator before it, which is empty at the end of the text.
    """
    separator = ";"
    while separator == ";":
        match = _PLAIN_PAIR.match(text, at)
        if match is None or "\\" in match[0]:
            match = _ESCAPED_PAIR.match(text, at)
        if match is None:
            raise DecodeError(Reason.SOURCE_MALFORMED, f"pair {len(pairs) + 1}: {_what_is_wrong(text, at)}")
        key, quoted, bare, separator = match.groups()
        key = key.lower()
        value = bare if quoted is None else quoted
        if key not in _PERCENT_ENCODED and not value.isprintable() and _CONTROL.search(value):
            raise DecodeError(Reason.SOURCE_MALFORMED, f"pair {len(pairs) + 1}: a control character")
        if quoted is not None and ";" in quoted and _ESCAPED_SEMICOLONS_ONLY.fullmatch(quoted) is None:
            raise DecodeError(Reason.SOURCE_MALFORMED, f"pair {len(pairs) + 1}: a ';' inside quotes, not escaped")
        if len(pairs) == pairs_left:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_XFCC_PAIRS} pairs in the header")
        pairs.append((key, value, quoted is not None))
        at = match.end()
    return at, separator


def _what_is_wrong(text: str, at: int) -> str:
    """Say why no pair can be read here. Nothing of the text is repeated: it may be a stranger's."""
    key = re.compile(_KEY).match(text, at)
    if key is None:
        return "nothing there" if text[at : at + 1] in {"", ",", ";"} else "no key with '=' at its start"
    if not text.startswith('"', key.end()):
        return "a quote inside a value that does not start with one"
    if re.compile(r'"(?:[^"\\]|\\.)*+"').match(text, key.end()):
        return "text after the closing quote"
    return "a quote that is never closed"
