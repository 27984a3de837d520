"""``parse_certificate``: what it reads, what it refuses and with which words."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography import x509

from extauthz.identity import decode
from extauthz.identity.certificate import MAX_CERTIFICATE_BYTES, parse_certificate
from extauthz.identity.names import name_key
from extauthz.model.errors import DecodeError
from extauthz.model.identity import Kind, PublicKeyInfo
from extauthz.model.reason import Reason
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA")


def refusal(data: bytes) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(data)
    return caught.value


def malformed(data: bytes) -> str:
    error = refusal(data)
    assert error.reason is Reason.CERTIFICATE_MALFORMED
    return error.detail


def test_every_field_of_the_identity() -> None:
    leaf = CA.issue(
        "alice",
        organizational_unit="Ops",
        serial=0xA1B2C,
        dns=["a.example"],
        emails=["alice@example.com"],
        uris=["urn:x:1"],
        ips=["10.0.0.1", "2001:db8::1"],
        upns=["alice@corp.example"],
        eku=[pki.CLIENT_AUTH, "1.2.3.4"],
        policies=["1.2.3.4.5"],
    )
    certificate = parse_certificate(leaf.der)
    identity = certificate.identity
    assert identity.subject_dn == "CN=alice,OU=Ops,O=Example"
    assert identity.issuer_dn == "CN=Issuing CA,O=Example"
    assert (identity.common_name, identity.common_names) == ("alice", ("alice",))
    assert (identity.organizations, identity.organizational_units) == (("Example",), ("Ops",))
    assert identity.serial_number == "a1b2c"
    assert identity.not_before == datetime(2026, 5, 2, 12, tzinfo=UTC)
    assert identity.not_after == datetime(2027, 5, 2, 12, tzinfo=UTC)
    assert [str(san) for san in identity.sans] == [
        "dns:a.example",
        "uri:urn:x:1",
        "email:alice@example.com",
        "ip:10.0.0.1",
        "ip:2001:db8::1",
        "upn:alice@corp.example",
    ]
    assert identity.sha256 == hashlib.sha256(leaf.der).hexdigest()
    assert base64.urlsafe_b64decode(identity.thumbprint_s256 + "=") == leaf.sha256
    assert len(identity.thumbprint_s256) == 43
    assert base64.b64decode(identity.spki_sha256) == leaf.spki_sha256
    assert identity.key == PublicKeyInfo("ec", curve="secp256r1")
    assert identity.key_usage == ("digitalSignature",)
    assert identity.extended_key_usage == ("clientAuth", "1.2.3.4")
    assert identity.policy_oids == ("1.2.3.4.5",)
    assert identity.is_ca is False
    assert (
        bytes.fromhex(identity.authority_key_id or "")
        == CA.cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )
    assert len(identity.subject_key_id or "") == 40
    assert identity.kind is Kind.SOFTWARE
    assert (identity.fasc_n, identity.card_uuid, identity.edipi, identity.spiffe_id, identity.ms_sid) == (None,) * 5
    assert identity.warnings == ()


def test_the_certificate_around_the_identity() -> None:
    leaf = CA.issue("alice", serial=7)
    certificate = parse_certificate(leaf.der)
    assert certificate.der == leaf.der
    assert certificate.x509 == leaf.cert
    assert certificate.serial == 7
    assert certificate.subject_key == name_key(leaf.cert.subject)
    assert certificate.issuer_key == name_key(CA.cert.subject) == parse_certificate(CA.der).subject_key
    assert (certificate.sha256, certificate.spki_sha256) == (leaf.sha256, leaf.spki_sha256)
    assert certificate.authority_key_id == parse_certificate(CA.der).subject_key_id
    assert certificate.unknown_critical == ()


def test_a_ca_is_one() -> None:
    identity = parse_certificate(CA.der).identity
    assert identity.is_ca
    assert identity.key_usage == ("keyCertSign", "cRLSign")


def test_without_extensions_there_is_nothing_to_say() -> None:
    for version in (1, 3):
        identity = parse_certificate(CA.issue("old", no_extensions=True, version=version).der).identity
        assert identity.sans == ()
        assert (identity.key_usage, identity.extended_key_usage, identity.policy_oids) == ((), (), ())
        assert (identity.authority_key_id, identity.subject_key_id, identity.is_ca) == (None, None, False)
        assert identity.warnings == ()


# ------------------------------------------------------------------------------------------------ 1. input


def test_no_bytes() -> None:
    assert malformed(b"") == "input: the certificate is empty"


def test_the_largest_certificate_is_read_and_one_byte_more_is_not() -> None:
    # Both extension headers need three length octets, so the size grows with the value byte by byte.
    small = len(CA.issue(serial=1, extra_extensions=[der.extension("1.2.3", bytes(50_000))]).der)
    sizes = {}
    for padding in range(50_000 + MAX_CERTIFICATE_BYTES - small - 3, 50_000 + MAX_CERTIFICATE_BYTES - small + 4):
        data = CA.issue(serial=1, extra_extensions=[der.extension("1.2.3", bytes(padding))]).der
        sizes[len(data)] = data  # an ECDSA signature has 70 to 72 bytes, so one of a few sizes fits
    for size, data in sizes.items():
        if size <= MAX_CERTIFICATE_BYTES:
            assert parse_certificate(data).serial == 1
        else:
            assert refusal(data).reason is Reason.CERTIFICATE_TOO_LARGE
    assert min(sizes) <= MAX_CERTIFICATE_BYTES < max(sizes)
    assert refusal(bytes(MAX_CERTIFICATE_BYTES + 1)).detail == "input: 65537 bytes; at most 65536 are read"


# ------------------------------------------------------------------------------------------------ 2. structure


def test_the_signature_algorithms_must_be_the_same() -> None:
    data = CA.issue(outer_algorithm=pki.keys.ECDSA_SHA384).der
    assert malformed(data) == "structure: the signature algorithms inside and outside the signed part differ"


def test_pem_given_as_der() -> None:
    leaf = CA.issue()
    said = "structure: PEM text was given where DER belongs; decode it first"
    assert malformed(leaf.pem) == said
    assert malformed(b"\r\n  " + leaf.pem) == said


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"raw_serial": b"\x02\x02\x00\x01"}, id="serial_in_more_octets_than_it_needs"),
        pytest.param({"raw_serial": b"\x02\x00"}, id="empty_serial"),
        pytest.param({"version": 9}, id="unknown_version"),
        pytest.param({"raw_subject": der.name(der.rdn(("2.5.4.10", der.tlv(der.PRINTABLE, b"AT&T"))))}, id="printable"),
        pytest.param({"raw_subject": der.name(der.rdn(("2.5.4.10", der.tlv(der.BMP, b"a"))))}, id="half_a_bmp_char"),
        pytest.param({"raw_validity": der.sequence(b"\x17\x0b2601010000Z", b"\x17\x0b2701010000Z")}, id="no_seconds"),
        pytest.param({"raw_spki": b"\x05\x00"}, id="spki_is_null"),
    ],
)
def test_what_the_library_refuses_at_once_is_malformed_structure(options: pki.Options) -> None:
    assert malformed(CA.issue(**options).der).startswith("structure: ")


def test_a_multi_valued_rdn_out_of_order_is_refused() -> None:
    attributes = [der.sequence(der.oid(oid), der.utf8("x")) for oid in ("2.5.4.11", "2.5.4.3")]
    data = CA.issue(raw_subject=der.name(der.tlv(der.SET, b"".join(attributes)))).der
    assert malformed(data).startswith("structure: ")


# ------------------------------------------------------------------------------------------------ 3. validity


def test_times_out_of_order() -> None:
    data = CA.issue(not_before=pki.NOW, not_after=pki.NOW - pki.SECOND).der
    assert malformed(data) == "validity: notBefore is later than notAfter"


def test_one_instant_is_a_validity() -> None:
    identity = parse_certificate(CA.issue(not_before=pki.NOW, not_after=pki.NOW).der).identity
    assert identity.not_before == identity.not_after == pki.NOW


def test_times_after_2049() -> None:
    assert parse_certificate(CA.issue(not_after=pki.FAR).der).identity.not_after == pki.FAR


def test_the_year_0_is_refused() -> None:
    validity = der.sequence(der.tlv(der.GENERALIZED_TIME, b"00000101000000Z"), der.time(pki.FAR))
    assert malformed(CA.issue(raw_validity=validity).der).startswith(("validity: ", "structure: "))


# ------------------------------------------------------------------------------------------------ 4., 5. names


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(der.tlv(der.UTF8, b"\xff"), "ValueError", id="invalid_utf8"),
        pytest.param(der.tlv(der.T61, b"Ren\xe9"), "ValueError", id="latin_1_in_t61"),
        pytest.param(der.tlv(der.IA5, b"\xe9"), "ValueError", id="latin_1_in_ia5"),
        pytest.param(der.tlv(der.NULL, b""), "ValueError", id="null"),
        pytest.param(der.tlv(der.SEQUENCE, b""), "ValueError", id="sequence"),
        pytest.param(der.tlv(der.BIT_STRING, b"\0a"), "TypeError", id="bit_string"),
        pytest.param(der.utf8("a\nb"), "attribute 2.5.4.3 holds the forbidden character U+000A", id="newline"),
        pytest.param(der.utf8("a\0"), "attribute 2.5.4.3 holds the forbidden character U+0000", id="nul"),
        pytest.param(der.utf8("a\u202eb"), "attribute 2.5.4.3 holds the forbidden character U+202E", id="bidi"),
    ],
)
@pytest.mark.parametrize("field", ["subject", "issuer"])
def test_a_name_that_cannot_be_used(field: str, value: bytes, says: str) -> None:
    name = der.name(der.rdn(("2.5.4.3", value)))
    data = (CA.issue(raw_subject=name) if field == "subject" else CA.issue(raw_issuer=name)).der
    assert malformed(data).startswith(f"{field}: {says}")


def test_the_same_attribute_twice_in_one_rdn_is_refused() -> None:
    name = der.name(der.rdn(("2.5.4.3", der.utf8("x")), ("2.5.4.3", der.utf8("x"))))
    assert malformed(CA.issue(raw_subject=name).der).startswith("subject: ")


def test_an_empty_subject_is_a_subject() -> None:
    certificate = parse_certificate(CA.issue(subject=x509.Name([])).der)
    assert certificate.identity.subject_dn == ""
    assert (certificate.identity.common_name, certificate.identity.common_names) == (None, ())


def test_several_common_names_are_none() -> None:
    name = der.name(der.rdn(("2.5.4.3", der.utf8("alice"))), der.rdn(("2.5.4.3", der.utf8("bob"))))
    identity = parse_certificate(CA.issue(raw_subject=name).der).identity
    assert identity.subject_dn == "CN=bob,CN=alice"
    assert (identity.common_name, identity.common_names) == (None, ("alice", "bob"))
    assert identity.warnings == ("subject: 2 common names, so none is used",)


def test_an_empty_common_name_is_none() -> None:
    identity = parse_certificate(CA.issue("").der).identity
    assert identity.common_name is None
    assert identity.warnings == ("subject: attribute 2.5.4.3 has 0 octets",)


def test_lengths_that_the_library_would_warn_of_are_noted() -> None:
    name = der.name(der.rdn(("2.5.4.6", der.tlv(der.PRINTABLE, b"USA"))), der.rdn(("2.5.4.3", der.utf8("x" * 65))))
    identity = parse_certificate(CA.issue(raw_subject=name, raw_issuer=name).der).identity
    assert identity.warnings == (
        "subject: attribute 2.5.4.6 has 3 octets",
        "subject: attribute 2.5.4.3 has 65 octets",
        "issuer: attribute 2.5.4.6 has 3 octets",
        "issuer: attribute 2.5.4.3 has 65 octets",
    )


def test_a_bit_string_in_a_name_is_no_reason_to_refuse() -> None:
    name = der.name(der.rdn(("2.5.4.45", der.tlv(der.BIT_STRING, b"\x04\xf0"))), der.rdn(("2.5.4.3", der.utf8("x"))))
    identity = parse_certificate(CA.issue(raw_subject=name).der).identity
    assert identity.subject_dn == "CN=x,2.5.4.45=#030204f0"


# ------------------------------------------------------------------------------------------------ serial numbers


@pytest.mark.parametrize(
    ("serial", "text", "warnings"),
    [
        (1, "1", ()),
        (0xFF, "ff", ()),
        (0, "0", ("serial: not a positive number",)),
        (-1, "-1", ("serial: not a positive number",)),
        (-0x1234, "-1234", ("serial: not a positive number",)),
        ((1 << 159) - 1, "7" + "f" * 39, ()),
        (1 << 159, "8" + "0" * 39, ("serial: longer than 20 octets",)),
        (-(1 << 159) - 1, "-8" + "0" * 38 + "1", ("serial: not a positive number", "serial: longer than 20 octets")),
    ],
)
def test_serial_numbers_of_every_size_and_sign(serial: int, text: str, warnings: tuple[str, ...]) -> None:
    certificate = parse_certificate(CA.issue(serial=serial).der)
    assert certificate.serial == serial
    assert certificate.identity.serial_number == text
    assert certificate.identity.warnings == warnings


# ------------------------------------------------------------------------------------------------ 6. extensions


def test_extensions_in_a_version_1_certificate() -> None:
    assert malformed(CA.issue(version=1).der) == "extensions: a certificate of version 1 has none"


def test_a_duplicate_extension() -> None:
    data = CA.issue(extra_extensions=[pki.extensions.extended_key_usage([pki.CLIENT_AUTH])]).der
    assert malformed(data).startswith("extensions: DuplicateExtension")


@pytest.mark.parametrize(
    "extension",
    [
        pytest.param(der.extension("2.5.29.31", b"\x01\x02\x03"), id="no_der"),
        pytest.param(der.extension("2.5.29.54", der.integer(-1)), id="negative_inhibit_any_policy"),
        pytest.param(der.extension("1.3.6.1.5.5.7.48.1.5", der.sequence()), id="ocsp_no_check_is_a_sequence"),
        pytest.param(der.extension("2.5.29.31", der.sequence(der.sequence(der.context(0, b"")))), id="empty_point"),
    ],
)
def test_one_bad_extension_refuses_the_certificate(extension: bytes) -> None:
    assert malformed(CA.issue(extra_extensions=[extension]).der).startswith("extensions: ")


def test_path_length_without_ca() -> None:
    assert malformed(CA.issue(path_length=0).der).startswith("extensions: ValueError")


@pytest.mark.parametrize("tag", [3, 5])
def test_name_types_that_the_library_does_not_know(tag: int) -> None:
    data = CA.issue(other_sans=[der.context(tag, der.sequence())]).der
    assert malformed(data).startswith("extensions: ")


# ------------------------------------------------------------------------------------------------ what is raised


class PanicException(BaseException):
    """Named like the one that a panic in the library's native code raises."""


@pytest.mark.parametrize("error", [PanicException("index out of bounds"), RecursionError(), OverflowError("too big")])
def test_whatever_the_library_raises_becomes_one_refusal(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_it(_: object) -> None:
        raise error

    monkeypatch.setattr(decode, "read_public_key", raise_it)
    assert malformed(CA.issue().der).startswith(f"public key: {type(error).__name__}")


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(decode, "read_public_key", interrupt)
    with pytest.raises(KeyboardInterrupt):
        parse_certificate(CA.issue().der)


def test_a_signature_with_unused_bits_is_refused() -> None:
    """The library verifies it all the same, so one certificate would have several fingerprints."""
    cert = CA.issue("alice").cert
    even = cert.signature[:-1] + bytes((cert.signature[-1] & 0xFE,))
    signature = der.tlv(der.BIT_STRING, b"\1" + even)
    detail = malformed(der.sequence(cert.tbs_certificate_bytes, pki.keys.ECDSA_SHA256, signature))
    assert detail == "structure: ValueError: a signature that is not made of whole octets"
