"""What of a certificate has to do with CRLs: its distribution points, and the one that is assumed."""

from cryptography import x509
from cryptography.x509.oid import NameOID

from extauthz.identity.names import name_key
from extauthz.trust.crl.general_name import general_name_key
from extauthz.trust.revocation.target import MAX_POINTS, Point, target_named, target_of
from support import pki
from support.revocation import cert

CA = pki.make_ca("CA")
URI = "http://crl.example/1"
DIRECTORY = pki.name("partition 1")
ISSUER = pki.name("CRL issuer")
RELATIVE = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "partition 1")])


def uri(text: str) -> str:
    return general_name_key(x509.UniformResourceIdentifier(text))


def directory(name: x509.Name) -> str:
    return general_name_key(x509.DirectoryName(name))


def points(*encoded: bytes) -> tuple[Point, ...]:
    return target_of(cert(CA.issue(distribution_points=encoded))).points


def test_a_certificate_without_distribution_points_has_only_the_assumed_one() -> None:
    leaf = cert(CA.issue("alice"))
    target = target_of(leaf)
    assert target.points == ()
    assert target.assumed == Point(frozenset({directory(CA.name)}))
    assert target.crl_issuers == {leaf.issuer_key}
    assert (target.issuer, target.serial, target.is_ca) == (name_key(CA.name), leaf.serial, False)
    assert target.authority_key_id == cert(CA).subject_key_id
    assert target_of(cert(CA)).is_ca is True


def test_the_assumed_point_has_the_alternative_names_of_the_issuer_too() -> None:
    names = x509.IssuerAlternativeName([x509.UniformResourceIdentifier(URI)])
    target = target_of(cert(CA.issue("alice", extra_extensions=[names])))
    assert target.assumed.names == frozenset({directory(CA.name), uri(URI)})


def test_every_full_name_of_a_point_counts() -> None:
    assert points(pki.distribution_point(URI, DIRECTORY)) == (Point(frozenset({uri(URI), directory(DIRECTORY)})),)


def test_a_relative_name_is_relative_to_the_issuer_of_the_certificate() -> None:
    (point,) = points(pki.distribution_point(relative_name=RELATIVE))
    assert point.names == frozenset({directory(x509.Name([*CA.name.rdns, RELATIVE]))})


def test_a_relative_name_is_relative_to_the_crl_issuer_where_there_is_one() -> None:
    (point,) = points(pki.distribution_point(relative_name=RELATIVE, crl_issuer=ISSUER))
    assert point.names == frozenset({directory(x509.Name([*ISSUER.rdns, RELATIVE]))})


def test_a_relative_name_with_two_crl_issuers_is_that_of_neither() -> None:
    (point,) = points(pki.distribution_point(relative_name=RELATIVE, crl_issuer=[ISSUER, DIRECTORY]))
    assert point.names == frozenset({directory(x509.Name([*CA.name.rdns, RELATIVE]))})


def test_a_crl_issuer_is_a_directory_name_and_its_other_names_are_names_only() -> None:
    one, two = points(
        pki.distribution_point(crl_issuer=[ISSUER, URI]), pki.distribution_point(URI, crl_issuer=pki.name("Other"))
    )
    assert one == Point(None, None, frozenset({name_key(ISSUER)}), frozenset({directory(ISSUER), uri(URI)}))
    assert two.crl_issuers == frozenset({name_key(pki.name("Other"))})
    target = target_of(cert(CA.issue(distribution_points=[pki.distribution_point(crl_issuer=ISSUER)])))
    assert target.crl_issuers == {name_key(CA.name), name_key(ISSUER)}


def test_the_reasons_of_a_point_are_read() -> None:
    one, two = points(
        pki.distribution_point(URI, reasons=["keyCompromise", "aACompromise"]), pki.distribution_point(URI)
    )
    assert one.reasons == frozenset({"keyCompromise", "aACompromise"})
    assert two.reasons is None


def test_of_very_many_points_the_first_are_read() -> None:
    many = points(*(pki.distribution_point(f"http://crl.example/{number}") for number in range(70)))
    assert len(many) == MAX_POINTS
    assert many[-1].names == frozenset({uri("http://crl.example/63")})


def test_of_a_name_and_a_serial_number_alone_little_is_known() -> None:
    target = target_named(name_key(CA.name), 7)
    assert (target.issuer, target.serial, target.is_ca) == (name_key(CA.name), 7, None)
    assert target.assumed.names == frozenset()
