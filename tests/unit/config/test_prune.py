from extauthz.config.prune import Remainder

DATA = {"a": [10, 11, {"x": 1, "y": [20, 21, 22]}, 13], "b": {"c": 1, "d": 2}}


def test_removed_paths_are_gone_and_lists_close_up() -> None:
    remainder = Remainder(DATA, {("a", 0), ("a", 2, "y", 1), ("b", "c")})
    assert remainder.value == {"a": [11, {"x": 1, "y": [20, 22]}, 13], "b": {"d": 2}}


def test_paths_are_counted_back_to_the_original() -> None:
    remainder = Remainder(DATA, {("a", 0), ("a", 2, "y", 1)})
    assert remainder.original(("a", 1, "y", 1)) == ("a", 2, "y", 2)
    assert remainder.original(("a", 1, "x")) == ("a", 2, "x")
    assert remainder.original(("b", "d")) == ("b", "d")


def test_paths_that_are_not_there_stay_as_they_are() -> None:
    remainder = Remainder(DATA, {("a", 0)})
    assert remainder.original(("a", 9, "z")) == ("a", 9, "z")
    assert remainder.original(("c", 0)) == ("c", 0)


def test_original_data_is_not_changed() -> None:
    data = {"a": [1, 2]}
    Remainder(data, {("a", 0)})
    assert data == {"a": [1, 2]}
