"""``common_name``: the subject's only CN."""

from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.policy.patterns import Pattern, compile_text, matching
from extauthz.policy.rules.base import shown, shown_patterns


@dataclass(frozen=True, slots=True)
class CommonNameRule:
    """The subject has exactly one CN, and it matches. With several, which one names the holder is anyone's guess."""

    patterns: tuple[Pattern, ...]
    key: str = "common_name"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the pattern that matches; a subject with several CNs is undecided."""
        if len(identity.common_names) > 1:
            detail = f"the subject has several common names: {shown(identity.common_names)}"
            return Fail(Reason.COMMON_NAME_NOT_ALLOWED, detail, undecided=True)
        found = matching(self.patterns, identity.common_names)
        if found is None:
            detail = f"{shown(identity.common_names)} matches none of {shown_patterns(self.patterns)}"
            return Fail(Reason.COMMON_NAME_NOT_ALLOWED, detail)
        return Pass(f"{quoted(found[0])} matches {found[1]!r}")


def common_name_rule(texts: Sequence[str]) -> CommonNameRule:
    """Require one of these common names. Raises PatternError."""
    return CommonNameRule(tuple(compile_text(text) for text in texts))
