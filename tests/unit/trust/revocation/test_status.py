"""Revocation statuses are three different things, and none of them is true or false."""

import pytest

from extauthz.trust.revocation.status import Good, RevocationStatus, Revoked, Unknown, UnknownCause


@pytest.mark.parametrize("status", [Good(), Revoked(), Revoked("keyCompromise"), Unknown("why")])
def test_a_status_has_no_truth_value(status: RevocationStatus) -> None:
    with pytest.raises(TypeError, match="no truth value"):
        bool(status)


def test_statuses_compare_by_what_they_say() -> None:
    assert Good() == Good()
    assert Revoked("superseded") != Revoked()
    assert Unknown("why") == Unknown("why", UnknownCause.MISSING)
    assert Unknown("why") != Unknown("why", UnknownCause.STALE)
    assert len({Good(), Revoked(), Unknown("why")}) == 3
