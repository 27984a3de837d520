"""URLs of CRLs and host names are taken as they are written, or refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from extauthz.config.schema.url import CrlUrl, HostName

URL: TypeAdapter[str] = TypeAdapter(CrlUrl)
HOST: TypeAdapter[str] = TypeAdapter(HostName)


@pytest.mark.parametrize(
    "url",
    ["http://a/x.crl", "https://a.example:8443/x?y=%20", "http://[2001:db8::1]:80/", "http://127.0.0.1/", "HTTP://A/"],
)
def test_http_and_https_urls_are_taken(url: str) -> None:
    assert URL.validate_python(url) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "at least 1"),
        ("ftp://a/x", "not an absolute"),
        ("ldap:///cn=x", "not an absolute"),
        ("http:///x", "not an absolute"),
        ("//a/x", "not an absolute"),
        ("a/x.crl", "not an absolute"),
        ("http://a:99999/", "Port out of range"),
        ("http://[::1/", "not a URL"),
        ("http://user@a/", "user name or password"),
        ("http://user:secret@a/", "user name or password"),
        ("http://a/#x", "fragment"),
        ("http://a/x y", "without spaces"),
        ("http://a/ü", "in ASCII"),
        ("http://a/x\n", "without spaces"),
    ],
)
def test_anything_else_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        URL.validate_python(url)


@pytest.mark.parametrize("host", ["a", "crl.example.com", "xn--bcher-kva.example", "10.0.0.1", "[2001:db8::1]", "_x.y"])
def test_names_and_addresses_of_hosts_are_taken(host: str) -> None:
    assert HOST.validate_python(host) == host


@pytest.mark.parametrize(
    "host",
    ["", "A", "*.example.com", "a:80", "http://a", "a/b", ".a", "a.", "-a", "a-", "2001:db8::1", "a\n", "x" * 254],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValidationError):
        HOST.validate_python(host)
