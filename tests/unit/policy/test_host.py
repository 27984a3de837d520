import pytest

from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.policy.host import normal_host


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("pay.example.com", "pay.example.com"),
        ("PAY.Example.com:443", "pay.example.com"),
        ("pay.example.com.", "pay.example.com"),
        ("pay.example.com.:8443", "pay.example.com"),
        ("[2001:DB8::1]:443", "[2001:db8::1]"),
        ("10.0.0.1:80", "10.0.0.1"),
        ("a_b.example", "a_b.example"),
        ("pay.example.com:", "pay.example.com"),
    ],
)
def test_spellings_of_one_host_are_one(authority: str, host: str) -> None:
    assert normal_host(authority) == host


@pytest.mark.parametrize(
    "authority",
    [
        "user@pay.example.com",
        "pay.example.com:443:1",
        "a b",
        "a\r\nb",
        "pay%2eexample",
        "pé.example",
        "2001:db8::1",
        "a/b",
        "",
        ".",
        ":443",
        "pay.example..",
        "pay..example",
        ".pay.example",
    ],
)
def test_host_that_can_be_read_two_ways_is_ambiguous(authority: str) -> None:
    with pytest.raises(DecodeError) as caught:
        normal_host(authority)
    assert caught.value.reason is Reason.HOST_AMBIGUOUS


def test_detail_never_shows_user_information() -> None:
    with pytest.raises(DecodeError) as caught:
        normal_host("alice:secret@pay.example.com")
    assert "secret" not in caught.value.detail
