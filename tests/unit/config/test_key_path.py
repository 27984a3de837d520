import pytest

from extauthz.config.key_path import KeyPath, dotted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("trust",), "trust"),
        (("policies", 0, "require", "san", "dns", 1), "policies[0].require.san.dns[1]"),
        (("headers", "map", "x-user"), "headers.map.x-user"),
        (("a", "x.y", "z"), 'a["x.y"].z'),
        (("", 'q"', "é"), '[""]["q\\""]["é"]'),
        ((3,), "[3]"),
    ],
)
def test_path_is_written_with_dots_and_brackets(path: KeyPath, text: str) -> None:
    assert dotted(path) == text
