"""What holds of trust for every certificate, CRL and moment."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Pass
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.trust.assess import Assessment, CertificateTrust
from extauthz.trust.binding import cert_thumbprint_s256, verify_cert_binding
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.crl.files import crls_from_bytes
from extauthz.trust.crl.load import Crl, CrlError, load_crl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope, RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import EARLIEST, LATEST, TICK, Window
from support import pki

NOW, DAY, SECOND = pki.NOW, pki.DAY, pki.SECOND


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


# -- windows ---------------------------------------------------------------------------------------------------------
moments = st.integers(-5, 5).map(lambda days: NOW + days * DAY)


@given(moments, st.lists(moments), moments)
def test_no_instant_is_crossed_within_a_window(now: datetime, instants: list[datetime], other: datetime) -> None:
    window = Window.split_at(now, *instants)
    assert window.holds_at(now)
    crossed = any(min(now, other) < instant <= max(now, other) for instant in instants)
    assert window.holds_at(other) is not crossed


windows = st.tuples(st.one_of(moments, st.just(EARLIEST)), st.one_of(moments, st.just(LATEST))).map(
    lambda ends: Window(*ends)
)


@given(windows, windows, moments)
def test_two_answers_hold_together_exactly_when_both_hold(first: Window, second: Window, now: datetime) -> None:
    assert first.intersect(second).holds_at(now) is (first.holds_at(now) and second.holds_at(now))


# -- no answer outlives its evidence ---------------------------------------------------------------------------------
DAYS = (1, 2, 3, 4)
"""Everything begins this many days before NOW and ends as many after it, each thing on a day of its own."""


def _options(days: int) -> pki.Options:
    return pki.Options(not_before=NOW - days * DAY, not_after=NOW + days * DAY)


@dataclass(frozen=True, repr=False)
class Material:
    """A root, two renewals of one CA, a leaf, and CRLs that come one after the other."""

    root: Certificate
    cas: tuple[Certificate, Certificate]
    leaf: bytes
    crls: tuple[Crl, ...]


def _material(root_days: int, ca_days: int, leaf_days: int) -> Material:
    root = pki.make_ca("Root", **_options(root_days))
    ca = pki.make_ca("CA", parent=root, **_options(ca_days))
    renewed = pki.make_ca("CA", parent=root, key=ca.key, not_before=NOW, not_after=NOW + 5 * DAY)
    leaf = ca.issue("alice", **_options(leaf_days))
    crls = (
        ca.crl([(leaf, "certificateHold")], this_update=NOW - 3 * DAY, next_update=NOW - DAY // 2, number=1),
        ca.crl(this_update=NOW - DAY, next_update=NOW + DAY, number=2),
        ca.crl([leaf], this_update=NOW + 2 * DAY, next_update=NOW + 3 * DAY, number=3),
        root.crl(this_update=NOW - 2 * DAY, next_update=NOW + 3 * DAY, number=4),
    )
    issuers = [cert(root), cert(ca)]
    return Material(cert(root), (cert(ca), cert(renewed)), leaf.der, tuple(load_crl(one, issuers) for one in crls))


MATERIALS = [_material(*days) for days in ((4, 3, 2), (2, 3, 4), (3, 1, 3), (4, 4, 1))]
steps_of_time = st.sampled_from((-DAY // 4, -SECOND, -TICK, timedelta(), TICK, SECOND, DAY // 4, pki.HOUR + TICK))
times = st.builds(lambda half_days, step: NOW + half_days * DAY / 2 + step, st.integers(-10, 10), steps_of_time)


@dataclass(frozen=True)
class Setup:
    """One way to put the material to use."""

    number: int
    renewed: bool
    presented: bool
    crls: frozenset[int]
    mode: ChainMode
    scope: RevocationScope
    when_unknown: WhenUnknown
    skew: timedelta
    grace: timedelta

    def trust(self) -> CertificateTrust:
        chain = ChainVerifier([self.material.root], () if self.presented else self._intermediates, self.mode)
        revocation = None
        if self.crls:
            store = CrlStore()
            for number in self.crls:
                store.add(self.material.crls[number])
            settings = RevocationSettings(
                when_missing=self.when_unknown, when_stale=self.when_unknown, grace=self.grace
            )
            revocation = RevocationChecker(store, settings, scope=self.scope, verifier=chain, clock_skew=self.skew)
        return CertificateTrust(chain, revocation, self.skew)

    def question(self) -> Presented:
        chain = tuple(one.der for one in self._intermediates) if self.presented else ()
        return Presented(leaf=self.material.leaf, chain=chain)

    @property
    def material(self) -> Material:
        return MATERIALS[self.number]

    @property
    def _intermediates(self) -> tuple[Certificate, ...]:
        return self.material.cas if self.renewed else self.material.cas[:1]


setups = st.builds(
    Setup,
    number=st.integers(0, len(MATERIALS) - 1),
    renewed=st.booleans(),
    presented=st.booleans(),
    crls=st.frozensets(st.integers(0, 3)),
    mode=st.sampled_from(list(ChainMode)),
    scope=st.sampled_from(list(RevocationScope)),
    when_unknown=st.sampled_from(list(WhenUnknown)),
    skew=st.sampled_from((timedelta(), pki.HOUR)),
    grace=st.sampled_from((timedelta(), pki.HOUR)),
)


def said(assessment: Assessment) -> tuple[object, ...]:
    """Everything that an assessment says, the certificates by their bytes."""
    certificate = assessment.certificate
    return (
        assessment.failure,
        assessment.steps,
        certificate.der if certificate is not None else None,
        tuple(one.der for one in assessment.path),
    )


@given(setups, st.lists(times, min_size=2, max_size=12))
def test_with_a_cache_the_answers_are_those_without_one(setup: Setup, now: list[datetime]) -> None:
    kept, question = setup.trust(), setup.question()
    for moment in now:
        with_cache = kept.assess(question, moment)
        assert with_cache.window.holds_at(moment)
        assert said(with_cache) == said(setup.trust().assess(question, moment))


@given(setups, times, times)
def test_within_its_window_a_verdict_does_not_change(setup: Setup, now: datetime, later: datetime) -> None:
    one = setup.trust().assess(setup.question(), now)
    if one.window.holds_at(later):
        other = setup.trust().assess(setup.question(), later)
        assert said(one) == said(other)


@given(setups, times)
def test_an_allow_has_its_evidence(setup: Setup, now: datetime) -> None:
    assessment = setup.trust().assess(setup.question(), now)
    if assessment.failure is None:
        certificate = assessment.certificate
        assert certificate is not None
        assert certificate.identity.not_before - setup.skew <= now <= certificate.identity.not_after + setup.skew
        assert all(isinstance(step.outcome, Pass) for step in assessment.steps)
        if setup.mode is ChainMode.VERIFY:
            assert assessment.path[-1] is setup.material.root
            for link in assessment.path:
                assert link.identity.not_before - setup.skew <= now <= link.identity.not_after + setup.skew


# -- hostile input ---------------------------------------------------------------------------------------------------
CA = pki.make_ca()
CRL = CA.crl([1, (2, "keyCompromise"), -3, 1 << 150])
ISSUERS = [cert(CA)]
INTERESTING = [CRL, CA.der, CA.pem, pki.pem_crl(CRL)]


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Cut and splice valid bytes."""
    first, second = draw(st.sampled_from(INTERESTING)), draw(st.sampled_from(INTERESTING))
    at, to = draw(st.integers(0, len(first))), draw(st.integers(0, len(second)))
    return first[:at] + draw(st.binary(max_size=4)) + second[to:]


@given(st.one_of(st.binary(max_size=200), spoilt()))
def test_a_crl_loads_or_is_refused_with_a_sentence(data: bytes) -> None:
    if data == CRL:
        assert load_crl(data, ISSUERS).signers == (ISSUERS[0],)
    else:
        with pytest.raises(CrlError, match=" "):
            load_crl(data, ISSUERS)


@given(st.one_of(st.binary(max_size=200), spoilt()))
def test_a_crl_file_is_split_or_refused_with_a_sentence(data: bytes) -> None:
    with suppress(CrlError):
        assert crls_from_bytes(data)


@given(st.binary(max_size=300), st.lists(st.one_of(st.binary(max_size=300), st.sampled_from(INTERESTING)), max_size=18))
def test_whatever_is_presented_is_assessed(leaf: bytes, chain: list[bytes]) -> None:
    trust = CertificateTrust(ChainVerifier(ISSUERS))
    assessment = trust.assess(Presented(leaf=leaf, chain=tuple(chain)), NOW)
    assert assessment.failure is not None
    known = trust.assess(Presented(leaf=LEAF, chain=tuple(chain)), NOW)
    assert (known.failure is None) is (len(chain) <= 16)


LEAF = CA.issue("alice").der


@given(st.one_of(st.text(), st.binary(), st.integers(), st.none(), st.just(cert_thumbprint_s256(LEAF))))
def test_only_the_thumbprint_itself_binds(expected: object) -> None:
    if expected == cert_thumbprint_s256(LEAF):
        verify_cert_binding(LEAF, expected)
    else:
        with pytest.raises(DecodeError) as caught:
            verify_cert_binding(LEAF, expected)
        assert caught.value.reason is Reason.TOKEN_BINDING_MISMATCH
