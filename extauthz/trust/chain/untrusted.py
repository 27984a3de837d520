"""Why there is no path of names and signatures from a leaf to an anchor, in words an operator can act on.

Nothing is verified here, and nothing here can turn a refusal into an acceptance: it is told how far the names lead.
"""

from collections.abc import Mapping, Sequence

from extauthz.identity.names import NameKey
from extauthz.model.certificate_name import certificate_name
from extauthz.model.outcome import Fail
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.trust.chain.algorithms import VERIFIABLE_KEYS
from extauthz.trust.chain.certified import CertifiedIssuers
from extauthz.trust.chain.link import Link


def why_untrusted(
    leaf: Link, by_name: Mapping[NameKey, Sequence[Link]], certified: CertifiedIssuers, *, exhausted: bool
) -> Fail:
    """Say where the names end, who did not sign, or whose key cannot verify anything here (DSA).

    ``by_name``: everything that is configured or presented.
    """
    if exhausted:
        return _untrusted("no path to an anchor was found within the signature checks that one client may cause")
    furthest = leaf
    seen = {leaf.sha256}
    waiting = [leaf]
    for link in waiting:  # grows while it is walked; every certificate is in it once
        furthest = link
        issuers = by_name.get(link.issuer_key, ())
        # Of CAs with one name and different keys, the one that the certificate itself names is meant.
        issuers = [one for one in issuers if one.was_named_by(link)] or issuers
        subject = certificate_name(link.certificate.identity)
        issuer = quoted(link.certificate.identity.issuer_dn)
        if not issuers:
            return _untrusted(f"the issuer of {subject}, {issuer}, is neither configured nor presented")
        trusted = {one.certificate.identity.key.type for one in issuers if certified.is_trusted(one)}
        if trusted and trusted.isdisjoint(VERIFIABLE_KEYS):
            detail = f"the key of {issuer}, which has to verify {subject}, is of a kind ({min(trusted)}) not supported"
            return Fail(Reason.SIGNATURE_TOO_WEAK, detail)
        if trusted:
            return _untrusted(f"{subject} is not signed by the certificate that has its issuer's name, {issuer}")
        fresh = [one for one in issuers if one.sha256 not in seen]
        seen.update(one.sha256 for one in fresh)
        waiting += fresh
    identity = furthest.certificate.identity
    return _untrusted(
        f"the chain goes round in circles at {certificate_name(identity)} (issuer {quoted(identity.issuer_dn)})"
    )


def _untrusted(detail: str) -> Fail:
    return Fail(Reason.UNTRUSTED_ISSUER, detail)
