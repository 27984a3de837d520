"""Nothing that decides can be mistaken for a bool."""

import pytest

from extauthz.model.decision import Decision
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import ALLOW_REASONS, Reason


@pytest.mark.parametrize(
    "value",
    [Pass(), Fail(Reason.EXPIRED), Decision(allowed=True, reason=Reason.ALLOWED)],
    ids=["pass", "fail", "decision"],
)
def test_it_has_no_truth_value(value: object) -> None:
    with pytest.raises(TypeError):
        bool(value)


def test_reasons_are_words_that_labels_and_documents_can_use() -> None:
    assert all(reason.value == reason.name.lower() for reason in Reason)
    assert set(Reason) > ALLOW_REASONS
