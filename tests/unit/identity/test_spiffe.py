"""SPIFFE IDs and X509-SVIDs."""

import pytest

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.spiffe import SpiffeId, parse_spiffe_id
from extauthz.model.identity import CertIdentity, Kind
from support import cards, pki

CA = pki.make_ca("Issuing CA")
ID = "spiffe://example.org/ns/prod/sa/web"


def identity(**options: object) -> CertIdentity:
    return parse_certificate(CA.issue(**options).der).identity  # type: ignore[arg-type]  # see Options


@pytest.mark.parametrize(
    ("uri", "parsed"),
    [
        (ID, SpiffeId("example.org", "/ns/prod/sa/web")),
        ("spiffe://example.org", SpiffeId("example.org", "")),
        ("SPIFFE://Example.ORG/Path", SpiffeId("example.org", "/Path")),
        ("spiffe://a_b-c.1/A.b_c-1", SpiffeId("a_b-c.1", "/A.b_c-1")),
        ("spiffe://a/...", SpiffeId("a", "/...")),
        ("spiffe://" + "a" * 255 + "/b", SpiffeId("a" * 255, "/b")),
        ("spiffe://a/" + "b" * 2037, SpiffeId("a", "/" + "b" * 2037)),
    ],
)
def test_sound_ids(uri: str, parsed: SpiffeId) -> None:
    assert parse_spiffe_id(uri) == parsed


def test_an_id_prints_in_lower_case_but_for_its_path() -> None:
    assert str(parse_spiffe_id("SPIFFE://Example.ORG/Path")) == "spiffe://example.org/Path"


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("", "does not start with spiffe://"),
        ("https://example.org/a", "does not start with spiffe://"),
        ("spiffe:/example.org/a", "does not start with spiffe://"),
        (" spiffe://example.org/a", "does not start with spiffe://"),
        ("spiffe://", "the trust domain must be"),
        ("spiffe:///a", "the trust domain must be"),
        ("spiffe://user@example.org/a", "the trust domain must be"),
        ("spiffe://example.org:443/a", "the trust domain must be"),
        ("spiffe://example.org:/a", "the trust domain must be"),
        ("spiffe://ex%61mple.org/a", "the trust domain must be"),
        ("spiffe://example.org?a", "the trust domain must be"),
        ("spiffe://exampl\N{KELVIN SIGN}/a", "the trust domain must be"),
        ("spiffe://example.org\n/a", "the trust domain must be"),
        ("spiffe://example.org/", "a path segment must be"),
        ("spiffe://example.org/a/", "a path segment must be"),
        ("spiffe://example.org//a", "a path segment must be"),
        ("spiffe://example.org/a?b", "a path segment must be"),
        ("spiffe://example.org/a#b", "a path segment must be"),
        ("spiffe://example.org/a%2fb", "a path segment must be"),
        ("spiffe://example.org/é", "a path segment must be"),
        ("spiffe://example.org/a\n", "a path segment must be"),
        ("spiffe://example.org/./a", "a path segment may not be . or .."),
        ("spiffe://example.org/a/..", "a path segment may not be . or .."),
        ("spiffe://" + "a" * 256 + "/b", "the trust domain is longer than 255 characters"),
        ("spiffe://a/" + "b" * 2038, "longer than 2048 characters"),
    ],
)
def test_unsound_ids(uri: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace(".", r"\.")):
        parse_spiffe_id(uri)


def test_an_svid_has_the_id_and_the_kind() -> None:
    svid = identity(uris=[ID], dns=["web.example"], eku=[pki.SERVER_AUTH, pki.CLIENT_AUTH])
    assert (svid.kind, svid.spiffe_id, svid.warnings) == (Kind.SPIFFE, ID, ())


def test_an_svid_as_spire_issues_it() -> None:
    svid = parse_certificate(cards.svid(CA, ID, san_critical=True, organization=None).der).identity
    assert (svid.subject_dn, svid.kind, svid.spiffe_id, svid.warnings) == ("", Kind.SPIFFE, ID, ())


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({"key_usage": False}, "without the key usage digitalSignature"),
        ({"key_usage": ["keyAgreement"]}, "without the key usage digitalSignature"),
        ({"key_usage_critical": False}, "with a key usage that is not critical"),
        ({"eku": [pki.CLIENT_AUTH]}, "whose extended key usage lacks serverAuth or clientAuth"),
        ({"eku": [pki.SERVER_AUTH]}, "whose extended key usage lacks serverAuth or clientAuth"),
    ],
)
def test_what_an_issuer_should_have_made_otherwise_is_a_warning(options: pki.Options, warning: str) -> None:
    svid = parse_certificate(cards.svid(CA, ID, **options).der).identity
    assert (svid.kind, svid.spiffe_id, svid.warnings) == (Kind.SPIFFE, ID, (f"spiffe: an X509-SVID {warning}",))


def test_an_svid_needs_no_extended_key_usage() -> None:
    svid = parse_certificate(cards.svid(CA, ID, eku=[]).der).identity
    assert (svid.kind, svid.warnings) == (Kind.SPIFFE, ())


def test_the_id_is_normalized_and_the_uri_is_not() -> None:
    svid = identity(uris=["SPIFFE://Example.ORG/Path"])
    assert svid.spiffe_id == "spiffe://example.org/Path"
    assert svid.uris == ("SPIFFE://Example.ORG/Path",)


def test_other_uris_are_none_of_spiffes_business() -> None:
    for uris in (
        [],
        ["urn:uuid:94e28c68-84db-44db-8a0e-f502d6689b14"],
        ["https://a/", "https://b/"],
        ["spiffes://a/b"],
    ):
        other = identity(uris=uris, dns=["a.example"])
        assert (other.kind, other.spiffe_id, other.warnings) == (Kind.SOFTWARE, None, ())


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        pytest.param({"uris": [ID, "https://a/"]}, "not an X509-SVID: it has more than one URI name", id="second_uri"),
        pytest.param({"uris": [ID, ID]}, "not an X509-SVID: it has more than one URI name", id="the_same_id_twice"),
        pytest.param({"uris": ["spiffe://a/b/"]}, "not a SPIFFE ID: a path segment must be one or more", id="bad_id"),
        pytest.param({"uris": ["SPIFFE:a"]}, "not a SPIFFE ID: does not start with spiffe://", id="no_authority"),
        pytest.param({"uris": ["spiffe://a"]}, "not the X509-SVID of a workload: the ID has no path", id="no_path"),
        pytest.param(
            {"uris": [ID], "key_usage": ["digitalSignature", "keyCertSign"]},
            "not the X509-SVID of a workload: the certificate may sign",
            id="key_cert_sign",
        ),
        pytest.param(
            {"uris": [ID], "key_usage": ["digitalSignature", "cRLSign"]},
            "not the X509-SVID of a workload: the certificate may sign",
            id="crl_sign",
        ),
        pytest.param(
            {"uris": [ID], "ca": True, "key_usage": ["digitalSignature"]},
            "not the X509-SVID of a workload: the certificate may sign",
            id="ca",
        ),
    ],
)
def test_a_certificate_that_breaks_a_rule_has_no_spiffe_id_and_says_why(options: pki.Options, warning: str) -> None:
    broken = identity(**options)
    assert (broken.kind, broken.spiffe_id) == (Kind.SOFTWARE, None)
    assert len(broken.warnings) == 1
    assert broken.warnings[0].startswith(f"spiffe: {warning}")
