"""What a certificate says is cut where it is put into a detail."""

from collections.abc import Callable, Sequence

import pytest

from extauthz.model.outcome import Fail, Pass
from extauthz.policy.rules.base import Rule, shown
from extauthz.policy.rules.distinguished_name import issuer_contains_rule, subject_contains_rule
from support.identities import identity


@pytest.mark.parametrize("make", [subject_contains_rule, issuer_contains_rule])
def test_a_long_name_is_cut_where_a_fragment_is_looked_for(make: Callable[[Sequence[str]], Rule]) -> None:
    long = identity(subject_dn="é" * 50_000, issuer_dn="é" * 50_000)
    for fragment, kind in (("é", Pass), ("x", Fail)):
        outcome = make([fragment]).check(long)
        assert isinstance(outcome, kind)
        assert len(outcome.detail) < 300


def test_values_of_characters_that_print_as_escapes_are_cut_too() -> None:
    assert len(shown(("\U000e0001" * 5_000,) * 9)) < 1_100
