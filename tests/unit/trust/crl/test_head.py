"""The head of a CRL: all of it is read, none of the entries, and it can be sent elsewhere."""

from dataclasses import fields
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509

from extauthz.identity.names import name_key
from extauthz.trust.crl.entries import read_entries
from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.files import crls_from_bytes
from extauthz.trust.crl.head import CrlHead, read_head
from extauthz.trust.crl.index import CrlIndex, build_index
from extauthz.trust.crl.scope import EVERYTHING
from extauthz.trust.crl.structure import MAX_HEAD_BYTES, read_structure
from support import crls, pki
from support.certificates import key_id

der = pki.der
CA = pki.make_ca("Issuing CA")
NOW = pki.NOW
SCOPE = pki.scope(full_names=["http://a/1", pki.name("One")], reasons=["keyCompromise"], indirect=True)


def as_dict(head: CrlHead) -> dict[str, object]:
    return {field.name: getattr(head, field.name) for field in fields(head)}


def test_a_head_is_everything_but_the_entries() -> None:
    data = CA.crl([1, 2], number=9, base_number=4, scope=SCOPE, freshest=["http://a/delta", "http://b/delta"])
    head = read_head(data)
    assert as_dict(head) == {
        "issuer_dn": "CN=Issuing CA,O=Example",
        "issuer_key": name_key(CA.name),
        "this_update": NOW - pki.HOUR,
        "next_update": NOW + pki.DAY,
        "number": 9,
        "base_number": 4,
        "authority_key_id": key_id(CA.key),
        "scope": head.scope,
        "signature_algorithm": "1.2.840.10045.4.3.2",
        "freshest": ("http://a/delta", "http://b/delta"),
        "skeleton": skeleton_of(data),
    }
    assert head.scope.names is not None


def skeleton_of(data: bytes) -> bytes:
    """Return the same CRL made without entries, with the signature of this one."""
    crl = x509.load_der_x509_crl(data)
    empty = CA.crl([], number=9, base_number=4, scope=SCOPE, freshest=["http://a/delta", "http://b/delta"])
    tbs = x509.load_der_x509_crl(empty).tbs_certlist_bytes
    return der.sequence(tbs, pki.keys.ECDSA_SHA256, der.bits(crl.signature))


def test_what_is_absent_is_none() -> None:
    head = read_head(CA.crl(number=None, next_update=None, authority_key=None, version=1))
    assert (head.number, head.base_number, head.next_update, head.authority_key_id) == (None, None, None, None)
    assert (head.scope, head.freshest) == (EVERYTHING, ())


@pytest.mark.parametrize("entries", [[], [1], list(range(500))])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("next_update", [None, NOW, pki.FAR])
@pytest.mark.parametrize("extensions", [False, True])
def test_the_skeleton_gives_an_equal_head(
    entries: list[int], version: int, next_update: object, extensions: bool
) -> None:
    options = {"number": 1} if extensions else {"number": None, "authority_key": None}
    data = CA.crl(entries, version=version, next_update=next_update, **options)  # type: ignore[arg-type]  # as above
    head = read_head(data)
    assert as_dict(read_head(head.skeleton)) == as_dict(head)
    assert len(head.skeleton) < 400


def test_an_empty_list_of_entries_is_left_out_too() -> None:
    tbs = x509.load_der_x509_crl(CA.crl(number=None, authority_key=None)).tbs_certlist_bytes
    with_list = pki.keys.signed(CA.key, der.sequence(tbs[2 if tbs[1] < 0x80 else 3 :], der.sequence()))
    assert x509.load_der_x509_crl(read_head(with_list).skeleton).tbs_certlist_bytes == tbs


def test_an_entry_is_not_looked_at() -> None:
    crl = crls.certificate_list(
        CA.key, issuer=CA.name.public_bytes(), this_update=NOW, next_update=NOW, entries=[b"\5\0"], extensions=[]
    )
    assert read_head(crl).issuer_dn == "CN=Issuing CA,O=Example"
    assert read_head(memoryview(crl)).skeleton == read_head(crl).skeleton


@pytest.mark.parametrize("number", [0, 1, (1 << 159) - 1])
def test_numbers_of_up_to_20_octets(number: int) -> None:
    head = read_head(CA.crl(number=number, base_number=number))
    assert (head.number, head.base_number) == (number, number)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"number": 1 << 159}, "its CRL number is longer than 20 octets"),
        ({"base_number": 1 << 159}, "its base CRL number is longer than 20 octets"),
        ({"number": -1}, "cannot be used: ValueError"),
        ({"base_number": -1}, "cannot be used: ValueError"),
        ({"extra_extensions": [der.extension("1.2.3", bytes(MAX_HEAD_BYTES))]}, f"at most {MAX_HEAD_BYTES} are read"),
        ({"extra_extensions": [der.extension("1.2.3", b"\5\0", critical=True)]}, "the critical extension 1.2.3"),
        ({"extra_extensions": [(x509.CRLNumber(1), False)]}, "DuplicateExtension"),
        ({"extra_extensions": [b"\5\0"]}, "ValueError"),
    ],
)
def test_a_head_with_more_than_it_may_have_is_refused(options: dict[str, object], problem: str) -> None:
    with pytest.raises(CrlError, match=problem) as caught:
        read_head(CA.crl(**options))  # type: ignore[arg-type]  # a table of keywords
    assert caught.value.issuer_key == name_key(CA.name)


ISSUER, TIME, LIST, EXTENSIONS = CA.name.public_bytes(), der.time(NOW), der.sequence(), der.context(0, der.sequence())


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ([TIME, TIME, TIME], "tag 0x17 where 0xa0 belongs"),
        ([TIME, LIST, LIST], "tag 0x30 where 0xa0 belongs"),
        ([TIME, EXTENSIONS, LIST], "something follows the extensions"),
        ([TIME, LIST, EXTENSIONS, EXTENSIONS], "something follows the extensions"),
        ([TIME, LIST, der.integer(1)], "tag 0x02 where 0xa0 belongs"),
        ([TIME, TIME, LIST, EXTENSIONS, b"\0"], "something follows the extensions"),
    ],
)
def test_fields_in_another_order_are_refused(fields: list[bytes], problem: str) -> None:
    """A second list, or one behind the extensions, would be entries that nobody reads."""
    crl = pki.keys.signed(CA.key, der.sequence(der.integer(1), pki.keys.ECDSA_SHA256, ISSUER, *fields))
    with pytest.raises(CrlError, match=problem) as caught:
        read_head(crl)
    assert caught.value.issuer_dn == "CN=Issuing CA,O=Example"


def test_a_delta_point_without_a_uri_is_passed_over() -> None:
    points = [
        pki.distribution_point(pki.name("delta")),
        pki.distribution_point(crl_issuer=CA.name),
        pki.distribution_point("http://a/delta", pki.name("delta"), "http://b/delta"),
    ]
    head = read_head(CA.crl(extra_extensions=[pki.freshest_crl(points)]))
    assert head.freshest == ("http://a/delta", "http://b/delta")


# -- published files -------------------------------------------------------------------------------------------------
CUSTOM = Path(cryptography_vectors.__file__).parent / "x509" / "custom"
REFUSED = {
    "crl_all_reasons.pem": "which only an indirect CRL may do",
    "crl_bad_version.pem": "InvalidVersion",
    "crl_dup_entry_ext.pem": "the same extension twice",
    "crl_inner_outer_mismatch.der": "Inner and outer signature algorithms do not match",
    "crl_inval_cert_issuer_entry_ext.pem": "which only an indirect CRL may do",
    "crl_invalid_time.der": "InvalidValue",
    "crl_issuer_invalid_printable_string.der": "InvalidValue",
    "crl_unsupported_reason.pem": "reason code 12",
}


@pytest.mark.parametrize("file", sorted(CUSTOM.glob("crl_*")), ids=lambda file: file.name)
def test_every_published_crl_is_read_whole_or_refused_with_a_sentence(file: Path) -> None:
    (data,) = crls_from_bytes(file.read_bytes())
    problem = None
    try:
        head = read_head(data)
    except CrlError as error:
        problem = str(error)
    else:
        assert as_dict(read_head(head.skeleton)) == as_dict(head)
        view = memoryview(data)
        at = read_structure(view)
        scope, delta = head.scope, head.base_number is not None
        try:
            entries = read_entries(
                view, at.entries_start, at.entries_end, own=head.issuer_key, indirect=scope.indirect, delta=delta
            )
            assert len(CrlIndex(build_index(entries))) == len(x509.load_der_x509_crl(data))
        except ValueError as error:
            problem = str(error)
    assert problem is None or REFUSED[file.name] in problem
    assert (problem is None) == (file.name not in REFUSED)
