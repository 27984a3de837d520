"""What all CRLs together say: listed is revoked, covered for every reason is good, the rest is unknown."""

import pytest

from extauthz.identity.names import NameKey, name_key
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.crl.scope import Scope
from extauthz.trust.revocation import tally
from extauthz.trust.revocation.coverage import misfit
from extauthz.trust.revocation.evidence import Evidence
from extauthz.trust.revocation.status import Good, Revoked, Unknown, UnknownCause
from extauthz.trust.revocation.target import Point, Target
from extauthz.trust.window import TICK, Window
from support import pki
from support.revocation import evidence, store_of

NOW = pki.NOW
STALE = NOW - pki.SECOND
ROOT = pki.make_ca("Root")
CA = pki.make_ca("CA", parent=ROOT)
ABOVE = (CA, ROOT)
LEAF = CA.issue("alice")
OTHER = CA.issue("bob")
REVOKED_AT = NOW - 2 * pki.HOUR
ONE, TWO = "http://crl.example/1", "http://crl.example/2"
KEYS = ("keyCompromise", "cACompromise")
REST = (
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
    "privilegeWithdrawn",
    "aACompromise",
)


def ask(*ders: bytes, leaf: pki.Leaf = LEAF, issuers: tuple[pki.Leaf, ...] = (CA,)) -> Evidence:
    return evidence(store_of(*ders, issuers=issuers), leaf, above=ABOVE)


def unknown(found: Evidence, cause: UnknownCause) -> str:
    assert found.status == Unknown(found.detail, cause)
    return found.detail


def at(*points: bytes) -> pki.Leaf:
    return CA.issue("carol", distribution_points=points)


# -- listed ----------------------------------------------------------------------------------------------------------
def test_what_a_crl_lists_is_revoked_and_the_detail_says_where() -> None:
    found = ask(CA.crl([(LEAF, "keyCompromise")], number=4))
    assert found.status == Revoked("keyCompromise", REVOKED_AT)
    crl = "CRL of 'CN=CA,O=Example', number 4, of 2026-06-01T11:00:00+00:00, next 2026-06-02T12:00:00+00:00"
    assert found.detail == f"revoked 2026-06-01T10:00:00+00:00 (keyCompromise) in the {crl}"
    assert found.window == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)
    plain = ask(CA.crl([LEAF])).detail
    assert plain.startswith("revoked 2026-06-01T10:00:00+00:00 (no reason given) in the CRL of 'CN=CA,O=Example'")


def test_a_certificate_on_hold_is_revoked() -> None:
    assert ask(CA.crl([(LEAF, "certificateHold")])).status == Revoked("certificateHold", REVOKED_AT)


def test_an_entry_that_nobody_can_read_whole_revokes_and_says_so() -> None:
    odd = pki.der.extension("1.2.3.4", b"\5\0", critical=True)
    found = ask(CA.crl([pki.listed(LEAF, "superseded", extensions=[odd])]))
    assert found.status == Revoked("superseded", REVOKED_AT)
    assert "(superseded, with a critical extension that nobody here processes) in the CRL" in found.detail


@pytest.mark.parametrize(
    "crl",
    [
        pytest.param(CA.crl([LEAF], next_update=STALE), id="stale"),
        pytest.param(CA.crl([LEAF], this_update=NOW + pki.HOUR), id="still_to_come"),
        pytest.param(CA.crl([LEAF], scope=pki.scope(full_names=[ONE])), id="another_distribution_point"),
        pytest.param(CA.crl([LEAF], scope=pki.scope(only_ca_certs=True)), id="another_kind"),
        pytest.param(CA.crl([(LEAF, "superseded")], scope=pki.scope(reasons=KEYS)), id="a_reason_outside_the_mask"),
        pytest.param(CA.crl([LEAF], scope=pki.scope(indirect=True)), id="indirect"),
        pytest.param(CA.crl([LEAF], number=9, base_number=8), id="delta_without_a_base"),
    ],
)
def test_whatever_crl_of_the_issuer_lists_it_revokes(crl: bytes) -> None:
    assert isinstance(ask(crl, CA.crl()).status, Revoked)


def test_what_the_operator_named_is_revoked_whatever_crls_say() -> None:
    store = store_of(CA.crl(), issuers=(CA,))
    store.add_revoked("CN=CA,O=Example", f"{LEAF.serial:x}")
    found = evidence(store, LEAF, above=ABOVE)
    assert (found.status, found.detail) == (Revoked(), "named as revoked by the operator")
    assert found.window == Window.ALWAYS
    assert isinstance(evidence(store, OTHER, above=ABOVE).status, Good)


# -- one CRL ---------------------------------------------------------------------------------------------------------
def test_what_a_crl_in_force_covers_and_does_not_list_is_good() -> None:
    found = ask(CA.crl([OTHER], number=4))
    assert found.status == Good()
    assert found.detail.startswith("not listed in the CRL of 'CN=CA,O=Example', number 4, of")
    assert found.window == Window(NOW - pki.HOUR, NOW + pki.DAY + TICK)


def test_the_detail_names_the_delta_too() -> None:
    found = ask(CA.crl(number=4, next_update=STALE), CA.crl(number=5, base_number=4))
    assert found.status == Good()
    assert ", number 4, of" in found.detail
    assert " with the delta CRL of 'CN=CA,O=Example', number 5, of" in found.detail


def test_without_a_crl_it_is_missing() -> None:
    found = ask()
    assert unknown(found, UnknownCause.MISSING) == "there is no CRL of this issuer"
    assert found.window == Window.ALWAYS
    unknown(ask(ROOT.crl(), issuers=(ROOT,)), UnknownCause.MISSING)


@pytest.mark.parametrize(
    ("crl", "end"),
    [
        (CA.crl(next_update=STALE), " is stale"),
        (CA.crl(next_update=None), " does not say until when it may be used"),
        (CA.crl(this_update=NOW + pki.SECOND), " is still to come"),
    ],
)
def test_what_would_cover_it_and_is_not_in_force_is_stale(crl: bytes, end: str) -> None:
    assert unknown(ask(crl), UnknownCause.STALE).endswith(end)


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        (pki.scope(full_names=[ONE]), "is for another distribution point"),
        (pki.scope(only_ca_certs=True), "covers only certificates of CAs"),
        (pki.scope(only_attribute_certs=True), "covers only attribute certificates"),
    ],
)
def test_what_does_not_cover_it_is_out_of_scope(scope: bytes, why: str) -> None:
    for next_update in (NOW + pki.DAY, STALE):
        detail = unknown(ask(CA.crl(scope=scope, next_update=next_update, number=4)), UnknownCause.SCOPE)
        assert detail.startswith("the CRL of 'CN=CA,O=Example', number 4, of")
        assert detail.endswith(why)


def test_a_delta_without_its_base_is_out_of_scope() -> None:
    detail = unknown(ask(CA.crl(number=9, base_number=8)), UnknownCause.SCOPE)
    assert detail.startswith("the complete CRL on which the delta CRL of 'CN=CA,O=Example', number 9, of ")


# -- several CRLs ----------------------------------------------------------------------------------------------------
def test_a_partition_covers_the_certificates_that_name_it() -> None:
    partitions = CA.crl(scope=pki.scope(full_names=[ONE])), CA.crl(scope=pki.scope(full_names=[TWO]), number=2)
    for uri, number in ((ONE, 1), (TWO, 2)):
        found = ask(*partitions, leaf=at(pki.distribution_point(uri)))
        assert found.status == Good()
        assert f"number {number}" in found.detail
    unknown(ask(*partitions, leaf=LEAF), UnknownCause.SCOPE)
    unknown(ask(partitions[0], leaf=at(pki.distribution_point(TWO))), UnknownCause.SCOPE)


def test_any_distribution_point_is_enough_for_its_reasons() -> None:
    leaf = at(pki.distribution_point(ONE), pki.distribution_point(TWO))
    assert ask(CA.crl(scope=pki.scope(full_names=[TWO])), leaf=leaf).status == Good()


def test_partitions_that_no_point_names_are_sorted_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a client with dozens of distribution points, of a CA with a thousand partitions, holds up everybody."""
    asked: list[str] = []

    def count(issuer: NameKey, scope: Scope, target: Target, point: Point) -> str | None:
        asked.append(issuer)
        return misfit(issuer, scope, target, point)

    monkeypatch.setattr(tally, "misfit", count)
    partitions = [CA.crl(scope=pki.scope(full_names=[f"http://crl.example/{n}"]), number=n) for n in range(1, 41)]
    points = [pki.distribution_point(f"http://elsewhere.example/{n}") for n in range(60)]
    unknown(ask(*partitions, leaf=at(*points)), UnknownCause.SCOPE)
    assert not asked
    assert ask(*partitions, leaf=at(*points, pki.distribution_point(ONE))).status == Good()
    assert len(asked) == 61  # one partition, by every point until it covers all


def test_a_stale_partition_is_made_up_for_by_another_crl_of_the_same_key() -> None:
    leaf = at(pki.distribution_point(ONE))
    stale = CA.crl(scope=pki.scope(full_names=[ONE]), next_update=STALE)
    unknown(ask(stale, leaf=leaf), UnknownCause.STALE)
    assert ask(stale, CA.crl(number=2), leaf=leaf).status == Good()


def test_reasons_add_up() -> None:
    keys, rest = CA.crl(scope=pki.scope(reasons=KEYS), number=1), CA.crl(scope=pki.scope(reasons=REST), number=2)
    found = ask(keys, rest)
    assert found.status == Good()
    assert " (for keyCompromise, cACompromise)" in found.detail
    assert " and the CRL of " in found.detail
    detail = unknown(ask(keys), UnknownCause.SCOPE)
    assert detail == f"no CRL covers {', '.join(REST)}"
    assert isinstance(ask(keys, CA.crl([OTHER], scope=pki.scope(reasons=REST)), leaf=OTHER).status, Revoked)


def test_reasons_of_which_some_are_stale_are_stale() -> None:
    keys = CA.crl(scope=pki.scope(reasons=KEYS))
    rest = CA.crl(scope=pki.scope(reasons=REST), next_update=STALE)
    detail = unknown(ask(keys, rest), UnknownCause.STALE)
    assert " is stale; not listed in the CRL of " in detail
    assert detail.endswith(" (for keyCompromise, cACompromise)")
    unknown(ask(rest), UnknownCause.SCOPE)


def test_the_reasons_of_a_distribution_point_narrow_those_of_its_crl() -> None:
    leaf = at(pki.distribution_point(ONE, reasons=KEYS), pki.distribution_point(TWO, reasons=REST))
    one, two = CA.crl(scope=pki.scope(full_names=[ONE])), CA.crl(scope=pki.scope(full_names=[TWO]), number=2)
    assert unknown(ask(one, leaf=leaf), UnknownCause.SCOPE).startswith("no CRL covers affiliationChanged, ")
    assert ask(one, two, leaf=leaf).status == Good()
    assert ask(one, CA.crl(number=3), leaf=leaf).status == Good()


def test_a_crl_without_any_reason_of_the_point_adds_nothing() -> None:
    leaf = at(pki.distribution_point(ONE, reasons=KEYS))
    crl = CA.crl(scope=pki.scope(full_names=[ONE], reasons=REST))
    assert "covers no reason of the distribution point" in unknown(ask(crl, leaf=leaf), UnknownCause.SCOPE)


def test_a_crl_that_adds_nothing_is_not_named() -> None:
    found = ask(CA.crl(), CA.crl(scope=pki.scope(only_user_certs=True)))
    assert found.status == Good()
    assert found.detail.count("CRL of") == 1


# -- indirect CRLs ---------------------------------------------------------------------------------------------------
INDIRECT = pki.make_ca("CRL issuer", parent=ROOT)
NAMING = at(pki.distribution_point(crl_issuer=INDIRECT.name))
BOTH = (CA, INDIRECT)


def test_the_crl_issuer_that_the_certificate_names_can_answer() -> None:
    indirect = INDIRECT.crl(scope=pki.scope(indirect=True))
    assert ask(indirect, leaf=NAMING, issuers=BOTH).status == Good()
    unknown(ask(indirect, leaf=LEAF, issuers=BOTH), UnknownCause.MISSING)
    revoking = INDIRECT.crl([pki.listed(NAMING, issuer=CA.name)], scope=pki.scope(indirect=True))
    assert isinstance(ask(revoking, leaf=NAMING, issuers=BOTH).status, Revoked)


def test_a_crl_issuer_that_the_certificate_does_not_name_has_nothing_to_say() -> None:
    revoking = INDIRECT.crl([pki.listed(LEAF, issuer=CA.name)], scope=pki.scope(indirect=True))
    assert ask(revoking, CA.crl(), issuers=BOTH).status == Good()


def test_an_entry_of_the_crl_issuers_own_certificate_is_not_the_clients() -> None:
    theirs = INDIRECT.crl([NAMING.serial], scope=pki.scope(indirect=True))
    assert ask(theirs, leaf=NAMING, issuers=BOTH).status == Good()


def test_a_crl_of_the_named_issuer_that_is_not_indirect_is_out_of_scope() -> None:
    detail = unknown(ask(INDIRECT.crl(), leaf=NAMING, issuers=BOTH), UnknownCause.SCOPE)
    assert "is not" in detail


def test_without_the_crl_issuers_crl_the_issuers_own_is_enough() -> None:
    assert ask(CA.crl(), leaf=NAMING, issuers=BOTH).status == Good()


def test_a_stale_crl_of_the_issuer_does_not_block_the_crl_issuer_that_it_named() -> None:
    indirect = INDIRECT.crl(scope=pki.scope(indirect=True))
    assert ask(CA.crl(next_update=STALE), indirect, leaf=NAMING, issuers=BOTH).status == Good()


# -- CRLs that cannot be used ----------------------------------------------------------------------------------------
def rejected(issuer: pki.Leaf | None = CA, why: str = "its signature is wrong") -> RejectedCrl:
    key = None if issuer is None else name_key(issuer.name)
    return RejectedCrl(label="ca.crl", why=why, issuer_dn=None, issuer_key=key)


def test_a_crl_that_cannot_be_used_makes_its_issuers_certificates_invalid() -> None:
    store = store_of(issuers=(CA,), rejected=[rejected()])
    found = evidence(store, LEAF, above=ABOVE)
    assert unknown(found, UnknownCause.INVALID) == "ca.crl is not used: its signature is wrong"
    scoped = store_of(CA.crl(scope=pki.scope(full_names=[ONE])), issuers=(CA,), rejected=[rejected()])
    unknown(evidence(scoped, LEAF, above=ABOVE), UnknownCause.INVALID)


def test_a_crl_that_cannot_be_used_matters_only_where_no_other_answers() -> None:
    def ask_with(*ders: bytes) -> Evidence:
        return evidence(store_of(*ders, issuers=(CA,), rejected=[rejected()]), LEAF, above=ABOVE)

    assert ask_with(CA.crl()).status == Good()
    assert isinstance(ask_with(CA.crl([LEAF])).status, Revoked)
    detail = unknown(ask_with(CA.crl(next_update=STALE)), UnknownCause.STALE)
    assert detail.endswith(" is stale; ca.crl is not used: its signature is wrong")


def test_a_crl_of_nobody_or_of_others_makes_nothing_invalid() -> None:
    for other in (None, ROOT):
        store = store_of(issuers=(CA,), rejected=[rejected(other)])
        unknown(evidence(store, LEAF, above=ABOVE), UnknownCause.MISSING)


def test_a_detail_stays_short() -> None:
    many = [rejected(why="x" * 5_000) for _ in range(50)]
    detail = evidence(store_of(issuers=(CA,), rejected=many), LEAF, above=ABOVE).detail
    assert detail.endswith("; and 48 more")
    assert len(detail) < 600
