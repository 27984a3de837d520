"""What a proxy claims is compared with the certificate."""

from dataclasses import replace

import pytest
from cryptography import x509

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.claims import compare_claims
from extauthz.model.outcome import Fail, Pass
from extauthz.model.reason import Reason
from extauthz.model.request import Claims
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
RICH = der.name(
    der.rdn(("2.5.4.6", der.tlv(der.PRINTABLE, b"US"))),
    der.rdn(("0.9.2342.19200300.100.1.25", der.tlv(der.IA5, b"example"))),
    der.rdn(("2.5.4.10", der.utf8(' #a, "b"\\ '))),
    der.rdn(("2.5.4.3", der.utf8("Zoë + 1"))),
    der.rdn(("2.5.4.3", der.utf8("x")), ("2.5.4.5", der.tlv(der.PRINTABLE, b"123"))),
    der.rdn(("1.2.840.113549.1.9.1", der.tlv(der.IA5, b"a@b"))),
    der.rdn(("2.5.4.45", der.tlv(der.BIT_STRING, b"\x04\xf0"))),
    der.rdn(("1.2.3.4", der.utf8("y"))),
)
# What `openssl x509 -subject -nameopt RFC2253` prints for it.
RICH_TEXT = (
    r"1.2.3.4=#0C0179,x500UniqueIdentifier=#030204F0,emailAddress=a@b,CN=x+serialNumber=123,CN=Zo\C3\AB \+ 1,"
    r"O=\ #a\, \"b\"\\\ ,DC=example,C=US"
)


def certificate(**options: object) -> Certificate:
    return parse_certificate(CA.issue(**options).der)  # type: ignore[arg-type]  # see Options


def claims(subject: str | None = None, uris: tuple[str, ...] = (), dns_names: tuple[str, ...] = ()) -> Claims:
    return Claims(subject, uris, dns_names)


def refused(one: Certificate, claimed: Claims) -> str:
    outcome = compare_claims(one, claimed)
    assert isinstance(outcome, Fail)
    assert outcome.reason is Reason.SOURCE_INCONSISTENT
    return outcome.detail


def test_nothing_claimed_is_no_disagreement() -> None:
    assert compare_claims(certificate(), claims()) == Pass("nothing was claimed")


def test_everything_claimed_as_it_is() -> None:
    one = certificate(common_name="alice", uris=["spiffe://a/b"], dns=["a.example", "b.example"])
    claimed = claims("CN=alice,O=Example", ("spiffe://a/b",), ("a.example", "b.example"))
    assert compare_claims(one, claimed) == Pass("Subject, URI, DNS as in the certificate")


def test_the_issuer_is_compared_like_the_subject() -> None:
    one = certificate(common_name="alice")
    assert compare_claims(one, Claims(None, (), (), "CN=Issuing CA,O=Example")) == Pass("Issuer as in the certificate")
    both = Claims("CN=alice,O=Example", (), (), "CN=Issuing CA,O=Example")
    assert compare_claims(one, both) == Pass("Subject, Issuer as in the certificate")
    differs = refused(one, Claims("CN=alice,O=Example", (), (), "CN=Other CA,O=Example"))
    assert differs == "the claimed Issuer differs from the certificate's in RDN 2 of 2"
    assert refused(one, Claims(None, (), (), "CN=alice,O=Example")).startswith("the claimed Issuer differs")
    assert refused(one, Claims(None, (), (), "")).startswith("the claimed Issuer has 0 RDNs")
    assert refused(one, Claims(None, (), (), "=")).startswith("the claimed Issuer cannot be read")
    assert refused(one, Claims(None, (), (), "a" * 100_000)).startswith("the claimed Issuer has 100000 characters")


# ------------------------------------------------------------------------------------------------ Subject


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(RICH_TEXT, id="as_printed"),
        pytest.param(RICH_TEXT.replace("CN=x+serialNumber=123", "serialNumber=123+CN=x"), id="other_order_in_an_rdn"),
        pytest.param(RICH_TEXT.replace(r"\"", '"'), id="quotes_without_their_backslash"),
        pytest.param(RICH_TEXT.replace("emailAddress=a@b", "1.2.840.113549.1.9.1=#1603614062"), id="oid_and_hex"),
        pytest.param(RICH_TEXT.replace("emailAddress=", "anotherShortName="), id="a_short_name_unknown_here"),
        pytest.param(RICH_TEXT.replace("DC=", "domaincomponent="), id="another_short_name"),
    ],
)
def test_the_subject_in_the_proxys_own_text(text: str) -> None:
    assert compare_claims(certificate(raw_subject=RICH), claims(text)) == Pass("Subject as in the certificate")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(RICH_TEXT.replace("C=US", "C=us"), "RDN 1 of 8", id="case_counts"),
        pytest.param(RICH_TEXT.replace("DC=example", "O=example"), "RDN 2 of 8", id="another_type"),
        pytest.param(RICH_TEXT.replace("DC=example", r"DC=example\ "), "RDN 2 of 8", id="spaces_count"),
        pytest.param(RICH_TEXT.replace(r"\+ 1", r"\+ 2"), "RDN 4 of 8", id="another_value"),
        pytest.param(RICH_TEXT.replace("CN=x+", "shoeSize=y+"), "RDN 5 of 8", id="unknown_type_with_another_value"),
        pytest.param(RICH_TEXT.replace("+serialNumber=123", ""), "RDN 5 of 8", id="attribute_missing"),
        pytest.param(RICH_TEXT.replace("CN=x+", "CN=x+CN=x+"), "RDN 5 of 8", id="attribute_twice"),
        pytest.param(RICH_TEXT.replace("#030204F0", "#030204F1"), "RDN 7 of 8", id="other_bits"),
        pytest.param(RICH_TEXT.replace("#0C0179", "#0C017A"), "RDN 8 of 8", id="other_hex"),
        pytest.param(RICH_TEXT.replace(",C=US", ""), "has 7 RDNs, the certificate's has 8", id="rdn_missing"),
        pytest.param(RICH_TEXT + ",O=x", "has 9 RDNs, the certificate's has 8", id="rdn_more"),
        pytest.param("", "has 0 RDNs, the certificate's has 8", id="empty"),
        pytest.param("no name", "cannot be read: at character 1", id="no_name"),
        pytest.param("CN=\udcff", "cannot be read: before character 5", id="not_utf8"),
        pytest.param("CN=" + "x" * 8_000, "has 8003 characters, far more than the certificate's", id="too_long"),
    ],
)
def test_another_subject(text: str, says: str) -> None:
    assert says in refused(certificate(raw_subject=RICH), claims(text))


def test_a_subject_that_could_not_be_read_again_would_be_a_disagreement() -> None:
    one = certificate()
    odd = replace(one, identity=replace(one.identity, subject_dn="no name"))
    detail = refused(odd, claims("CN=alice"))
    assert detail.startswith("the certificate's own subject cannot be read again: at character 1")


def test_a_subject_that_takes_the_most_characters_is_compared() -> None:
    one = CA.issue(raw_subject=der.name(*[der.rdn(("2.5.4.97", der.utf8("\U0001f511" * 20)))] * 64))
    text = ",".join(["organizationIdentifier=" + r"\F0\9F\94\91" * 20] * 64)
    assert isinstance(compare_claims(parse_certificate(one.der), claims(text)), Pass)


def test_rdns_in_the_encoded_order_are_another_name() -> None:
    assert "RDN 1 of 2" in refused(certificate(common_name="alice"), claims("O=Example,CN=alice"))


def test_the_empty_subject_is_the_empty_subject_only() -> None:
    nobody = certificate(subject=x509.Name([]))
    assert isinstance(compare_claims(nobody, claims("")), Pass)
    assert refused(nobody, claims("CN=alice"))


def test_lower_case_uid_may_be_either_of_two_types() -> None:
    user_id = certificate(raw_subject=der.name(der.rdn(("0.9.2342.19200300.100.1.1", der.utf8("u")))))
    unique_id = certificate(raw_subject=der.name(der.rdn(("0.9.2342.19200300.100.1.44", der.utf8("u")))))
    assert isinstance(compare_claims(user_id, claims("UID=u")), Pass)
    assert isinstance(compare_claims(user_id, claims("uid=u")), Pass)
    assert isinstance(compare_claims(unique_id, claims("uid=u")), Pass)
    assert refused(unique_id, claims("UID=u"))


# ------------------------------------------------------------------------------------------------ URI


@pytest.mark.parametrize("claimed", [("a:1",), ("a:1", "a:2", "a:1"), ("a:2", "a:1", "a:1")])
def test_the_first_uri_or_all(claimed: tuple[str, ...]) -> None:
    assert isinstance(compare_claims(certificate(uris=["a:1", "a:2", "a:1"]), claims(uris=claimed)), Pass)


@pytest.mark.parametrize("claimed", [("a:2",), ("a:1", "a:2"), ("a:1", "a:2", "a:3"), ("A:1",), ("",), ("a:1\0",)])
def test_other_uris(claimed: tuple[str, ...]) -> None:
    said = refused(certificate(uris=["a:1", "a:2", "a:1"]), claims(uris=claimed))
    assert said == "the claimed URI is not what the certificate has"


def test_an_empty_uri_claims_that_there_is_none() -> None:
    assert isinstance(compare_claims(certificate(dns=["a.example"]), claims(uris=("",))), Pass)
    assert refused(certificate(dns=["a.example"]), claims(uris=("a:1",)))


# ------------------------------------------------------------------------------------------------ DNS


def test_the_same_dns_names_in_any_order() -> None:
    one = certificate(dns=["a.example", "b.example", "a.example"])
    assert isinstance(compare_claims(one, claims(dns_names=("b.example", "a.example", "a.example"))), Pass)


@pytest.mark.parametrize(
    "claimed",
    [("a.example",), ("a.example", "b.example", "b.example"), ("A.example", "b.example", "a.example"), ("",)],
)
def test_other_dns_names(claimed: tuple[str, ...]) -> None:
    one = certificate(dns=["a.example", "b.example", "a.example"])
    assert refused(one, claims(dns_names=claimed)) == "the claimed DNS names are not those of the certificate"
