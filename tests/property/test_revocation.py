"""What holds of revocation for every set of CRLs and every moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from extauthz.identity.certificate import Certificate
from extauthz.identity.names import name_key
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.crl.load import Crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.line import line_key
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import TICK, Window
from support import pki
from support.revocation import certs, loaded

NOW, DAY, HOUR, SECOND = pki.NOW, pki.DAY, pki.HOUR, pki.SECOND
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


@dataclass(frozen=True)
class Setup:
    """One way to ask."""

    crls: frozenset[int]
    leaf: int
    with_path: bool
    rejected: bool
    scope: RevocationScope
    settings: RevocationSettings
    skew: timedelta

    def checker(self, *more: int) -> RevocationChecker:
        store = CrlStore()
        store.replace([POOL[one] for one in (*self.crls, *more)], [REJECTED] if self.rejected else [])
        return RevocationChecker(store, self.settings, scope=self.scope, verifier=VERIFIER, clock_skew=self.skew)

    def check(self, now: datetime, *more: int) -> tuple[Outcome, Window]:
        return self.checker(*more).check([self.path], now)

    @property
    def path(self) -> list[Certificate]:
        return PATHS[self.leaf] if self.with_path else PATHS[self.leaf][:1]


when = st.sampled_from(list(WhenUnknown))
setups = st.builds(
    Setup,
    crls=st.frozensets(st.integers(0, len(POOL) - 1), max_size=12),
    leaf=st.integers(0, len(LEAVES) - 1),
    with_path=st.booleans(),
    rejected=st.booleans(),
    scope=st.sampled_from(list(RevocationScope)),
    settings=st.builds(
        RevocationSettings,
        when_missing=when,
        when_stale=when,
        grace=st.sampled_from((timedelta(), HOUR)),
        max_age=st.sampled_from((None, DAY)),
    ),
    skew=st.sampled_from((timedelta(), HOUR)),
)
more = st.integers(0, len(POOL) - 1)
times = st.builds(
    lambda half_days, step: NOW + half_days * DAY / 2 + step,
    st.integers(-6, 10),
    st.sampled_from((-HOUR, -SECOND, timedelta(), SECOND, HOUR)),
)


@given(setups, times, times)
def test_within_its_window_an_answer_does_not_change(setup: Setup, now: datetime, later: datetime) -> None:
    outcome, window = setup.check(now)
    assert window.holds_at(now)
    if window.holds_at(later):
        assert setup.check(later)[0] == outcome


@given(setups, times)
def test_the_last_and_the_first_moment_of_a_window_belong_to_it(setup: Setup, now: datetime) -> None:
    outcome, window = setup.check(now)
    for moment in (window.start, window.end - TICK):
        assert setup.check(moment)[0] == outcome


@given(setups, times, times)
def test_a_checker_that_was_asked_before_says_the_same(setup: Setup, now: datetime, then: datetime) -> None:
    used = setup.checker()
    used.check([setup.path], then)
    assert used.check([setup.path], now) == setup.check(now)


ALIKE = tuple(certs(leaf, CA, ROOT) for leaf in (CA.issue("carol"), CA.issue("dave", distribution_points=POINTS)))
"""Paths of clients that differ from ``LEAVES`` in what no CRL looks at but the serial number."""


@given(setups, times, times)
@settings(deadline=None)
def test_clients_that_came_before_change_nothing(setup: Setup, now: datetime, then: datetime) -> None:
    used = setup.checker()
    for path in (*ALIKE, *PATHS):
        used.check([path], then)
        used.check([path[:1]], then)
    for path in (*PATHS, *ALIKE):
        shown = path if setup.with_path else path[:1]
        for _ in range(2):
            assert used.check([shown], now) == setup.checker().check([shown], now)


@given(setups, more, times)
def test_a_crl_turns_a_deny_into_an_allow_only_where_it_is_the_evidence(
    setup: Setup, added: int, now: datetime
) -> None:
    before, _ = setup.check(now)
    after, _ = setup.check(now, added)
    if isinstance(before, Fail) and isinstance(after, Pass):
        assert str(POOL[added]) in after.detail or replaces_a_listing(setup, POOL[added])


def replaces_a_listing(setup: Setup, newer: Crl) -> bool:
    """Say whether a CRL is of one line with an older one that lists the certificate."""
    certificate = setup.path[0]
    older = [POOL[one] for one in setup.crls if line_key(POOL[one]) == line_key(newer) and POOL[one].age < newer.age]
    return any(one.find(certificate.serial, certificate.issuer_key) is not None for one in older)


@given(setups, times)
def test_good_is_not_listed_by_what_is_newest(setup: Setup, now: datetime) -> None:
    outcome, _ = setup.check(now)
    certificate = setup.path[0]
    complete = [
        POOL[one] for one in setup.crls if not POOL[one].is_delta and POOL[one].issuer_key == certificate.issuer_key
    ]
    for crl in complete:
        lines = [one for one in complete if (one.signers, one.scope.der) == (crl.signers, crl.scope.der)]
        deltas = any(POOL[one].is_delta for one in setup.crls)
        newest = max(lines, key=lambda one: one.age)
        if not deltas and newest.find(certificate.serial, certificate.issuer_key) is not None:
            assert isinstance(outcome, Fail)
            assert outcome.reason is Reason.REVOKED
