"""Where the script that is to ask asks: the one URL that stands in it as a text. Nothing else of Lua is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extauthz.doctor.asked import asked_by_url, reached_over_http, url_parts
from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding, UnreadableError
from extauthz.doctor.haproxy.view import HaproxyView
from extauthz.doctor.read_files import read_included
from extauthz.doctor.tls_asked import tls_agrees_over_http, tls_of
from extauthz.doctor.wiring import HAPROXY, is_below

LARGEST: Final = 1 << 20
"""Bytes of a script."""
_TOKEN: Final = re.compile(
    r"""--\[\[.*?\]\]|--[^\n]*|"(?P<double>(?:\\.|[^"\\\n])*)"|'(?P<single>(?:\\.|[^'\\\n])*)'""", re.DOTALL
)
"""A comment, or a text."""
_URL: Final = re.compile(r"https?://[^/?#]+")


@dataclass(frozen=True, slots=True)
class Question:
    """The URL in a script, and where it stands."""

    url: str
    file: str
    line: int


def address(view: HaproxyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that extauthz listens where the script asks, under the path that it asks for."""
    prefix = wants.http(HAPROXY).prefix
    for one in questions(view):
        place, url = f"{one.file}:{one.line}", url_parts(one.url)
        yield from reached_over_http(wants, HAPROXY, asked_by_url(one.url, place))
        # HAProxy's HTTP client has no certificate of its own to show.
        yield from tls_agrees_over_http(wants, HAPROXY, tls_of(url.scheme, certificate=False), place)
        if not is_below(url.path, prefix):
            detail = f"{url.path or 'no path'}, not {prefix}"
            yield Finding(code=Code.HAPROXY_OTHER_PREFIX, file=one.file, line=one.line, path="", detail=detail)


def questions(view: HaproxyView) -> Iterator[Question]:
    """Yield the URL of each script that has the action's name in it, and no second URL; those that are at hand."""
    for line in view.scripts:
        path = Path(line.file).parent / line.words[1]
        try:
            text = read_included(path, LARGEST)
        except UnreadableError:
            continue
        texts = [(one.group("double") or one.group("single") or "", one.start()) for one in _TOKEN.finditer(text)]
        urls = [(value, start) for value, start in texts if _URL.match(value)]
        if len(urls) == 1 and not view.actions.isdisjoint(value for value, _ in texts):
            ((url, start),) = urls
            yield Question(url, str(path), text.count("\n", 0, start) + 1)
