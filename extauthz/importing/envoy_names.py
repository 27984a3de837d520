"""``match_typed_subject_alt_names`` and its older forms -> what ``require`` asks of subjectAltNames."""

from collections.abc import Iterable, Iterator, Mapping

from extauthz.identity.general_names import USER_PRINCIPAL_NAME
from extauthz.importing.envoy_field import field, is_true, snake_case, text_field
from extauthz.importing.foreign import Node
from extauthz.importing.remark import Remark, Weight
from extauthz.importing.san_pattern import (
    CannotExpressError,
    Kind,
    SanType,
    StringMatcher,
    overlooks_case,
    san_patterns,
)
from extauthz.model.quoted import quoted

_TYPES: Mapping[str, SanType] = {
    "EMAIL": "email",
    "DNS": "dns",
    "URI": "uri",
    "IP_ADDRESS": "ip",
    "1": "email",
    "2": "dns",
    "3": "uri",
    "4": "ip",
}
"""``san_type``, by name and by number. OTHER_NAME (5) is looked at apart, for its OID."""
_OTHER_NAME = frozenset({"OTHER_NAME", "5"})
_UNTYPED: tuple[SanType, ...] = ("dns", "uri", "email", "ip")
"""What the older forms, which have no type, look at."""
_KINDS: Mapping[str, Kind] = {
    "exact": "exact",
    "prefix": "prefix",
    "suffix": "suffix",
    "contains": "contains",
    "safe_regex": "safe_regex",
}


class SanRequirement:
    """The patterns that were found, by type; one of all of them is enough, as in Envoy."""

    def __init__(self) -> None:
        self.patterns: dict[SanType, list[str]] = {}
        self.remarks: list[Remark] = []
        self.is_asked = False
        """Whether the original asks anything of the names."""

    def condition(self) -> dict[str, object]:
        """Return the keys of ``require`` that say it. Empty when no pattern is there, which would ask nothing."""
        sets: list[dict[str, object]] = [{"san": {one: found}} for one, found in self.patterns.items()]
        if len(sets) > 1:
            return {"any_of": sets}
        return sets[0] if sets else {}

    def add_typed(self, nodes: Iterable[Node]) -> None:
        """Add ``match_typed_subject_alt_names``."""
        for node in nodes:
            self.is_asked = True
            san_type = _san_type(node)
            if san_type is None:
                what = " ".join(part for part in (text_field(node, "san_type"), text_field(node, "oid")) if part)
                self._leave_out(node, f"names of type {quoted(what)} have no counterpart; only the others are accepted")
                continue
            self._add_matcher(node, field(node, "matcher"), (san_type,))

    def add_untyped(self, nodes: Iterable[Node]) -> None:
        """Add ``match_subject_alt_names``, which looks at names of several types."""
        for node in nodes:
            self.is_asked = True
            self._add_matcher(node, node, _UNTYPED)

    def add_exact(self, nodes: Iterable[Node]) -> None:
        """Add ``verify_subject_alt_name``, a list of exact names."""
        for node in nodes:
            self.is_asked = True
            self._add(node, StringMatcher("exact", node.text() or ""), _UNTYPED)

    def _add_matcher(self, place: Node, node: Node | None, types: tuple[SanType, ...]) -> None:
        matchers = list(_matchers(node))
        if len(matchers) != 1:
            self._leave_out(place, "the matcher is of a kind that is not known here; only the others are accepted")
            return
        self._add(place, matchers[0], types)

    def _add(self, place: Node, matcher: StringMatcher, types: tuple[SanType, ...]) -> None:
        problems = []
        for san_type in types:
            try:
                patterns = san_patterns(san_type, matcher)
            except CannotExpressError as error:
                problems.append(f"{matcher} over names of type {san_type} {error}")
                continue
            have = self.patterns.setdefault(san_type, [])
            have.extend(pattern for pattern in patterns if pattern not in have)
            if (wider := overlooks_case(san_type, matcher)) is not None and matcher.text != matcher.text.swapcase():
                self.remarks.append(Remark(place.place, Weight.NOTE, wider))
        # A text that can be no IP address loses nothing by matching none; what has no counterpart at all does.
        if len(problems) == len(types):
            self._leave_out(place, f"{problems[0]}; only the others are accepted")
        elif problems and matcher.kind != "exact":
            self.remarks.append(Remark(place.place, Weight.NOTE, f"{problems[0]}: certificates are not told by those"))

    def _leave_out(self, node: Node, message: str) -> None:
        self.remarks.append(Remark(node.place, Weight.LEFT_OUT, message))


def _san_type(node: Node) -> SanType | None:
    name = text_field(node, "san_type")
    if name in _OTHER_NAME:
        return "upn" if text_field(node, "oid") == USER_PRINCIPAL_NAME else None
    return _TYPES.get(name)


def _matchers(node: Node | None) -> Iterator[StringMatcher]:
    """Yield the one matcher that a ``StringMatcher`` holds."""
    ignore_case = is_true(node, "ignore_case")
    for key in () if node is None else node.names():
        kind = _KINDS.get(snake_case(key))
        if kind is not None:
            value = text_field(field(node, kind), "regex") if kind == "safe_regex" else text_field(node, kind)
            yield StringMatcher(kind, value, ignore_case and kind != "safe_regex")
