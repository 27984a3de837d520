import pytest

from extauthz.config.schema.address import UNIX_PATH_BYTES, check_address


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0:9191",
        "localhost:0",
        "my-host.example:65535",
        "[::]:1",
        "[2001:db8::1]:443",
        "unix:/run/x.sock",
        "unix:/" + "x" * (UNIX_PATH_BYTES - 1),
    ],
)
def test_addresses_to_listen_on(text: str) -> None:
    assert check_address(text) == text


@pytest.mark.parametrize(
    "text", ["", "9191", ":9191", "host", "host:", "host:65536", "host:-1", "a b:1", "::1:80", "http://a:1", "host:1\n"]
)
def test_other_texts_are_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address to listen on; write"):
        check_address(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1:2]:80", "holds no IPv6 address"),
        ("unix:run/x.sock", "must be absolute"),
        ("unix:", "must be absolute"),
        ("unix:/run/%2e%2e/x", "must not hold '%'; gRPC reads it as part of a URI"),
        ("unix:/run/x?y", "must not hold '?'"),
        ("unix:/run/x#y", "must not hold '#'"),
        ("unix:/" + "x" * UNIX_PATH_BYTES, "is longer than 107 bytes"),
        ("unix:/" + "ä" * 54, "is longer than 107 bytes"),
    ],
)
def test_what_cannot_be_bound_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_address(text)
