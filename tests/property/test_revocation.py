"""What holds of revocation for every set of CRLs and every moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from extauthz.identity.certificate import Certificate
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.reason import Reason
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.line import line_key
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import TICK, Window
from support import pki
from support.crl_pool import CA, LEAVES, PATHS, POINTS, POOL, REJECTED, ROOT, VERIFIER
from support.revocation import certs

NOW, DAY, HOUR, SECOND = pki.NOW, pki.DAY, pki.HOUR, pki.SECOND


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
