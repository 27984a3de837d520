"""Which CRLs are past their time, what that means, and until when the answer holds."""

from datetime import datetime, timedelta

import pytest

from extauthz.trust.revocation.lateness import LateCrl, late_crls
from extauthz.trust.revocation.settings import RevocationSettings, WhenUnknown
from extauthz.trust.window import TICK, Window
from support import pki
from support.revocation import loaded, moment

NOW = pki.NOW
CA = pki.make_ca("CA")
YESTERDAY = NOW - pki.DAY
GRACE = RevocationSettings(grace=pki.HOUR)


def late(
    *ders: bytes,
    now: datetime = NOW,
    settings: RevocationSettings = RevocationSettings(),  # noqa: B008  (immutable)
) -> tuple[tuple[LateCrl, ...], Window]:
    found, window = late_crls(loaded(ders, CA), lambda _issuer: moment(now, settings))
    assert window.holds_at(now)
    return found, window


def complete(number: int = 5, this_update: datetime = YESTERDAY, next_update: datetime | None = NOW + pki.DAY) -> bytes:
    return CA.crl(number=number, this_update=this_update, next_update=next_update)


def delta(number: int = 7, this_update: datetime = NOW - pki.HOUR, next_update: datetime = NOW + pki.DAY) -> bytes:
    return CA.crl(number=number, base_number=5, this_update=this_update, next_update=next_update)


def sentences(
    *ders: bytes,
    now: datetime = NOW,
    settings: RevocationSettings = RevocationSettings(),  # noqa: B008  (immutable)
) -> list[str]:
    return [one.sentence for one in late(*ders, now=now, settings=settings)[0]]


def test_without_crls_nothing_is_ever_late() -> None:
    assert late() == ((), Window.ALWAYS)


def test_a_crl_in_force_is_not_late_and_the_answer_holds_until_its_next_update() -> None:
    found, window = late(complete())
    assert found == ()
    assert window == Window(YESTERDAY, NOW + pki.DAY + TICK)


@pytest.mark.parametrize(
    ("offset", "state"),
    [
        (timedelta(), None),
        (TICK, "grace"),
        (pki.HOUR, "grace"),
        (pki.HOUR + TICK, "stale"),
    ],
)
def test_grace_begins_after_next_update_and_ends_in_staleness(offset: timedelta, state: str | None) -> None:
    found, window = late(complete(next_update=NOW), now=NOW + offset, settings=GRACE)
    states = ["stale" if one.until is None else "grace" for one in found]
    assert states == ([] if state is None else [state])
    if state == "grace":
        assert found[0].until == NOW + pki.HOUR
        assert window == Window(NOW + TICK, NOW + pki.HOUR + TICK)
        assert found[0].sentence == "is past its nextUpdate, within `grace` until 2026-06-01T13:00:00+00:00"


@pytest.mark.parametrize(
    ("when_stale", "consequence"),
    [(WhenUnknown.DENY, "are denied crl_stale"), (WhenUnknown.ALLOW, "are let in by `when_stale: allow`")],
)
def test_a_stale_one_says_what_becomes_of_the_clients(when_stale: WhenUnknown, consequence: str) -> None:
    settings = RevocationSettings(when_stale=when_stale)
    (sentence,) = sentences(complete(next_update=NOW), now=NOW + TICK, settings=settings)
    expected = f"is past its nextUpdate 2026-06-01T12:00:00+00:00: the clients of 'CN=CA,O=Example' {consequence}"
    assert sentence == expected


def test_one_without_next_update_is_late_by_max_age_alone() -> None:
    endless = complete(next_update=None)
    (sentence,) = sentences(endless)
    assert sentence.startswith("has no nextUpdate, and `max_age` is not set: ")
    aged = RevocationSettings(max_age=pki.DAY, grace=pki.HOUR)
    assert sentences(endless, settings=aged) == []
    (sentence,) = sentences(endless, now=NOW + TICK, settings=aged)
    assert sentence.startswith("has no nextUpdate, and is older than `max_age`: ")


def test_only_the_newest_that_has_begun_is_looked_at() -> None:
    old = complete(4, this_update=YESTERDAY - pki.DAY, next_update=YESTERDAY)
    assert sentences(old, complete()) == []
    ahead = complete(6, this_update=NOW + pki.SECOND)
    assert len(sentences(old, ahead)) == 1
    assert sentences(ahead) == []


def test_a_delta_in_force_keeps_its_base_from_being_late() -> None:
    base = complete(next_update=NOW - pki.SECOND)
    assert sentences(base, delta()) == []
    assert len(sentences(base)) == 1


def test_a_stale_delta_is_said_to_hide_changes_and_an_old_one_is_not() -> None:
    stale = delta(next_update=NOW - pki.SECOND)
    for ders in ((stale,), (complete(), stale)):
        (sentence,) = sentences(*ders)
        assert sentence.endswith("the changes since the last complete CRL of 'CN=CA,O=Example' are not known")
    assert sentences(complete(8, this_update=NOW - pki.SECOND), stale) == []


def test_the_succession_tells_which_crls_follow_one_another() -> None:
    (first,), _ = late(complete(4, next_update=NOW - pki.SECOND))
    (second,), _ = late(complete(5, next_update=NOW - pki.SECOND))
    (other,), _ = late(delta(next_update=NOW - pki.SECOND))
    assert first.succession == second.succession != other.succession
