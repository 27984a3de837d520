import pytest

from extauthz.policy.patterns import PatternError, compile_regex, compile_segments, compile_text, matching


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("a.b", "a.b"),
        ("*.b", "a.b"),
        ("**", "a.b.c"),
        ("**", ""),
        ("**.c", "c"),
        ("**.c", "a.b.c"),
        ("a.**.c", "a.c"),
        ("a.**.b.**.c", "a.x.b.b.y.c"),
        ("**.a.*", "a.a.b"),
        ("re:a+", "aaa"),
    ],
)
def test_whole_value_matches(pattern: str, value: str) -> None:
    assert compile_segments(pattern, ".", lower=False).matches(value)


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("a.b", "a.b.c"),
        ("a.b", "A.b"),
        ("*.b", ".b"),
        ("*.b", "x.a.b"),
        ("*", ""),
        ("**.c", "a.cc"),
        ("a.**", "b.a"),
        ("a.**.c", "a.b"),
        ("re:a|b", "ab"),
        ("re:a", "a\n"),
        ("re:^a$", "a\n"),
        ("re:.*", "\udcff"),
    ],
)
def test_part_of_a_value_never_matches(pattern: str, value: str) -> None:
    assert not compile_segments(pattern, ".", lower=False).matches(value)


def test_alternatives_of_an_expression_are_both_anchored() -> None:
    pattern = compile_regex("re:a\\.example|b\\.example")
    assert pattern.matches("a.example")
    assert not pattern.matches("a.example.evil")
    assert not pattern.matches("evil.b.example")


@pytest.mark.parametrize("text", ["re:(", "re:(?=a)", "re:(a)\\1", "re:", "a*.b", "***"])
def test_pattern_that_cannot_be_compiled_is_refused(text: str) -> None:
    with pytest.raises(PatternError):
        compile_segments(text, ".", lower=False)


def test_star_in_a_value_without_segments_is_refused() -> None:
    with pytest.raises(PatternError, match="no segments"):
        compile_text("svc-*")


def test_first_value_and_pattern_that_match_are_named() -> None:
    patterns = (compile_text("x"), compile_text("b"))
    assert matching(patterns, ("a", "b")) == ("b", "b")
    assert matching(patterns, ()) is None


def test_expression_with_exponential_backtracking_elsewhere_is_linear_here() -> None:
    assert not compile_regex("re:(a+)+b").matches("a" * 100_000)
