"""The Public Key Interoperability Test Suite (NIST PKITS 1.0.1, material of 2011) as a table of cases.

The material is the one in ``cryptography_vectors``. NIST gives one signed S/MIME message a test, which carries the very
certificates and CRLs that the test is about; so the files of a case are read from its message and nothing is copied
into a table by hand. The table here has what the messages do not say: the section, the order, and the verdict of the
document where it does not stand in the name.

All verdicts are those under default settings (document, section 4: initial-policy-set any-policy, and neither
initial-explicit-policy, initial-policy-mapping-inhibit nor initial-inhibit-any-policy). Sub-cases with other settings
are left out, since extauthz has no such settings: 4.8.2-2, 4.8.3-2/3, 4.8.6-2/3, 4.8.14-2, 4.10.1-2/3, 4.10.2-2,
4.10.3-1, 4.10.5-2, 4.10.6-2, 4.12.3-2. Where the document has a valid sub-case with narrower settings only (4.8.1,
4.8.10, 4.8.13, 4.8.14, 4.8.18, 4.8.20, 4.10.1, 4.10.3, 4.10.5, 4.10.6, 4.10.12), the case is valid under the default
ones too: RFC 5280 §6.1 lets a wider initial-policy-set and a flag less only accept more.

Every certificate ends on 2030-12-31: tests must give their own time.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import cryptography_vectors

DIRECTORY: Final = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
ANCHOR: Final = "TrustAnchorRootCertificate"
AT: Final = datetime(2015, 1, 1, tzinfo=UTC)
"""When every case is decided: inside 2010 to 2030, for which the suite is made."""

_SECTIONS: Final = {
    "4.1": "ValidSignatures InvalidCASignature InvalidEESignature ValidDSASignatures ValidDSAParameterInheritance "
    "InvalidDSASignature",
    "4.2": "InvalidCAnotBeforeDate InvalidEEnotBeforeDate Validpre2000UTCnotBeforeDate "
    "ValidGeneralizedTimenotBeforeDate InvalidCAnotAfterDate InvalidEEnotAfterDate Invalidpre2000UTCEEnotAfterDate "
    "ValidGeneralizedTimenotAfterDate",
    "4.3": "InvalidNameChainingEE InvalidNameChainingOrder ValidNameChainingWhitespace ValidNameChainingWhitespace "
    "ValidNameChainingCapitalization ValidNameChainingUIDs ValidRFC3280MandatoryAttributeTypes "
    "ValidRFC3280OptionalAttributeTypes ValidUTF8StringEncodedNames ValidRolloverfromPrintableStringtoUTF8String "
    "ValidUTF8StringCaseInsensitiveMatch",
    "4.4": "MissingCRL InvalidRevokedCA InvalidRevokedEE InvalidBadCRLSignature InvalidBadCRLIssuerName "
    "InvalidWrongCRL ValidTwoCRLs InvalidUnknownCRLEntryExtension InvalidUnknownCRLExtension "
    "InvalidUnknownCRLExtension InvalidOldCRLnextUpdate Invalidpre2000CRLnextUpdate "
    "ValidGeneralizedTimeCRLnextUpdate ValidNegativeSerialNumber InvalidNegativeSerialNumber ValidLongSerialNumber "
    "ValidLongSerialNumber InvalidLongSerialNumber ValidSeparateCertificateandCRLKeys "
    "InvalidSeparateCertificateandCRLKeys InvalidSeparateCertificateandCRLKeys",
    "4.5": "ValidBasicSelfIssuedOldWithNew InvalidBasicSelfIssuedOldWithNew ValidBasicSelfIssuedNewWithOld "
    "ValidBasicSelfIssuedNewWithOld InvalidBasicSelfIssuedNewWithOld ValidBasicSelfIssuedCRLSigningKey "
    "InvalidBasicSelfIssuedCRLSigningKey InvalidBasicSelfIssuedCRLSigningKey",
    "4.6": "InvalidMissingbasicConstraints InvalidcAFalse InvalidcAFalse ValidbasicConstraintsNotCritical "
    "InvalidpathLenConstraint InvalidpathLenConstraint ValidpathLenConstraint ValidpathLenConstraint "
    "InvalidpathLenConstraint InvalidpathLenConstraint InvalidpathLenConstraint InvalidpathLenConstraint "
    "ValidpathLenConstraint ValidpathLenConstraint ValidSelfIssuedpathLenConstraint "
    "InvalidSelfIssuedpathLenConstraint ValidSelfIssuedpathLenConstraint",
    "4.7": "InvalidkeyUsageCriticalkeyCertSignFalse InvalidkeyUsageNotCriticalkeyCertSignFalse "
    "ValidkeyUsageNotCritical InvalidkeyUsageCriticalcRLSignFalse InvalidkeyUsageNotCriticalcRLSignFalse",
    "4.8": "AllCertificatesSamePolicy AllCertificatesNoPolicies DifferentPolicies DifferentPolicies DifferentPolicies "
    "OverlappingPolicies DifferentPolicies DifferentPolicies DifferentPolicies AllCertificatesSamePolicies "
    "AllCertificatesAnyPolicy DifferentPolicies AllCertificatesSamePolicies AnyPolicy UserNoticeQualifier "
    "UserNoticeQualifier UserNoticeQualifier UserNoticeQualifier UserNoticeQualifier CPSPointerQualifier",
    "4.9": "ValidRequireExplicitPolicy ValidRequireExplicitPolicy InvalidRequireExplicitPolicy "
    "ValidRequireExplicitPolicy InvalidRequireExplicitPolicy ValidSelfIssuedrequireExplicitPolicy "
    "InvalidSelfIssuedrequireExplicitPolicy InvalidSelfIssuedrequireExplicitPolicy",
    "4.10": "ValidPolicyMapping InvalidPolicyMapping ValidPolicyMapping InvalidPolicyMapping ValidPolicyMapping "
    "ValidPolicyMapping InvalidMappingFromanyPolicy InvalidMappingToanyPolicy ValidPolicyMapping InvalidPolicyMapping "
    "ValidPolicyMapping ValidPolicyMapping ValidPolicyMapping ValidPolicyMapping",
    "4.11": "InvalidinhibitPolicyMapping ValidinhibitPolicyMapping InvalidinhibitPolicyMapping "
    "ValidinhibitPolicyMapping InvalidinhibitPolicyMapping InvalidinhibitPolicyMapping "
    "ValidSelfIssuedinhibitPolicyMapping InvalidSelfIssuedinhibitPolicyMapping InvalidSelfIssuedinhibitPolicyMapping "
    "InvalidSelfIssuedinhibitPolicyMapping InvalidSelfIssuedinhibitPolicyMapping",
    "4.12": "InvalidinhibitAnyPolicy ValidinhibitAnyPolicy inhibitAnyPolicy InvalidinhibitAnyPolicy "
    "InvalidinhibitAnyPolicy InvalidinhibitAnyPolicy ValidSelfIssuedinhibitAnyPolicy "
    "InvalidSelfIssuedinhibitAnyPolicy ValidSelfIssuedinhibitAnyPolicy InvalidSelfIssuedinhibitAnyPolicy",
    "4.13": "ValidDNnameConstraints InvalidDNnameConstraints InvalidDNnameConstraints ValidDNnameConstraints "
    "ValidDNnameConstraints ValidDNnameConstraints InvalidDNnameConstraints InvalidDNnameConstraints "
    "InvalidDNnameConstraints InvalidDNnameConstraints ValidDNnameConstraints InvalidDNnameConstraints "
    "InvalidDNnameConstraints ValidDNnameConstraints InvalidDNnameConstraints InvalidDNnameConstraints "
    "InvalidDNnameConstraints ValidDNnameConstraints ValidSelfIssuedDNnameConstraints "
    "InvalidSelfIssuedDNnameConstraints ValidRFC822nameConstraints InvalidRFC822nameConstraints "
    "ValidRFC822nameConstraints InvalidRFC822nameConstraints ValidRFC822nameConstraints InvalidRFC822nameConstraints "
    "ValidDNandRFC822nameConstraints InvalidDNandRFC822nameConstraints InvalidDNandRFC822nameConstraints "
    "ValidDNSnameConstraints InvalidDNSnameConstraints ValidDNSnameConstraints InvalidDNSnameConstraints "
    "ValidURInameConstraints InvalidURInameConstraints ValidURInameConstraints InvalidURInameConstraints "
    "InvalidDNSnameConstraints",
    "4.14": "ValiddistributionPoint InvaliddistributionPoint InvaliddistributionPoint ValiddistributionPoint "
    "ValiddistributionPoint InvaliddistributionPoint ValiddistributionPoint InvaliddistributionPoint "
    "InvaliddistributionPoint ValidNoissuingDistributionPoint InvalidonlyContainsUserCertsCRL "
    "InvalidonlyContainsCACertsCRL ValidonlyContainsCACertsCRL InvalidonlyContainsAttributeCerts "
    "InvalidonlySomeReasons InvalidonlySomeReasons InvalidonlySomeReasons ValidonlySomeReasons ValidonlySomeReasons "
    "InvalidonlySomeReasons InvalidonlySomeReasons ValidIDPwithindirectCRL InvalidIDPwithindirectCRL "
    "ValidIDPwithindirectCRL ValidIDPwithindirectCRL InvalidIDPwithindirectCRL InvalidcRLIssuer ValidcRLIssuer "
    "ValidcRLIssuer ValidcRLIssuer InvalidcRLIssuer InvalidcRLIssuer ValidcRLIssuer InvalidcRLIssuer InvalidcRLIssuer",
    "4.15": "InvaliddeltaCRLIndicatorNoBase ValiddeltaCRL InvaliddeltaCRL InvaliddeltaCRL ValiddeltaCRL "
    "InvaliddeltaCRL ValiddeltaCRL ValiddeltaCRL InvaliddeltaCRL InvaliddeltaCRL",
    "4.16": "ValidUnknownNotCriticalCertificateExtension InvalidUnknownCriticalCertificateExtension",
}
"""The names of the document, in its order, without the ``TestN`` that ends each; N counts from 1 in each section."""

_NOT_IN_THE_NAME: Final = {
    "4.4.1": False,
    **{f"4.8.{number}": number not in {4, 5, 7, 8, 9, 12} for number in range(1, 21)},
    "4.12.3": True,
}
"""Verdicts of the document for cases whose names do not begin with Valid or Invalid."""

_MISTAKEN_MESSAGE: Final = {
    "4.14.18": (
        "ValidonlySomeReasonsTest18EE",
        ("onlySomeReasonsCA3Cert",),
        ("TrustAnchorRootCRL", "onlySomeReasonsCA3compromiseCRL", "onlySomeReasonsCA3otherreasonsCRL"),
    )
}
"""The message of 4.14.18 carries what belongs to 4.14.19; its own material lies beside it."""

_SIGNER: Final = re.compile(r".*(CRLCert|CRLSigningCert|cRLIssuerCert)")
"""How the files end that hold certificates for signing CRLs, and for nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test of the document. Files are named without their suffix; the anchor is in none of the lists."""

    number: str
    """Such as ``4.4.2``."""
    name: str
    valid: bool
    leaf: str
    authorities: tuple[str, ...]
    """The CA certificates: those of the path from the anchor down, then others that issue CRLs."""
    signers: tuple[str, ...]
    """Certificates that sign CRLs and are on no path to the leaf."""
    crls: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.number}-{self.name}"


@cache
def certificate(name: str) -> bytes:
    """Return the DER of a certificate."""
    return certificate_file(name).read_bytes()


@cache
def crl(name: str) -> bytes:
    """Return the DER of a CRL."""
    return crl_file(name).read_bytes()


def certificate_file(name: str) -> Path:
    return DIRECTORY / "certs" / f"{name}.crt"


def crl_file(name: str) -> Path:
    return DIRECTORY / "crls" / f"{name}.crl"


@cache
def certificate_names() -> tuple[str, ...]:
    """Return the name of every certificate of the suite."""
    return tuple(sorted(path.stem for path in (DIRECTORY / "certs").glob("*.crt")))


@cache
def crl_names() -> tuple[str, ...]:
    """Return the name of every CRL of the suite."""
    return tuple(sorted(path.stem for path in (DIRECTORY / "crls").glob("*.crl")))


@cache
def cases(*sections: str) -> tuple[Case, ...]:
    """Return the cases of these sections in the order of the document, of all sections for none."""
    return tuple(
        _case(f"{section}.{count}", f"{stem}Test{count}")
        for section in sections or _SECTIONS
        for count, stem in enumerate(_SECTIONS[section].split(), 1)
    )


def case(number: str) -> Case:
    """Return the case of this number."""
    section, _, count = number.rpartition(".")
    return cases(section)[int(count) - 1]


def _case(number: str, name: str) -> Case:
    leaf, authorities, crls = _MISTAKEN_MESSAGE.get(number) or _message(name)
    return Case(
        number=number,
        name=name,
        valid=_NOT_IN_THE_NAME[number] if number in _NOT_IN_THE_NAME else _verdict_of(name),
        leaf=leaf,
        authorities=tuple(one for one in authorities if not _SIGNER.fullmatch(one)),
        signers=tuple(one for one in authorities if _SIGNER.fullmatch(one)),
        crls=crls,
    )


def _verdict_of(name: str) -> bool:
    verdict = re.match("Valid|Invalid", name)
    if verdict is None:
        raise ValueError(f"the verdict of {name} does not stand in its name")
    return verdict[0] == "Valid"


def _message(name: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return leaf, other certificates and CRLs of a signed message (RFC 5652 §5.1), as names of files."""
    text = (DIRECTORY / "smime" / f"Signed{name}.eml").read_text("ascii")
    encoded = text.rpartition('filename="smime.p7s"')[2].partition("--")[0]
    _, wrapped = _children(_content(base64.b64decode(encoded)))
    signed_data = dict(_children(_content(wrapped[1])))
    certificates, crls = _names_by_content()
    *authorities, leaf = (certificates[one] for _, one in _children(signed_data[0xA0]))
    return leaf, tuple(authorities), tuple(crls[one] for _, one in _children(signed_data[0xA1]))


@cache
def _names_by_content() -> tuple[dict[bytes, str], dict[bytes, str]]:
    """Return the files by what they hold; of two with the same content (4.4.6 offers the root's CRL), the first."""
    certificates = {_content(certificate(one)): one for one in certificate_names()}
    return certificates, {_content(crl(one)): one for one in reversed(crl_names())}


def _content(der: bytes) -> bytes:
    return next(_children(der))[1]


def _children(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each DER element."""
    while content:
        tag, length, start = content[0], content[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(content[2:start], "big")
        yield tag, content[start : start + length]
        content = content[start + length :]
