import os
import shutil

import pytest

from support import pki
from support.config_site import Site

REVOCATION = "revocation: {crls: [{path: %s}]}"


def test_anchors_and_intermediates_are_read(site: Site) -> None:
    trust = site.load(x=REVOCATION % "pki/issuing.crl").trust
    assert [one.certificate.der for one in trust.anchors] == [site.pki.root.der]
    assert [one.der for one in trust.intermediates] == [site.pki.issuing.der]


def test_certificates_that_occur_twice_stand_once(site: Site) -> None:
    shutil.copytree(site.directory / "pki", site.directory / "again")
    trust = site.load(
        trust="trust: {anchors: [pki/root.pem, again/root.pem, pki/root.pem], intermediates: [pki/issuing.pem]}"
    ).trust
    assert len(trust.anchors) == 1


def test_directory_is_read_whole(site: Site) -> None:
    (site.directory / "roots").mkdir()
    other = pki.make_ca("Other")
    site.write("roots/b.pem", site.pki.root.pem)
    site.write("roots/a.der", other.der)
    site.write("roots/.hidden", "nothing")
    trust = site.load(trust="trust: {anchors: [roots]}").trust
    assert [one.certificate.der for one in trust.anchors] == [other.der, site.pki.root.der]


def test_every_bad_file_of_a_directory_is_named_at_the_setting(site: Site) -> None:
    (site.directory / "roots").mkdir()
    site.write("roots/a.key", site.pki.leaf.key_pem)
    site.write("roots/b.txt", "hello")
    site.write("roots/c.pem", site.pki.root.pem)
    assert site.problems(trust="trust: {anchors: [roots]}") == [
        (
            "3:19: trust.anchors[0]: 'a.key' in 'roots' holds a private key where only certificates belong; keep it "
            "elsewhere"
        ),
        "3:19: trust.anchors[0]: 'b.txt' in 'roots' holds neither PEM nor DER; it must hold a certificate",
    ]


def test_missing_files_and_empty_directories_are_named(site: Site) -> None:
    (site.directory / "empty").mkdir()
    assert site.problems(
        trust="trust: {anchors: [nope.pem, empty], intermediates: ['${HOME}/x.pem']}", x=REVOCATION % "empty"
    ) == [
        "3:19: trust.anchors[0]: 'nope.pem' does not exist",
        "3:29: trust.anchors[1]: 'empty' is a directory without files",
        "3:53: trust.intermediates[0]: '${HOME}/x.pem' does not exist; `${…}` is not expanded here",
        "5:28: revocation.crls[0].path: 'empty' is a directory without files",
    ]


def test_certificate_of_no_ca_is_refused_as_anchor_and_intermediate(site: Site) -> None:
    assert site.problems(trust="trust: {anchors: [pki/leaf.pem], intermediates: [pki/leaf.pem]}") == [
        (
            "3:19: trust.anchors[0]: 'pki/leaf.pem' holds 'CN=alice,O=Example', which is not a CA certificate and "
            "can vouch "
            "for no client"
        ),
        (
            "3:50: trust.intermediates[0]: 'pki/leaf.pem' holds 'CN=alice,O=Example', which is not a CA certificate "
            "and can "
            "vouch for no client"
        ),
    ]


DOD = "identity: {profiles: [dod], dod_issuers: ['CN=DOD ID CA-99,OU=PKI,OU=DoD,O=U.S. Government,C=US']}"


@pytest.mark.parametrize(
    ("anchors", "problems"),
    [
        ("pki/root.pem", []),
        ("pki/root.pem, {path: pki/other.pem, dod: true}", []),
        ("pki/root.pem, {path: pki/other.pem, trust_domains: [a.example]}", []),
        (
            "pki/root.pem, pki/other.pem",
            [
                (
                    "5:42: identity.dod_issuers: any of the 2 anchors could give a CA of its own such a name; write "
                    "those of the DoD as `{path: …, dod: true}` in `trust.anchors`"
                )
            ],
        ),
    ],
)
def test_names_of_the_dod_are_tied_to_anchors(site: Site, anchors: str, problems: list[str]) -> None:
    site.write("pki/other.pem", pki.make_ca("Other Root").pem)
    trust = f"trust: {{anchors: [{anchors}]}}"
    if problems:
        assert site.problems(trust=trust, x=DOD) == problems
    else:
        assert len(site.load(trust=trust, x=DOD).trust.anchors) == anchors.count("pem")


def test_what_is_in_a_crl_file_is_of_no_concern_here(site: Site) -> None:
    site.write("pki/text", "hello")
    assert site.load(x=REVOCATION % "pki/text").trust.signers == ()


def test_crl_files_that_cannot_be_read_are_named(site: Site) -> None:
    os.mkfifo(site.directory / "pki/pipe")
    crls = "revocation: {crls: [{path: pki/pipe}, {path: pki/gone.crl}, {url: 'http://127.0.0.1/x.crl'}]}"
    assert site.problems(x=crls) == [
        "5:28: revocation.crls[0].path: 'pki/pipe' is not a regular file",
        "5:46: revocation.crls[1].path: 'pki/gone.crl' does not exist",
    ]


def test_signers_of_crls_need_not_be_cas(site: Site) -> None:
    signer = site.pki.root.issue("signer", key_usage=["cRLSign"])
    site.write("pki/signer.pem", signer.pem)
    trust = site.load(
        x="revocation: {crls: [{path: pki/issuing.crl}], signers: [pki/signer.pem, pki/signer.pem]}"
    ).trust
    assert [one.der for one in trust.signers] == [signer.der]


def test_a_signer_that_may_not_sign_crls_is_refused(site: Site) -> None:
    assert site.problems(x="revocation: {crls: [{path: pki/issuing.crl}], signers: [pki/leaf.pem]}") == [
        (
            "5:57: revocation.signers[0]: 'pki/leaf.pem' holds 'CN=alice,O=Example', whose keyUsage does not let it "
            "sign CRLs"
        )
    ]


def test_anchors_may_be_tied_to_trust_domains(site: Site) -> None:
    tied = "trust: {anchors: [{path: pki/root.pem, trust_domains: [a.example]}], intermediates: [pki/issuing.pem]}"
    (anchor,) = site.load(trust=tied).trust.anchors
    assert anchor.trust_domains == ("a.example",)


def test_an_anchor_that_is_tied_in_two_ways_is_refused(site: Site) -> None:
    twice = "trust: {anchors: [pki/root.pem, {path: pki/root.pem, trust_domains: [a.example]}]}"
    assert site.problems(trust=twice) == [
        (
            "3:40: trust.anchors[1].path: 'pki/root.pem' holds 'CN=Root,O=Example', which is listed as an anchor "
            "for other things too"
        )
    ]
