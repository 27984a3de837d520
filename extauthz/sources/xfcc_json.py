"""The JSON form of XFCC (``x-forwarded-client-cert``), which Envoy writes where it is told ``format: JSON``.

The header is one array with an object for each proxy. Envoy 1.40 writes, without white space and in this order:
``by`` (list), ``hash``, ``cert`` (PEM), ``chain`` (list of PEM, the leaf first), ``subject``, ``uri`` (list), ``dns``
(list) and ``issuer``; what it has nothing for is left out. Nothing is percent-encoded, and everything is escaped as
JSON has it. So no name can break out of its place, as it can in the text form.

A proxy that appends (APPEND_FORWARD) keeps the form of the header that it was given. It puts its object before the last
``]`` and does not look at the rest, which is whatever a client wrote: so all of it must be sound here.
"""

import json
import re
from collections.abc import Iterable
from typing import Final, NoReturn, TypeVar

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.limits import MAX_XFCC_ELEMENTS, MAX_XFCC_PAIRS
from extauthz.sources.xfcc_element import Element

T = TypeVar("T")

_TEXTS: Final = frozenset({"hash", "cert", "subject", "issuer"})
_LISTS: Final = frozenset({"by", "chain", "uri", "dns"})
_PEM: Final = frozenset({"cert", "chain"})
_BEGIN: Final = "-----BEGIN "
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")

_Members = list[tuple[str, object]]


def parse_xfcc_json(text: str) -> tuple[Element, ...]:
    """Read the JSON form of a whole XFCC header: one element or more, in the order written.

    Cert and Chain of an element are percent-encoded, as the text form has them. Raises ``DecodeError``:
    SOURCE_TOO_LARGE (more than 16 elements, or 2,048 values in all), else SOURCE_MALFORMED, with the place in the
    detail, counted from 1. Malformed are the text form, everything that is not one array of objects, a member twice,
    an unknown member, a value of another type, control characters and lone surrogates in a value other than PEM, and
    anything after the array. It bounds no length and verifies nothing.
    """
    _require_few_parts(text)
    objects = _array(text)
    if not objects:
        raise DecodeError(Reason.SOURCE_MALFORMED, "an empty array")
    if len(objects) > MAX_XFCC_ELEMENTS:
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_XFCC_ELEMENTS} elements")
    elements = []
    values_left = MAX_XFCC_PAIRS
    for number, members in enumerate(objects, 1):
        try:
            texts, lists = _sorted(members)
        except DecodeError as error:
            raise DecodeError(error.reason, f"element {number}: {error.detail}") from error
        values_left -= len(texts) + sum(map(len, lists.values()))
        if values_left < 0:
            raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more than {MAX_XFCC_PAIRS} values in the header")
        elements.append(_element(texts, lists))
    return tuple(elements)


def _require_few_parts(text: str) -> None:
    """Refuse what has so many brackets and quotes that it cannot be within the bounds, before objects are made of them.

    A value has two quotes and a key as many. The rest is room for quotes and brackets within values.
    """
    if text.count("{") + text.count("[") > MAX_XFCC_PAIRS or text.count('"') > 4 * MAX_XFCC_PAIRS:
        raise DecodeError(Reason.SOURCE_TOO_LARGE, f"more brackets or quotes than {MAX_XFCC_PAIRS} values have")


def _array(text: str) -> list[object]:
    if not text.startswith(("[", "{")):
        raise DecodeError(Reason.SOURCE_MALFORMED, "not JSON: let the proxy write the JSON form, or take the text form")
    try:
        text.encode()
        value = json.loads(
            text,
            object_pairs_hook=_Object,
            parse_int=_refuse_number,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    # UnicodeEncodeError and JSONDecodeError are ValueErrors; the other one is for lists in lists in lists.
    except (ValueError, RecursionError) as error:
        raise DecodeError(Reason.SOURCE_MALFORMED, "not one JSON value in UTF-8") from error
    if not isinstance(value, list):
        raise DecodeError(Reason.SOURCE_MALFORMED, "JSON that is no array")
    return value


class _Object:
    """The members of a JSON object, in order. A dict would forget a member that comes twice."""

    def __init__(self, members: _Members) -> None:
        self.members = members


def _refuse_number(_: str) -> NoReturn:
    raise DecodeError(Reason.SOURCE_MALFORMED, "a number in JSON, where only text can be")


def _sorted(value: object) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the members of one element that are texts, and those that are lists, once all of them are sound."""
    if not isinstance(value, _Object):
        raise DecodeError(Reason.SOURCE_MALFORMED, "no object")
    texts: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for number, (key, content) in enumerate(value.members, 1):
        try:
            _sort(key, content, texts, lists)
        except DecodeError as error:
            raise DecodeError(error.reason, f"member {number}: {error.detail}") from error
    return texts, lists


def _sort(key: str, value: object, texts: dict[str, str], lists: dict[str, list[str]]) -> None:
    if key in _TEXTS:
        _put(texts, key, _text(value, key))
    elif key in _LISTS:
        _put(lists, key, _list(value, key))
    else:
        raise DecodeError(Reason.SOURCE_MALFORMED, "an unknown key")


def _put(members: dict[str, T], key: str, value: T) -> None:
    if key in members:
        raise DecodeError(Reason.SOURCE_MALFORMED, f"a second {key}")
    members[key] = value


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise DecodeError(Reason.SOURCE_MALFORMED, f"a value of {key} that is no text")
    if key in _PEM:
        # Whatever else is in it is for the decoder of PEM. A list may not have one certificate in two pieces.
        if not value.startswith(_BEGIN) or value.count(_BEGIN) != 1:
            raise DecodeError(Reason.SOURCE_MALFORMED, f"a value of {key} that is not one PEM block")
    elif _CONTROL.search(value):
        raise DecodeError(Reason.SOURCE_MALFORMED, f"a control character in {key}")
    if _LONE_SURROGATE.search(value):
        raise DecodeError(Reason.SOURCE_MALFORMED, f"a lone surrogate in {key}")
    return value


def _list(value: object, key: str) -> list[str]:
    if not isinstance(value, list):
        raise DecodeError(Reason.SOURCE_MALFORMED, f"{key} is no list")
    return [_text(one, key) for one in value]


def _element(texts: dict[str, str], lists: dict[str, list[str]]) -> Element:
    cert, chain = texts.get("cert"), lists.get("chain")
    return Element(
        by=tuple(lists.get("by", ())),
        hash=texts.get("hash"),
        cert=None if cert is None else _percent_encoded((cert,)),
        chain=None if chain is None else _percent_encoded(chain),
        subject=texts.get("subject"),
        uris=tuple(lists.get("uri", ())),
        dns_names=tuple(lists.get("dns", ())),
        issuer=texts.get("issuer"),
    )


def _percent_encoded(texts: Iterable[str]) -> str:
    """Encode what would read as something else when it is decoded, and line breaks as Envoy does."""
    return "".join(texts).replace("%", "%25").replace("\n", "%0A")
