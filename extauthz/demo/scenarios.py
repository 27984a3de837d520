"""What the demo asks, and what must come of it: one entry a request, in the order in which they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from extauthz.demo.cards import CAC, PIV
from extauthz.demo.dev_pki import SPIFFE_ID
from extauthz.model.reason import Reason

IDENTITY_PREFIX = "x-client-cert-"
FORGED = "forged"
"""Stands in every value that a client makes up; the upstream must never see it."""

_FORGED_IDENTITY = (
    ("x-client-cert-subject", f"CN={FORGED}"),
    ("x-client-cert-edipi", f"{FORGED}-1234567890"),  # a header that extauthz has no value for
    ("x_client_cert_subject", f"CN={FORGED}"),  # the spelling that CGI and WSGI servers read as the first one
    ("X-Client-Cert-Cn", FORGED),
)
_FORGED_XFCC = (
    ("x-forwarded-client-cert", f'By=spiffe://{FORGED};Hash={"0" * 64};Subject="CN={FORGED}";URI=spiffe://{FORGED}'),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One request and its expected outcome."""

    client: str | None
    """Name of the client in the PKI, None for one without a certificate."""
    path: str = "/"
    method: str = "GET"
    note: str = ""
    """What is particular about the request, for the table."""
    status: int
    reason: Reason
    upstream: Mapping[str, str] = field(default_factory=dict)
    """On an allow: identity headers (without their prefix) that the upstream must have seen, each exactly once."""
    headers: tuple[tuple[str, str], ...] = ()
    leaf_only: bool = False
    """The client does not send its intermediate certificate."""
    bound_to: str | None = None
    """Send an access token that is bound to this client's certificate."""

    @property
    def allowed(self) -> bool:
        """Whether the request must reach the upstream."""
        return self.status == 200  # noqa: PLR2004  (HTTP OK)


def _allow(
    client: str,
    path: str = "/",
    *,
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    leaf_only: bool = False,
    bound_to: str | None = None,
    upstream: Mapping[str, str] | None = None,
) -> Scenario:
    return Scenario(
        client=client,
        path=path,
        note=note,
        status=200,
        reason=Reason.ALLOWED,
        upstream={"cn": client} if upstream is None else upstream,
        headers=headers,
        leaf_only=leaf_only,
        bound_to=bound_to,
    )


def _deny(
    client: str | None,
    reason: Reason,
    path: str = "/",
    *,
    method: str = "GET",
    note: str = "",
    status: int = 403,
    headers: tuple[tuple[str, str], ...] = (),
    bound_to: str | None = None,
) -> Scenario:
    return Scenario(
        client=client,
        path=path,
        method=method,
        note=note,
        status=status,
        reason=reason,
        headers=headers,
        bound_to=bound_to,
    )


SCENARIOS: tuple[Scenario, ...] = (
    # Who is it?
    _allow("alice", upstream={"cn": "alice", "policy": "rest", "subject": "CN=alice,OU=Engineering,O=Example"}),
    _allow("alice", note="leaf only", leaf_only=True),
    _allow("odd-name", upstream={"cn": 'Zo%C3%AB "Zed" Ng'}),
    _deny(None, Reason.NO_CERTIFICATE),
    _deny("expired", Reason.EXPIRED),
    _deny("not-yet-valid", Reason.NOT_YET_VALID),
    _deny("rogue", Reason.UNTRUSTED_ISSUER),
    _deny("impostor", Reason.UNTRUSTED_ISSUER),
    _deny("revoked", Reason.REVOKED),
    # May it make this request?
    _allow("pinned", "/pinned/"),
    _deny("alice", Reason.PIN_MISMATCH, "/pinned/"),
    _allow("spiffe", "/mesh/", upstream={"spiffe-id": SPIFFE_ID, "kind": "spiffe"}),
    _deny("alice", Reason.SPIFFE_ID_NOT_ALLOWED, "/mesh/"),
    _allow("no-san"),
    _deny("no-san", Reason.SAN_MISSING, "/san/"),
    _allow("alice", "/san/"),
    _allow("ops", "/ops/", upstream={"cn": "ops", "policy": "ops"}),
    _deny("alice", Reason.ORGANIZATIONAL_UNIT_NOT_ALLOWED, "/ops/"),
    _deny("alice", Reason.NO_POLICY, method="DELETE"),
    _allow("alice", "/bound/", note="own token", bound_to="alice"),
    _deny("ops", Reason.TOKEN_BINDING_MISMATCH, "/bound/", note="stolen token", status=401, bound_to="alice"),
    _deny("alice", Reason.TOKEN_BINDING_MISSING, "/bound/", note="no token", status=401),
    # Who holds the card?
    _allow(
        "piv",
        "/piv/",
        upstream={"kind": "piv-auth", "agency-code": PIV.agency, "fasc-n": PIV.unique_number, "card-uuid": PIV.uuid},
    ),
    _deny("alice", Reason.KIND_NOT_ALLOWED, "/piv/"),
    _deny("piv-card", Reason.KIND_NOT_ALLOWED, "/piv/", note="no PIN"),
    _deny("piv-card", Reason.KIND_NOT_ALLOWED, note="no PIN"),  # a card is let in only where a policy names its kind
    _allow("piv-card", "/gate/", upstream={"kind": "piv-card-auth", "fasc-n": PIV.unique_number}),
    _deny("piv-lost", Reason.REVOKED, "/piv/"),
    _allow("cac", "/dod/", upstream={"kind": "cac", "edipi": CAC.person, "agency-code": CAC.agency}),
    _deny("piv", Reason.EDIPI_NOT_ALLOWED, "/dod/"),
    _deny("cac-impostor", Reason.EDIPI_NOT_ALLOWED, "/dod/"),
    # Can it be fooled?
    _deny("alice", Reason.PATH_AMBIGUOUS, "/v1/%2e%2e/admin"),
    _deny(None, Reason.NO_CERTIFICATE, note="forged headers", headers=_FORGED_IDENTITY),
    _deny(None, Reason.NO_CERTIFICATE, note="forged XFCC", headers=_FORGED_XFCC),
    _allow("alice", note="forged headers", headers=_FORGED_IDENTITY),
    _allow("alice", note="forged XFCC", headers=_FORGED_XFCC),
)

BEFORE_REVOCATION = _allow("carol")
AFTER_REVOCATION = _deny("carol", Reason.REVOKED, note="now revoked")
"""Sent over the connection of ``BEFORE_REVOCATION``, after the CRL file was replaced."""
