"""``spiffe_id``: the ID of a valid X509-SVID, compared segment by segment (SPIFFE-ID §2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from extauthz.identity.spiffe import parse_spiffe_id
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.policy.patterns import REGEX_PREFIX, Pattern, PatternError, compile_segments, matching
from extauthz.policy.rules.base import shown_patterns

SCHEME = "spiffe://"


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
        found = matching(self.patterns, (identity.spiffe_id,))
        if found is None:
            detail = f"{quoted(identity.spiffe_id)} matches none of {shown_patterns(self.patterns)}"
            return Fail(Reason.SPIFFE_ID_NOT_ALLOWED, detail)
        return Pass(f"{quoted(found[0])} matches {found[1]!r}")


def spiffe_id_rule(texts: Sequence[str]) -> SpiffeIdRule:
    """Require one of these SPIFFE IDs; wildcards only in the path. Raises PatternError."""
    return SpiffeIdRule(tuple(_pattern(text) for text in texts))


def _pattern(text: str) -> Pattern:
    if text.startswith(REGEX_PREFIX):
        return compile_segments(text, "/", lower=False)
    if not text.lower().startswith(SCHEME):
        raise PatternError(f"a SPIFFE ID starts with {SCHEME!r}: {text!r} would never match")
    trust_domain, _, path = text[len(SCHEME) :].partition("/")
    sample = "/".join("x" if part in {"*", "**"} else part for part in path.split("/"))
    try:
        # A wildcard stands for whole segments, so the rest must be a valid ID as it is.
        normal = parse_spiffe_id(f"{SCHEME}{trust_domain}/{sample}")
    except ValueError as error:
        raise PatternError(f"{text!r} can match no SPIFFE ID: {error}") from None
    # Identities carry the trust domain in lower case, however it was written.
    return compile_segments(f"{SCHEME}{normal.trust_domain}/{path}", "/", lower=False)
