"""The store: what is listed is revoked, what is covered and not listed is good, and the rest is unknown."""

from datetime import datetime, timedelta
from threading import Thread

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.trust.crl.load import load_crl
from extauthz.trust.revocation.status import Good, Revoked, Unknown
from extauthz.trust.revocation.store import CrlStore, Evidence, serial_from_hex
from extauthz.trust.window import EARLIEST, LATEST, TICK, Window
from support import pki

NOW = pki.NOW
CA = pki.make_ca("Issuing CA")
DN = "CN=Issuing CA,O=Example"
LEAF = CA.issue("alice", serial=0x0A1B2C)
OTHER = CA.issue("bob", serial=0x77)
REVOKED_AT = NOW - 2 * pki.HOUR


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


def store_of(*crls: bytes, issuers: tuple[pki.Authority, ...] = (CA,)) -> CrlStore:
    store = CrlStore()
    for crl in crls:
        store.add(load_crl(crl, [cert(one) for one in issuers]))
    return store


def evidence(
    store: CrlStore,
    leaf: pki.Leaf = LEAF,
    now: datetime = NOW,
    *,
    issuer: pki.Authority | None = CA,
    grace: timedelta = timedelta(),
    clock_skew: timedelta = timedelta(),
) -> Evidence:
    one = cert(leaf)
    spki = issuer.spki_sha256 if issuer is not None else None
    found = store.evidence(one.issuer_key, one.serial, now, issuer_spki_sha256=spki, grace=grace, clock_skew=clock_skew)
    assert found.window.holds_at(now)
    return found


# -- named by hand ---------------------------------------------------------------------------------------------------
def test_of_an_unknown_issuer_nothing_is_known() -> None:
    assert CrlStore().check(DN, "0a1b2c") == Unknown("there is no CRL of this issuer")
    assert CrlStore().check_der(LEAF.der, now=NOW) == Unknown("there is no CRL of this issuer")


def test_a_named_certificate_is_revoked_and_its_neighbours_are_good() -> None:
    store = CrlStore()
    store.add_revoked(DN, "0a1b2c")
    for now in (None, NOW):
        assert store.check(DN, "0a1b2c", now=now) == Revoked(None)
        assert store.check(DN, "77", now=now) == Good()
        assert store.check_der(LEAF.der, now=now) == Revoked(None)
        assert store.check_der(OTHER.der, now=now) == Good()
    assert store.check("CN=Other", "0a1b2c") == Unknown("there is no CRL of this issuer")


def test_a_named_certificate_makes_no_other_good_where_a_request_is_decided() -> None:
    store = CrlStore()
    store.add_revoked(DN, "0a1b2c")
    assert evidence(store, LEAF).status == Revoked(None)
    assert evidence(store, OTHER).status == Unknown("there is no CRL of this issuer")


@pytest.mark.parametrize("dn", [DN, "cn=issuing ca, o=EXAMPLE", "CN=Issuing  CA,O=example"])
@pytest.mark.parametrize("serial", ["0a1b2c", "0A1B2C", "a1b2c", "0000a1b2c", "0a:1b:2c", "A:1B:2C"])
def test_names_and_serial_numbers_are_compared_by_what_they_mean(dn: str, serial: str) -> None:
    store = CrlStore()
    store.add_revoked(dn, serial)
    assert store.check_der(LEAF.der) == Revoked(None)
    assert store.revoked_count() == 1


def test_a_negative_serial_number() -> None:
    store = CrlStore()
    store.add_revoked(DN, "-1f")
    assert store.check(DN, "-1F") == Revoked(None)
    assert store.check(DN, "1f") == Good()
    assert store.check_der(CA.issue("odd", serial=-0x1F).der) == Revoked(None)


@pytest.mark.parametrize("serial", ["", "xyz", "0x1f", " 1f", "1f\n", "1_f", "1f:", ":1f", "1f::2c", "--1", "1:2", "٣"])
def test_a_malformed_serial_number_is_refused_when_added_and_unknown_when_asked(serial: str) -> None:
    store = CrlStore()
    store.add_revoked(DN, "1f")
    with pytest.raises(ValueError, match="is not a serial number in hex"):
        store.add_revoked(DN, serial)
    assert store.check(DN, serial) == Unknown(f"{serial!r} is not a serial number in hex")


def test_a_malformed_name_is_refused_when_added_and_unknown_when_asked() -> None:
    store = CrlStore()
    with pytest.raises(ValueError, match=r"\w"):
        store.add_revoked("not a name", "1f")
    with pytest.raises(ValueError, match=r"\w"):
        store.clear_issuer("not a name")
    assert isinstance(store.check("not a name", "1f"), Unknown)


def test_a_certificate_that_cannot_be_parsed_is_unknown() -> None:
    store = CrlStore()
    store.add_revoked(DN, "1f")
    status = store.check_der(b"junk")
    assert isinstance(status, Unknown)
    assert status.why.startswith("the certificate cannot be parsed: ")


def test_clearing_an_issuer_forgets_its_names_and_crls_and_no_others() -> None:
    other = pki.make_ca("Other")
    store = store_of(CA.crl([LEAF]), other.crl([1, 2]), issuers=(CA, other))
    store.add_revoked(DN, "77")
    store.add_revoked("CN=Other,O=Example", "3")
    assert store.revoked_count() == 5
    store.clear_issuer("cn=issuing ca,o=example")
    assert store.revoked_count() == 3
    assert store.check_der(LEAF.der, now=NOW) == Unknown("there is no CRL of this issuer")
    assert store.check("CN=Other,O=Example", "3") == Revoked(None)
    store.clear_issuer("CN=Nobody")


def test_serial_from_hex_reads_the_form_of_identities() -> None:
    assert serial_from_hex("-1f") == -31
    assert serial_from_hex(cert(LEAF).identity.serial_number) == LEAF.serial


# -- one CRL ---------------------------------------------------------------------------------------------------------
def test_what_a_current_crl_lists_is_revoked_with_reason_and_date() -> None:
    store = store_of(CA.crl([(LEAF, "keyCompromise"), OTHER], number=4))
    assert store.check_der(LEAF.der, now=NOW) == Revoked("keyCompromise", REVOKED_AT)
    assert store.check_der(OTHER.der, now=NOW) == Revoked(None, REVOKED_AT)
    assert store.check(DN, "0a1b2c", now=NOW) == Revoked("keyCompromise", REVOKED_AT)
    crl = "CRL of 'CN=Issuing CA,O=Example', number 4, of 2026-06-01T11:00:00+00:00, next 2026-06-02T12:00:00+00:00"
    assert evidence(store).detail == f"revoked 2026-06-01T10:00:00+00:00 (keyCompromise) in the {crl}"
    assert evidence(store, OTHER).detail == f"revoked 2026-06-01T10:00:00+00:00 (no reason given) in the {crl}"


def test_what_a_current_crl_does_not_list_is_good() -> None:
    store = store_of(CA.crl([OTHER], number=4))
    assert store.check_der(LEAF.der, now=NOW) == Good()
    assert evidence(store).detail.startswith("not listed in the CRL of 'CN=Issuing CA,O=Example', number 4, of")


def test_without_a_time_a_crl_can_only_revoke() -> None:
    store = store_of(CA.crl([OTHER]))
    assert store.check_der(OTHER.der) == Revoked(None, REVOKED_AT)
    assert store.check_der(LEAF.der) == Unknown("without a time to ask about, no CRL can be said to be current")


@pytest.mark.parametrize(
    ("offset", "good"),
    [
        (-pki.HOUR - pki.SECOND, False),
        (-pki.HOUR - TICK, False),
        (-pki.HOUR, True),
        (pki.DAY, True),
        (pki.DAY + TICK, False),
        (pki.DAY + pki.SECOND, False),
    ],
)
def test_a_crl_is_in_force_from_this_update_to_next_update(offset: timedelta, good: bool) -> None:
    found = evidence(store_of(CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY)), now=NOW + offset)
    assert isinstance(found.status, Good) is good
    if not good:
        assert isinstance(found.status, Unknown)
        assert found.stale


@pytest.mark.parametrize(("offset", "good"), [(pki.HOUR, True), (pki.HOUR + TICK, False)])
def test_grace_keeps_a_crl_in_force_longer(offset: timedelta, good: bool) -> None:
    found = evidence(store_of(CA.crl(next_update=NOW)), now=NOW + offset, grace=pki.HOUR)
    assert isinstance(found.status, Good) is good


def test_a_stale_crl_says_so() -> None:
    found = evidence(store_of(CA.crl(next_update=NOW - pki.SECOND, number=4)))
    assert isinstance(found.status, Unknown)
    assert found.status.why == found.detail
    assert found.detail.startswith("the CRL of 'CN=Issuing CA,O=Example', number 4, of ")
    assert found.detail.endswith(" is stale")


def test_a_crl_without_next_update_never_makes_good() -> None:
    found = evidence(store_of(CA.crl(next_update=None)), grace=pki.DAY)
    assert found.stale
    assert found.detail.endswith("does not say until when it may be used")


def test_a_crl_that_is_ahead_of_its_time_is_not_used_yet() -> None:
    found = evidence(store_of(CA.crl(this_update=NOW + pki.SECOND)))
    assert found.stale
    assert found.detail.startswith("thisUpdate of the CRL of")


@pytest.mark.parametrize("times", [(NOW - 9 * pki.DAY, NOW - pki.DAY), (NOW + pki.DAY, NOW + 2 * pki.DAY)])
def test_what_is_listed_is_revoked_even_by_a_crl_that_is_not_in_force(times: tuple[datetime, datetime]) -> None:
    store = store_of(CA.crl([LEAF], this_update=times[0], next_update=times[1]))
    assert store.check_der(LEAF.der, now=NOW) == Revoked(None, REVOKED_AT)


def test_a_name_by_hand_outranks_a_crl_and_does_not_replace_it() -> None:
    store = store_of(CA.crl([], next_update=NOW - pki.DAY))
    store.add_revoked(DN, "0a1b2c")
    assert store.check_der(LEAF.der, now=NOW) == Revoked(None)
    assert store.check_der(LEAF.der) == Revoked(None)
    assert evidence(store).window == Window.ALWAYS
    assert isinstance(store.check_der(OTHER.der, now=NOW), Unknown)


def test_the_same_crl_twice_is_one() -> None:
    crl = CA.crl([LEAF])
    store = store_of(crl, crl)
    assert len(store.crls()) == 1
    assert store.revoked_count() == 1


# -- several CRLs of one key -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("newest_first", [True, False])
def test_the_newest_crl_of_a_key_decides(newest_first: bool) -> None:
    old = CA.crl([(LEAF, "certificateHold")], this_update=NOW - pki.DAY, number=1)
    new = CA.crl([OTHER], this_update=NOW - pki.HOUR, number=2)
    store = store_of(*((new, old) if newest_first else (old, new)))
    assert store.check_der(LEAF.der, now=NOW) == Good()
    assert store.check_der(OTHER.der, now=NOW) == Revoked(None, REVOKED_AT)
    assert store.revoked_count() == 1


def test_of_two_crls_of_one_moment_the_greater_number_decides() -> None:
    store = store_of(CA.crl([], number=8), CA.crl([LEAF], number=7))
    assert store.check_der(LEAF.der, now=NOW) == Good()


def test_an_older_crl_never_makes_good_what_the_newest_cannot() -> None:
    long_lived = CA.crl(this_update=NOW - 2 * pki.DAY, next_update=NOW + pki.DAY)
    stale = CA.crl(this_update=NOW - pki.DAY, next_update=NOW - pki.HOUR)
    assert evidence(store_of(long_lived, stale)).stale


def test_until_the_next_crl_is_in_force_the_present_one_makes_good() -> None:
    present = CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY, number=1)
    ahead = CA.crl([OTHER], this_update=NOW + pki.HOUR, next_update=NOW + 2 * pki.DAY, number=2)
    store = store_of(present, ahead)
    assert "number 1" in evidence(store).detail
    assert "number 2" in evidence(store, now=NOW + pki.HOUR).detail
    assert store.check_der(OTHER.der, now=NOW) == Revoked(None, REVOKED_AT)
    assert evidence(store).window == Window(NOW - pki.HOUR, NOW + pki.HOUR)


def test_only_the_newest_four_crls_of_a_key_are_kept() -> None:
    numbers = [3, 1, 6, 5, 2, 4]
    crls = [CA.crl([number], this_update=NOW - pki.DAY + number * pki.HOUR, number=number) for number in numbers]
    assert {crl.number for crl in store_of(*crls).crls()} == {3, 4, 5, 6}


def test_crls_that_are_ahead_of_their_time_do_not_push_out_the_one_in_force() -> None:
    present = CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY, number=1)
    ahead = [
        CA.crl(this_update=NOW + days * pki.DAY, next_update=NOW + (days + 2) * pki.DAY, number=1 + days)
        for days in (1, 2, 3)
    ]
    assert evidence(store_of(present, *ahead)).status == Good()
    assert evidence(store_of(*reversed(ahead), present)).status == Good()


# -- the clock skew --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("offset", "good"),
    [
        (-pki.HOUR - pki.SECOND, False),
        (-pki.HOUR - TICK, False),
        (-pki.HOUR, True),
        (timedelta(), True),
        (pki.DAY, True),
        (pki.DAY + TICK, False),
        (pki.DAY + pki.SECOND, False),
    ],
)
def test_a_crl_of_a_clock_that_is_ahead_is_in_force(offset: timedelta, good: bool) -> None:
    store = store_of(CA.crl(this_update=NOW, next_update=NOW + pki.DAY))
    found = evidence(store, now=NOW + offset, clock_skew=pki.HOUR)
    assert isinstance(found.status, Good) is good
    assert found.window == (
        Window(NOW - pki.HOUR, NOW + pki.DAY + TICK) if good else Window.split_at(NOW + offset, *_ends())
    )


def _ends() -> tuple[datetime, datetime]:
    return NOW - pki.HOUR, NOW + pki.DAY + TICK


def test_within_the_clock_skew_the_newer_crl_decides() -> None:
    held = CA.crl([(LEAF, "certificateHold")], this_update=NOW - pki.DAY, next_update=NOW + pki.DAY, number=1)
    lifted = CA.crl([], this_update=NOW + pki.SECOND, next_update=NOW + pki.DAY, number=2)
    store = store_of(held, lifted)
    assert evidence(store).status == Revoked("certificateHold", REVOKED_AT)
    found = evidence(store, clock_skew=pki.SECOND)
    assert found.status == Good()
    assert "number 2" in found.detail
    assert found.window.start == NOW
    listed_ahead = store_of(CA.crl(number=1), CA.crl([LEAF], this_update=NOW + pki.HOUR, number=2))
    assert evidence(listed_ahead, clock_skew=pki.SECOND).status == Revoked(None, REVOKED_AT)


def test_no_clock_skew_reaches_beyond_the_calendar() -> None:
    store = store_of(CA.crl())
    assert evidence(store, now=LATEST - TICK, clock_skew=pki.DAY).stale
    assert evidence(store, now=EARLIEST, clock_skew=pki.DAY).stale


# -- several keys of one name ----------------------------------------------------------------------------------------
NEW_KEY = pki.make_ca("Issuing CA")
TWO = (CA, NEW_KEY)


def test_good_needs_a_crl_of_the_key_that_issued_the_certificate() -> None:
    store = store_of(NEW_KEY.crl(), issuers=TWO)
    found = evidence(store)
    assert found.status == Unknown(
        "no CRL of 'CN=Issuing CA,O=Example' is signed with the key that issued the certificate"
    )
    assert not found.stale
    assert isinstance(evidence(store, issuer=NEW_KEY).status, Good)


def test_a_stale_crl_of_another_key_is_no_obstacle() -> None:
    store = store_of(CA.crl(), NEW_KEY.crl(next_update=NOW - pki.SECOND), issuers=TWO)
    assert isinstance(evidence(store).status, Good)
    assert evidence(store, issuer=NEW_KEY).stale


def test_a_crl_of_any_key_of_the_issuer_revokes() -> None:
    store = store_of(CA.crl(), NEW_KEY.crl([LEAF]), issuers=TWO)
    assert evidence(store).status == Revoked(None, REVOKED_AT)


def test_when_the_key_is_not_known_every_crl_must_be_in_force() -> None:
    both = store_of(CA.crl(number=1), NEW_KEY.crl(number=2), issuers=TWO)
    found = evidence(both, issuer=None)
    assert isinstance(found.status, Good)
    assert "number 1" in found.detail
    assert "number 2" in found.detail
    one_stale = store_of(CA.crl(), NEW_KEY.crl(next_update=NOW - pki.SECOND), issuers=TWO)
    assert evidence(one_stale, issuer=None).stale
    assert isinstance(one_stale.check_der(LEAF.der, now=NOW), Unknown)


def test_a_renewed_certificate_of_the_same_key_is_the_same_signer() -> None:
    renewed = pki.make_ca("Issuing CA", key=CA.key)
    store = store_of(CA.crl(number=1), issuers=(renewed,))
    assert isinstance(evidence(store, issuer=CA).status, Good)


# -- windows and generations -----------------------------------------------------------------------------------------
def test_an_answer_ends_when_a_crl_goes_out_of_force() -> None:
    store = store_of(CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY))
    assert evidence(store).window == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)
    assert evidence(store, grace=pki.HOUR).window == Window(NOW - pki.HOUR, NOW + pki.DAY + pki.HOUR + TICK)


def test_an_answer_without_crls_holds_until_the_store_changes() -> None:
    assert evidence(CrlStore()).window == Window.ALWAYS


def test_the_generation_changes_with_each_change_and_never_returns() -> None:
    store = CrlStore()
    seen = [store.generation]
    store.add_revoked(DN, "1f")
    seen.append(store.generation)
    store.add(load_crl(CA.crl(), [cert(CA)]))
    seen.append(store.generation)
    store.clear_issuer(DN)
    seen.append(store.generation)
    assert len(set(map(id, seen))) == 4
    store.check_der(LEAF.der, now=NOW)
    assert store.generation is seen[-1]


def test_threads_lose_no_entry() -> None:
    store = CrlStore()

    def work(number: int) -> None:
        for index in range(150):
            store.add_revoked(DN, f"{number:x}{index:04x}")
            assert isinstance(store.check(DN, f"{number:x}{index:04x}"), Revoked)
            store.revoked_count()

    threads = [Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.revoked_count() == 600


def test_of_two_crls_of_one_number_and_time_each_is_believed() -> None:
    for first, second in ((CA.crl([LEAF]), CA.crl([OTHER])), (CA.crl([OTHER]), CA.crl([LEAF]))):
        store = store_of(first, second)
        assert isinstance(evidence(store, LEAF).status, Revoked)
        assert isinstance(evidence(store, OTHER).status, Revoked)
