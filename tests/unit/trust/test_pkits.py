"""The Public Key Interoperability Test Suite (NIST PKITS): nothing invalid gets in, and what stays out is known.

Its policy tests (sections 4.8 to 4.12) ask for a policy tree, which is not built, so only those of their certificates
are counted whose names say Valid or Invalid. Every CA is configured as an intermediate, every CRL is offered.
"""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cryptography_vectors
import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.crl.load import CrlError, load_crl
from extauthz.trust.revocation.check import RevocationChecker, RevocationScope
from extauthz.trust.revocation.store import CrlStore

BASE = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
IN_2020 = datetime(2020, 6, 1, tzinfo=UTC)

NEEDS_A_DELTA = "InvaliddeltaCRLTest4EE"
"""Listed only in a delta CRL; the full CRL is in force and does not list it."""

NOT_READ = frozenset({"DSAParametersInheritedCACert", "BadSignedCACert"})
"""Authorities that are refused as malformed: a key without its parameters, a signature that is not whole octets."""

ACCEPTED = frozenset(
    {
        "ValidCertificatePathTest1EE",
        "ValidDNSnameConstraintsTest30EE",
        "ValidDNSnameConstraintsTest32EE",
        "ValidGeneralizedTimeCRLnextUpdateTest13EE",
        "ValidGeneralizedTimenotAfterDateTest8EE",
        "ValidLongSerialNumberTest16EE",
        "ValidLongSerialNumberTest17EE",
        "ValidNameUIDsTest6EE",
        "ValidNegativeSerialNumberTest14EE",
        "ValidNoissuingDistributionPointTest10EE",
        "ValidRFC3280MandatoryAttributeTypesTest7EE",
        "ValidRFC3280OptionalAttributeTypesTest8EE",
        "ValidRFC822nameConstraintsTest21EE",
        "ValidRFC822nameConstraintsTest23EE",
        "ValidRFC822nameConstraintsTest25EE",
        "ValidTwoCRLsTest7EE",
        "ValidUTF8StringEncodedNamesTest9EE",
        "ValidUnknownNotCriticalCertificateExtensionTest1EE",
        "ValidbasicConstraintsNotCriticalTest4EE",
        "ValiddeltaCRLTest2EE",
        "ValiddeltaCRLTest7EE",
        "ValiddeltaCRLTest8EE",
        "ValidkeyUsageNotCriticalTest3EE",
        "ValidpathLenConstraintTest13EE",
        "ValidpathLenConstraintTest7EE",
        "Validpre2000UTCnotBeforeDateTest3EE",
    }
)
"""The valid certificates that are accepted."""

REFUSED_BY_DESIGN = {
    Reason.CERTIFICATE_MALFORMED: ("DSAParameterInheritance",),
    Reason.UNTRUSTED_ISSUER: ("DSASignatures",),
    Reason.CHAIN_INVALID: (
        "DNnameConstraints",  # directory names cannot be compared
        "DNandRFC822nameConstraints",
        "URInameConstraints",
        "GeneralizedTimenotBeforeDate",  # before 2050
        "NameChaining",  # names that match only by comparison rules
        "RolloverfromPrintableStringtoUTF8String",
        "UTF8StringCaseInsensitiveMatch",
        "PolicyMapping",  # critical policy extensions
        "inhibitAnyPolicy",
        "inhibitPolicyMapping",
        "requireExplicitPolicy",
        "SelfIssued",
        "onlyContainsCACerts",  # a CA certificate is no client
        "pathLenConstraint",
    ),
    Reason.CRL_MISSING: (
        "BasicSelfIssued",  # the CRL is signed with another key than the certificate
        "SeparateCertificateandCRLKeys",
        "IDPwithindirectCRL",  # partitioned and indirect CRLs
        "cRLIssuer",
        "distributionPoint",
        "onlySomeReasons",
    ),
    Reason.REVOKED: ("deltaCRLTest5",),  # the delta would lift the hold
}


@cache
def certificates() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((BASE / "certs").glob("*.crt"))}


@cache
def trust() -> CertificateTrust:
    root = parse_certificate(certificates()["TrustAnchorRootCertificate"])
    authorities: list[Certificate] = []
    for name, der in certificates().items():
        if not name.endswith("EE") and name not in NOT_READ:
            authorities.append(parse_certificate(der))
    store = CrlStore()
    for path in sorted((BASE / "crls").glob("*.crl")):
        try:
            store.add(load_crl(path.read_bytes(), authorities))
        except CrlError:
            continue
    checker = RevocationChecker(store, check=RevocationScope.CHAIN)
    return CertificateTrust(ChainVerifier([root], authorities), checker)


def failure(name: str) -> Fail | None:
    return trust().assess(Presented(leaf=certificates()[name]), IN_2020).failure


@pytest.mark.parametrize("name", sorted(NOT_READ))
def test_an_authority_that_is_malformed_is_refused(name: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(certificates()[name])
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED


LEAVES = [name for name in certificates() if name.endswith("EE")]


@pytest.mark.parametrize("name", [name for name in LEAVES if name.startswith("Invalid") and name != NEEDS_A_DELTA])
def test_an_invalid_certificate_is_refused(name: str) -> None:
    assert failure(name) is not None


@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_a_valid_certificate_is_accepted(name: str) -> None:
    assert failure(name) is None


@pytest.mark.parametrize("name", [name for name in LEAVES if name.startswith("Valid") and name not in ACCEPTED])
def test_a_valid_certificate_is_refused_only_for_a_known_cause(name: str) -> None:
    fail = failure(name)
    assert fail is not None
    assert name.removeprefix("Valid").startswith(REFUSED_BY_DESIGN[fail.reason]), (name, fail)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("InvalidCASignatureTest2EE", Reason.UNTRUSTED_ISSUER),
        ("InvalidEESignatureTest3EE", Reason.UNTRUSTED_ISSUER),
        ("InvalidCAnotBeforeDateTest1EE", Reason.CHAIN_INVALID),
        ("InvalidEEnotBeforeDateTest2EE", Reason.NOT_YET_VALID),
        ("InvalidEEnotAfterDateTest6EE", Reason.EXPIRED),
        ("InvalidNameChainingTest1EE", Reason.UNTRUSTED_ISSUER),
        ("InvalidMissingCRLTest1EE", Reason.CRL_MISSING),
        ("InvalidRevokedCATest2EE", Reason.REVOKED),
        ("InvalidRevokedEETest3EE", Reason.REVOKED),
        ("InvalidBadCRLSignatureTest4EE", Reason.CRL_MISSING),
        ("InvalidUnknownCRLEntryExtensionTest8EE", Reason.REVOKED),
        ("InvalidUnknownCRLExtensionTest9EE", Reason.CRL_MISSING),
        ("InvalidOldCRLnextUpdateTest11EE", Reason.CRL_STALE),
        ("Invalidpre2000CRLnextUpdateTest12EE", Reason.CRL_STALE),
        ("InvalidNegativeSerialNumberTest15EE", Reason.CHAIN_INVALID),
        ("InvalidLongSerialNumberTest18EE", Reason.REVOKED),
        ("InvalidMissingbasicConstraintsTest1EE", Reason.CHAIN_INVALID),
        ("InvalidcAFalseTest2EE", Reason.CHAIN_INVALID),
        ("InvalidpathLenConstraintTest6EE", Reason.CHAIN_INVALID),
        ("InvalidkeyUsageCriticalkeyCertSignFalseTest1EE", Reason.CHAIN_INVALID),
        ("InvalidkeyUsageNotCriticalkeyCertSignFalseTest2EE", Reason.CHAIN_INVALID),
        ("InvalidDNSnameConstraintsTest31EE", Reason.CHAIN_INVALID),
        ("InvalidRFC822nameConstraintsTest22EE", Reason.CHAIN_INVALID),
        ("InvalidUnknownCriticalCertificateExtensionTest2EE", Reason.CRITICAL_EXTENSION_UNKNOWN),
    ],
)
def test_an_invalid_certificate_is_refused_for_the_cause_that_it_has(name: str, reason: Reason) -> None:
    fail = failure(name)
    assert fail is not None
    assert fail.reason is reason, fail.detail
