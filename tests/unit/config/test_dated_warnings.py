from datetime import datetime

import pytest

from extauthz.config.dated_warnings import dated_warnings
from extauthz.trust.crl.load import load_crl
from support import pki
from support.config_site import Site


def warnings(site: Site, revocation: str, now: datetime = pki.NOW, trust: str = "") -> list[str]:
    sections = {"trust": trust} if trust else {}
    built = site.build(revocation=revocation, **sections)
    folder = site.directory / "pki"
    named = [file for file in sorted(folder.glob("*.crl")) if f"pki/{file.name}" in revocation]
    named += sorted((folder / "crls").glob("*.crl"))
    crls = [(str(file), load_crl(file.read_bytes(), (*built.anchors, *built.intermediates))) for file in named]
    return [str(one).removeprefix(f"{site.directory}/") for one in dated_warnings(built, crls, now)]


def test_a_current_crl_of_the_issuing_ca_is_all_that_is_needed(site: Site) -> None:
    site.write("pki/a.crl", site.pki.issuing.crl())
    assert warnings(site, "revocation: {crls: [{path: pki/a.crl}]}") == []


@pytest.mark.parametrize(
    ("more", "consequence"),
    [("", "are denied crl_stale"), (", when_stale: allow", "are let in by `when_stale: allow`")],
)
def test_a_stale_crl_is_named_with_what_it_does(site: Site, more: str, consequence: str) -> None:
    site.write("pki/a.crl", site.pki.issuing.crl(next_update=pki.NOW))
    revocation = f"revocation: {{crls: [{{path: pki/a.crl}}]{more}}}"
    assert warnings(site, revocation) == []
    (warning,) = warnings(site, revocation, pki.NOW + pki.SECOND)
    assert warning.startswith("pki/a.crl: is past its nextUpdate")
    assert warning.endswith(consequence)


def test_grace_is_named_with_its_end_and_a_newer_crl_keeps_it_quiet(site: Site) -> None:
    (site.directory / "pki/crls").mkdir()
    site.write("pki/crls/a.crl", site.pki.issuing.crl(next_update=pki.NOW))
    later = pki.NOW + pki.SECOND
    (warning,) = warnings(site, "revocation: {crls: [{path: pki/crls}], grace: 1h}", later)
    assert warning == "pki/crls/a.crl: is past its nextUpdate, within `grace` until 2026-06-01T13:00:00+00:00"
    site.write("pki/crls/b.crl", site.pki.issuing.crl(this_update=pki.NOW, number=2))
    assert warnings(site, "revocation: {crls: [{path: pki/crls}]}", later) == []


def test_a_crl_without_next_update_is_never_current(site: Site) -> None:
    site.write("pki/a.crl", site.pki.issuing.crl(next_update=None))
    (warning,) = warnings(site, "revocation: {crls: [{path: pki/a.crl}]}")
    assert "has no nextUpdate" in warning


def test_an_issuer_without_crl_is_named_where_that_denies(site: Site) -> None:
    site.write("pki/root.crl", site.pki.root.crl())
    trust = "trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem]}"
    site.write("pki/root.pem", site.pki.root.pem)
    site.write("pki/issuing.pem", site.pki.issuing.pem)
    (warning,) = warnings(site, "revocation: {crls: [{path: pki/root.crl}]}", trust=trust)
    assert warning == "revocation: there is no CRL of 'CN=Issuing,O=Example': what it issued is denied crl_missing"
    assert warnings(site, "revocation: {crls: [{path: pki/root.crl}], when_missing: allow}", trust=trust) == []
    site.write("pki/a.crl", site.pki.issuing.crl())
    revocation = "revocation: {crls: [{path: pki/a.crl}], check: chain}"
    assert len(warnings(site, revocation, trust=trust)) == 1


def test_where_a_crl_is_there_and_unusable_it_is_not_said_to_be_missing(site: Site) -> None:
    built = site.build(revocation="revocation: {crls: [{path: pki/issuing.crl}], when_missing: allow}")
    (issuing,) = built.intermediates
    (warning,) = dated_warnings(built, (), pki.NOW, unusable={issuing.subject_key})
    assert str(warning) == (
        "revocation: the CRL of 'CN=Issuing,O=Example' cannot be used: what it issued is denied crl_invalid"
    )


def test_where_sources_were_not_asked_nothing_is_said_to_be_missing(site: Site) -> None:
    built = site.build(revocation="revocation: {crls: [{url: 'http://127.0.0.1:1/a.crl'}]}")
    assert dated_warnings(built, (), pki.NOW, asked_all=False) == ()
    assert len(dated_warnings(built, (), pki.NOW)) == 1


def test_with_distribution_points_a_crl_is_missing_until_one_gives_it(site: Site) -> None:
    (warning,) = warnings(site, "revocation: {distribution_points: {hosts: [crl.example]}}")
    assert warning.endswith("what it issued is denied crl_missing, until a distribution point gives one")


def test_an_authority_that_ends_is_named_in_time(site: Site) -> None:
    ends = pki.NOW + 40 * pki.DAY
    site.write("pki/short.pem", pki.make_ca("Short", not_after=ends).pem)
    trust = "trust: {anchors: [pki/short.pem]}"
    quiet = "revocation: {when_missing: allow, revoked: [{issuer: 'CN=Short,O=Example', serial: 'a'}]}"
    assert warnings(site, quiet, trust=trust) == []
    (soon,) = warnings(site, quiet, pki.NOW + 27 * pki.DAY, trust)
    assert soon.startswith("trust: 'CN=Short,O=Example' expires ")
    (over,) = warnings(site, quiet, ends + pki.SECOND, trust)
    assert over.startswith("trust: 'CN=Short,O=Example' expired ")


def test_max_age_bounds_a_crl_without_next_update(site: Site) -> None:
    site.write("pki/a.crl", site.pki.issuing.crl(this_update=pki.NOW, next_update=None))
    revocation = "revocation: {crls: [{path: pki/a.crl}], max_age: 1h}"
    assert warnings(site, revocation, pki.NOW + pki.HOUR) == []
    (warning,) = warnings(site, revocation, pki.NOW + pki.HOUR + pki.SECOND)
    assert "is older than `max_age`" in warning


def test_settings_of_one_issuer_count_for_its_crls(site: Site) -> None:
    site.write("pki/a.crl", site.pki.issuing.crl(next_update=pki.NOW))
    later = pki.NOW + pki.SECOND
    own = "issuers: [{issuer: 'CN=Issuing,O=Example', %s}]"
    revocation = "revocation: {crls: [{path: pki/a.crl}], %s}"
    (graced,) = warnings(site, revocation % (own % "grace: 1h"), later)
    assert "within `grace` until" in graced
    (allowed,) = warnings(site, revocation % (own % "when_stale: allow"), later)
    assert allowed.endswith("are let in by `when_stale: allow`")
    other = "issuers: [{issuer: 'CN=Other,O=Example', grace: 1h}]"
    (denied,) = warnings(site, revocation % other, later)
    assert denied.endswith("are denied crl_stale")


def test_a_missing_crl_is_no_matter_where_its_issuer_is_let_through(site: Site) -> None:
    site.write("pki/root.crl", site.pki.root.crl())
    own = "issuers: [{issuer: 'CN=Issuing,O=Example', when_missing: allow}]"
    assert warnings(site, f"revocation: {{crls: [{{path: pki/root.crl}}], {own}}}") == []


def test_a_stale_delta_is_named_as_what_it_is(site: Site) -> None:
    site.write("pki/a.crl", site.pki.issuing.crl())
    site.write("pki/delta.crl", site.pki.issuing.crl(number=2, base_number=1, next_update=pki.NOW))
    revocation = "revocation: {crls: [{path: pki/a.crl}, {path: pki/delta.crl}]}"
    (warning,) = warnings(site, revocation, pki.NOW + pki.SECOND)
    assert warning.endswith("the changes since the last complete CRL of 'CN=Issuing,O=Example' are not known")
