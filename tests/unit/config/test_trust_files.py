import shutil

from support import pki
from support.config_site import Site

REVOCATION = "revocation: {crls: [{path: %s}]}"


def test_anchors_intermediates_and_crls_are_read(site: Site) -> None:
    trust = site.load(x=REVOCATION % "pki/issuing.crl").trust
    assert [one.der for one in trust.anchors] == [site.pki.root.der]
    assert [one.der for one in trust.intermediates] == [site.pki.issuing.der]
    (crl,) = trust.crls
    assert crl.path == site.directory / "pki/issuing.crl"
    assert crl.crl.issuer_dn == "CN=Issuing,O=Example"


def test_der_and_pem_crls_are_read_and_several_in_a_file(site: Site) -> None:
    newer = site.pki.issuing.crl(number=2)
    site.write("pki/two.crl", pki.pem_crl(site.pki.crl) + pki.pem_crl(newer))
    site.write("pki/root.crl", site.pki.root.crl())
    trust = site.load(x="revocation: {crls: [{path: pki/two.crl}, {path: pki/root.crl}]}").trust
    assert [(one.path.name, one.crl.number) for one in trust.crls] == [("two.crl", 1), ("two.crl", 2), ("root.crl", 1)]


def test_certificates_and_crls_that_occur_twice_stand_once(site: Site) -> None:
    shutil.copytree(site.directory / "pki", site.directory / "again")
    trust = site.load(
        trust="trust: {anchors: [pki/root.pem, again/root.pem, pki/root.pem], intermediates: [pki/issuing.pem]}",
        x="revocation: {crls: [{path: pki/issuing.crl}, {path: again/issuing.crl}]}",
    ).trust
    assert len(trust.anchors) == 1
    assert len(trust.crls) == 1


def test_directory_is_read_whole(site: Site) -> None:
    (site.directory / "roots").mkdir()
    other = pki.make_ca("Other")
    site.write("roots/b.pem", site.pki.root.pem)
    site.write("roots/a.der", other.der)
    site.write("roots/.hidden", "nothing")
    trust = site.load(trust="trust: {anchors: [roots]}").trust
    assert [one.der for one in trust.anchors] == [other.der, site.pki.root.der]


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


def test_what_is_no_crl_is_refused(site: Site) -> None:
    site.write("pki/text", "hello")
    crls = "revocation: {crls: [{path: pki/root.pem}, {path: pki/leaf.key}, {path: pki/text}]}"
    assert [one.partition(" cannot")[0] for one in site.problems(x=crls)] == [
        "5:28: revocation.crls[0].path: 'pki/root.pem'",
        "5:50: revocation.crls[1].path: 'pki/leaf.key'",
        "5:72: revocation.crls[2].path: 'pki/text'",
    ]


def test_crl_with_a_bad_signature_is_refused(site: Site) -> None:
    site.write("pki/bad.crl", site.pki.issuing.crl(spoilt_signature=True))
    assert site.problems(x=REVOCATION % "pki/bad.crl") == [
        (
            "5:28: revocation.crls[0].path: 'pki/bad.crl' cannot be used: no configured certificate of "
            "'CN=Issuing,O=Example' has the key that signed the CRL"
        )
    ]


def test_crl_of_an_unknown_issuer_is_refused(site: Site) -> None:
    site.write("pki/other.crl", pki.make_ca("Other").crl())
    assert site.problems(x=REVOCATION % "pki/other.crl") == [
        (
            "5:28: revocation.crls[0].path: 'pki/other.crl' cannot be used: no configured certificate has the "
            "name of the "
            "CRL's issuer, 'CN=Other,O=Example'"
        )
    ]


def test_unknown_issuer_is_not_reported_when_its_certificate_could_not_be_read(site: Site) -> None:
    missing = "trust: {anchors: [pki/root.pem], intermediates: [nope.pem]}"
    assert site.problems(trust=missing, x=REVOCATION % "pki/issuing.crl") == [
        "3:50: trust.intermediates[0]: 'nope.pem' does not exist"
    ]
    misspelt = "trust: {anchors: [pki/root.pem], intermediate: [pki/issuing.pem]}"
    assert site.problems(trust=misspelt, x=REVOCATION % "pki/issuing.crl") == [
        "3:34: trust.intermediate: unknown key; did you mean `intermediates`?"
    ]


def test_other_mistakes_of_a_crl_are_reported_even_then(site: Site) -> None:
    site.write("pki/bad.crl", site.pki.root.crl(spoilt_signature=True))
    missing = "trust: {anchors: [pki/root.pem], intermediates: [nope.pem]}"
    site.write("pki/broken.crl", site.pki.crl[:-1])
    crls = "revocation: {crls: [{path: pki/bad.crl}, {path: pki/issuing.pem}, {path: pki/broken.crl}]}"
    places = [one.partition(" ")[0] for one in site.problems(trust=missing, x=crls)]
    assert places == ["3:50:", "5:28:", "5:49:", "5:74:"]
