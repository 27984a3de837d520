"""A complete CRL and its deltas at one moment (RFC 5280 §5.2.4, §6.3.3 (a), (c), (h) to (k))."""

from datetime import datetime, timedelta

import pytest
from cryptography import x509

from extauthz.trust.revocation.settings import RevocationSettings
from extauthz.trust.revocation.standing import Standing, find_ever_listed, find_listed, standing_of
from extauthz.trust.revocation.target import target_of
from extauthz.trust.window import TICK
from support import pki
from support.revocation import cert, line_of, moment

NOW = pki.NOW
CA = pki.make_ca("CA")
LEAF = CA.issue("alice")
BOB = CA.issue("bob")
TARGET = target_of(cert(LEAF))
HOLD = (LEAF, "certificateHold")
REMOVED = (LEAF, "removeFromCRL")
YESTERDAY = NOW - pki.DAY
STALE = NOW - pki.SECOND
UNKNOWN_ENTRY = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), True)


def base(
    *revoked: pki.Leaf | tuple[pki.Leaf, str],
    number: int | None = 5,
    this_update: datetime = YESTERDAY,
    next_update: datetime | None = NOW + pki.DAY,
) -> bytes:
    return CA.crl(revoked, number=number, this_update=this_update, next_update=next_update)


def delta(
    *revoked: pki.Leaf | tuple[pki.Leaf, str] | pki.Listed,
    number: int | None = 7,
    on: int = 5,
    this_update: datetime = NOW - pki.HOUR,
    next_update: datetime | None = NOW + pki.DAY,
) -> bytes:
    return CA.crl(revoked, number=number, base_number=on, this_update=this_update, next_update=next_update)


def standing(*ders: bytes, now: datetime = NOW, settings: RevocationSettings = RevocationSettings()) -> Standing:  # noqa: B008  (immutable)
    return standing_of(line_of(*ders, issuer=CA), moment(now, settings))


def listed(*ders: bytes, leaf: pki.Leaf = LEAF) -> tuple[str | None, int | None] | None:
    """Return the reason and the number of the CRL that lists a leaf."""
    found = find_listed(standing(*ders), target_of(cert(leaf)), moment())
    return None if found is None else (found[0].reason, found[1].number)


def in_force(*ders: bytes, now: datetime = NOW) -> bool:
    return standing(*ders, now=now).problem is None


# -- the complete CRL ------------------------------------------------------------------------------------------------
def test_the_newest_complete_crl_that_has_begun_is_the_base() -> None:
    ahead = base(number=6, this_update=NOW + pki.SECOND)
    found = standing(base(number=4, this_update=YESTERDAY - pki.DAY), base(), ahead)
    assert found.base is not None
    assert found.base.number == 5
    later = standing(base(), ahead, now=NOW + pki.SECOND)
    assert later.base is not None
    assert later.base.number == 6


def test_an_older_one_never_makes_good_what_the_newest_cannot() -> None:
    found = standing(base(number=4, this_update=YESTERDAY - pki.DAY), base(next_update=STALE))
    assert found.problem is not None
    assert found.problem.endswith("is stale")


def test_before_the_first_has_begun_nothing_is_in_force() -> None:
    found = standing(base(this_update=NOW + pki.SECOND), base(number=6, this_update=NOW + pki.HOUR))
    assert found.base is None
    assert found.problem is not None
    assert found.problem.startswith("thisUpdate of the CRL of 'CN=CA,O=Example', number 5, of")
    assert found.problem.endswith("is still to come")


def test_entries_of_the_base_and_of_what_is_still_to_come_count_and_older_ones_do_not() -> None:
    assert listed(base(LEAF)) == (None, 5)
    assert listed(base(), base(LEAF, number=6, this_update=NOW + pki.HOUR)) == (None, 6)
    assert listed(base(LEAF, number=4, this_update=YESTERDAY - pki.DAY), base()) is None
    assert listed(base(LEAF, next_update=STALE)) == (None, 5)


def test_of_two_crls_of_one_number_and_time_each_is_believed() -> None:
    ders = base(LEAF), base(BOB)
    assert listed(*ders) == listed(*ders, leaf=BOB) == (None, 5)


# -- a delta that builds on it ---------------------------------------------------------------------------------------
def test_a_delta_adds_to_its_base() -> None:
    assert listed(base(), delta(LEAF)) == (None, 7)
    assert listed(base(HOLD), delta((LEAF, "keyCompromise"))) == ("keyCompromise", 7)
    assert listed(base(LEAF), delta()) == (None, 5)
    assert listed(base(), delta()) is None


def test_a_delta_lifts_an_entry_of_its_base() -> None:
    assert listed(base(HOLD), delta(REMOVED)) is None
    assert listed(base(), delta(REMOVED)) is None
    assert listed(base(HOLD), base(HOLD), delta(REMOVED)) is None


def test_a_delta_lifts_no_entry_of_a_complete_crl_that_is_still_to_come() -> None:
    assert listed(base(HOLD), delta(REMOVED), base(HOLD, number=8, this_update=NOW + pki.HOUR)) == (
        "certificateHold",
        8,
    )


def test_a_lifting_entry_that_nobody_can_read_whole_revokes() -> None:
    odd = pki.listed(LEAF, "removeFromCRL", extensions=[UNKNOWN_ENTRY])
    assert listed(base(HOLD), delta(odd)) == ("removeFromCRL", 7)


@pytest.mark.parametrize(
    ("on", "number", "combined"),
    [
        pytest.param(5, 6, True, id="as_close_as_can_be"),
        pytest.param(4, 7, True, id="base_is_newer_than_needed"),
        pytest.param(6, 7, False, id="base_is_too_old"),
        pytest.param(4, 5, False, id="delta_is_of_the_same_number"),
        pytest.param(3, 4, False, id="delta_is_older"),
        pytest.param(5, None, False, id="delta_has_no_number"),
    ],
)
def test_numbers_say_whether_a_delta_builds_on_a_base(on: int, number: int | None, combined: bool) -> None:
    ders = base(HOLD), delta(REMOVED, number=number, on=on)
    assert (standing(*ders).delta is not None) is combined
    assert listed(*ders) == (None if combined else ("certificateHold", 5))
    assert in_force(base(next_update=STALE), delta(number=number, on=on)) is combined


def test_a_base_without_a_number_takes_no_delta() -> None:
    assert standing(base(number=None), delta()).delta is None
    assert listed(base(number=None), delta(LEAF)) == (None, 7)
    assert listed(base(HOLD, number=None), delta(REMOVED)) == ("certificateHold", None)


# -- freshness -------------------------------------------------------------------------------------------------------
def test_a_delta_in_force_keeps_a_stale_base_in_force() -> None:
    found = standing(base(next_update=STALE), delta())
    assert found.problem is None
    assert str(found).startswith("CRL of 'CN=CA,O=Example', number 5, of ")
    assert " with the delta CRL of 'CN=CA,O=Example', number 7, of " in str(found)
    assert in_force(base(next_update=None), delta())


@pytest.mark.parametrize(("offset", "fresh"), [(pki.DAY, True), (pki.DAY + TICK, False)])
def test_a_stale_base_goes_with_its_delta(offset: timedelta, fresh: bool) -> None:
    assert in_force(base(next_update=STALE), delta(next_update=NOW + pki.DAY), now=NOW + offset) is fresh


def test_a_stale_delta_leaves_its_base_alone() -> None:
    assert in_force(base(), delta(next_update=STALE))
    assert listed(base(HOLD), delta(REMOVED, next_update=STALE)) == ("certificateHold", 5)
    assert listed(base(), delta(LEAF, next_update=STALE)) == (None, 7)


def test_an_older_delta_does_not_speak_for_one_that_is_stale() -> None:
    older = delta(REMOVED, number=6, this_update=NOW - 2 * pki.HOUR)
    newest = delta(number=7, next_update=STALE)
    assert standing(base(HOLD), older, newest).delta is None
    assert listed(base(HOLD), older, newest) == ("certificateHold", 5)
    assert not in_force(base(next_update=STALE), older, newest)


def test_a_stale_delta_takes_back_nothing_that_an_older_one_says() -> None:
    older = delta(HOLD, number=6, this_update=NOW - 2 * pki.HOUR)
    assert listed(base(), older, delta(number=7)) is None
    for newest in (delta(number=7, next_update=STALE), delta(REMOVED, number=7, next_update=STALE)):
        assert listed(base(), older, newest) == ("certificateHold", 6)


def test_a_delta_that_is_still_to_come_revokes_and_lifts_nothing() -> None:
    assert listed(base(), delta(LEAF, this_update=NOW + pki.SECOND)) == (None, 7)
    assert listed(base(HOLD), delta(REMOVED, this_update=NOW + pki.SECOND)) == ("certificateHold", 5)
    assert not in_force(base(next_update=STALE), delta(this_update=NOW + pki.SECOND))


# -- several deltas --------------------------------------------------------------------------------------------------
def test_of_several_deltas_the_newest_that_builds_on_the_base_counts() -> None:
    older = delta(HOLD, number=6, this_update=NOW - 2 * pki.HOUR)
    assert listed(base(), older, delta(number=7)) is None
    assert listed(base(), older, delta(number=9, on=8)) == ("certificateHold", 6)
    assert listed(base(), older, delta(LEAF, number=9, on=8)) == (None, 9)


def test_of_two_deltas_of_one_number_and_time_each_is_believed() -> None:
    ders = base(), delta(LEAF), delta(BOB)
    assert listed(*ders) == listed(*ders, leaf=BOB) == (None, 7)


def test_a_delta_not_newer_than_the_base_is_not_asked() -> None:
    for number in (4, 5):
        assert listed(base(), delta(LEAF, number=number, on=3, this_update=YESTERDAY)) is None


def test_a_delta_that_is_later_by_its_time_alone_is_asked() -> None:
    assert listed(base(), delta(LEAF, number=4, on=3)) == (None, 4)


# -- without a base --------------------------------------------------------------------------------------------------
def test_a_delta_that_is_older_than_its_base_lifts_nothing_and_still_revokes() -> None:
    older = YESTERDAY - pki.SECOND
    assert listed(base(HOLD, number=6), delta(REMOVED, this_update=older)) == ("certificateHold", 6)
    assert listed(base(HOLD, number=6), delta(REMOVED, this_update=YESTERDAY)) is None
    assert listed(base(number=6), delta(HOLD, this_update=older)) == ("certificateHold", 7)
    assert standing(base(number=6), delta(this_update=older)).delta is None


def test_a_lone_delta_revokes_and_makes_nothing_good() -> None:
    assert listed(delta(LEAF)) == (None, 7)
    assert listed(delta(REMOVED)) is None
    found = standing(delta())
    assert found.problem is not None
    assert found.problem.startswith("the complete CRL on which the delta CRL of 'CN=CA,O=Example', number 7, of ")
    assert str(found).startswith("delta CRL of")


def test_before_the_base_has_begun_every_delta_is_asked() -> None:
    assert listed(base(this_update=NOW + pki.HOUR), delta(LEAF)) == (None, 7)
    assert listed(base(HOLD, this_update=NOW + pki.HOUR), delta(REMOVED)) == ("certificateHold", 5)


# -- whatever the time -----------------------------------------------------------------------------------------------
def test_without_a_time_every_crl_can_revoke() -> None:
    line = line_of(base(HOLD, number=4, this_update=YESTERDAY - pki.DAY), base(), delta(REMOVED), issuer=CA)
    found = find_ever_listed(line, TARGET)
    assert found is not None
    assert found[1].number == 4
    assert find_ever_listed(line_of(base(), delta(REMOVED), issuer=CA), TARGET) is None


# -- indirect CRLs ---------------------------------------------------------------------------------------------------
def test_an_entry_of_an_indirect_crl_is_of_the_issuer_that_it_names() -> None:
    indirect = pki.scope(indirect=True)
    other = pki.make_ca("Other")
    theirs = other.issue("carol", serial=LEAF.serial)
    line = line_of(CA.crl([pki.listed(theirs, issuer=other.name)], scope=indirect), issuer=CA)
    now = moment()
    assert find_listed(standing_of(line, now), target_of(cert(theirs)), now) is not None
    assert find_listed(standing_of(line, now), TARGET, now) is None
    own = line_of(CA.crl([pki.listed(LEAF, issuer=CA.name)], scope=indirect), issuer=CA)
    assert find_listed(standing_of(own, now), TARGET, now) is not None
    assert find_listed(standing_of(own, now), target_of(cert(theirs)), now) is None


def test_grace_is_named_of_the_crl_that_is_in_force_by_it() -> None:
    settings = RevocationSettings(grace=pki.HOUR)
    late, fresh = delta(next_update=STALE), delta()
    over = base(next_update=STALE)
    assert standing(over, fresh, settings=settings).within_grace is None
    for some in ((over,), (base(), late)):
        assert str(standing(*some, settings=settings)).endswith(", within `grace` until 2026-06-01T12:59:59+00:00")
