"""Whether a CRL speaks of a certificate, by one distribution point (RFC 5280 §6.3.3 (b))."""

import pytest

from extauthz.identity.names import NameKey
from extauthz.trust.crl.load import load_crl
from extauthz.trust.crl.scope import EVERYTHING, Scope
from extauthz.trust.revocation.coverage import misfit
from extauthz.trust.revocation.target import target_of
from support import pki
from support.distribution_points import Place
from support.revocation import cert

CA = pki.make_ca("CA")
OTHER = pki.make_ca("Other")
SUB = pki.make_ca("Sub", parent=CA)
ONE, TWO = "http://crl.example/1", "HTTP://CRL.example/2"
OWN = cert(CA).subject_key
FOREIGN = cert(OTHER).subject_key


def scope(encoded: bytes | None) -> Scope:
    return load_crl(CA.crl(scope=encoded), [cert(CA)]).scope


def asked(point: bytes | None, encoded: bytes | None, issuer: NameKey = OWN) -> str | None:
    """Ask about a leaf with one distribution point, or with none by the assumed one."""
    target = target_of(cert(CA.issue("alice", distribution_points=() if point is None else (point,))))
    return misfit(issuer, scope(encoded), target, target.assumed if point is None else target.points[0])


def test_a_crl_without_the_extension_covers_everything_of_its_issuer() -> None:
    assert scope(None) == EVERYTHING
    assert asked(None, None) is None
    assert asked(pki.distribution_point(ONE), None) is None


def test_b1_a_crl_of_another_issuer_is_none_for_the_certificate() -> None:
    assert asked(None, None, FOREIGN) == "is not of the certificate's issuer"
    assert asked(None, pki.scope(indirect=True), FOREIGN) == "is not of the certificate's issuer"


def test_b1_the_crl_issuer_that_is_named_is_the_one() -> None:
    point = pki.distribution_point(crl_issuer=OTHER.name)
    assert asked(point, pki.scope(indirect=True), FOREIGN) is None
    assert asked(point, pki.scope(indirect=True), OWN) == "is not of the cRLIssuer that the certificate names"


def test_b1_a_named_crl_issuer_must_say_that_its_crl_is_indirect() -> None:
    why = "is not indirect, where the certificate names a cRLIssuer"
    assert asked(pki.distribution_point(crl_issuer=OTHER.name), None, FOREIGN) == why
    assert asked(pki.distribution_point(crl_issuer=CA.name), None, OWN) == why
    assert asked(pki.distribution_point(crl_issuer=CA.name), pki.scope(indirect=True), OWN) is None


@pytest.mark.parametrize(
    ("names", "fits"),
    [
        pytest.param([ONE], True, id="same"),
        pytest.param([TWO], False, id="other"),
        pytest.param([TWO, ONE], True, id="one_of_two"),
        pytest.param([CA.name], False, id="issuer"),
    ],
)
def test_b2i_one_common_name_is_enough(names: list[Place], fits: bool) -> None:
    why = None if fits else "is for another distribution point"
    assert asked(pki.distribution_point(ONE, "ldap://nowhere"), pki.scope(full_names=names)) == why


def test_b2i_host_and_scheme_have_no_letter_case() -> None:
    assert asked(pki.distribution_point(TWO), pki.scope(full_names=["http://crl.EXAMPLE/2"])) is None
    assert asked(pki.distribution_point(ONE), pki.scope(full_names=["http://crl.example/1a"])) is not None


def test_b2i_a_point_without_a_name_stands_under_those_of_its_crl_issuer() -> None:
    point = pki.distribution_point(crl_issuer=OTHER.name)
    named = pki.scope(full_names=[OTHER.name], indirect=True)
    assert asked(point, named, FOREIGN) is None
    assert asked(point, pki.scope(full_names=[ONE], indirect=True), FOREIGN) == "is for another distribution point"


def test_b2i_the_assumed_point_has_the_name_of_the_issuer() -> None:
    assert asked(None, pki.scope(full_names=[CA.name])) is None
    assert asked(None, pki.scope(full_names=[ONE])) == "is for another distribution point"


KINDS = {
    "users": (pki.scope(only_user_certs=True), "covers only certificates of users"),
    "cas": (pki.scope(only_ca_certs=True), "covers only certificates of CAs"),
    "attributes": (pki.scope(only_attribute_certs=True), "covers only attribute certificates"),
}


@pytest.mark.parametrize(
    ("kind", "is_ca", "fits"),
    [
        ("users", False, True),
        ("users", True, False),
        ("users", None, False),
        ("cas", False, False),
        ("cas", True, True),
        ("cas", None, False),
        ("attributes", False, False),
        ("attributes", True, False),
        ("attributes", None, False),
    ],
)
def test_b2_users_cas_and_attributes_are_told_apart(kind: str, is_ca: bool | None, fits: bool) -> None:
    encoded, why = KINDS[kind]
    target = target_of(cert(SUB if is_ca else CA.issue("alice")))
    if is_ca is None:
        target = type(target)(target.issuer, target.serial, None, None, (), target.assumed)
    assert misfit(OWN, scope(encoded), target, target.assumed) == (None if fits else why)
