"""NIST PKITS, what it says of paths: steps 3 to 5 of ``decide``, without any CRL.

A path that the document calls invalid for what a CRL says is sound here; ``test_pkits_revocation`` has the rest.
"""

from collections import Counter
from functools import cache

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainVerifier
from support import pkits
from support.pkits import Case
from support.pkits_verdicts import MALFORMED, is_sound, path_reason

COUNTS = {
    "4.1": 6,
    "4.2": 8,
    "4.3": 11,
    "4.4": 21,
    "4.5": 8,
    "4.6": 17,
    "4.7": 5,
    "4.8": 20,
    "4.9": 8,
    "4.10": 14,
    "4.11": 11,
    "4.12": 10,
    "4.13": 38,
    "4.14": 35,
    "4.15": 10,
    "4.16": 2,
}


@cache
def parsed(name: str) -> Certificate:
    return parse_certificate(pkits.certificate(name))


def check(trust: CertificateTrust, case: Case, chain: tuple[bytes, ...] = ()) -> tuple[Reason | None, str]:
    fail = trust.assess(Presented(leaf=pkits.certificate(case.leaf), chain=chain), pkits.AT).failure
    return (None, "") if fail is None else (fail.reason, fail.detail)


def test_no_case_and_no_file_of_the_suite_is_lost() -> None:
    cases = pkits.cases()
    assert Counter(one.number.rpartition(".")[0] for one in cases) == COUNTS
    assert Counter((one.valid, is_sound(one)) for one in cases) == {
        (True, True): 103,
        (False, True): 46,
        (False, False): 75,
    }
    used = {name for one in cases for name in (one.leaf, *one.authorities, *one.signers)}
    assert used | {pkits.ANCHOR} == set(pkits.certificate_names())
    assert {pkits.crl(name) for one in cases for name in one.crls} == {pkits.crl(name) for name in pkits.crl_names()}
    assert (len(pkits.certificate_names()), len(pkits.crl_names())) == (405, 173)


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_an_authority_that_is_malformed_is_refused(name: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(pkits.certificate(name))
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED


@pytest.mark.parametrize("case", pkits.cases())
def test_a_path_gets_the_verdict_of_the_document(case: Case) -> None:
    intermediates = [parsed(name) for name in case.authorities if name not in MALFORMED]
    reason, detail = check(CertificateTrust(ChainVerifier([parsed(pkits.ANCHOR)], intermediates)), case)
    assert reason is path_reason(case), detail


@pytest.mark.parametrize("case", pkits.cases())
def test_what_the_client_presents_counts_as_much_as_what_is_configured_and_no_more(case: Case) -> None:
    """Every certificate of a case comes from the client, those for signing CRLs too; the anchor alone is configured."""
    others = tuple(pkits.certificate(name) for name in (*case.signers, *case.authorities))
    reason, detail = check(CertificateTrust(ChainVerifier([parsed(pkits.ANCHOR)])), case, others)
    assert (reason is None) is (path_reason(case) is None), detail


def test_all_authorities_together_give_every_path_the_verdict_that_its_own_give() -> None:
    names = {name for one in pkits.cases() for name in (*one.authorities, *one.signers)} - MALFORMED
    trust = CertificateTrust(ChainVerifier([parsed(pkits.ANCHOR)], [parsed(name) for name in sorted(names)]))
    wrong = {}
    for case in pkits.cases():
        reason, detail = check(trust, case)
        if (reason is None) is not (path_reason(case) is None):
            wrong[str(case)] = detail
    assert wrong == {}
