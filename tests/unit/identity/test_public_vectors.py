"""Certificates of other makers, from the ``cryptography_vectors`` package."""

import base64
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.names import canonical_dn, name_key_from_string
from extauthz.model.errors import DecodeError
from extauthz.model.reason import Reason

X509 = Path(cryptography_vectors.__file__).parent / "x509"
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END", re.DOTALL)


def der_of(path: Path) -> bytes:
    data = path.read_bytes()
    block = _BLOCK.search(data)
    return base64.b64decode(block[1]) if block else data


def parse(name: str) -> Certificate:
    return parse_certificate(der_of(X509 / name))


REFUSED = {
    "badasn1time.pem": "structure: ",
    "badssl-sct-anonymous-sig.der": "extensions: ",
    "badssl-sct-none-hash.der": "extensions: ",
    "custom/cp_invalid.pem": "extensions: ",
    "custom/cp_invalid2.der": "extensions: ",
    "custom/dsa_null_alg_params.pem": "structure: ",
    "custom/ecdsa_null_alg.pem": "structure: ",
    "custom/empty-eku.pem": "extensions: ",
    "custom/inhibit_any_policy_negative.pem": "extensions: ",
    "custom/invalid-sct-length.der": "extensions: ",
    "custom/invalid-sct-version.der": "extensions: ",
    "custom/invalid_utf8_common_name.pem": "subject: ",
    "custom/invalid_version.pem": "structure: InvalidVersion",
    "custom/malformed-ian.pem": "extensions: ",
    "custom/malformed-san.pem": "extensions: ",
    "custom/mismatch_inner_outer_sig_algorithm.der": "structure: the signature algorithms",
    "custom/name_attribute_unsupported_tag.pem": "subject: ",
    "custom/nc_ip_invalid_length.pem": "extensions: ",
    "custom/san_empty_hostname.pem": "extensions: subjectAltName: an empty dNSName",
    "custom/two_basic_constraints.pem": "extensions: DuplicateExtension",
    "custom/crl_unrecognized_extension.der": "structure: a CRL was given",
    "requests/ec_sha256.der": "structure: a certificate request was given",
    "PKITS_data/certs/DSAParametersInheritedCACert.crt": "structure: ",
    "san_edipartyname.der": "extensions: UnsupportedGeneralNameType",
    "san_x400address.der": "extensions: UnsupportedGeneralNameType",
    "utf8-dnsname.pem": "extensions: subjectAltName: a dNSName with characters outside ASCII",
    "v1_cert.pem": "structure: the signature algorithms",
    "wosign-bc-invalid.pem": "extensions: ",
}


@pytest.mark.parametrize("name", REFUSED)
def test_defects_are_refused_with_their_stage(name: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(name)
    assert caught.value.reason is Reason.CERTIFICATE_MALFORMED
    assert caught.value.detail.startswith(REFUSED[name])


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("custom/negative_serial.pem", "serial: not a positive number"),
        ("custom/bad_country.pem", "subject: attribute 2.5.4.6 has 8 octets"),
        ("custom/all_supported_names.pem", "subject: 2 common names, so none is used"),
        ("custom/unsupported_extension_critical.pem", "unknown critical extension 1.2.3.4"),
        ("department-of-state-root.pem", "unknown critical extension 2.5.29.36"),
    ],
)
def test_oddities_are_noted(name: str, warning: str) -> None:
    assert warning in parse(name).identity.warnings


def test_bit_strings_in_a_real_name() -> None:
    identity = parse("scottishpower-bitstring-dn.pem").identity
    assert "2.5.4.45=#03" in identity.subject_dn


def _all_certificates() -> Iterator[Path]:
    for path in sorted(X509.rglob("*")):
        if path.suffix in (".pem", ".der", ".crt") and path.is_file():
            yield path


def test_every_file_is_read_or_refused_and_its_names_survive_their_text() -> None:
    read = 0
    for path in _all_certificates():
        with contextlib.suppress(DecodeError):
            certificate = parse_certificate(der_of(path))
            read += 1
            identity = certificate.identity
            assert name_key_from_string(identity.subject_dn) == certificate.subject_key
            assert name_key_from_string(identity.issuer_dn) == certificate.issuer_key
            for dn in (identity.subject_dn, identity.issuer_dn):
                assert canonical_dn(canonical_dn(dn)) == canonical_dn(dn)
    assert read > 450


@pytest.mark.parametrize(
    ("leaf", "authority"),
    [
        ("ValidNameChainingWhitespaceTest3EE", "GoodCACert"),
        ("ValidNameChainingWhitespaceTest4EE", "GoodCACert"),
        ("ValidNameChainingCapitalizationTest5EE", "GoodCACert"),
        ("ValidNameUIDsTest6EE", "UIDCACert"),
        ("ValidRFC3280MandatoryAttributeTypesTest7EE", "RFC3280MandatoryAttributeTypesCACert"),
        ("ValidRFC3280OptionalAttributeTypesTest8EE", "RFC3280OptionalAttributeTypesCACert"),
        ("ValidUTF8StringEncodedNamesTest9EE", "UTF8StringEncodedNamesCACert"),
        ("ValidRolloverfromPrintableStringtoUTF8StringTest10EE", "RolloverfromPrintableStringtoUTF8StringCACert"),
        ("ValidUTF8StringCaseInsensitiveMatchTest11EE", "UTF8StringCaseInsensitiveMatchCACert"),
    ],
)
def test_pkits_4_3_valid_name_chaining(leaf: str, authority: str) -> None:
    child = parse(f"PKITS_data/certs/{leaf}.crt")
    assert child.issuer_key == parse(f"PKITS_data/certs/{authority}.crt").subject_key


@pytest.mark.parametrize("leaf", ["InvalidNameChainingTest1EE", "InvalidNameChainingOrderTest2EE"])
def test_pkits_4_3_invalid_name_chaining(leaf: str) -> None:
    child = parse(f"PKITS_data/certs/{leaf}.crt")
    authority = "NameOrderingCACert" if "Order" in leaf else "GoodCACert"
    assert child.issuer_key != parse(f"PKITS_data/certs/{authority}.crt").subject_key
