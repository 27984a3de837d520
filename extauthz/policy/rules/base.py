"""What every rule is, and the two shapes that most of them have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.policy.patterns import Pattern, matching

SHOWN_VALUES = 5
"""Values of a certificate that a detail shows: enough to see the mistake, bounded whatever the certificate holds."""


class Rule(Protocol):
    """One condition. Without clock, request or I/O: the same identity always gives the same outcome."""

    @property
    def key(self) -> str:
        """Its key in the configuration, such as ``san.dns``."""
        ...

    def check(self, identity: CertIdentity) -> Outcome:
        """Say whether the identity meets the condition."""
        ...


@dataclass(frozen=True, slots=True)
class ValuesRule:
    """One of the certificate's values of some kind matches one of the patterns."""

    key: str
    reason: Reason
    values: Callable[[CertIdentity], tuple[str, ...]]
    patterns: tuple[Pattern, ...]

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the first value and pattern that match."""
        values = self.values(identity)
        found = matching(self.patterns, values)
        if found is None:
            return Fail(self.reason, f"{shown(values)} matches none of {shown_patterns(self.patterns)}")
        return Pass(f"{quoted(found[0])} matches {found[1]!r}")


@dataclass(frozen=True, slots=True)
class ContainsRule:
    """One text of the certificate contains one of the fragments, case-sensitively.

    Weak by nature: ``OU=Ops`` is also in ``O=X OU=Ops`` or ``OU=Opsec``. Loading a configuration warns about each.
    """

    key: str
    reason: Reason
    text: Callable[[CertIdentity], str]
    fragments: tuple[str, ...]

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the first fragment that is found."""
        text = self.text(identity)
        for fragment in self.fragments:
            if fragment in text:
                return Pass(f"{quoted(text)} contains {fragment!r}")
        return Fail(self.reason, f"{quoted(text)} contains none of {list(self.fragments)!r}")


def shown(values: tuple[str, ...]) -> str:
    """Render values for a detail, bounded in number and length."""
    if not values:
        return "nothing"
    texts = [quoted(value) for value in values[:SHOWN_VALUES]]
    more = f" and {len(values) - SHOWN_VALUES} more" if len(values) > SHOWN_VALUES else ""
    return ", ".join(texts) + more


def shown_patterns(patterns: tuple[Pattern, ...]) -> str:
    """Render patterns for a detail, as the operator wrote them."""
    return shown(tuple(pattern.text for pattern in patterns))
