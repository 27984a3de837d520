"""Which policy answers for which request: the first whose ``when`` matches (step 1 of ``decide``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.policy.host import normal_host
from extauthz.policy.path import path_segments
from extauthz.policy.patterns import (
    REGEX_PREFIX,
    ExactPattern,
    Pattern,
    PatternError,
    SegmentPattern,
    compile_segments,
    segments_match,
)

Target = TypeVar("Target")


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
        hosts=tuple(compile_segments(text, ".", lower=True) for text in hosts),
        paths=tuple(_compile_path(text) for text in paths),
        methods=frozenset(method.upper() for method in methods),
        sni=tuple(compile_segments(text, ".", lower=True) for text in sni),
        context=dict(context or {}),
    )


def _compile_path(text: str) -> Pattern:
    if not text.startswith(("/", REGEX_PREFIX)):
        raise PatternError(f"a path pattern starts with '/' (or 're:'): {text!r} would never match")
    return compile_segments(text, "/", lower=False)


class RouteTable(Generic[Target]):
    """The policies in their order, each with its compiled conditions."""

    def __init__(self, routes: Sequence[tuple[When, Target]], *, unsafe_path_parameters: bool = False) -> None:
        """``unsafe_path_parameters``: compare a ``;`` in a path as it stands, instead of refusing it as ambiguous."""
        self._routes = tuple(routes)
        self._path_parameters = unsafe_path_parameters
        self._reads_hosts = any(when.hosts for when, _ in routes)
        self._reads_paths = any(when.paths for when, _ in routes)

    def find(self, request: AuthRequest) -> Target | Fail:
        """Return what stands at the first route that matches, or why none can be chosen.

        When any policy matches on hosts or paths, an ambiguous host or path denies for every policy: an earlier,
        stricter one might have been meant.
        """
        host, segments = "", [""]
        try:
            if self._reads_hosts and request.is_http:
                host = normal_host(request.host)
            if self._reads_paths and request.is_http:
                segments = path_segments(request.path, parameters=self._path_parameters)
        except DecodeError as error:
            return Fail(error.reason, error.detail)
        sni = request.sni.lower().removesuffix(".")
        for when, target in self._routes:
            if _matches(when, request, host, segments, sni):
                return target
        return Fail(Reason.NO_POLICY, "no policy's `when` matches this request")


def _matches(when: When, request: AuthRequest, host: str, segments: list[str], sni: str) -> bool:
    return (
        # Methods are case-sensitive (RFC 9110 §9.1), but some upstreams take `post` for POST.
        (not when.methods or request.method.upper() in when.methods)
        and (request.is_http or not (when.hosts or when.paths))
        and (not when.hosts or any(pattern.matches(host) for pattern in when.hosts))
        and (not when.paths or any(_path_matches(pattern, segments) for pattern in when.paths))
        and (not when.sni or any(pattern.matches(sni) for pattern in when.sni))
        and all(request.context_extensions.get(key) == value for key, value in when.context.items())
    )


def _path_matches(pattern: Pattern, segments: list[str]) -> bool:
    if isinstance(pattern, SegmentPattern):
        return segments_match(pattern.parts, segments)
    path = "/".join(segments)
    return path == pattern.value if isinstance(pattern, ExactPattern) else pattern.matches(path)
