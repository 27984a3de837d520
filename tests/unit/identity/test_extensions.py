"""Key usages, policies, and critical extensions that nobody processes."""

import pytest

from extauthz.identity.certificate import Certificate, parse_certificate
from support import pki
from support.pki import der, extensions

CA = pki.make_ca("Issuing CA")
CONSTRAINTS = der.sequence(der.context(0, b"\0", constructed=False))
SUBTREE = der.context(0, der.sequence(der.context(2, b"example", constructed=False)))
KEY_USAGES = (
    "digitalSignature",
    "contentCommitment",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)


def parse(**options: object) -> Certificate:
    return parse_certificate(CA.issue(**options).der)  # type: ignore[arg-type]  # see Options


@pytest.mark.parametrize("usage", KEY_USAGES[:7])
def test_one_key_usage(usage: str) -> None:
    assert parse(key_usage=[usage]).identity.key_usage == (usage,)


def test_all_key_usages_in_bit_order() -> None:
    assert parse(key_usage=tuple(reversed(KEY_USAGES))).identity.key_usage == KEY_USAGES


def test_a_key_usage_that_allows_nothing_is_noted() -> None:
    identity = parse(key_usage=[]).identity
    assert identity.key_usage == ()
    assert identity.warnings == ("keyUsage: allows nothing",)


def test_extended_key_usages_by_name_where_known() -> None:
    oids = ["1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2", "2.16.840.1.101.3.6.8", "2.5.29.37.0", "1.2.3"]
    assert parse(eku=oids).identity.extended_key_usage == (
        "clientAuth",
        "smartcardLogon",
        "id-PIV-cardAuth",
        "anyExtendedKeyUsage",
        "1.2.3",
    )


def test_a_policy_listed_twice_is_noted_and_given_once() -> None:
    identity = parse(policies=["1.2.3", "1.2.4", "1.2.3"]).identity
    assert identity.policy_oids == ("1.2.3", "1.2.4")
    assert identity.warnings == ("certificatePolicies: a policy is listed twice",)


def test_an_authority_key_id_without_a_key_is_none() -> None:
    certificate = parse(key_ids=False, extra_extensions=[der.extension("2.5.29.35", der.sequence())])
    assert certificate.authority_key_id is None
    assert certificate.identity.authority_key_id is None
    assert certificate.subject_key_id is None


def test_an_unknown_critical_extension_is_listed_and_noted() -> None:
    unknown = [der.extension("1.2.3.4", b"\x05\x00", critical=True), der.extension("1.2.3.5", b"\x05\x00")]
    certificate = parse(extra_extensions=unknown)
    assert certificate.unknown_critical == ("1.2.3.4",)
    assert certificate.identity.warnings == ("unknown critical extension 1.2.3.4",)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"eku_critical": True}, id="extended_key_usage"),
        pytest.param({"san_critical": True}, id="subject_alt_name"),
        pytest.param({"key_usage_critical": True}, id="key_usage"),
        pytest.param(
            {
                "extra_extensions": [
                    der.extension("2.5.29.32", der.sequence(der.sequence(der.oid("1.2"))), critical=True)
                ]
            },
            id="certificate_policies",
        ),
        pytest.param(
            {"extra_extensions": [der.extension("2.5.29.36", CONSTRAINTS, critical=True)]}, id="policy_constraints"
        ),
        pytest.param(
            {"key_ids": False, "extra_extensions": [der.extension("2.5.29.14", der.octets(b"a"), critical=True)]},
            id="subject_key_id",
        ),
        pytest.param(
            {"key_ids": False, "extra_extensions": [der.extension("2.5.29.35", der.sequence(), critical=True)]},
            id="authority_key_id",
        ),
    ],
)
def test_critical_extensions_that_are_processed(options: pki.Options) -> None:
    assert parse(**options).unknown_critical == ()


@pytest.mark.parametrize(
    ("oid", "value"),
    [
        pytest.param("2.5.29.33", der.sequence(der.sequence(der.oid("1.2.3"), der.oid("1.2.4"))), id="policy_mappings"),
        pytest.param("2.5.29.54", der.integer(0), id="inhibit_any_policy"),
        pytest.param("2.5.29.18", der.sequence(der.context(2, b"a", constructed=False)), id="issuer_alt_name"),
        pytest.param("1.3.6.1.5.5.7.1.24", der.sequence(der.integer(5)), id="tls_feature"),
    ],
)
def test_critical_extensions_that_nobody_here_processes(oid: str, value: bytes) -> None:
    assert parse(extra_extensions=[der.extension(oid, value, critical=True)]).unknown_critical == (oid,)


@pytest.mark.parametrize(
    ("oid", "value"),
    [
        pytest.param("2.5.29.30", der.sequence(SUBTREE), id="name_constraints"),
        pytest.param("2.5.29.33", der.sequence(der.sequence(der.oid("1.2.3"), der.oid("1.2.4"))), id="policy_mappings"),
        pytest.param("2.5.29.54", der.integer(0), id="inhibit_any_policy"),
    ],
)
def test_what_limits_a_ca_is_processed_in_a_ca_only(oid: str, value: bytes) -> None:
    critical = der.extension(oid, value, critical=True)
    assert parse(extra_extensions=[critical]).unknown_critical == (oid,)
    ca = pki.make_ca("Constrained", parent=CA, extra_extensions=[critical])
    assert parse_certificate(ca.der).unknown_critical == ()


def test_test_certificates_write_what_they_are_asked_for() -> None:
    usage = extensions.key_usage(["decipherOnly", "keyAgreement"])
    assert parse(key_usage=False, extra_extensions=[usage]).identity.key_usage == ("keyAgreement", "decipherOnly")
