"""What the rules look at: the sections that requests go through, and which of them ask and refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.haproxy.conditions import Enforcement, allowing_variables, enforcement, has_condition
from extauthz.doctor.haproxy.parse import Line, Section, parse
from extauthz.doctor.read_files import AS_BYTES, read_given

_FRONT: Final = frozenset({"frontend", "listen"})
_BACK: Final = frozenset({"backend", "listen"})
_RULE: Final = "http-request"
_REFUSING: Final = frozenset({"deny", "reject", "return", "redirect", "silent-drop", "tarpit"})
_VERIFYING: Final = frozenset({"optional", "required"})
_LOADING: Final = frozenset({"lua-load", "lua-load-per-thread"})
LARGEST: Final = 16 << 20
"""Bytes of one file."""


@dataclass(frozen=True)
class Proxy:
    """A frontend, a backend or both, with what it has from its defaults."""

    section: Section
    lines: tuple[Line, ...]
    """Those of the defaults first, as HAProxy goes by them."""

    @property
    def is_front(self) -> bool:
        """Whether clients connect to it."""
        return self.section.kind in _FRONT

    @cached_property
    def rules(self) -> tuple[Line, ...]:
        """The rules about requests, in order; none where it passes on bytes."""
        modes = [line.words[1] for line in self.lines if line.words[0] == "mode" and len(line.words) > 1]
        if modes[-1:] != ["http"]:
            return ()
        return tuple(line for line in self.lines if line.words[0] == _RULE and len(line.words) > 1)

    @cached_property
    def question(self) -> Line | None:
        """The rule that runs a script that asks, or the filter that asks before all rules, by its name."""
        filters = (line for line in self.lines if line.words[0] == "filter") if self.rules else ()
        return next((line for line in (*self.rules, *filters) if _asks(line)), None)

    @cached_property
    def _position(self) -> int:
        """How many rules come before the question; none for a filter."""
        return next((index for index, line in enumerate(self.rules) if line is self.question), -1)

    @property
    def before(self) -> tuple[Line, ...]:
        """The rules before the question."""
        return self.rules[: max(self._position, 0)]

    @cached_property
    def after(self) -> tuple[Line, ...]:
        """The rules behind the question."""
        return self.rules[self._position + 1 :]

    @cached_property
    def refusals(self) -> tuple[tuple[Line, Enforcement], ...]:
        """The rules that refuse requests by what the script found out."""
        found = ((line, enforcement(line.words, self._acls)) for line in self.after if line.words[1] in _REFUSING)
        return tuple((line, what) for line, what in found if what is not Enforcement.NONE)

    @cached_property
    def answers(self) -> frozenset[str]:
        """The variables that say to these rules that a request is allowed."""
        full = (line.words for line, what in self.refusals if what is Enforcement.FULL)
        return frozenset(name for words in full for name in allowing_variables(words, self._acls))

    @cached_property
    def refusing_by(self) -> tuple[str, ...]:
        """What the rules look at that refuse requests, with what their ACLs test."""
        refusing = (line.words for line in self.rules if line.words[1] in _REFUSING)
        return tuple(
            " ".join((*words, *(self._acls.get(word.lstrip("!"), "") for word in words))) for words in refusing
        )

    @property
    def enforces(self) -> bool:
        """Whether a request gets through it only if it is allowed."""
        return any(what is Enforcement.FULL for _, what in self.refusals)

    @cached_property
    def verifying_binds(self) -> tuple[Line, ...]:
        """Where clients are asked for a certificate."""
        binds = (line for line in self.lines if line.words[0] == "bind")
        return tuple(line for line in binds if _after(line.words, "verify") in _VERIFYING)

    @cached_property
    def backends(self) -> tuple[tuple[str, Line], ...]:
        """The backends that it passes on to, by name; those that a fetch chooses are not among them."""
        named = (line for line in self.lines if line.words[0] in {"default_backend", "use_backend"})
        return tuple((line.words[1], line) for line in named if len(line.words) > 1 and "%[" not in line.words[1])

    @cached_property
    def servers(self) -> frozenset[str]:
        """The addresses of its servers."""
        servers = (line for line in self.section.lines if line.words[0] == "server")
        return frozenset(line.words[2] for line in servers if len(line.words) > 2)  # noqa: PLR2004  (keyword, name, address)

    @property
    def redirects_to_https(self) -> bool:
        """Whether it is there to send clients elsewhere."""
        redirects = (line for line in self.lines if "redirect" in line.words[:2])
        return any(
            _after(line.words, "scheme") == "https" and (not has_condition(line.words) or "ssl_fc" in str(line))
            for line in redirects
        )

    @cached_property
    def _acls(self) -> dict[str, str]:
        """Names -> everything that they test."""
        tests: dict[str, list[str]] = {}
        for line in self.lines:
            if line.words[0] == "acl" and len(line.words) > 1:
                tests.setdefault(line.words[1], []).extend(line.words[2:])
        return {name: " ".join(words) for name, words in tests.items()}


@dataclass(frozen=True)
class HaproxyView:
    """One HAProxy."""

    files: Sequence[str]
    proxies: tuple[Proxy, ...]
    scripts: tuple[Line, ...] = ()
    """What loads them."""

    @property
    def actions(self) -> frozenset[str]:
        """The names of the actions that ask, without what says that they are a script's."""
        rules = (one.question for one in self.asking)
        names = (one.words[1].partition(".")[2] for one in rules if one is not None)
        return frozenset(name for name in names if name)

    @property
    def fronts(self) -> tuple[Proxy, ...]:
        """What clients connect to."""
        return tuple(one for one in self.proxies if one.is_front)

    @property
    def asking(self) -> tuple[Proxy, ...]:
        """The frontends and backends that ask."""
        return tuple(one for one in self.proxies if one.question is not None)

    def ways(self) -> Iterator[tuple[Proxy, Proxy, Line]]:
        """Yield each frontend with each backend that it leads to, and the line that says so."""
        backs = {one.section.name: one for one in self.proxies if one.section.kind in _BACK}
        for front in self.fronts:
            if front.section.kind == "listen" and front.servers:
                yield front, front, front.section.head
            for name, line in front.backends:
                if name in backs:
                    yield front, backs[name], line


def way_rules(front: Proxy, back: Proxy) -> tuple[Line, ...]:
    """Return all rules about a request that goes this way, in order."""
    return (*front.rules, *(back.rules if back is not front else ()))


def read_haproxy(paths: Sequence[Path]) -> HaproxyView:
    """Read the files, in this order. Raises UnreadableError, also when there is no frontend in any of them."""
    sections = [section for path in paths for section in parse(read_given(path, LARGEST, errors=AS_BYTES), str(path))]
    loading = (line for section in sections for line in section.lines if line.words[0] in _LOADING)
    scripts = tuple(line for line in loading if len(line.words) > 1)
    view = HaproxyView([str(path) for path in paths], tuple(_proxies(sections)), scripts)
    if not view.fronts:
        raise UnreadableError(f"{paths[0]} has nothing to examine: no frontend or listen section is in it")
    return view


def _proxies(sections: Sequence[Section]) -> Iterator[Proxy]:
    last: tuple[Line, ...] = ()
    named: dict[str, tuple[Line, ...]] = {}
    for section in sections:
        given = named.get(_after(section.head.words, "from"))
        if section.kind == "defaults":
            last = (*(given or ()), *section.lines)
            named[section.name] = last
        elif section.kind in _FRONT | _BACK:
            yield Proxy(section, (*(last if given is None else given), *section.lines))


def _asks(rule: Line) -> bool:
    action = rule.words[1].lower() if len(rule.words) > 1 else ""
    script = action.startswith("lua.") and "auth" in action
    return script or (action in {"send-spoe-group", "spoe"} and "auth" in str(rule).lower())


def _after(words: Sequence[str], word: str) -> str:
    """Return the word behind another; empty when there is none."""
    index = words.index(word) + 1 if word in words else len(words)
    return words[index] if index < len(words) else ""
