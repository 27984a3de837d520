"""NIST PKITS, the whole suite: steps 3 to 6 of ``decide`` with the CRLs of each case, for every link of the path."""

from collections.abc import Iterable
from functools import cache

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.crl.load import Crl, CrlError, load_crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationScope
from extauthz.trust.revocation.store import CrlStore
from support import pkits
from support.pkits import Case
from support.pkits_verdicts import MALFORMED, reason


@cache
def parsed(name: str) -> Certificate:
    return parse_certificate(pkits.certificate(name))


@cache
def loaded(name: str, issuers: tuple[str, ...]) -> Crl | RejectedCrl:
    try:
        return load_crl(pkits.crl(name), [parsed(one) for one in issuers])
    except CrlError as error:
        return RejectedCrl.because(name, error)


def trust_of(authorities: Iterable[str], signers: Iterable[str], crls: Iterable[str]) -> CertificateTrust:
    names = tuple(one for one in authorities if one not in MALFORMED)
    read = [loaded(one, (pkits.ANCHOR, *names, *signers)) for one in crls]
    usable = [one for one in read if isinstance(one, Crl)]
    store = CrlStore()
    store.replace(usable, [one for one in read if isinstance(one, RejectedCrl)])
    verifier = ChainVerifier([parsed(pkits.ANCHOR)], [parsed(one) for one in names])
    return CertificateTrust(verifier, RevocationChecker(store, scope=RevocationScope.CHAIN, verifier=verifier))


def check(trust: CertificateTrust, case: Case) -> tuple[Reason | None, str]:
    fail = trust.assess(Presented(leaf=pkits.certificate(case.leaf)), pkits.AT).failure
    return (None, "") if fail is None else (fail.reason, fail.detail)


@pytest.mark.parametrize("case", pkits.cases())
def test_a_certificate_gets_the_verdict_of_the_document(case: Case) -> None:
    got, detail = check(trust_of(case.authorities, case.signers, case.crls), case)
    assert got is reason(case), detail


def test_all_material_together_gives_every_certificate_the_verdict_that_its_own_gives() -> None:
    """Every authority is an intermediate, every CRL is offered, and every certificate that signs CRLs is known."""
    cases = pkits.cases()
    authorities = sorted({name for one in cases for name in one.authorities})
    signers = sorted({name for one in cases for name in one.signers})
    trust = trust_of(authorities, signers, pkits.crl_names())
    wrong = {}
    for case in cases:
        got, detail = check(trust, case)
        if (got is None) is not (reason(case) is None):
            wrong[str(case)] = detail
    assert wrong == {}


def test_the_order_of_certificates_and_crls_makes_no_difference() -> None:
    wrong = {}
    for case in pkits.cases():
        got, detail = check(trust_of(case.authorities[::-1], case.signers[::-1], case.crls[::-1]), case)
        if got is not reason(case):
            wrong[str(case)] = detail
    assert wrong == {}


def test_no_certificate_gets_in_for_want_of_a_crl() -> None:
    """But one: where only a delta CRL revokes, the complete CRL without it is what an authority without deltas has."""
    got_in = {
        (case.number, left_out)
        for case in pkits.cases()
        for left_out in case.crls
        if not case.valid
        and check(trust_of(case.authorities, case.signers, [one for one in case.crls if one != left_out]), case)[0]
        is None
    }
    assert got_in == {("4.15.4", "deltaCRLCA1deltaCRL")}
