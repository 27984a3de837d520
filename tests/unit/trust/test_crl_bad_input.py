"""CRLs that are wrong in one way each, from their bytes to the decision: a named reason, never an exception.

The first table is of CRLs that cannot be used, so that every client of their issuer is denied; the second of odd ones
that can, and of what they say of one certificate.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.crl.load import CrlError, load_crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.store import CrlStore
from support import crls, pki

der = pki.der
NOW = pki.NOW
ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
SERIAL = 0x4711
LEAF = CA.issue("alice", serial=SERIAL)
JUNK_BYTES = 100 * 1024 * 1024


def list_of(*entries: bytes, issuer: bytes = CA.name.public_bytes(), extensions: tuple[bytes, ...] = ()) -> bytes:
    return crls.certificate_list(
        CA.key,
        issuer=issuer,
        this_update=NOW - pki.HOUR,
        next_update=NOW + pki.DAY,
        entries=entries,
        extensions=extensions,
    )


def entry(date: bytes, *extensions: bytes) -> bytes:
    return der.sequence(der.integer(0x77), date, der.sequence(*extensions) if extensions else b"")


def reason_code(number: int) -> bytes:
    return der.extension("2.5.29.21", der.tlv(der.ENUMERATED, bytes((number,))))


DATE = der.time(NOW - pki.DAY)
OTHER_ALGORITHM = pki.keys.RSA_SHA256


def problem(crl: bytes) -> RejectedCrl:
    with pytest.raises(CrlError) as caught:
        load_crl(crl, [parse_certificate(ROOT.der), parse_certificate(CA.der)])
    return RejectedCrl.because("test.crl", caught.value)


def decide(store: CrlStore, leaf: pki.Leaf = LEAF) -> tuple[Reason | None, str]:
    verifier = ChainVerifier([parse_certificate(ROOT.der)], [parse_certificate(CA.der)])
    trust = CertificateTrust(verifier, RevocationChecker(store, verifier=verifier))
    fail = trust.assess(Presented(leaf=leaf.der), NOW).failure
    return (None, "") if fail is None else (fail.reason, fail.detail)


def with_crl(crl: bytes, *signers: pki.Leaf) -> CrlStore:
    store = CrlStore()
    store.replace([load_crl(crl, [parse_certificate(one.der) for one in (ROOT, CA, *signers)])])
    return store


# -- cannot be used --------------------------------------------------------------------------------------------------
UNUSABLE = {
    "an entry's date with a fraction": list_of(entry(der.tlv(der.GENERALIZED_TIME, b"20260501120000.5Z"))),
    "an entry's date without seconds": list_of(entry(der.tlv(der.UTC_TIME, b"2605011200Z"))),
    "an entry's date in another zone": list_of(entry(der.tlv(der.UTC_TIME, b"260501120000+0100"))),
    "an entry's date in month 13": list_of(entry(der.tlv(der.UTC_TIME, b"261301120000Z"))),
    "an entry's date that is a number": list_of(entry(der.integer(5))),
    "an entry without a date": list_of(der.sequence(der.integer(0x77))),
    "a reason that no one has": list_of(entry(DATE, reason_code(12))),
    "the reason that is not used": list_of(entry(DATE, reason_code(7))),
    "a reason that is no number": list_of(entry(DATE, der.extension("2.5.29.21", der.octets(b"\1")))),
    "two reasons": list_of(entry(DATE, reason_code(1), reason_code(1))),
    "an unknown entry extension twice": list_of(
        entry(DATE, der.extension("1.2.3.4", der.octets(b"")), der.extension("1.2.3.4", der.octets(b"")))
    ),
    "an entry that is no sequence": list_of(der.integer(1)),
    "an entry's serial without octets": list_of(der.sequence(der.tlv(der.INTEGER, b""), DATE)),
    "another algorithm inside": CA.crl(outer_algorithm=OTHER_ALGORITHM),
    "its first hundred bytes": CA.crl()[:100],
    "a byte after the end": CA.crl() + b"\0",
    "version 3": CA.crl(version=3),
    "a number twice": list_of(extensions=(der.extension("2.5.29.20", der.integer(1)),) * 2),
    "a number that is none": list_of(extensions=(der.extension("2.5.29.20", der.octets(b"1")),)),
    "an unknown critical extension": list_of(extensions=(der.extension("1.2.3.4", der.octets(b""), critical=True),)),
    "a signature that does not match": CA.crl(spoilt_signature=True),
    "the signature of a client": CA.crl(key=LEAF.key),
}


@pytest.mark.parametrize("crl", UNUSABLE.values(), ids=UNUSABLE)
def test_a_crl_that_cannot_be_used_denies_its_issuers_clients(crl: bytes) -> None:
    rejected = problem(crl)
    assert rejected.why
    store = CrlStore()
    store.replace([], [rejected])
    reason, detail = decide(store)
    assert reason is Reason.CRL_INVALID, detail
    assert "test.crl" in detail


NAMELESS = {
    "an issuer with a character that it may not have": list_of(
        issuer=der.name(der.rdn(("2.5.4.10", der.tlv(der.PRINTABLE, b"AT&T"))))
    ),
    "an issuer that is not UTF-8": list_of(issuer=der.name(der.rdn(("2.5.4.3", der.tlv(der.UTF8, b"\xff"))))),
    "nothing": b"",
    "PEM": pki.pem_crl(CA.crl()),
    "a certificate": LEAF.der,
    "text": b"<html>not found</html>",
    "zeros": bytes(1000),
    "sequences in sequences": b"\x30\x80" * 500,
}


@pytest.mark.parametrize("crl", NAMELESS.values(), ids=NAMELESS)
def test_what_names_no_issuer_helps_nobody(crl: bytes) -> None:
    """It can be laid at no issuer's door, so the issuer's clients are denied for want of a CRL."""
    rejected = problem(crl)
    assert (rejected.issuer_dn, rejected.issuer_key) == (None, None)
    assert rejected.why
    store = CrlStore()
    store.replace([], [rejected])
    assert decide(store)[0] is Reason.CRL_MISSING


@pytest.mark.parametrize(
    "junk",
    [
        pytest.param(lambda: bytes(JUNK_BYTES), id="zeros"),
        pytest.param(lambda: b"\x30\x84\x06\x3f\xff\xfa" + bytes(JUNK_BYTES - 6), id="one long sequence of zeros"),
        pytest.param(lambda: b"\x30\x82\xff\xff" * (JUNK_BYTES // 4), id="sequences all the way down"),
        pytest.param(lambda: list_of(b"\x05\0" * (JUNK_BYTES // 2)), id="signed, with entries that are none"),
    ],
)
def test_a_hundred_megabytes_of_junk_are_refused(junk: Callable[[], bytes]) -> None:
    assert problem(junk()).why


# -- odd, and usable -------------------------------------------------------------------------------------------------
def test_a_negative_serial_number_is_found() -> None:
    negative = CA.issue("n", serial=-SERIAL)
    assert decide(with_crl(CA.crl([-SERIAL])), negative)[0] is Reason.REVOKED
    assert decide(with_crl(CA.crl([SERIAL])), negative)[0] is None
    assert decide(with_crl(CA.crl([-SERIAL])))[0] is None


def test_a_serial_number_is_compared_whole() -> None:
    """The low octets of one are those of another; and 0xff is not -1, though both end in the same octet."""
    long = CA.issue("l", serial=SERIAL + (1 << 160))
    assert decide(with_crl(CA.crl([SERIAL])), long)[0] is None
    assert decide(with_crl(CA.crl([long])))[0] is None
    assert decide(with_crl(CA.crl([long])), long)[0] is Reason.REVOKED
    assert decide(with_crl(CA.crl([-1])), CA.issue("f", serial=0xFF))[0] is None


def test_of_two_entries_for_one_certificate_the_first_counts() -> None:
    store = with_crl(CA.crl([(LEAF, "keyCompromise"), (LEAF, "superseded")]))
    reason, detail = decide(store)
    assert reason is Reason.REVOKED
    assert "keyCompromise" in detail


def test_a_certificate_with_an_unknown_critical_entry_extension_is_revoked() -> None:
    unknown = der.extension("1.2.3.4", der.octets(b""), critical=True)
    store = with_crl(CA.crl([LEAF], entry_extensions={SERIAL: [unknown]}))
    assert decide(store)[0] is Reason.REVOKED


OTHER = pki.make_ca("Other CA", parent=ROOT)


@pytest.mark.parametrize(
    ("before", "revoked"),
    [
        pytest.param([], True, id="the CRL's own issuer"),
        pytest.param([pki.listed(1, issuer=OTHER.name)], False, id="another issuer, carried forward"),
        pytest.param([pki.listed(1, issuer=OTHER.name), 2, 3], False, id="carried over several entries"),
        pytest.param([pki.listed(1, issuer=OTHER.name), pki.listed(2, issuer=CA.name)], True, id="and back"),
    ],
)
def test_the_issuer_of_an_entry_is_carried_forward(before: list[pki.Revoked], revoked: bool) -> None:
    """RFC 5280 §5.3.3: an entry that names no issuer is of that of the one before; the first, of the CRL's."""
    store = with_crl(CA.crl([*before, LEAF], scope=pki.scope(indirect=True)))
    assert decide(store)[0] is (Reason.REVOKED if revoked else None)


@pytest.mark.parametrize("spelling", ["issuing ca", "ISSUING CA", "  Issuing   CA "])
def test_an_issuer_that_differs_by_case_and_spaces_only_is_the_same(spelling: str) -> None:
    issuer = pki.name(spelling, organization="eXample")
    assert decide(with_crl(CA.crl([LEAF], issuer_name=issuer)))[0] is Reason.REVOKED
    assert decide(with_crl(CA.crl([], issuer_name=issuer)))[0] is None


@pytest.mark.parametrize(
    "spelling", ["Issuing CB", "IssuingCA", "Issuing CA.", "Issuing C\N{CYRILLIC CAPITAL LETTER A}"]
)
def test_an_issuer_that_differs_by_one_character_is_another(spelling: str) -> None:
    rejected = problem(CA.crl([], issuer_name=pki.name(spelling)))
    assert spelling in (rejected.issuer_dn or "")
    store = CrlStore()
    store.replace([], [rejected])
    assert decide(store)[0] is Reason.CRL_MISSING


def test_a_date_of_the_next_century_is_read() -> None:
    at = datetime(2150, 1, 1, tzinfo=UTC)
    assert decide(with_crl(CA.crl([], next_update=at)))[0] is None
