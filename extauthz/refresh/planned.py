"""What a plan has found so far, for warnings."""

from extauthz.identity.names import NameKey
from extauthz.refresh.plan import Plan
from extauthz.refresh.url_feed import UrlFeed
from extauthz.trust.crl.load import Crl


def unusable_issuers(plan: Plan) -> frozenset[NameKey]:
    """Return the issuers that the CRLs name which were found and cannot be used."""
    contents = (*(feed.content for feed in plan.files), *(feed.state.content for feed in plan.urls))
    rejected = (one for content in contents for one in content.rejected)
    return frozenset(one.issuer_key for one in rejected if one.issuer_key is not None)


def unasked_urls(plan: Plan) -> tuple[UrlFeed, ...]:
    """Return the URLs of which nothing is known: neither asked, nor on the disk."""
    return tuple(feed for feed in plan.urls if not feed.state.content.crls and feed.state.last_attempt is None)


def planned_crls(plan: Plan) -> tuple[tuple[str, Crl], ...]:
    """Return the CRLs that a plan has so far, and the label of the source of each."""
    files = [(feed.label, crl) for feed in plan.files for crl in feed.content.crls]
    return (*files, *((feed.source.label, crl) for feed in plan.urls for crl in feed.state.content.crls))
