"""Who may ask over HTTP: of what is asked for, each must hold."""

import os
import socket
import ssl
import struct
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import cast

import pytest

from extauthz.config.build_http import CallerRules
from extauthz.config.typed_san import any_of_sans
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.service.callers import caller_identity
from extauthz.service.http_callers import HttpCaller, admit, http_caller
from extauthz.wire.http.question import HttpQuestion
from support import pki

LEAF = pki.make_ca().issue("gateway", dns=["gateway.example"])
SECRET = b"a-secret-of-some-length"


def asked(*headers: tuple[bytes, bytes]) -> HttpQuestion:
    return HttpQuestion(b"GET", b"/check", headers)


def admitted(rules: CallerRules, caller: HttpCaller, question: HttpQuestion | None = None) -> bool:
    outcome = admit(rules, caller, question or asked())
    if isinstance(outcome, Fail):
        assert outcome.reason is Reason.CALLER_NOT_ALLOWED
        assert SECRET.decode() not in outcome.detail
    return isinstance(outcome, Pass)


def gateway() -> CertIdentity:
    identity = caller_identity(LEAF.der)
    assert isinstance(identity, CertIdentity)
    return identity


def test_no_rules_admit_everybody() -> None:
    assert admitted(CallerRules(), HttpCaller())


@pytest.mark.parametrize(
    ("address", "expected"),
    [("10.1.2.3", True), ("10.255.255.255", True), ("11.0.0.0", False), ("fd00::1", True), ("fe80::1", False)],
)
def test_addresses_are_those_of_the_networks(address: str, expected: bool) -> None:
    rules = CallerRules(networks=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")))
    assert admitted(rules, HttpCaller(address=ip_address(address))) is expected


def test_without_an_address_none_is_right() -> None:
    assert not admitted(CallerRules(networks=(ip_network("0.0.0.0/0"),)), HttpCaller())


def test_users_are_those_that_are_named() -> None:
    rules = CallerRules(unix_users=frozenset({101}))
    assert [admitted(rules, HttpCaller(user=user)) for user in (101, 0, None)] == [True, False, False]


def test_clients_have_one_of_the_names() -> None:
    rules = CallerRules(clients=any_of_sans(["dns:gateway.example"]))
    assert admitted(rules, HttpCaller(identity=gateway()))
    assert not admitted(CallerRules(clients=any_of_sans(["dns:other.example"])), HttpCaller(identity=gateway()))
    assert not admitted(rules, HttpCaller())
    assert not admitted(rules, HttpCaller(identity=Fail(Reason.CALLER_NOT_ALLOWED, "unreadable")))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([(b"x-secret", SECRET)], True),
        ([(b"x-secret", b" " + SECRET + b"\t")], True),
        ([(b"x-secret", SECRET[:-1])], False),
        ([(b"x-secret", SECRET + b"x")], False),
        ([(b"x-secret", b"")], False),
        ([(b"x-other", SECRET)], False),
        ([], False),
        ([(b"x-secret", SECRET), (b"x-secret", SECRET)], False),
        ([(b"x-secret", b"\xff\xfe")], False),
    ],
)
def test_a_secret_is_shown_once_and_in_full(headers: list[tuple[bytes, bytes]], expected: bool) -> None:
    rules = CallerRules(secret_header=b"x-secret", secret=SECRET)
    assert admitted(rules, HttpCaller(), asked(*headers)) is expected
    assert SECRET.decode() not in repr(rules)


def test_of_several_kinds_each_must_hold() -> None:
    rules = CallerRules(networks=(ip_network("10.0.0.0/8"),), secret_header=b"x-secret", secret=SECRET)
    shown = asked((b"x-secret", SECRET))
    inside, outside = HttpCaller(address=ip_address("10.0.0.1")), HttpCaller(address=ip_address("192.0.2.1"))
    assert [admitted(rules, inside, shown), admitted(rules, inside), admitted(rules, outside, shown)] == [
        True,
        False,
        False,
    ]


def test_the_other_end_of_a_port_has_an_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]) as client:
        accepted, _ = server.accept()
        with accepted:
            assert http_caller(accepted, None) == HttpCaller(address=ip_address("127.0.0.1"))
            assert str(http_caller(client, None).address) == "127.0.0.1"


def test_an_ipv4_client_of_an_ipv6_listener_has_its_own_address() -> None:
    class Mapped:
        family = socket.AF_INET6

        def getpeername(self) -> tuple[str, int, int, int]:
            return "::ffff:10.0.0.1", 1, 0, 0

    assert http_caller(cast("socket.socket", Mapped()), None).address == ip_address("10.0.0.1")


def test_the_other_end_of_a_unix_socket_has_a_user(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
        accepted, _ = server.accept()
        with accepted:
            assert http_caller(accepted, None) == HttpCaller(user=os.getuid())


class Gone:
    """A socket whose client went away."""

    family = socket.AF_UNIX

    def getpeername(self) -> None:
        raise OSError

    def getsockopt(self, *_arguments: int) -> bytes:
        raise OSError


def test_of_whom_nothing_can_be_found_out_nothing_is_known() -> None:
    assert http_caller(cast("socket.socket", Gone()), None) == HttpCaller()
    assert http_caller(None, None) == HttpCaller()


def test_a_certificate_has_an_identity_or_says_why_not() -> None:
    class Tls:
        def __init__(self, der: bytes | None) -> None:
            self.der = der

        def getpeercert(self, *, binary_form: bool) -> bytes | None:
            assert binary_form
            return self.der

    def identity(der: bytes | None) -> object:
        return http_caller(None, cast("ssl.SSLObject", Tls(der))).identity

    assert identity(LEAF.der) == gateway()
    assert identity(None) is None
    assert isinstance(identity(b"junk"), Fail)
    assert struct.calcsize("3i") == 12
