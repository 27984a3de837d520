"""Ids of decisions tell nothing but themselves."""

import pytest

from extauthz.service.decision_id import new_decision_id


def test_decision_ids_are_128_random_bits_in_hex() -> None:
    ids = {new_decision_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(one) for one in ids} == {32}
    assert all(int(one, 16) >= 0 for one in ids)


@pytest.mark.parametrize("position", range(32))
def test_no_digit_of_an_id_stays_the_same(position: int) -> None:
    """A counter or a prefix in the id would tell a client how many requests others make."""
    assert len({new_decision_id()[position] for _ in range(200)}) > 8
