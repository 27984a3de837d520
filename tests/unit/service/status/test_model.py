"""Whether somebody has to do something follows from the facts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from extauthz.service.status.model import ENDS_SOON, LastReload, Standing
from support.statuses import ANCHOR, AT, CRL_SOURCE, STATUS

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "standing"),
    [
        (ENDS_SOON + SECOND, Standing.GOOD),
        (ENDS_SOON, Standing.ATTENTION),
        (timedelta(), Standing.ATTENTION),
        (-SECOND, Standing.BAD),
    ],
)
def test_an_anchor_is_good_until_its_last_instant_and_asks_for_attention_before(
    left: timedelta, standing: Standing
) -> None:
    assert replace(ANCHOR, not_after=AT + left).standing(AT) is standing


def test_a_crl_source_with_a_problem_is_worse_without_a_crl() -> None:
    assert replace(CRL_SOURCE, problems=()).standing is Standing.GOOD
    assert CRL_SOURCE.standing is Standing.ATTENTION
    assert replace(CRL_SOURCE, crls=()).standing is Standing.BAD


def test_a_configuration_is_bad_after_a_failed_reload_and_asks_for_attention_with_warnings() -> None:
    calm = replace(STATUS.configuration, last_reload=None, warnings=(), digests_in_use=("one",))
    done = LastReload(result="success", trigger="admin", at=AT, problems=())
    assert calm.standing is Standing.GOOD
    assert replace(calm, last_reload=done).standing is Standing.GOOD
    assert replace(calm, warnings=("permissive",)).standing is Standing.ATTENTION
    assert replace(calm, digests_in_use=("one", "two")).standing is Standing.ATTENTION
    assert STATUS.configuration.standing is Standing.BAD
