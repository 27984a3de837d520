"""Every known way in which a certificate is bad, and what becomes of it: one row each.

Three sorts, by what the certificate library does with them: it refuses them at once, it refuses them when the part is
asked for, or it takes them without a word. Here the first two and the worst of the third end in a refusal with the
stage named; the rest are read, and a warning on the identity names what is odd.
"""

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.model.errors import DecodeError
from extauthz.model.outcome import Fail
from extauthz.model.reason import Reason
from extauthz.trust.chain.verifier import ChainVerifier
from support import cards, pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
NULL = der.tlv(der.NULL, b"")
OID_CN = "2.5.4.3"
ECDSA_WITH_NULL = der.sequence(der.oid("1.2.840.10045.4.3.2"), NULL)
DSA_WITH_NULL = der.sequence(der.oid("2.16.840.1.101.3.4.3.2"), NULL)
START, END = b"260101000000Z", b"270101000000Z"

Row = tuple[str, bytes, str]


def issued(**options: object) -> bytes:
    return CA.issue("client", **options).der  # type: ignore[arg-type]  # see Options


def subject(tag: int, content: bytes, dotted: str = OID_CN) -> bytes:
    return issued(raw_subject=der.name(der.rdn((dotted, der.tlv(tag, content)))))


def issuer(tag: int, content: bytes) -> bytes:
    return issued(raw_issuer=der.name(der.rdn((OID_CN, der.tlv(tag, content)))))


def validity(start: bytes, end: bytes = END, tag: int = der.UTC_TIME) -> bytes:
    return issued(raw_validity=der.sequence(der.tlv(tag, start), der.tlv(der.UTC_TIME, end)))


def extension(dotted: str, value: bytes, **options: object) -> bytes:
    return issued(extra_extensions=[der.extension(dotted, value)], **options)


def san(*names: bytes) -> bytes:
    return issued(other_sans=names)


def replaced(old: bytes, new: bytes) -> bytes:
    return pki.with_bytes_replaced(issued(), old, new)


def general(number: int, content: bytes, *, constructed: bool = False) -> bytes:
    return san(der.context(number, content, constructed=constructed))


def named(text: str) -> bytes:
    return issued(raw_subject=pki.name(text).public_bytes())


def of_account(text: str) -> bytes:
    return issued(upns=[text])


def of_host(text: str) -> bytes:
    return issued(dns=[text])


def of_mailbox(text: str) -> bytes:
    return issued(emails=[text])


def of_resource(text: str) -> bytes:
    return issued(uris=[text])


def rows(table: list[Row]) -> list[object]:
    return [
        pytest.param(data, said, id=what.encode("ascii", "backslashreplace").decode()) for what, data, said in table
    ]


WHOLE = issued()
NO_POINT = der.sequence(
    der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")), der.bits(b"\x04" + bytes(64))
)
IP_WITH_GAP = der.context(7, bytes((10, 0, 0, 0, 255, 0, 255, 0)), constructed=False)
POLICY_WITH_NUMBER = der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.2.1"), der.integer(1)))

REFUSED_AT_ONCE: list[Row] = [
    ("bytes after the end", WHOLE + b"\0", "structure"),
    ("a certificate cut off", WHOLE[:-1], "structure"),
    ("indefinite length", b"\x30\x80" + WHOLE[4:] + b"\0\0", "structure"),
    ("a length in more octets than it needs", b"\x30\x83\0" + WHOLE[2:], "structure"),
    ("serial in more octets than it needs", issued(raw_serial=b"\x02\x02\x00\x01"), "structure"),
    ("empty serial", issued(raw_serial=b"\x02\x00"), "structure"),
    ("version 1 written out", replaced(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x00"), "structure"),
    ("unknown version", issued(version=5), "structure"),
    (
        "critical FALSE written out",
        issued(extra_extensions=[der.sequence(der.oid("1.2.3"), der.boolean(False), der.octets(NULL))]),
        "structure",
    ),
    (
        "critical TRUE that is not ff",
        issued(extra_extensions=[der.sequence(der.oid("1.2.3"), b"\x01\x01\x01", der.octets(NULL))]),
        "structure",
    ),
    ("time without seconds", validity(b"2601010000Z"), "structure"),
    ("time with an offset", validity(b"260101000000+0100"), "structure"),
    ("time with fractions of a second", validity(b"20260101000000.5Z", tag=der.GENERALIZED_TIME), "structure"),
    ("second 60", validity(b"260101000060Z"), "structure"),
    ("month 13", validity(b"261301000000Z"), "structure"),
    ("30 February", validity(b"260230000000Z"), "structure"),
    *(
        (f"PrintableString with {character}", subject(der.PRINTABLE, b"AT" + character.encode() + b"T"), "structure")
        for character in "&_*@!#;%<>é"
    ),
    ("the issuer's PrintableString with &", issuer(der.PRINTABLE, b"AT&T"), "structure"),
    ("BMPString of odd length", subject(der.BMP, b"\0a\0"), "structure"),
    ("BMPString with half a surrogate pair", subject(der.BMP, b"\xd8\x00"), "structure"),
    (
        "an RDN whose attributes are out of order",
        issued(
            raw_subject=der.name(
                der.tlv(der.SET, b"".join(der.sequence(der.oid(oid), der.utf8("x")) for oid in ("2.5.4.11", OID_CN)))
            )
        ),
        "structure",
    ),
    (
        "ECDSA with parameters",
        issued(inner_algorithm=ECDSA_WITH_NULL, outer_algorithm=ECDSA_WITH_NULL),
        "structure",
    ),
    ("DSA signature with NULL", issued(inner_algorithm=DSA_WITH_NULL, outer_algorithm=DSA_WITH_NULL), "structure"),
    (
        "a DSA key without parameters",
        issued(raw_spki=der.sequence(der.sequence(der.oid("1.2.840.10040.4.1")), der.bits(der.integer(5)))),
        "structure",
    ),
    ("PEM text", CA.issue().pem, "structure"),
    ("OpenSSL's trusted form", CA.issue().pem.replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"), "structure"),
    ("nothing", b"", "input"),
]

REFUSED_LATER: list[Row] = [
    *(
        (f"{field}: {what}", make(tag, content), field)
        for field, make in (("subject", subject), ("issuer", issuer))
        for what, tag, content in (
            ("invalid UTF-8", der.UTF8, b"\xff"),
            ("Latin-1 in T61String", der.T61, b"Ren\xe9"),
            ("Latin-1 in IA5String", der.IA5, b"\xe9"),
            ("NULL for a value", der.NULL, b""),
            ("SEQUENCE for a value", der.SEQUENCE, b""),
            ("BIT STRING for a text", der.BIT_STRING, b"\0a"),
        )
    ),
    ("an empty RDN", issued(raw_subject=der.name(der.tlv(der.SET, b""))), "subject"),
    (
        "one attribute twice in an RDN",
        issued(raw_subject=der.name(der.rdn((OID_CN, der.utf8("x")), (OID_CN, der.utf8("x"))))),
        "subject",
    ),
    ("an extension twice", extension("2.5.29.37", der.sequence(der.oid(pki.CLIENT_AUTH))), "extensions"),
    ("x400Address", general(3, b"", constructed=True), "extensions"),
    ("ediPartyName", general(5, b"", constructed=True), "extensions"),
    ("dNSName that is not UTF-8", general(2, b"\xff"), "extensions"),
    ("URI that is not UTF-8", general(6, b"http://\xff/"), "extensions"),
    ("e-mail that is not UTF-8", general(1, b"\xff@b"), "extensions"),
    ("an address of five octets", general(7, bytes(5)), "extensions"),
    (
        "directoryName with Latin-1 in T61String",
        general(4, der.name(der.rdn((OID_CN, der.tlv(der.T61, b"Ren\xe9")))), constructed=True),
        "extensions",
    ),
    ("otherName without its tag", general(0, der.oid(pki.UPN_OID) + der.utf8("a@b"), constructed=True), "extensions"),
    (
        "otherName with more behind it",
        general(0, der.oid(pki.UPN_OID) + der.context(0, der.utf8("a@b")) + NULL, constructed=True),
        "extensions",
    ),
    ("extended key usage without a purpose", extension("2.5.29.37", der.sequence(), eku=[]), "extensions"),
    (
        "cA FALSE written out",
        extension("2.5.29.19", der.sequence(der.boolean(False)), basic_constraints=False),
        "extensions",
    ),
    ("a path length without cA", issued(path_length=0), "extensions"),
    (
        "an empty distribution point",
        extension("2.5.29.31", der.sequence(der.sequence(der.context(0, b"")))),
        "extensions",
    ),
    (
        "a policy qualifier of another type",
        extension("2.5.29.32", der.sequence(der.sequence(der.oid("1.2.3"), POLICY_WITH_NUMBER))),
        "extensions",
    ),
    (
        "SCTs that end too early",
        extension("1.3.6.1.4.1.11129.2.4.2", der.octets(b"\x00\x05ab")),
        "extensions",
    ),
    (
        "a name constraint whose mask has a gap",
        extension("2.5.29.30", der.sequence(der.context(0, der.sequence(IP_WITH_GAP)))),
        "extensions",
    ),
    ("inhibitAnyPolicy below zero", extension("2.5.29.54", der.integer(-1)), "extensions"),
    ("a key identifier of another type", extension("2.5.29.14", NULL, key_ids=False), "extensions"),
    ("OCSP no-check that is a SEQUENCE", extension("1.3.6.1.5.5.7.48.1.5", der.sequence()), "extensions"),
    ("the year 0", validity(b"00000101000000Z", tag=der.GENERALIZED_TIME), "validity"),
    ("times out of order", validity(END, START), "validity"),
    ("a key that is no point of its curve", issued(raw_spki=NO_POINT), "public key"),
]

TAKEN_WITHOUT_A_WORD: list[Row] = [
    ("other algorithms inside and outside", issued(outer_algorithm=pki.keys.ECDSA_SHA384), "structure"),
    ("version 1 with extensions", issued(version=1), "extensions"),
    ("version 2 with extensions", issued(version=2), "structure"),
    ("empty dNSName", general(2, b""), "extensions"),
    *(
        (f"{character!r} in {what}", make(f"a{character}b"), stage)
        for character in ("\0", "\n", "\r\n", "\x7f", "\x85", "\u2028", "\u202e", "\u2066")
        for what, make, stage in (
            ("the common name", named, "subject"),
            ("a user principal name", of_account, "extensions"),
        )
    ),
    *(
        (f"{character!r} in {what}", make(f"a{character}b"), "extensions")
        for character in ("\0", "\r\nX-Evil: 1", "\x7f", "é", "\u202e")
        for what, make in (
            ("a dNSName", of_host),
            ("an e-mail", of_mailbox),
            ("a URI", of_resource),
        )
    ),
]


MALFORMED = REFUSED_AT_ONCE + REFUSED_LATER + TAKEN_WITHOUT_A_WORD


@pytest.mark.parametrize(("data", "stage"), rows(MALFORMED))
def test_malformed(data: bytes, stage: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(data)
    assert (caught.value.reason, caught.value.detail.partition(":")[0]) == (Reason.CERTIFICATE_MALFORMED, stage)


TOO_LARGE: list[Row] = [
    ("30,000 names", issued(dns=["a"] * 30_000), "input"),
    ("1,001 names", issued(dns=["a"] * 1_001), "extensions"),
    ("an extension of 2 MB", issued(extra_extensions=[der.extension("1.2.3", bytes(2_000_000))]), "input"),
]


@pytest.mark.parametrize(("data", "stage"), rows(TOO_LARGE))
def test_too_large(data: bytes, stage: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_certificate(data)
    assert (caught.value.reason, caught.value.detail.partition(":")[0]) == (Reason.CERTIFICATE_TOO_LARGE, stage)


ODD: list[Row] = [
    ("serial 0", issued(serial=0), "serial: not a positive number"),
    ("serial below zero", issued(serial=-1), "serial: not a positive number"),
    ("serial of 21 octets", issued(serial=1 << 160), "serial: longer than 20 octets"),
    ("serial of 22 octets", issued(serial=1 << 168), "serial: longer than 20 octets"),
    (
        "unknown critical extension",
        issued(extra_extensions=[der.extension("1.2.3", NULL, critical=True)]),
        "unknown critical extension 1.2.3",
    ),
    ("subjectAltName without a name", issued(raw_san=der.sequence()), "subjectAltName: holds no name"),
    ("key usage without a bit", issued(key_usage=[]), "keyUsage: allows nothing"),
    ("a policy twice", issued(policies=["1.2.3", "1.2.3"]), "certificatePolicies: a policy is listed twice"),
    ("two principal names", issued(upns=["a@b", "c@b"]), "subjectAltName: more than one user principal name"),
    (
        "two URIs, one of them a SPIFFE ID",
        issued(uris=[cards.SPIFFE_ID, "https://a/"]),
        "spiffe: not an X509-SVID: it has more than one URI name",
    ),
    ("country of three letters", subject(der.PRINTABLE, b"USA", "2.5.4.6"), "subject: attribute 2.5.4.6 has 3 octets"),
    (
        "two common names",
        issued(raw_subject=der.name(der.rdn((OID_CN, der.utf8("a"))), der.rdn((OID_CN, der.utf8("b"))))),
        "subject: 2 common names, so none is used",
    ),
    ("a FASC-N of 24 octets", cards.piv_auth(CA, fasc_n=bytes(24)).der, "fasc_n: 24 octets instead of 25"),
    ("a FASC-N of zeros", cards.piv_auth(CA, fasc_n=bytes(25)).der, "fasc_n: character 1 has the wrong parity"),
    (
        "a FASC-N with a wrong check character",
        cards.piv_auth(CA, fasc_n=cards.fasc_n(lrc="00001")).der,
        "fasc_n: the check character is not that of the fields",
    ),
    (
        "two FASC-Ns",
        cards.piv_auth(CA, other_sans=[cards.fasc_n_name(cards.FEDERAL)]).der,
        "fasc_n: 2 numbers, so none is used",
    ),
    ("a UUID that is none", issued(uris=["urn:uuid:1"]), "card_uuid: not a UUID of 36 characters"),
    (
        "a SID that is none",
        issued(uris=["tag:microsoft.com,2022-09-14:sid:1"]),
        "ms_sid: not a SID of the form S-1-5-21-…",
    ),
    (
        "a PIV interim indicator that is no BOOLEAN",
        issued(extra_extensions=[der.extension(cards.NACI_OID, NULL)]),
        "piv_interim: not a BOOLEAN",
    ),
]


@pytest.mark.parametrize(("data", "warning"), rows(ODD))
def test_read_with_a_warning(data: bytes, warning: str) -> None:
    assert parse_certificate(data).identity.warnings == (warning,)


@pytest.mark.parametrize(
    ("spki", "key_type"),
    [
        (der.sequence(der.sequence(der.oid("1.2.643.7.1.1.1.1"), NULL), der.bits(bytes(66))), "1.2.643.7.1.1.1.1"),
        (der.sequence(der.sequence(der.oid("2.999.1")), der.bits(bytes(32))), "2.999.1"),
    ],
)  # fmt: skip
def test_a_key_that_the_library_does_not_know_is_read_as_unknown(spki: bytes, key_type: str) -> None:
    assert parse_certificate(issued(raw_spki=spki)).identity.key.type == f"unknown:{key_type}"


@pytest.mark.parametrize(
    "algorithm",
    [
        pytest.param(der.sequence(der.oid("1.2.840.113549.1.1.2"), NULL), id="MD2"),
        pytest.param(der.sequence(der.oid("1.2.840.113549.1.1.10")), id="PSS without parameters"),
        pytest.param(der.sequence(der.oid("1.2.643.7.1.1.3.2")), id="GOST"),
        pytest.param(der.sequence(der.oid("2.999.1")), id="one that nobody knows"),
    ],
)
def test_a_signature_that_the_library_does_not_know_is_read_and_not_believed(algorithm: bytes) -> None:
    certificate = parse_certificate(issued(inner_algorithm=algorithm, outer_algorithm=algorithm))
    result = ChainVerifier([parse_certificate(CA.der)]).verify(certificate, (), pki.NOW)
    assert isinstance(result.outcome, Fail)
