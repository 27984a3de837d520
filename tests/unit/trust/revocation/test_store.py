"""The store: which CRLs are kept, how they are swapped, and what can be asked without a path."""

from threading import Thread

import pytest

from extauthz.identity.names import name_key
from extauthz.trust.crl.load import load_crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.status import Good, Revoked, Unknown, UnknownCause
from extauthz.trust.revocation.store import CrlStore
from support import pki
from support.revocation import certs, evidence, loaded, store_of

NOW = pki.NOW
CA = pki.make_ca("Issuing CA")
DN = "CN=Issuing CA,O=Example"
LEAF = CA.issue("alice", serial=0x0A1B2C)
OTHER = CA.issue("bob", serial=0x77)
REVOKED_AT = NOW - 2 * pki.HOUR
NO_CRL = Unknown("there is no CRL of this issuer")
REJECTED = RejectedCrl(label="ca.crl", why="it is junk", issuer_dn=DN, issuer_key=name_key(CA.name))


def store_with(*ders: bytes) -> CrlStore:
    return store_of(*ders, issuers=(CA,))


def numbers(store: CrlStore) -> list[int | None]:
    return sorted((crl.number for crl in store.crls()), key=str)


# -- questions without a path ----------------------------------------------------------------------------------------
def test_what_a_current_crl_lists_is_revoked_with_reason_and_date() -> None:
    store = store_with(CA.crl([(LEAF, "keyCompromise"), OTHER]))
    assert store.check_der(LEAF.der, now=NOW) == Revoked("keyCompromise", REVOKED_AT)
    assert store.check_der(OTHER.der, now=NOW) == Revoked(None, REVOKED_AT)
    assert store.check(DN, "0a1b2c", now=NOW) == Revoked("keyCompromise", REVOKED_AT)
    assert store.check("cn=issuing CA,o=EXAMPLE", "0A:1B:2C", now=NOW) == Revoked("keyCompromise", REVOKED_AT)


def test_what_a_current_crl_does_not_list_is_good() -> None:
    store = store_with(CA.crl([OTHER]))
    assert store.check_der(LEAF.der, now=NOW) == Good()
    assert store.check(DN, "0a1b2c", now=NOW) == Good()


def test_what_is_stale_is_unknown() -> None:
    status = store_with(CA.crl(next_update=NOW - pki.SECOND)).check_der(LEAF.der, now=NOW)
    assert isinstance(status, Unknown)
    assert status.cause is UnknownCause.STALE


def test_without_a_time_a_crl_can_only_revoke() -> None:
    store = store_with(CA.crl([OTHER]))
    assert store.check_der(OTHER.der) == Revoked(None, REVOKED_AT)
    assert store.check_der(LEAF.der) == Unknown("without a time to ask about, no CRL can be said to be current")
    assert CrlStore().check_der(LEAF.der) == NO_CRL


def test_a_name_and_a_number_alone_are_covered_only_by_a_crl_for_all() -> None:
    users = store_with(CA.crl([OTHER], scope=pki.scope(only_user_certs=True)))
    assert users.check_der(LEAF.der, now=NOW) == Good()
    status = users.check(DN, "0a1b2c", now=NOW)
    assert isinstance(status, Unknown)
    assert status.cause is UnknownCause.SCOPE
    assert users.check(DN, "77", now=NOW) == Revoked(None, REVOKED_AT)
    named = store_with(CA.crl(scope=pki.scope(full_names=[CA.name])))
    assert named.check_der(LEAF.der, now=NOW) == Good()
    assert isinstance(named.check(DN, "0a1b2c", now=NOW), Unknown)


def test_a_certificate_is_asked_about_with_its_distribution_points() -> None:
    store = store_with(CA.crl(scope=pki.scope(full_names=["http://crl.example/1"])))
    leaf = CA.issue("carol", distribution_points=[pki.distribution_point("http://crl.example/1")])
    assert store.check_der(leaf.der, now=NOW) == Good()
    assert isinstance(store.check_der(LEAF.der, now=NOW), Unknown)


def test_an_issuer_of_which_a_crl_was_refused_is_not_one_without_crls() -> None:
    store = store_of(issuers=(CA,), rejected=[REJECTED])
    store.add_revoked(DN, "77")
    assert store.check(DN, "77", now=NOW) == Revoked()
    status = store.check(DN, "0a1b2c", now=NOW)
    assert isinstance(status, Unknown)
    assert status.cause is UnknownCause.INVALID


# -- what is kept ----------------------------------------------------------------------------------------------------
def test_the_same_crl_twice_is_one() -> None:
    crl = CA.crl([LEAF])
    store = store_with(crl, crl)
    store.add(load_crl(crl, certs(CA)))
    assert len(store.crls()) == 1
    assert store.revoked_count() == 1


@pytest.mark.parametrize("one_by_one", [True, False])
def test_only_the_newest_four_of_each_sort_are_kept(one_by_one: bool) -> None:
    order = [3, 1, 6, 5, 2, 4]
    times = {number: NOW - pki.DAY + number * pki.HOUR for number in order}
    ders = [
        *(CA.crl(number=number, this_update=times[number]) for number in order),
        *(CA.crl(number=10 + number, base_number=1, this_update=times[number]) for number in order),
        CA.crl(number=20, this_update=NOW - 9 * pki.DAY, scope=pki.scope(only_user_certs=True)),
    ]
    store = CrlStore()
    if one_by_one:
        for crl in loaded(ders, CA):
            store.add(crl)
    else:
        store.replace(loaded(ders, CA))
    assert numbers(store) == [13, 14, 15, 16, 20, 3, 4, 5, 6]


def test_crls_that_are_ahead_of_their_time_do_not_push_out_the_one_in_force() -> None:
    present = CA.crl(this_update=NOW - pki.HOUR, next_update=NOW + pki.DAY, number=1)
    ahead = [
        CA.crl(this_update=NOW + days * pki.DAY, next_update=NOW + (days + 2) * pki.DAY, number=1 + days)
        for days in (1, 2, 3)
    ]
    assert evidence(store_with(present, *ahead), LEAF).status == Good()
    store = CrlStore()
    for crl in loaded([*reversed(ahead), present], CA):
        store.add(crl)
    assert evidence(store, LEAF).status == Good()


def test_entries_are_counted_in_the_newest_of_each_line() -> None:
    store = store_with(
        CA.crl([1, 2, 3], number=1, this_update=NOW - pki.DAY),
        CA.crl([1, 2], number=2),
        CA.crl([3], number=3, base_number=2),
        CA.crl([1], scope=pki.scope(only_user_certs=True)),
    )
    store.add_revoked(DN, "77")
    assert store.revoked_count() == 5


# -- changes ---------------------------------------------------------------------------------------------------------
def test_replacing_swaps_all_crls_and_keeps_what_was_named() -> None:
    store = store_with(CA.crl([LEAF]))
    store.add_revoked(DN, "77")
    store.replace(loaded([CA.crl(number=2)], CA))
    assert numbers(store) == [2]
    assert store.check_der(LEAF.der, now=NOW) == Good()
    assert store.check_der(OTHER.der, now=NOW) == Revoked()
    store.replace([], [REJECTED])
    status = store.check_der(LEAF.der, now=NOW)
    assert isinstance(status, Unknown)
    assert status.cause is UnknownCause.INVALID
    store.replace([])
    assert evidence(store, LEAF).status == NO_CRL


def test_records_that_were_taken_do_not_change() -> None:
    store = store_with(CA.crl([LEAF]))
    records = store.records
    assert store.records is records
    store.replace([])
    assert [line.newest.number for lines in records.lines.values() for line in lines] == [1]
    assert store.records.lines == {}


def test_clearing_an_issuer_forgets_its_names_and_crls_and_no_others() -> None:
    other = pki.make_ca("Other")
    store = store_of(CA.crl([LEAF]), other.crl([1, 2]), issuers=(CA, other), rejected=[REJECTED])
    store.add_revoked(DN, "77")
    store.add_revoked("CN=Other,O=Example", "3")
    assert store.revoked_count() == 5
    store.clear_issuer("cn=issuing ca,o=example")
    assert store.revoked_count() == 3
    assert store.check_der(LEAF.der, now=NOW) == NO_CRL
    assert store.check("CN=Other,O=Example", "3") == Revoked(None)
    store.clear_issuer("CN=Nobody")


def test_the_generation_changes_with_each_change_and_never_returns() -> None:
    store = CrlStore()
    seen = [store.generation]
    store.add_revoked(DN, "1f")
    seen.append(store.generation)
    store.add(load_crl(CA.crl(), certs(CA)))
    seen.append(store.generation)
    store.replace([])
    seen.append(store.generation)
    store.clear_issuer(DN)
    seen.append(store.generation)
    assert len(set(map(id, seen))) == 5
    store.check_der(LEAF.der, now=NOW)
    assert store.generation is seen[-1]


def test_the_very_same_crls_are_a_change_too() -> None:
    """Who found none then asks again, and with that names the distribution points that are wanted."""
    store = CrlStore()
    one = loaded([CA.crl()], CA)
    store.replace(one)
    before = store.generation
    store.replace(one)
    assert store.generation is not before


def test_the_store_knows_what_it_holds() -> None:
    store = CrlStore()
    one, other = loaded([CA.crl(), CA.crl([LEAF], number=2)], CA)
    assert store.holds([])
    store.replace([one, other], [REJECTED])
    assert store.holds([one, other], [REJECTED])
    for crls, rejected in (([one], [REJECTED]), ([], []), ([one, other], [])):
        assert not store.holds(crls, rejected)
    assert not store.holds(loaded([CA.crl(), CA.crl([LEAF], number=2)], CA), [REJECTED]), "verified by others, perhaps"
    store.clear_issuer(DN)
    assert store.holds([])


def test_threads_lose_no_entry() -> None:
    store = CrlStore()
    crls = loaded([CA.crl([LEAF], number=number, scope=pki.scope(reasons=["superseded"])) for number in (1, 2)], CA)

    def work(number: int) -> None:
        for index in range(150):
            store.add_revoked(DN, f"{number:x}{index:04x}")
            store.add(crls[index % 2])
            assert isinstance(store.check(DN, f"{number:x}{index:04x}"), Revoked)
            assert isinstance(store.check_der(LEAF.der, now=NOW), Revoked)
            store.revoked_count()

    threads = [Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.crls()) == 2
    assert store.revoked_count() == 601
