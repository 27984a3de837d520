import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.policy.path import MAX_PATH_CHARACTERS, path_segments


@pytest.mark.parametrize(
    ("target", "segments"),
    [
        ("/", ["", ""]),
        ("/a/b", ["", "a", "b"]),
        ("/a/", ["", "a", ""]),
        ("/a?x=/../", ["", "a"]),
        ("/%61dmin", ["", "admin"]),
        ("/a%20b", ["", "a b"]),
        ("/caf%C3%A9", ["", "café"]),
        ("/café", ["", "café"]),
        ("/..a/.b", ["", "..a", ".b"]),
        ("/100%25", ["", "100%"]),
        ("*", ["*"]),
        ("", [""]),
    ],
)
def test_plain_path_is_decoded_once(target: str, segments: list[str]) -> None:
    assert path_segments(target) == segments


@pytest.mark.parametrize(
    "target",
    [
        "/a/../b",
        "/a/..",
        "/./a",
        "/a/%2e%2e/b",
        "/a/%2E./b",
        "/a/.%2e",
        "/a/..;x=1/b",
        "/a;v=1",
        "/a;/b",
        "/a%3Bx/b",
        "/a./b",
        "/a%20/b",
        "/b..",
        "?a=b",
        "/a/..%3bx/b",
        "/a//b",
        "//a",
        "/a//",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a%00",
        "/a\x00",
        "/a%0d%0ab",
        "/a%7f",
        "/a b",
        "/a\tb",
        "/a%2",
        "/a%zz",
        "/%252e%252e/a",
        "/%252fa",
        "/a#b",
        "/%ff",
        "/\udcff",
        "a/b",
        "http://host/a",
    ],
)
def test_path_that_can_be_read_two_ways_is_ambiguous(target: str) -> None:
    with pytest.raises(DecodeError) as caught:
        path_segments(target)
    assert caught.value.reason is Reason.PATH_AMBIGUOUS


def test_detail_never_shows_the_query() -> None:
    with pytest.raises(DecodeError) as caught:
        path_segments("/a/../b?token=secret")
    assert "secret" not in caught.value.detail


def test_path_parameter_is_compared_as_it_stands_where_the_operator_wants_that() -> None:
    assert path_segments("/a;v=1/b", parameters=True) == ["", "a;v=1", "b"]
    with pytest.raises(DecodeError):
        path_segments("/a/..;x=1/b", parameters=True)


def test_length_of_a_path_is_bounded_before_it_is_decoded() -> None:
    assert path_segments("/" + "a" * (MAX_PATH_CHARACTERS - 1) + "?" + "q" * MAX_PATH_CHARACTERS)
    with pytest.raises(DecodeError) as caught:
        path_segments("/" + "a" * MAX_PATH_CHARACTERS)
    assert caught.value.reason is Reason.PATH_AMBIGUOUS
    assert len(caught.value.detail) < 200


@given(st.text(alphabet="/.a-%2fE;~*@ \\\\#\x00é", max_size=12))
def test_what_is_told_at_once_is_what_the_long_way_tells(text: str) -> None:
    """The short way is the same with a path that has an escaped letter more, which always goes the long way."""
    target = f"/{text}"
    try:
        segments = path_segments(target)
    except DecodeError:
        with pytest.raises(DecodeError):
            path_segments(f"/%61{target}")
    else:
        assert path_segments(f"/%61{target}") == ["", "a", *segments[1:]]
