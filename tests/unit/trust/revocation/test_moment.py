"""A CRL is in force from thisUpdate to nextUpdate, both inclusive, and an answer knows when that changes."""

from datetime import timedelta

import pytest

from extauthz.trust.revocation.moment import stale_text
from extauthz.trust.revocation.settings import RevocationSettings
from extauthz.trust.window import EARLIEST, LATEST, TICK, Window
from support import pki
from support.revocation import loaded, moment

NOW = pki.NOW
CA = pki.make_ca("CA")
(DAILY,) = loaded([CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY)], CA)
(ENDLESS,) = loaded([CA.crl(this_update=NOW - pki.HOUR, next_update=None)], CA)


@pytest.mark.parametrize(
    ("offset", "begun", "ended"),
    [
        (-pki.HOUR - pki.SECOND, False, False),
        (-pki.HOUR - TICK, False, False),
        (-pki.HOUR, True, False),
        (pki.DAY, True, False),
        (pki.DAY + TICK, True, True),
        (pki.DAY + pki.SECOND, True, True),
    ],
)
def test_both_ends_belong_to_the_time_in_force(offset: timedelta, begun: bool, ended: bool) -> None:
    then = moment(NOW + offset)
    assert then.has_begun(DAILY) is begun
    assert then.has_ended(DAILY) is ended


@pytest.mark.parametrize(("offset", "ended"), [(timedelta(), False), (TICK, True)])
def test_grace_begins_with_next_update(offset: timedelta, ended: bool) -> None:
    settings = RevocationSettings(grace=pki.HOUR)
    assert moment(NOW + pki.DAY + pki.HOUR + offset, settings).has_ended(DAILY) is ended


@pytest.mark.parametrize(("offset", "begun"), [(timedelta(), True), (-TICK, False)])
def test_the_clock_skew_lets_a_crl_begin_earlier_and_end_no_later(offset: timedelta, begun: bool) -> None:
    then = moment(NOW - 2 * pki.HOUR + offset, clock_skew=pki.HOUR)
    assert then.has_begun(DAILY) is begun
    assert moment(NOW + pki.DAY + TICK, clock_skew=pki.HOUR).has_ended(DAILY)


def test_without_next_update_a_crl_is_stale_unless_a_greatest_age_is_given() -> None:
    assert moment().has_begun(ENDLESS)
    assert moment(settings=RevocationSettings(grace=pki.DAY)).has_ended(ENDLESS)


@pytest.mark.parametrize(("offset", "ended"), [(timedelta(), False), (TICK, True)])
def test_the_greatest_age_counts_from_this_update_and_knows_no_grace(offset: timedelta, ended: bool) -> None:
    settings = RevocationSettings(max_age=2 * pki.HOUR, grace=pki.DAY)
    assert moment(NOW + pki.HOUR + offset, settings).has_ended(ENDLESS) is ended


def test_a_crl_with_next_update_has_no_greatest_age() -> None:
    assert not moment(settings=RevocationSettings(max_age=pki.SECOND)).has_ended(DAILY)


def test_no_setting_reaches_beyond_the_calendar() -> None:
    assert not moment(LATEST - TICK, RevocationSettings(grace=4_000_000 * pki.DAY)).has_ended(DAILY)
    assert moment(EARLIEST, clock_skew=4_000_000 * pki.DAY).has_begun(DAILY)


def test_the_window_ends_where_a_crl_begins_or_ends() -> None:
    assert moment().window([DAILY]) == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)
    settings = RevocationSettings(grace=pki.HOUR, max_age=pki.DAY)
    assert moment(settings=settings).window([DAILY]).end == NOW + pki.DAY + TICK
    in_grace = moment(NOW + pki.DAY + pki.SECOND, settings)
    assert in_grace.window([DAILY]) == Window(NOW + pki.DAY + TICK, NOW + pki.DAY + pki.HOUR + TICK)
    assert moment(settings=settings).window([DAILY, ENDLESS]).end == NOW + pki.DAY - pki.HOUR + TICK
    assert moment(clock_skew=pki.SECOND).window([DAILY]).start == NOW - pki.HOUR - pki.SECOND
    assert moment(NOW - pki.DAY).window([DAILY]) == Window(EARLIEST, NOW - pki.HOUR)


def test_a_stale_crl_says_why() -> None:
    assert stale_text(DAILY).endswith(", next 2026-06-02T12:00:00+00:00 is stale")
    assert stale_text(ENDLESS).endswith(" does not say until when it may be used")
