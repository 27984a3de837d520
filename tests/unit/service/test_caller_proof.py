"""What a handshake has proved counts for as long as somebody who is named would have let it in."""

import ssl
from typing import cast

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.service.caller_proof import CallerProof
from extauthz.service.native_tls import Authorities, NativeTls
from support import pki

OLD, NEW = pki.make_ca("Old"), pki.make_ca("New")
SAME_NAME = pki.make_ca("Old")
RENEWED = pki.make_ca("Old", key=OLD.key)
BELOW = pki.make_ca("Below", OLD)
LEAF = OLD.issue("gateway")
LEAF_BELOW = BELOW.issue("gateway")


class FakeTls:
    """The CAs in use, and those of a handshake."""

    def __init__(self, *first: pki.Authority) -> None:
        self.authorities = self._first = certificates(*first)

    def authorities_of(self, _context: object) -> Authorities:
        return self._first


class FakeConnected:
    context = None

    def __init__(self, der: bytes | None) -> None:
        self._der = der

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        assert binary_form
        return self._der


def certificates(*authorities: pki.Authority | pki.Leaf) -> Authorities:
    return tuple(parse_certificate(one.der) for one in authorities)


def proof(tls: FakeTls, der: bytes | None) -> CallerProof:
    return CallerProof(cast("NativeTls", tls), cast("ssl.SSLObject", FakeConnected(der)))


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ((OLD,), True),
        ((NEW, OLD), True),
        ((NEW,), False),
        ((SAME_NAME,), False),
        ((RENEWED,), True),
        ((), False),
        ((LEAF,), True),
    ],
    ids=["the same", "one more", "another", "another of the same name", "renewed", "none", "the certificate itself"],
)
def test_the_cas_that_are_named_now_decide(now: tuple[pki.Authority | pki.Leaf, ...], stands: bool) -> None:
    tls = FakeTls(OLD)
    caller = proof(tls, LEAF.der)
    assert caller.stands()
    tls.authorities = certificates(*now)
    assert (caller.stands(), caller.stands()) == (stands, stands)


def test_of_several_the_one_that_issued_it_is_enough() -> None:
    tls = FakeTls(OLD, NEW)
    old, new = proof(tls, LEAF.der), proof(tls, NEW.issue("gateway").der)
    tls.authorities = certificates(NEW)
    assert (old.stands(), new.stands()) == (False, True)


def test_a_renewed_ca_further_up_is_the_same() -> None:
    tls = FakeTls(OLD)
    caller = proof(tls, LEAF_BELOW.der)
    tls.authorities = certificates(RENEWED)
    assert caller.stands()
    tls.authorities = certificates(SAME_NAME)
    assert not caller.stands()


def test_one_that_was_let_in_by_a_ca_further_up_has_to_come_again() -> None:
    tls = FakeTls(OLD, NEW)
    caller = proof(tls, LEAF_BELOW.der)
    tls.authorities = certificates(OLD)
    assert not caller.stands()
    tls.authorities = certificates(OLD, BELOW)
    assert caller.stands(), "its own issuer is named"


def test_it_counts_again_once_its_ca_does() -> None:
    tls = FakeTls(OLD)
    caller = proof(tls, LEAF.der)
    tls.authorities = certificates(NEW)
    assert not caller.stands()
    tls.authorities = certificates(OLD)
    assert caller.stands()


def test_where_no_certificate_is_asked_for_it_always_stands() -> None:
    tls = FakeTls()
    caller = proof(tls, None)
    tls.authorities = certificates()
    assert caller.stands()


def test_a_certificate_that_nobody_can_read_counts_with_the_same_cas_only() -> None:
    tls = FakeTls(OLD)
    caller = proof(tls, b"junk")
    assert caller.stands()
    tls.authorities = certificates(NEW)
    assert not caller.stands()
