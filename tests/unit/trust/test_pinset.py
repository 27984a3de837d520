"""A policy's pins: one live pin must match, beside everything else."""

from datetime import datetime, timedelta

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.trust.pins import CertPin, ExpiringPin, SpkiPin
from extauthz.trust.pinset import PinSet
from extauthz.trust.window import Window
from support import pki

CA = pki.make_ca()
ALICE, BOB = CA.issue("alice"), CA.issue("bob")
CERTIFICATE = parse_certificate(ALICE.der)
NOW = pki.NOW


def _cert(leaf: pki.Leaf, expires: datetime | None = None) -> ExpiringPin:
    return ExpiringPin(CertPin.from_der(leaf.der), expires)


def _spki(leaf: pki.Leaf, expires: datetime | None = None) -> ExpiringPin:
    return ExpiringPin(SpkiPin.from_certificate_der(leaf.der), expires)


@pytest.mark.parametrize(
    ("pins", "detail"),
    [
        (PinSet(cert=(_cert(BOB), _cert(ALICE))), "the certificate is pinned"),
        (PinSet(spki=(_spki(ALICE), _spki(BOB))), "the key is pinned"),
        (PinSet(cert=(_cert(BOB),), spki=(_spki(ALICE),)), "the key is pinned"),
    ],
)
def test_one_matching_pin_is_enough(pins: PinSet, detail: str) -> None:
    assert pins.check(CERTIFICATE, NOW) == Pass(detail)


@pytest.mark.parametrize("pins", [PinSet(cert=(_cert(BOB),)), PinSet(spki=(_spki(BOB),))])
def test_no_matching_pin_is_a_mismatch(pins: PinSet) -> None:
    outcome = pins.check(CERTIFICATE, NOW)
    assert outcome == Fail(Reason.PIN_MISMATCH, "neither the certificate nor its key is among the 1 pins")


@pytest.mark.parametrize(
    ("offset", "matches"), [(timedelta(seconds=-1), True), (timedelta(0), True), (timedelta(seconds=1), False)]
)
@pytest.mark.parametrize("pins", [PinSet(cert=(_cert(ALICE, NOW),)), PinSet(spki=(_spki(ALICE, NOW),))])
def test_a_pin_lets_in_until_it_expires(pins: PinSet, offset: timedelta, matches: bool) -> None:
    assert isinstance(pins.check(CERTIFICATE, NOW + offset), Pass) is matches


def test_when_all_pins_have_expired_the_detail_says_so() -> None:
    pins = PinSet(cert=(_cert(ALICE, NOW - pki.DAY),), spki=(_spki(ALICE, NOW - pki.HOUR),))
    expected = "every pin has expired, the last one on 2026-06-01T11:00:00+00:00"
    assert pins.check(CERTIFICATE, NOW) == Fail(Reason.PIN_MISMATCH, expected)


def test_expired_pins_are_told_beside_the_live_ones() -> None:
    pins = PinSet(cert=(_cert(ALICE, NOW - pki.DAY), _cert(BOB)))
    expected = "neither the certificate nor its key is among the 1 pins (1 more expired)"
    assert pins.check(CERTIFICATE, NOW) == Fail(Reason.PIN_MISMATCH, expected)


def test_a_set_that_nothing_can_match_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pin"):
        PinSet()


def test_pins_stand_in_the_list_of_their_kind() -> None:
    with pytest.raises(ValueError, match="`cert` takes pins of certificates"):
        PinSet(cert=(_spki(ALICE),))
    with pytest.raises(ValueError, match="`spki` takes pins of keys"):
        PinSet(spki=(_cert(ALICE),))


def test_the_window_reaches_from_one_expiry_to_the_next() -> None:
    first, last = pki.NOW + pki.HOUR, pki.NOW + pki.DAY
    pins = PinSet(cert=(ExpiringPin(CertPin.from_der(b"one"), first),), spki=(ExpiringPin(SpkiPin(bytes(32)), last),))
    assert pins.window_at(pki.NOW).holds_at(first)
    assert not pins.window_at(pki.NOW).holds_at(first + timedelta(microseconds=1))
    assert pins.window_at(first + pki.SECOND).holds_at(last)
    assert not pins.window_at(first + pki.SECOND).holds_at(first)
    assert PinSet(cert=(ExpiringPin(CertPin.from_der(b"one")),)).window_at(pki.NOW) == Window.ALWAYS
