import threading
from ipaddress import ip_address

import pytest

from extauthz.refresh.addresses import Reach, check_addresses, reach, resolve
from extauthz.refresh.fetch_result import FetchError, FetchResult


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8",
        "223.255.255.254",
        "172.15.255.255",
        "172.32.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ],
)
def test_a_global_address_is_public(text: str) -> None:
    assert reach(ip_address(text)) is Reach.PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.255.255.255",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "203.0.113.7",
        "192.0.0.1",
        "192.0.0.8",
        "192.0.0.170",
        "3fff::1",
        "::1",
        "fc00::1",
        "fdff::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
    ],
)
def test_loopback_and_what_is_not_routed_is_private(text: str) -> None:
    assert reach(ip_address(text)) is Reach.PRIVATE


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",
        "169.254.0.1",
        "0.0.0.0",  # noqa: S104  (not bound to, refused)
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "::",
        "fe80::1",
        "febf::1",
        "ff02::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "::127.0.0.1",
        "::8.8.8.8",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "4000::1",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::169.254.169.254",
    ],
)
def test_where_no_crl_is_served_is_refused_to_everybody(text: str) -> None:
    assert reach(ip_address(text)) is Reach.NEVER
    with pytest.raises(FetchError) as caught:
        check_addresses("crl.example.com", [text], private=True)
    assert caught.value.result is FetchResult.ADDRESS_REFUSED
    assert text in caught.value.detail


def test_an_address_with_a_zone_is_judged_without_it() -> None:
    with pytest.raises(FetchError):
        check_addresses("crl.example.com", ["fe80::1%eth0"], private=True)


def test_private_addresses_pass_where_they_are_allowed() -> None:
    check_addresses("crl.example.com", ["10.0.0.1", "::1", "8.8.8.8"], private=True)


def test_one_private_address_among_public_ones_spoils_the_host() -> None:
    with pytest.raises(FetchError) as caught:
        check_addresses("crl.example.com", ["8.8.8.8", "2606:4700::1111", "10.0.0.1"], private=False)
    assert caught.value.result is FetchResult.ADDRESS_REFUSED
    assert "10.0.0.1" in caught.value.detail


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1"])
def test_an_address_needs_no_resolving(text: str) -> None:
    assert resolve(text, 80, 1) == (text,)


def test_localhost_resolves_to_loopback_alone() -> None:
    found = resolve("localhost", 80, 10)
    assert found
    assert set(found) <= {"127.0.0.1", "::1"}


def test_a_name_that_does_not_exist_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"."):
        resolve("nothing.invalid", 80, 30)


def test_a_name_service_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        over.wait(30)
        return []

    monkeypatch.setattr("socket.getaddrinfo", hang)
    try:
        with pytest.raises(TimeoutError, match=r"slow\.example"):
            resolve("slow.example", 80, 0.05)
    finally:
        over.set()
