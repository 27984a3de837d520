import pytest

from extauthz.doctor.located import Located

TREE = Located({"failure_mode_allow": True, "list": ["a", 1, None], "fooBar": {"x-y": "z"}}, "f")


@pytest.mark.parametrize("key", ["failure_mode_allow", "failureModeAllow", "FailureModeAllow"])
def test_an_entry_is_found_in_any_spelling_and_has_the_path_of_its_own(key: str) -> None:
    assert TREE[key].is_true
    assert TREE[key].path == ("failure_mode_allow",)


def test_what_is_not_there_is_empty_and_has_the_place_where_it_would_be() -> None:
    missing = TREE.at("foo_bar", "gone", "deeper")
    assert (missing.given, missing.text, missing.texts, missing.items, missing.entries) == (False, "", (), [], {})
    assert missing.path == ("fooBar", "gone", "deeper")


def test_lists_and_single_texts_are_both_texts() -> None:
    assert TREE["list"].texts == ("a", "1", "")
    assert TREE.at("fooBar", "x_y").texts == ("z",)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0.5s", 0.5),
        ("200ms", 0.2),
        ("1m30s", 90.0),
        ("0s", 0.0),
        ("600", None),
        ("", None),
        ("5 s", None),
        ("1x", None),
        ("s", None),
    ],
)
def test_durations_are_read_in_the_words_of_go_and_protobuf(text: str, seconds: float | None) -> None:
    assert Located(text, "f").seconds == pytest.approx(seconds)


@pytest.mark.parametrize(("value", "yes"), [(True, True), ("on", True), ("Yes", True), (False, False), ("no", False)])
def test_yes_is_read_in_all_its_words(value: object, *, yes: bool) -> None:
    assert Located(value, "f").is_true is yes
