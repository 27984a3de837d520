"""Does a CRL speak about this certificate, by this distribution point? (RFC 5280 §6.3.3 (b))."""

from collections.abc import Iterable
from typing import Final

from extauthz.identity.names import NameKey
from extauthz.trust.crl.scope import Scope
from extauthz.trust.revocation.target import Point, Target

ANOTHER_POINT: Final = "is for another distribution point"


def names_of(points: Iterable[Point]) -> frozenset[str]:
    """Return every name that a CRL must have one of to be for one of these points, where it has names at all."""
    return frozenset().union(*map(_names, points))


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
    return ANOTHER_POINT if scope.names.isdisjoint(_names(point)) else None


def _names(point: Point) -> frozenset[str]:
    return point.crl_issuer_names if point.names is None else point.names


def _kind_misfit(scope: Scope, *, is_ca: bool | None) -> str | None:
    """(b)(2)(ii) to (iv)."""
    if scope.only_attribute_certs:
        return "covers only attribute certificates"
    if scope.only_user_certs and is_ca is not False:
        return "covers only certificates of users"
    if scope.only_ca_certs and is_ca is not True:
        return "covers only certificates of CAs"
    return None
