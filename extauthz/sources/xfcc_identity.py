"""The name in an XFCC element without a certificate, for meshes whose proxies forward nothing more (By and URI).

The text is read as if its subject had chosen every byte of it: Envoy copies the URI and DNS names of a certificate
without quotes, so a name may bring further names into the element. So there must be one URI, nothing beside it, and it
must be a SPIFFE ID, which cannot hold a separator. What follows an element can be the client's text as well; so the
element must be the last one, and those in front of it must be clear (``xfcc_splice``).
"""

from collections.abc import Sequence

from extauthz.identity.spiffe import SpiffeId, parse_spiffe_id
from extauthz.model.errors import DecodeError
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.reason import Reason
from extauthz.sources.xfcc_element import Element


def forwarded_identity(element: Element, trust_domains: Sequence[str], source: str) -> ForwardedIdentity:
    """Return the identity that an element without Cert and Chain names.

    Raises ``DecodeError``: CERTIFICATE_NOT_FORWARDED (no URI either), SOURCE_AMBIGUOUS (several URIs, or any DNS),
    SOURCE_MALFORMED (no SPIFFE ID of a workload), TRUST_DOMAIN_MISMATCH (none of ``trust_domains``, lower case).
    It verifies neither By nor the place of the element: ``XfccSource`` has done so.
    """
    if len(element.uris) > 1 or element.dns_names:
        raise DecodeError(
            Reason.SOURCE_AMBIGUOUS,
            "names beside the one URI, and no certificate to tell whose they are",
        )
    if not any(element.uris):
        raise DecodeError(Reason.CERTIFICATE_NOT_FORWARDED, "the element has no certificate, and no URI either")
    spiffe_id = _workload(element.uris[0])
    if spiffe_id.trust_domain not in trust_domains:
        raise DecodeError(
            Reason.TRUST_DOMAIN_MISMATCH, "the SPIFFE ID is of none of the trust domains in `unsafe_identity_only`"
        )
    return ForwardedIdentity(str(spiffe_id), element.by, (source,))


def _workload(uri: str) -> SpiffeId:
    try:
        spiffe_id = parse_spiffe_id(uri)
    except ValueError as error:
        raise DecodeError(Reason.SOURCE_MALFORMED, f"URI is not a SPIFFE ID: {error}") from error
    if not spiffe_id.path:
        raise DecodeError(Reason.SOURCE_MALFORMED, "URI is not the SPIFFE ID of a workload: it has no path")
    return spiffe_id
