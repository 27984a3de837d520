"""What can never count with the configured CAs is said at its place, and what can is passed over."""

import pytest

from support.config_site import Site

REVOCATION = "revocation: {crls: [{path: pki/issuing.crl}]%s}"
IDENTITY = "identity: {profiles: [dod], dod_issuers: ['%s']}"
TIED = "trust: {anchors: [{path: pki/issuing.pem, trust_domains: [a.example, b.example]}]}"
POLICY = "policies: [{name: a, when: {}, require: {%s}}]"
ONLY = "every anchor is tied to `trust_domains`, and vouches for their X509-SVIDs alone"
ORDER = "names are written from the common name up, CN=…,O=…"


def warnings(site: Site, **sections: str) -> list[str]:
    sections.setdefault("revocation", REVOCATION % "")
    built = site.build(**sections)
    return [str(one).removeprefix(f"{site.directory}/config.yaml:") for one in built.warnings]


def test_issuers_are_ours_or_named(site: Site) -> None:
    known = ", revoked: [{issuer: 'cn=issuing,o=EXAMPLE', serial: 'a'}], issuers: [{issuer: 'CN=Root,O=Example', %s}]"
    assert warnings(site, revocation=REVOCATION % (known % "grace: 1h")) == []
    (warning,) = warnings(site, revocation=REVOCATION % ", revoked: [{issuer: 'O=Example,CN=Issuing', serial: 'a'}]")
    assert warning == (
        "5:66: revocation.revoked[0].issuer: 'O=Example,CN=Issuing' is the name of no anchor or intermediate, so this "
        f"may revoke nothing; {ORDER}"
    )
    (warning,) = warnings(site, revocation=REVOCATION % ", issuers: [{issuer: 'O=Example,CN=Issuing', grace: 1h}]")
    assert warning == (
        "5:66: revocation.issuers[0].issuer: 'O=Example,CN=Issuing' is the name of no anchor or intermediate, so this "
        f"may count for nobody; {ORDER}"
    )


def test_where_every_issuer_is_believed_none_is_unknown(site: Site) -> None:
    revocation = REVOCATION % ", revoked: [{issuer: 'CN=Other', serial: 'a'}]"
    (warning,) = warnings(site, trust="trust: {chain: unsafe_none}", revocation=revocation, x=IDENTITY % "CN=Other")
    assert ": trust.chain: " in warning
    assert len(warnings(site, revocation="")) == 1


@pytest.mark.parametrize("issuer", ["CN=Issuing,O=Example", "re:CN=I.*,O=Example"])
def test_issuers_of_the_dod_that_are_ours_are_in_order(site: Site, issuer: str) -> None:
    assert warnings(site, trust="trust: {anchors: [pki/issuing.pem]}", x=IDENTITY % issuer) == []


@pytest.mark.parametrize(
    ("issuer", "warning"),
    [
        (
            "O=Example,CN=Issuing",
            (
                "'O=Example,CN=Issuing' is the name of no anchor or intermediate, so it may make nobody's EDIPI count; "
                f"{ORDER}"
            ),
        ),
        (
            "re:CN=Issu",
            (
                "'re:CN=Issu' matches the name of no anchor or intermediate, so it may make nobody's EDIPI count; the "
                "whole name counts"
            ),
        ),
        ("re:.*", "'re:.*' also matches 'CN=Anyone,O=Elsewhere,C=XX', so it says of other CAs too that their"),
        ("re:DC=.*", "'re:DC=.*' also matches 'DC=elsewhere,DC=example', so it says of other CAs too that their"),
    ],
)
def test_issuers_of_the_dod_that_are_nobody_or_anybody_are_named(site: Site, issuer: str, warning: str) -> None:
    (found,) = warnings(site, trust="trust: {anchors: [pki/issuing.pem]}", x=IDENTITY % issuer)
    assert ": identity.dod_issuers[0]: " in found
    assert found.split(": identity.dod_issuers[0]: ")[1].startswith(warning)


@pytest.mark.parametrize(
    ("require", "warning"),
    [
        ("kind: [spiffe, piv-auth]", f"kind[1]: no certificate can be piv-auth: {ONLY}"),
        ("kind: [software]", f"kind[0]: no certificate can be software: {ONLY}"),
        ("any_of: [{edipi: ['1234567890']}]", f"any_of[0].edipi: no certificate can have an EDIPI: {ONLY}"),
        (
            "not: {spiffe_id: ['spiffe://c.example/x']}",
            ("not.spiffe_id[0]: no anchor vouches for 'c.example': every one is tied to other `trust_domains`"),
        ),
        (
            "spiffe_id: ['spiffe://b.example/**', 're:spiffe://c\\.example/.*']",
            "spiffe_id[1]: no anchor vouches for 'c.example': every one is tied to other `trust_domains`",
        ),
    ],
)
def test_where_every_anchor_is_tied_others_certificates_are_asked_for_in_vain(
    site: Site, require: str, warning: str
) -> None:
    identity = "identity: {profiles: [dod, fpki], dod_issuers: ['CN=Issuing,O=Example']}"
    (found,) = warnings(site, trust=TIED, policies=POLICY % require, x=identity)
    assert found.split("policies[0].require.")[1] == warning
    trust = "trust: {anchors: [{path: pki/issuing.pem, trust_domains: [a.example]}, {path: pki/root.pem, dod: true}]}"
    assert warnings(site, trust=trust, policies=POLICY % require, x=identity) == []


@pytest.mark.parametrize("pattern", ["spiffe://a.example/x", "SPIFFE://B.Example/**", "re:spiffe://a\\.example/.+"])
def test_the_domains_of_tied_anchors_are_vouched_for(site: Site, pattern: str) -> None:
    assert warnings(site, trust=TIED, policies=POLICY % f"kind: [spiffe], spiffe_id: ['{pattern}']") == []


def test_an_anchor_is_of_trust_domains_or_of_the_dod(site: Site) -> None:
    trust = "trust: {anchors: [{path: pki/issuing.pem, trust_domains: [a.example], dod: true}]}"
    (problem,) = site.problems(trust=trust)
    assert problem.startswith("3:19: trust.anchors[0]: `trust_domains` and `dod` contradict each other: ")
