"""``ms_sid``: the security identifier of an Active Directory account (MS-WCCE §2.2.2.7.7.4).

Exact. A certificate with two different ones is refused before any rule is run (MS-PKCA §3.1.5.2.1.6).
"""

from collections.abc import Sequence

from extauthz.identity.ms_sid import SID_URI_PREFIX, ms_sid
from extauthz.model.identity import CertIdentity
from extauthz.model.reason import Reason
from extauthz.policy.patterns import PatternError
from extauthz.policy.rules.identifier import IdentifierRule, comparable


def ms_sid_rule(sids: Sequence[str]) -> IdentifierRule:
    """Require one of these SIDs. Raises PatternError."""
    return IdentifierRule("ms_sid", Reason.MS_SID_NOT_ALLOWED, "ms_sid", _ms_sid, comparable(sids, _as_read))


def _ms_sid(identity: CertIdentity) -> str | None:
    return identity.ms_sid


def _as_read(text: str) -> str:
    """Return the SID as a certificate with this one is read."""
    sid, why = ms_sid(None, [SID_URI_PREFIX + text])
    if sid is None:
        raise PatternError(f"no certificate has the SID {text!r} ({why}); write it as S-1-5-21-1111-2222-3333-1104")
    return sid
