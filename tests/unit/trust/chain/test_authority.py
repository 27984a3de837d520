"""What a certificate must be to sign others."""

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from extauthz.trust.chain.authority import (
    basic_constraints_problem,
    extended_key_usage_problem,
    key_usage_problem,
    name_constraints_problem,
)

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.BasicConstraints(ca=False, path_length=None), False),
        (None, False),
    ],
)
def test_only_basic_constraints_make_a_ca(value: x509.BasicConstraints | None, sound: bool) -> None:
    assert (basic_constraints_problem(value) is None) is sound


def _usage(**asserted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: asserted.get(name, False) for name in names})


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        (None, True),
        (_usage(key_cert_sign=True), True),
        (_usage(crl_sign=True), False),
        (_usage(digital_signature=True), False),
        (_usage(), False),
    ],
)
def test_key_usage_must_allow_signing_certificates_when_it_is_there(value: x509.KeyUsage | None, sound: bool) -> None:
    assert (key_usage_problem(value) is None) is sound


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        (None, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
    ],
)
def test_purposes_of_a_ca_must_include_clients_when_it_has_any(value: x509.ExtendedKeyUsage, sound: bool) -> None:
    assert (extended_key_usage_problem(value) is None) is sound


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        (None, True),
        (x509.NameConstraints([x509.DNSName("example.com")], None), True),
        (x509.NameConstraints([x509.DirectoryName(NAME)], None), False),
        (x509.NameConstraints(None, [x509.DirectoryName(NAME)]), False),
        (x509.NameConstraints([x509.DNSName("example.com")], [x509.DirectoryName(NAME)]), False),
    ],
)
def test_constraints_that_cannot_be_held_are_refused(value: x509.NameConstraints | None, sound: bool) -> None:
    assert (name_constraints_problem(value) is None) is sound
