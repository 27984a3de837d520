"""What a CRL says it covers, and scopes that cover nothing."""

import pytest
from cryptography import x509

from extauthz.trust.crl.error import CrlError
from extauthz.trust.crl.general_name import relative_name_key
from extauthz.trust.crl.head import read_head
from extauthz.trust.crl.scope import EVERYTHING, Scope
from support import pki

CA = pki.make_ca("CA")
RELATIVE = x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CRL 1")])


def scope_of(extension: bytes) -> Scope:
    return read_head(CA.crl(scope=extension)).scope


def test_without_the_extension_it_is_everything() -> None:
    assert read_head(CA.crl()).scope == EVERYTHING
    assert (EVERYTHING.names, EVERYTHING.only_some_reasons, EVERYTHING.der) == (None, None, b"")
    assert not any((EVERYTHING.indirect, EVERYTHING.only_user_certs, EVERYTHING.only_ca_certs))


@pytest.mark.parametrize("field", ["only_user_certs", "only_ca_certs", "only_attribute_certs", "indirect"])
@pytest.mark.parametrize("critical", [True, False])
def test_each_flag_is_read(field: str, critical: bool) -> None:
    options = {field: True}
    scope = scope_of(pki.scope(critical=critical, **options))  # type: ignore[arg-type]  # all of these are bool
    flags = ("only_user_certs", "only_ca_certs", "only_attribute_certs", "indirect")
    assert {name for name in flags if getattr(scope, name)} == {field}
    assert (scope.names, scope.only_some_reasons) == (None, None)


def test_full_names() -> None:
    scope = scope_of(pki.scope(full_names=["HTTP://CRL.example/1", pki.name("One")]))
    assert scope.names == frozenset({"uri:http://crl.example/1", "dirname:1;2.5.4.10=7:example1;2.5.4.3=3:one"})


def test_a_relative_name_is_made_whole() -> None:
    assert scope_of(pki.scope(relative_name=RELATIVE)).names == frozenset({relative_name_key(CA.name, RELATIVE)})


@pytest.mark.parametrize(
    "reasons",
    [
        ["keyCompromise"],
        ["keyCompromise", "cACompromise", "aACompromise"],
        ["affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", "privilegeWithdrawn"],
    ],
)
def test_reasons(reasons: list[str]) -> None:
    assert scope_of(pki.scope(reasons=reasons)).only_some_reasons == frozenset(reasons)


def test_an_indirect_crl_may_be_for_users_only() -> None:
    scope = scope_of(pki.scope(indirect=True, only_user_certs=True))
    assert (scope.indirect, scope.only_user_certs) == (True, True)


def test_scopes_are_the_same_when_they_are_encoded_alike() -> None:
    first, second = pki.scope(full_names=["http://a/1"]), pki.scope(full_names=["http://a/2"])
    assert scope_of(first).der == scope_of(first).der
    assert len({scope_of(first).der, scope_of(second).der, EVERYTHING.der}) == 3
    assert first.endswith(scope_of(first).der)


@pytest.mark.parametrize(
    ("extension", "problem"),
    [
        (pki.scope(only_user_certs=True, only_ca_certs=True), "Only one of the following"),
        (pki.scope(only_user_certs=True, only_attribute_certs=True), "Only one of the following"),
        (pki.scope(only_ca_certs=True, only_attribute_certs=True), "Only one of the following"),
        (pki.scope(), "Cannot create empty extension"),
        (pki.scope(full_names=[], only_user_certs=True), "a distribution point without a name"),
        (pki.scope(reasons=[], only_user_certs=True), "covers no reason for revocation"),
        (pki.scope(reasons=["unused"], only_user_certs=True), "covers no reason for revocation"),
        (pki.scope(full_names=[b"\xa3\0"]), "UnsupportedGeneralNameType"),
    ],
)
def test_a_scope_that_covers_nothing_or_contradicts_itself_is_refused(extension: bytes, problem: str) -> None:
    with pytest.raises(CrlError, match=problem) as caught:
        scope_of(extension)
    assert caught.value.issuer_dn == "CN=CA,O=Example"
