import pytest

from extauthz.doctor.asked import UrlParts, asked_by_url, url_parts


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://a:1/check?b=/c", UrlParts("http", "a:1", "/check")),
        ("HTTPS://a", UrlParts("https", "a", "")),
        ("http://a?b", UrlParts("http", "a", "")),
        ("http://a#/b", UrlParts("http", "a", "")),
        ("http://[::1]:1/c", UrlParts("http", "[::1]:1", "/c")),
        ("http://[", UrlParts("http", "[", "")),
        ("http://a[b]/c", UrlParts("http", "a[b]", "/c")),
        ("127.0.0.1:9192", UrlParts("", "", "")),
        ("", UrlParts("", "", "")),
    ],
)
def test_a_url_is_taken_apart_whatever_stands_in_it(url: str, parts: UrlParts) -> None:
    assert url_parts(url) == parts


@pytest.mark.parametrize("url", ["http://[", "http://a[b]/", "http://\u2100/", "http://a:many/", "http://$a/", "a:1"])
def test_what_is_no_address_is_asked_nowhere(url: str) -> None:
    assert list(asked_by_url(url, "here")) == []


@pytest.mark.parametrize(
    ("url", "asked"), [("http://a", "a:80"), ("https://a/b", "a:443"), ("http://[::1]:7", "::1:7")]
)
def test_a_url_without_a_port_has_the_one_of_its_scheme(url: str, asked: str) -> None:
    assert [str(one) for one in asked_by_url(url, "here")] == [f"here asks {asked}"]
