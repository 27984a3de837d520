"""``spiffe_id``: the ID of a valid X509-SVID, compared segment by segment (SPIFFE-ID §2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.identity.spiffe import SpiffeId, parse_spiffe_id
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.policy.patterns import (
    REGEX_PREFIX,
    Pattern,
    PatternError,
    RegexPattern,
    compile_regex,
    compile_segments,
    matching,
)
from extauthz.policy.rules.base import shown_patterns

SCHEME = "spiffe://"
_ESCAPED_DOT = "\\."


@dataclass(frozen=True, slots=True)
class SpiffeIdRule:
    """The certificate is an X509-SVID whose ID matches."""

    patterns: tuple[Pattern, ...]
    key: str = "spiffe_id"

    def check(self, identity: CertIdentity) -> Outcome:
        """Pass with the pattern that matches; a SPIFFE URI in a certificate that is no valid SVID is undecided."""
        if identity.spiffe_id is None:
            broken = any(uri.lower().startswith("spiffe:") for uri in identity.uris)
            detail = "it has a SPIFFE URI but is no valid X509-SVID" if broken else "it is no X509-SVID"
            return Fail(Reason.SPIFFE_ID_NOT_ALLOWED, detail, undecided=broken)
        return self.check_id(identity.spiffe_id)

    def check_id(self, spiffe_id: str) -> Outcome:
        """Pass with the pattern that matches a SPIFFE ID."""
        found = matching(self.patterns, (spiffe_id,))
        if found is None:
            detail = f"{quoted(spiffe_id)} matches none of {shown_patterns(self.patterns)}"
            return Fail(Reason.SPIFFE_ID_NOT_ALLOWED, detail)
        return Pass(f"{quoted(found[0])} matches {found[1]!r}")


def spiffe_id_rule(texts: Sequence[str]) -> SpiffeIdRule:
    """Require one of these SPIFFE IDs. The trust domain is always literal: wildcards and expressions are for the path.

    Raises PatternError.
    """
    return SpiffeIdRule(
        tuple(_expression(text) if text.startswith(REGEX_PREFIX) else _segments(text) for text in texts)
    )


def _segments(text: str) -> Pattern:
    trust_domain, path = _parts(text, text)
    sample = "/".join("x" if part in {"*", "**"} else part for part in path.split("/"))
    # A wildcard stands for whole segments, so the rest must be a valid ID as it is.
    normal = _parsed(f"{SCHEME}{trust_domain}/{sample}", text)
    # Identities carry the trust domain in lower case, however it was written.
    return compile_segments(f"{SCHEME}{normal.trust_domain}/{path}", "/", lower=False)


def _expression(text: str) -> Pattern:
    trust_domain, path = _parts(text.removeprefix(REGEX_PREFIX), text)
    # Whoever may choose any trust domain is nobody in particular, so a dot there is a dot, escaped or not.
    normal = _parsed(f"{SCHEME}{trust_domain.replace(_ESCAPED_DOT, '.')}/x", text)
    if not path:
        raise PatternError(f"{text!r} can match no SPIFFE ID: the path is empty")
    if SCHEME in path:
        raise PatternError(f"{text!r} holds a second SPIFFE ID, which would never match: write it as another item")
    compile_regex(REGEX_PREFIX + path)  # by itself, so that no bracket in it closes the one around it
    whole = f"{re.escape(f'{SCHEME}{normal.trust_domain}/')}(?:{path})"
    return RegexPattern(text, compile_regex(REGEX_PREFIX + whole).expression)


def _parts(pattern: str, text: str) -> tuple[str, str]:
    """Split a pattern into trust domain and path."""
    if not pattern.lower().startswith(SCHEME):
        raise PatternError(f"a SPIFFE ID starts with {SCHEME!r}: {text!r} would never match")
    trust_domain, _, path = pattern[len(SCHEME) :].partition("/")
    return trust_domain, path


def _parsed(sample: str, text: str) -> SpiffeId:
    try:
        return parse_spiffe_id(sample)
    except ValueError as error:
        raise PatternError(f"{text!r} can match no SPIFFE ID: {error}") from None
