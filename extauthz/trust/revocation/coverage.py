"""Does a CRL speak about this certificate, by this distribution point? (RFC 5280 §6.3.3 (b))."""

from extauthz.identity.names import NameKey
from extauthz.trust.crl.scope import Scope
from extauthz.trust.revocation.target import Point, Target


def misfit(issuer: NameKey, scope: Scope, target: Target, point: Point) -> str | None:
    """Say why a CRL of this issuer and scope is none for the certificate by this point; None when it is."""
    return (
        _issuer_misfit(issuer, scope, target, point)
        or _name_misfit(scope, point)
        or _kind_misfit(scope, is_ca=target.is_ca)
    )


def _issuer_misfit(issuer: NameKey, scope: Scope, target: Target, point: Point) -> str | None:
    """(b)(1). A CRL of another issuer must say that it is indirect, and the certificate must name that issuer."""
    if point.crl_issuers is None:
        return None if issuer == target.issuer else "is not of the certificate's issuer"
    if issuer not in point.crl_issuers:
        return "is not of the cRLIssuer that the certificate names"
    return None if scope.indirect else "is not indirect, where the certificate names a cRLIssuer"


def _name_misfit(scope: Scope, point: Point) -> str | None:
    """(b)(2)(i). One common name is enough; a point without a name stands under those of its cRLIssuer."""
    if scope.names is None:
        return None
    names = point.crl_issuer_names if point.names is None else point.names
    return "is for another distribution point" if scope.names.isdisjoint(names) else None


def _kind_misfit(scope: Scope, *, is_ca: bool | None) -> str | None:
    """(b)(2)(ii) to (iv)."""
    if scope.only_attribute_certs:
        return "covers only attribute certificates"
    if scope.only_user_certs and is_ca is not False:
        return "covers only certificates of users"
    if scope.only_ca_certs and is_ca is not True:
        return "covers only certificates of CAs"
    return None
