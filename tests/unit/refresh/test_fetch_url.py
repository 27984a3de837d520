import pytest
from hypothesis import given
from hypothesis import strategies as st

from extauthz.refresh.fetch_url import MAX_URL, parse_fetch_url, resolve_reference


@pytest.mark.parametrize(
    ("text", "host", "port", "target", "authority"),
    [
        ("http://crl.example.com/ca.crl", "crl.example.com", 80, "/ca.crl", "crl.example.com"),
        ("HTTPS://CRL.Example.com", "crl.example.com", 443, "/", "crl.example.com"),
        ("http://crl.example.com:80/a", "crl.example.com", 80, "/a", "crl.example.com"),
        ("http://crl.example.com:443/a", "crl.example.com", 443, "/a", "crl.example.com:443"),
        ("http://a_b.example:65535/a?b=c&d=/e", "a_b.example", 65535, "/a?b=c&d=/e", "a_b.example:65535"),
        ("http://10.0.0.1:8080?q", "10.0.0.1", 8080, "/?q", "10.0.0.1:8080"),
        ("http://[0:0::1]:81/x", "[::1]", 81, "/x", "[::1]:81"),
        ("http://crl.example.com/a/../b/%2e", "crl.example.com", 80, "/a/../b/%2e", "crl.example.com"),
        ("http://crl.example.com/a#part", "crl.example.com", 80, "/a", "crl.example.com"),
    ],
)
def test_a_url_is_taken_apart(text: str, host: str, port: int, target: str, authority: str) -> None:
    url = parse_fetch_url(text)
    assert (url.host, url.port, url.target, url.authority) == (host, port, target, authority)


def test_a_bracketed_host_has_a_bare_name() -> None:
    assert parse_fetch_url("http://[fd00::1]/").name == "fd00::1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ftp://crl.example.com/ca.crl", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("ldap://ldap.example.com/cn=CA", "only http and https"),
        ("javascript://crl.example.com/", "only http and https"),
        ("crl.example.com/ca.crl", "absolute"),
        ("//crl.example.com/ca.crl", "absolute"),
        ("http:/crl.example.com", "absolute"),
        ("http:crl.example.com", "absolute"),
        ("", "absolute"),
        ("http://", "not a host"),
        ("http:///ca.crl", "not a host"),
        ("http://user:secret@crl.example.com/", "user name or password"),
        ("http://crl.example.com@evil.example/", "user name or password"),
        ("http://@crl.example.com/", "user name or password"),
        ("http://crl.example.com:0/", "not a host"),
        ("http://crl.example.com:65536/", "not a host"),
        ("http://crl.example.com:/", "not a host"),
        ("http://crl.example.com:8x/", "not a host"),
        ("http://crl.example.com\\@evil.example/", "percent-encoded"),
        ("http://crl.example.com/a b", "percent-encoded"),
        ("http://crl.example.com/a\r\nHost: evil", "percent-encoded"),
        ("http://crl.example.com/\x00", "percent-encoded"),
        ("http://crl.éxample.com/", "percent-encoded"),
        ("http://crl%2eexample.com/", "not a host"),
        ("http://-crl.example.com/", "neither a host name"),
        ("http://crl..example.com/", "neither a host name"),
        ("http://crl.example.com./", "neither a host name"),
        ("http://" + "a" * 64 + ".example/", "neither a host name"),
        ("http://" + "a." * 127 + "example/", "neither a host name"),
        ("http://2130706433/", "neither a host name"),
        ("http://127.1/", "neither a host name"),
        ("http://0x7f000001/", "neither a host name"),
        ("http://0177.0.0.1/", "neither a host name"),
        ("http://127.0.0.0x1/", "neither a host name"),
        ("http://256.0.0.1/", "neither a host name"),
        ("http://[::1/", "not a host"),
        ("http://[::g]/", "not a host"),
        ("http://[1:2]/", "not an IPv6 address"),
        ("http://[fe80::1%25eth0]/", "not a host"),
        ("http://crl.example.com/" + "a" * MAX_URL, "longer"),
    ],
)
def test_what_is_no_plain_http_url_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_fetch_url(text)


def test_a_refused_password_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="user name") as caught:
        parse_fetch_url("http://user:secret@crl.example.com/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/other.crl", "http://crl.example.com:8080/other.crl"),
        ("other.crl", "http://crl.example.com:8080/pki/other.crl"),
        ("../other.crl", "http://crl.example.com:8080/other.crl"),
        ("?v=2", "http://crl.example.com:8080/pki/ca.crl?v=2"),
        ("//cdn.example.com/a", "http://cdn.example.com/a"),
        ("https://cdn.example.com/a#b", "https://cdn.example.com/a"),
    ],
)
def test_a_location_is_relative_to_where_it_was_found(location: str, expected: str) -> None:
    assert str(resolve_reference(parse_fetch_url("http://crl.example.com:8080/pki/ca.crl"), location)) == expected


@pytest.mark.parametrize(
    "location", ["ht\ttp://evil.example/", "\n/a", "http://a b/", "é", "/" + "a" * MAX_URL, "\\\\a"]
)
def test_a_location_that_is_no_url_is_refused(location: str) -> None:
    with pytest.raises(ValueError, match="location"):
        resolve_reference(parse_fetch_url("http://crl.example.com/"), location)


@given(st.text(max_size=60) | st.from_regex(r"https?://[\[\]@:./%a0-]{0,20}[/?#]?.{0,5}", fullmatch=True))
def test_a_url_is_refused_or_means_the_same_when_written_out(text: str) -> None:
    try:
        url = parse_fetch_url(text)
    except ValueError:
        return
    assert parse_fetch_url(str(url)) == url
