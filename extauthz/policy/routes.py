"""Which policy answers for which request: the first whose ``when`` matches (step 1 of ``decide``)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from sys import getsizeof
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote

from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.host import normal_host
from extauthz.policy.path import path_segments
from extauthz.policy.patterns import (
    REGEX_PREFIX,
    Pattern,
    PatternError,
    SegmentPattern,
    compile_segments,
    segments_match,
)
from extauthz.policy.rules.base import shown, shown_patterns
from extauthz.trust.cache import TwoGenerationCache

Target = TypeVar("Target")

KEPT_ROUTES = 16_384
"""Routes that are kept: what clients ask for most is a small part of what there is."""
KEPT_ROUTE_BYTES = 8 << 20
"""Of hosts, paths and the like in kept routes, all together, and of why there is none."""
MAX_KEPT_ROUTE_BYTES = 2_048
"""Of one. Longer ones are found anew each time."""
SHOWN_POLICIES = 8
"""Policies of which a detail says why they do not match; more would fill the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The conditions of one policy: every kind that is given must hold, one pattern of each kind is enough."""

    hosts: tuple[Pattern, ...] = ()
    paths: tuple[Pattern, ...] = ()
    methods: frozenset[str] = frozenset()
    sni: tuple[Pattern, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)


def compile_when(
    *,
    hosts: Sequence[str] = (),
    paths: Sequence[str] = (),
    methods: Sequence[str] = (),
    sni: Sequence[str] = (),
    context: Mapping[str, str] | None = None,
) -> When:
    """Compile the conditions as an operator writes them. Raises PatternError."""
    return When(
        hosts=tuple(_compile_host(text) for text in hosts),
        paths=tuple(_compile_path(text) for text in paths),
        methods=frozenset(method.upper() for method in methods),
        sni=tuple(_compile_host(text) for text in sni),
        context=dict(context or {}),
    )


_HOST = re.compile(r"[A-Za-z0-9_.*-]+|\[[0-9A-Fa-f:.]+\]")


def _compile_host(text: str) -> Pattern:
    if not text.startswith(REGEX_PREFIX) and _HOST.fullmatch(text) is None:
        raise PatternError(
            f"{text!r} would never match: hosts are compared as bare names, without scheme, port or path, "
            "international ones in their xn-- form"
        )
    return compile_segments(text if text.startswith(REGEX_PREFIX) else text.removesuffix("."), ".", lower=True)


def _compile_path(text: str) -> Pattern:
    if not text.startswith(("/", REGEX_PREFIX)):
        raise PatternError(f"a path pattern starts with '/' (or 're:'): {text!r} would never match")
    if not text.startswith(REGEX_PREFIX):
        _require_reachable(text)
    return compile_segments(text, "/", lower=False)


def _require_reachable(text: str) -> None:
    """Refuse a pattern that no path can match: paths are compared decoded, without query, and never ambiguous."""
    if "?" in text:
        raise PatternError(f"{text!r} would never match: the query is not compared")
    try:
        path_segments(quote(text.replace("*", "x")), parameters=True)
    except DecodeError as error:
        raise PatternError(f"{text!r} would never match, as paths are compared decoded: {error.detail}") from None


class _Asked(NamedTuple):
    """One request in the form in which conditions compare it."""

    request: AuthRequest
    host: str
    segments: list[str]
    sni: str


class RouteTable(Generic[Target]):
    """The policies in their order, each with its compiled conditions."""

    def __init__(self, routes: Sequence[tuple[When, Target]], *, unsafe_path_parameters: bool = False) -> None:
        """``unsafe_path_parameters``: compare a ``;`` in a path as it stands, instead of refusing it as ambiguous."""
        self._routes = tuple(routes)
        self._path_parameters = unsafe_path_parameters
        self._reads_hosts = any(when.hosts for when, _ in routes)
        self._reads_paths = any(when.paths for when, _ in routes)
        read = {
            "is_http": True,
            "method": any(when.methods for when, _ in routes),
            "host": self._reads_hosts,
            "sni": any(when.sni for when, _ in routes),
        }
        self._compared = itemgetter(*[AuthRequest._fields.index(name) for name, is_read in read.items() if is_read])
        """Takes out of a request all that any policy looks at but for its path and context, in one call."""
        self.context_keys = tuple(sorted({key for when, _ in routes for key in when.context}))
        """The keys of ``context_extensions`` that any policy looks at."""
        self._kept: TwoGenerationCache[Target | Fail] = TwoGenerationCache(KEPT_ROUTES, KEPT_ROUTE_BYTES)

    def find(self, request: AuthRequest) -> Target | Fail:
        """Return what stands at the first route that matches, or why none can be chosen.

        When any policy matches on hosts or paths, an ambiguous host or path denies for every policy: an earlier,
        stricter one might have been meant.

        What was found is kept for the next request that is the same in everything that any policy looks at.
        """
        path = ""
        if self._reads_paths:
            path = request.path
            query = path.find("?")
            if query > 0:  # an empty path is one of its own, so `?x` is not the same as no target at all
                path = path[:query]
        compared = self._compared(request)
        context: tuple[str | None, ...] = ()
        if self.context_keys:
            context = tuple([request.context_extensions.get(name) for name in self.context_keys])
        key = (compared, path, context)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        found = self._find(request)
        texts = compared if isinstance(compared, tuple) else ()
        cost = sum(getsizeof(text) for text in (*texts, path, *context))
        if isinstance(found, Fail):
            cost += getsizeof(found.detail)
        if cost <= MAX_KEPT_ROUTE_BYTES:
            self._kept.put(key, found, cost)
        return found

    def _find(self, request: AuthRequest) -> Target | Fail:
        host, segments = "", [""]
        try:
            if self._reads_hosts and request.is_http:
                host = normal_host(request.host)
            if self._reads_paths and request.is_http:
                segments = path_segments(request.path, parameters=self._path_parameters)
        except DecodeError as error:
            return Fail(error.reason, error.detail)
        asked = _Asked(request, host, segments, request.sni.lower().removesuffix("."))
        mismatches = []
        for when, target in self._routes:
            kind = _mismatch(when, asked)
            if kind is None:
                return target
            mismatches.append((kind, when))
        why = [
            f"policies[{number}] {_explained(kind, when, asked)}"
            for number, (kind, when) in enumerate(mismatches[:SHOWN_POLICIES])
        ]
        return Fail(Reason.NO_POLICY, f"no policy's `when` matches: {'; '.join(why)}")


def _mismatch(when: When, asked: _Asked) -> str | None:
    """Return the first kind of condition that does not hold, None when all hold."""
    request = asked.request
    # Methods are case-sensitive (RFC 9110 §9.1), but some upstreams take `post` for POST.
    if when.methods and request.method.upper() not in when.methods:
        return "methods"
    if when.hosts and not (request.is_http and any(pattern.matches(asked.host) for pattern in when.hosts)):
        return "hosts"
    if when.paths and not (request.is_http and any(_path_matches(pattern, asked.segments) for pattern in when.paths)):
        return "paths"
    if when.sni and not any(pattern.matches(asked.sni) for pattern in when.sni):
        return "sni"
    if not all(request.context_extensions.get(key) == value for key, value in when.context.items()):
        return "context"
    return None


def _explained(kind: str, when: When, asked: _Asked) -> str:
    """Say for the operator what was compared."""
    match kind:
        case "methods":
            return f"methods: {quoted(asked.request.method)} is none of {shown(tuple(sorted(when.methods)))}"
        case "hosts":
            return f"hosts: {quoted(asked.host)} matches none of {shown_patterns(when.hosts)}"
        case "paths":
            return f"paths: {quoted('/'.join(asked.segments))} matches none of {shown_patterns(when.paths)}"
        case "sni":
            return f"sni: {quoted(asked.sni)} matches none of {shown_patterns(when.sni)}"
    return f"context: it is not {shown(tuple(f'{key}={value}' for key, value in when.context.items()))}"


def _path_matches(pattern: Pattern, segments: list[str]) -> bool:
    """Match a path; one slash at its end more or less makes no difference, as it makes none to many routers."""
    endings = (segments, _other_ending(segments))
    if isinstance(pattern, SegmentPattern):
        return any(segments_match(pattern.parts, one) for one in endings)
    return any(pattern.matches("/".join(one)) for one in endings)


def _other_ending(segments: list[str]) -> list[str]:
    return segments[:-1] if len(segments) > 2 and segments[-1] == "" else [*segments, ""]  # noqa: PLR2004  ("", x, "")
