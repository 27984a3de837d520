"""What rules write behind the question: identity headers, the answer itself, the path; and what they leave in.

A value that takes its way through a variable is not followed.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from extauthz.doctor.code import Code
from extauthz.doctor.expectations import Expectations
from extauthz.doctor.finding import Finding
from extauthz.doctor.haproxy.conditions import denies
from extauthz.doctor.haproxy.parse import Line
from extauthz.doctor.haproxy.removed import is_of_request, removes
from extauthz.doctor.haproxy.view import HaproxyView, Proxy, way_rules

_WRITING: Final = frozenset({"set-header", "add-header", "replace-header", "replace-value"})
_VARIABLE: Final = re.compile(r"^set-var(?:-fmt)?\((?P<name>[^,)]+)")
_PATHS: Final = frozenset({"set-path", "set-pathq", "set-uri", "replace-path", "replace-pathq", "replace-uri"})
_NAME: Final = 2
"""Where the name of a header stands among the words of a rule."""
_BODIES: Final = ("internal.htx", "content-length")
"""What a rule looks at that refuses requests of which nobody knows where they end."""
_NAMES_RESTRICTED: Final = frozenset({"delete", "reject"})
_OPTION: Final = "http-restrict-req-hdr-names"


def identity_overwritten(view: HaproxyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that no rule writes something of the request into an identity header, if it is not removed again."""
    found: dict[int, Line] = {}
    for before, behind in _ways(view):
        for index, line in enumerate(before):
            name = _written(line, wants.identity_headers, decided=False)
            if name and not any(removes(rule, name) for rule in before[index + 1 :]):
                found[id(line)] = line
        found.update((id(line), line) for line in behind if _written(line, wants.identity_headers, decided=True))
    for line in found.values():
        yield line.found(Code.HAPROXY_IDENTITY_OVERWRITTEN)


def answer_overwritten(view: HaproxyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no rule sets the variable to anything but a denial, by which requests are let in."""
    for proxy in view.asking:
        for line in proxy.rules:
            written = _VARIABLE.match(line.words[1])
            if written and written["name"] in proxy.answers and not denies(line.words[2:]):
                yield line.found(Code.HAPROXY_ANSWER_OVERWRITTEN)


def path(view: HaproxyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that no path is changed after extauthz was asked about it."""
    for line in {id(line): line for _, behind in _ways(view) for line in behind}.values():
        if line.words[1] in _PATHS:
            yield line.found(Code.HAPROXY_PATH_CHANGED)


def underscores(view: HaproxyView, wants: Expectations) -> Iterator[Finding]:
    """Expect that identity headers are removed in the spelling that many upstreams take for the same."""
    for front, back, asked in _asked_ways(view):
        if any(_restricts(one) for one in (front, back)):
            continue
        rules = way_rules(front, back)
        removed = [name for name in wants.identity_headers if any(removes(rule, name) for rule in rules)]
        spelled = [name.replace("-", "_") for name in removed]
        left = [name for name in spelled if not any(removes(rule, name) for rule in rules)]
        if left:
            yield asked.found(Code.HAPROXY_UNDERSCORES, ", ".join(left))


def trailers(view: HaproxyView, _wants: Expectations) -> Iterator[Finding]:
    """Expect that requests are refused that may end with more than a body."""
    for front, back, asked in _asked_ways(view):
        if not any(any(part in one for part in _BODIES) for proxy in (front, back) for one in proxy.refusing_by):
            yield asked.found(Code.HAPROXY_TRAILERS_PASSED)


def _asked_ways(view: HaproxyView) -> Iterator[tuple[Proxy, Proxy, Line]]:
    """Yield one way by each question."""
    seen: set[int] = set()
    for front, back, _ in view.ways():
        asked = front.question or back.question
        if asked is not None and id(asked) not in seen:
            seen.add(id(asked))
            yield front, back, asked


def _ways(view: HaproxyView) -> Iterator[tuple[Sequence[Line], Sequence[Line]]]:
    """Yield the rules before and behind each question, on every way by it."""
    seen: set[tuple[int, int]] = set()
    for front, back, _ in view.ways():
        if (id(front), id(back)) in seen or not (front.question or back.question):
            continue
        seen.add((id(front), id(back)))
        if front.question is not None:
            yield front.before, (*front.after, *(back.rules if back is not front else ()))
        else:
            yield (*front.rules, *back.before), back.after


def _written(line: Line, identity_headers: Sequence[str], *, decided: bool) -> str | None:
    """Return the identity header into which a rule writes something of the request."""
    if line.words[1] not in _WRITING or len(line.words) <= _NAME:
        return None
    name = line.words[_NAME].lower()
    # What stands in an identity header behind the question is of the answer.
    fits = name in identity_headers and is_of_request(line, identity_headers if decided else ())
    return name if fits else None


def _restricts(proxy: Proxy) -> bool:
    options = [line.words for line in proxy.lines if line.words[:2] == ("option", _OPTION)]
    return bool(options) and not _NAMES_RESTRICTED.isdisjoint(options[-1][2:])
