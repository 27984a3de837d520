"""CRLs of one issuer name, key and scope follow one another; all others stand for themselves."""

from extauthz.trust.crl.load import load_crl
from extauthz.trust.revocation.line import KEPT_PER_LINE, Line, lines_of
from support import pki
from support.revocation import cert, certs, line_of, loaded

NOW = pki.NOW
CA = pki.make_ca("CA")
NEW_KEY = pki.make_ca("CA")
OTHER = pki.make_ca("Other")


def lines(*ders: bytes) -> list[Line]:
    return [line for of_issuer in lines_of(loaded(ders, CA, NEW_KEY, OTHER)).values() for line in of_issuer]


def numbers(crls: tuple[object, ...]) -> list[int | None]:
    return [getattr(one, "number", None) for one in crls]


def test_no_crls_make_no_lines() -> None:
    assert lines_of([]) == {}


def test_the_newest_is_first_whatever_the_order() -> None:
    ders = [CA.crl(number=number, this_update=NOW - pki.DAY + number * pki.HOUR) for number in (2, 3, 1)]
    (line,) = lines(*ders)
    assert numbers(line.complete) == [3, 2, 1]
    assert line.deltas == ()
    assert line.newest.number == 3


def test_deltas_stand_beside_the_complete_crls() -> None:
    line = line_of(CA.crl(number=1), CA.crl(number=3, base_number=1), CA.crl(number=2, base_number=1), issuer=CA)
    assert (numbers(line.complete), numbers(line.deltas)) == ([1], [3, 2])
    assert line.newest.number == 1
    assert numbers(tuple(line.crls)) == [1, 3, 2]
    (lone,) = lines(CA.crl(number=3, base_number=1))
    assert lone.newest.number == 3


def test_issuers_keys_and_scopes_are_told_apart() -> None:
    users = pki.scope(only_user_certs=True)
    found = lines(
        CA.crl(number=1),
        NEW_KEY.crl(number=2),
        CA.crl(number=3, scope=users),
        OTHER.crl(number=4),
        CA.crl(number=5, base_number=3, scope=users),
    )
    assert sorted((numbers(one.complete), numbers(one.deltas)) for one in found) == [
        ([1], []),
        ([2], []),
        ([3], [5]),
        ([4], []),
    ]
    scoped = next(one for one in found if one.deltas)
    assert scoped.scope.only_user_certs
    assert scoped.issuer_key == cert(CA).subject_key
    assert scoped.signing_key == CA.spki_sha256


def test_a_renewed_certificate_of_the_same_key_is_the_same_signer() -> None:
    renewed = pki.make_ca("CA", key=CA.key)
    crls = [load_crl(CA.crl(number=1), certs(CA)), load_crl(CA.crl(number=2), certs(renewed))]
    (of_issuer,) = lines_of(crls).values()
    assert len(of_issuer) == 1


def test_of_complete_crls_and_of_deltas_the_newest_few_are_kept() -> None:
    times = {number: NOW - pki.DAY + number * pki.HOUR for number in range(1, 7)}
    line = line_of(
        *(CA.crl(number=number, this_update=at) for number, at in times.items()),
        *(CA.crl(number=10 + number, base_number=1, this_update=at) for number, at in times.items()),
        issuer=CA,
    )
    assert KEPT_PER_LINE == 4
    assert numbers(line.complete) == [6, 5, 4, 3]
    assert numbers(line.deltas) == [16, 15, 14, 13]


def test_a_key_is_known_by_what_the_crl_or_the_signer_calls_it() -> None:
    line = line_of(CA.crl(), issuer=CA)
    assert line.is_of_key(cert(CA).subject_key_id)
    assert not line.is_of_key(cert(NEW_KEY).subject_key_id)
    assert not line.is_of_key(None)
    assert line_of(CA.crl(authority_key=b"another"), issuer=CA).is_of_key(b"another")
    assert not line_of(CA.crl(authority_key=None), issuer=CA).is_of_key(b"")
