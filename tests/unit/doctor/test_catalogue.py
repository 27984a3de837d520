import pytest

from extauthz.doctor.catalogue.catalogue import CATALOGUE
from extauthz.doctor.code import Code
from extauthz.doctor.finding import Advice


def test_every_code_has_a_meaning_and_a_remedy() -> None:
    assert set(CATALOGUE) == set(Code)


@pytest.mark.parametrize("advice", CATALOGUE.values(), ids=CATALOGUE)
def test_the_words_are_one_sentence_each_without_its_full_stop(advice: Advice) -> None:
    for text in (advice.meaning, advice.remedy):
        assert text[0].isupper() or text.startswith(("extauthz", "nginx", "x-"))
        assert not text.endswith(".")
        assert "\n" not in text
