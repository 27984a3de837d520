"""Every CRL of ``cryptography_vectors`` can be used or is refused with a sentence: nothing raises anything else.

Its own issuer's certificate is there for few of them. So their heads are read as they are, and their entries are put
into a CRL that a test authority signs.
"""

from datetime import timedelta
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from extauthz.identity.certificate import parse_certificate
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.files import crls_from_bytes
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.load import load_crl
from extauthz.trust.crl.structure import read_structure
from support import crls, pki, pkits
from support.pkits_verdicts import MALFORMED

CUSTOM = Path(cryptography_vectors.__file__).parent / "x509" / "custom"

ENTRIES: dict[str, int | str] = {
    "crl_all_reasons.pem": "another certificate issuer",  # and it is no indirect CRL
    "crl_almost_10k.pem": 9999,
    "crl_delta_crl_indicator.pem": 0,
    "crl_dup_entry_ext.pem": "twice",
    "crl_empty.pem": 0,
    "crl_empty_no_sequence.der": 0,
    "crl_ian_aia_aki.pem": 0,
    "crl_idp_fullname_indirect_crl.pem": 0,
    "crl_idp_fullname_only.pem": 0,
    "crl_idp_fullname_only_aa.pem": 0,
    "crl_idp_fullname_only_user.pem": 0,
    "crl_idp_only_ca.pem": 0,
    "crl_idp_reasons_only.pem": 0,
    "crl_idp_relative_user_all_reasons.pem": 0,
    "crl_idp_relativename_only.pem": 0,
    "crl_inval_cert_issuer_entry_ext.pem": "another certificate issuer",
    "crl_inval_date_fractional_seconds.der": 1,  # of an invalidityDate that nobody here reads (RFC 5280 §5.3.2)
    "crl_md2_unknown_crit_entry_ext.pem": 1,
    "crl_no_next_update.pem": 0,
    "crl_unrecognized_extension.der": 0,
    "crl_unsupported_reason.pem": "reason",
    "invalid_signature_crl.pem": 0,
    "valid_signature_crl.pem": 0,
}
"""How many entries a CRL has whose head can be read, or a word of the sentence that refuses them."""

NO_HEAD = {
    "crl_bad_version.pem": "not a valid CRL version",
    "crl_inner_outer_mismatch.der": "signature algorithms do not match",
    "crl_invalid_time.der": "this_update",
    "crl_issuer_invalid_printable_string.der": "PrintableString",
}
"""Those whose head cannot be read, and a part of the sentence."""

REFUSED_OF_PKITS = {
    "BadCRLIssuerNameCACRL": "no certificate at hand has the name",
    "BadCRLSignatureCACRL": "whole octets",
    "BadSignedCACRL": "no certificate at hand has the name",  # the certificate of its CA cannot be read
    "DSACACRL": "signed with sha1",
    "DSAParametersInheritedCACRL": "no certificate at hand has the name",  # the same
    "TwoCRLsCABadCRL": "no certificate at hand has the name",
    "UnknownCRLExtensionCACRL": "critical extension",
    "keyUsageCriticalcRLSignFalseCACRL": "cRLSign",
    "keyUsageNotCriticalcRLSignFalseCACRL": "cRLSign",
}


def vectors() -> dict[str, bytes]:
    """Return every file that holds a CRL, whatever its name."""
    paths = [path for path in CUSTOM.iterdir() if path.suffix in {".pem", ".der"}]
    named = {path.name: path.read_bytes() for path in sorted(paths)}
    return {name: data for name, data in named.items() if b"BEGIN X509 CRL" in data or name.startswith("crl_")}


def only(data: bytes) -> bytes:
    (der,) = crls_from_bytes(data)
    return der


VECTORS = vectors()


def test_no_vector_is_lost() -> None:
    assert set(VECTORS) == set(ENTRIES) | set(NO_HEAD)
    assert len(VECTORS) == 27


@pytest.mark.parametrize("name", VECTORS)
def test_a_head_is_read_or_refused_with_a_sentence(name: str) -> None:
    der = only(VECTORS[name])
    if name in ENTRIES:
        crl = x509.load_der_x509_crl(der)
        head = read_head(der)
        assert (head.this_update, head.next_update) == (crl.last_update_utc, crl.next_update_utc)
        assert read_head(head.skeleton).scope == head.scope
    else:
        with pytest.raises(CrlError, match=NO_HEAD[name]):
            read_head(der)


@pytest.mark.parametrize("name", VECTORS)
def test_no_crl_is_used_without_its_issuer(name: str) -> None:
    expected = "no certificate at hand has the name of the CRL's issuer" if name in ENTRIES else NO_HEAD[name]
    with pytest.raises(CrlError, match=expected):
        load_crl(only(VECTORS[name]), [])


@pytest.mark.parametrize("name", ENTRIES)
def test_the_entries_are_read_or_refused_with_a_sentence(name: str) -> None:
    der = only(VECTORS[name])
    structure = read_structure(memoryview(der))
    ca = pki.make_ca("CA")
    signed = crls.certificate_list(
        ca.key,
        issuer=ca.name.public_bytes(),
        this_update=pki.NOW,
        next_update=pki.NOW + timedelta(days=1),
        entries=[der[structure.entries_start : structure.entries_end]],
        extensions=[],
    )
    expected = ENTRIES[name]
    if isinstance(expected, int):
        assert len(load_crl(signed, [parse_certificate(ca.der)]).entries) == expected
    else:
        with pytest.raises(CrlError, match=expected):
            load_crl(signed, [parse_certificate(ca.der)])


def test_of_two_that_differ_in_the_signature_the_right_one_is_used() -> None:
    pem = (CUSTOM / "valid_signature_cert.pem").read_bytes()
    issuer = parse_certificate(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    assert load_crl(only(VECTORS["valid_signature_crl.pem"]), [issuer]).signers == (issuer,)
    with pytest.raises(CrlError, match="verifies with the key of no certificate of that name"):
        load_crl(only(VECTORS["invalid_signature_crl.pem"]), [issuer])


def test_every_crl_of_pkits_is_used_but_for_those_that_must_not_be() -> None:
    issuers = [
        parse_certificate(pkits.certificate(name))
        for name in pkits.certificate_names()
        if not name.endswith("EE") and name not in MALFORMED
    ]
    refused = {}
    for name in pkits.crl_names():
        try:
            assert load_crl(pkits.crl(name), issuers).signers
        except CrlError as error:
            refused[name] = str(error)
    assert refused.keys() == REFUSED_OF_PKITS.keys()
    assert [name for name, sentence in refused.items() if REFUSED_OF_PKITS[name] not in sentence] == []
