"""Elements are counted from the right."""

import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.sources.xfcc_choice import ElementChoice, FromRight, Last, Only
from extauthz.sources.xfcc_element import Element


@pytest.mark.parametrize(
    ("choice", "count", "index"),
    [
        (Only(), 1, 0),
        (Last(), 1, 0),
        (Last(), 3, 2),
        (FromRight(1), 1, 0),
        (FromRight(1), 3, 2),
        (FromRight(2), 3, 1),
        (FromRight(3), 3, 0),
    ],
)
def test_the_choice_among_enough_elements(choice: ElementChoice, count: int, index: int) -> None:
    assert choice.index([Element()] * count) == index


@pytest.mark.parametrize(
    ("choice", "count"), [(Only(), 2), (Only(), 16), (FromRight(2), 1), (FromRight(3), 2), (FromRight(16), 15)]
)
def test_another_number_of_elements_is_ambiguous(choice: ElementChoice, count: int) -> None:
    with pytest.raises(DecodeError) as caught:
        choice.index([Element()] * count)
    assert caught.value.reason is Reason.SOURCE_AMBIGUOUS


@pytest.mark.parametrize("count", [0, -1, 17])
def test_a_count_that_can_never_be_met_is_refused_at_load(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 16"):
        FromRight(count)
