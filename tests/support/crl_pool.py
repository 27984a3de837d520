"""CRLs of every issuer and scope, complete and delta, past, present and future, for properties to choose from."""

from datetime import timedelta

from extauthz.identity.names import name_key
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl
from support import pki
from support.revocation import certs, loaded

NOW, DAY = pki.NOW, pki.DAY
ONE = "http://crl.example/1"
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
NEW_KEY = pki.make_ca("CA", parent=ROOT, not_before=NOW - 2 * DAY, not_after=NOW + 2 * DAY)
STRANGER = pki.make_ca("CA")
INDIRECT = pki.make_ca("CRL issuer", parent=ROOT)
ISSUERS = (ROOT, CA, NEW_KEY, STRANGER, INDIRECT)
POINTS = [pki.distribution_point(ONE), pki.distribution_point(crl_issuer=INDIRECT.name)]
LEAVES = (CA.issue("alice"), CA.issue("bob", distribution_points=POINTS))
PATHS = tuple(certs(leaf, CA, ROOT) for leaf in LEAVES)
KEYS = ("keyCompromise", "cACompromise", "affiliationChanged", "superseded")
REST = ("cessationOfOperation", "certificateHold", "privilegeWithdrawn", "aACompromise")
SCOPES = {
    "all": None,
    "partition": pki.scope(full_names=[ONE]),
    "cas": pki.scope(only_ca_certs=True),
    "keys": pki.scope(reasons=KEYS),
    "rest": pki.scope(reasons=REST),
    "indirect": pki.scope(indirect=True),
}


Kind = tuple[pki.Authority, str, int, int, str, int | None]
"""Issuer, scope, when it begins and how long it lasts (half days), what it says of the leaves, when its base began."""


def _crl(index: int, kind: Kind) -> bytes:
    """Make one CRL of the pool; no two begin at the same time."""
    issuer, scope, begins, lasts, entry, base = kind
    this_update = NOW + begins * DAY / 2 + index * timedelta(minutes=1)
    reason = {"revoked": "superseded", "hold": "certificateHold", "removed": "removeFromCRL"}.get(entry)
    if reason == "removeFromCRL" and base is None:
        reason = None
    foreign = issuer is INDIRECT
    entries = [pki.listed(leaf, reason, issuer=CA.name if foreign else None) for leaf in LEAVES] if reason else []
    return issuer.crl(
        entries if not foreign or scope == "indirect" else (),
        this_update=this_update,
        next_update=this_update + lasts * DAY / 2 if lasts else None,
        number=10 + 2 * begins,
        base_number=None if base is None else 10 + 2 * base,
        scope=SCOPES[scope],
    )


def _pool() -> list[Crl]:
    """Every issuer and scope, complete and delta, past, present and future, with and without the leaves."""
    kinds: list[Kind] = [
        (issuer, scope, begins, lasts, entry, base)
        for issuer, scope in (
            (CA, "all"),
            (CA, "partition"),
            (CA, "cas"),
            (CA, "keys"),
            (CA, "rest"),
            (NEW_KEY, "all"),
            (STRANGER, "all"),
            (INDIRECT, "indirect"),
            (INDIRECT, "all"),
            (ROOT, "all"),
        )
        for begins, lasts, entry, base in (
            (-4, 3, "none", None),
            (-3, 9, "hold", None),
            (-2, 4, "none", None),
            (1, 6, "none", None),
            (-2, 0, "none", None),
            (-1, 4, "removed", -3),
            (-1, 1, "revoked", -2),
            (0, 2, "none", -4),
        )
    ]
    return loaded([_crl(index, kind) for index, kind in enumerate(kinds)], *ISSUERS)


POOL = _pool()
REJECTED = RejectedCrl(label="ca.crl", why="it is junk", issuer_dn=None, issuer_key=name_key(CA.name))
VERIFIER = ChainVerifier(certs(ROOT), certs(CA, NEW_KEY, STRANGER, INDIRECT))
