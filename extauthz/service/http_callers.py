"""Who may ask over HTTP, where whoever asks says who the client is."""

import socket
import ssl
import struct
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from extauthz.config.build_http import CallerRules
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.service.callers import caller_identity, refused
from extauthz.service.plain_address import plain_address
from extauthz.wire.http.question import HttpQuestion

_ADMITTED: Final = Pass("the caller may ask")
_CREDENTIALS: Final = struct.Struct("3i")
"""``struct ucred`` of Linux: process, user, group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCaller:
    """What is known of the other end of a connection, for as long as it lasts."""

    address: IPv4Address | IPv6Address | None = None
    """None on a Unix socket."""
    user: int | None = None
    """Of the process that connected to a Unix socket; None elsewhere."""
    identity: CertIdentity | Fail | None = None
    """In the certificate that it showed, which the handshake has verified; None without TLS that asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where one configuration is asked over HTTP, how, and by whom."""

    prefix: bytes
    any_method: bool
    """The method of a question may be any: it is the one that is asked about."""
    rules: CallerRules


def http_caller(connected: socket.socket | None, tls: ssl.SSLObject | None) -> HttpCaller:
    """Find out who is at the other end. What cannot be found out is None, and is not enough where it is asked for."""
    return HttpCaller(
        address=_address(connected), user=_user(connected), identity=None if tls is None else _identity(tls)
    )


def admit(rules: CallerRules, caller: HttpCaller, question: HttpQuestion) -> Outcome:
    """Say whether the caller may ask. Of what the rules ask for, each must hold; nothing else is read."""
    if isinstance(suits := of_connection(rules, caller), Fail):
        return suits
    if rules.secret:
        shown = [value for name, value in question.headers if name == rules.secret_header]
        if len(shown) != 1 or not compare_digest(shown[0].strip(b" \t"), rules.secret):
            return refused(f"the header {rules.secret_header.decode()} does not hold the secret, once")
    return _ADMITTED


def of_connection(rules: CallerRules, caller: HttpCaller) -> Outcome:
    """Say whether a connection suits the rules, whatever is asked on it."""
    if isinstance(suits := of_socket(rules, caller), Fail):
        return suits
    if rules.clients is not None:
        if not isinstance(caller.identity, CertIdentity):
            return refused("the caller shows no certificate") if caller.identity is None else caller.identity
        outcome = rules.clients.check(caller.identity)
        if isinstance(outcome, Fail):
            return refused(outcome.detail)
    return _ADMITTED


def of_socket(rules: CallerRules, caller: HttpCaller) -> Outcome:
    """Say whether a connection that was just accepted suits the rules, as far as can be told without its TLS."""
    if rules.networks and (caller.address is None or not any(caller.address in network for network in rules.networks)):
        return refused(f"the caller's address is {caller.address}")
    if rules.unix_users is not None and caller.user not in rules.unix_users:
        return refused(f"the caller is a process of user {caller.user}")
    return _ADMITTED


def _address(connected: socket.socket | None) -> IPv4Address | IPv6Address | None:
    try:
        peer = None if connected is None else connected.getpeername()
    except OSError:  # it is gone already
        return None
    if not isinstance(peer, tuple):
        return None
    return plain_address(str(peer[0]))


def _user(connected: socket.socket | None) -> int | None:
    if connected is None or connected.family != socket.AF_UNIX or not hasattr(socket, "SO_PEERCRED"):
        return None
    try:
        credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    except OSError:
        return None
    return int(_CREDENTIALS.unpack(credentials)[1])


def _identity(tls: ssl.SSLObject) -> CertIdentity | Fail | None:
    der = tls.getpeercert(binary_form=True)
    return None if der is None else caller_identity(der)
