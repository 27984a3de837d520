"""What the configuration says, as the keeper needs it."""

from datetime import timedelta
from pathlib import Path

import pytest

from extauthz.refresh.settings import DEFAULT_REFRESH, crl_settings, url_label
from support.config_site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_everything_is_carried_over(site: Site) -> None:
    site.write("pki/signer.pem", site.pki.root.issue("signer", key_usage=["cRLSign"]).pem)
    settings = crl_settings(
        site.build(
            trust="trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem], clock_skew: 5s}",
            x="revocation: {crls: [{path: pki/issuing.crl}, {url: 'http://a/x?1', refresh: 5m, required: false}, "
            "{url: 'http://a/x?2'}], signers: [pki/signer.pem], state_directory: state, "
            "distribution_points: {hosts: [b], refresh: 2h}, "
            "fetch: {timeout: 3s, max_bytes: 5000, redirect_hosts: [c], private_addresses: true}}",
        )
    )
    assert [(one.name, one.required) for one in settings.paths] == [("pki/issuing.crl", True)]
    assert [(one.url, one.label, one.where, one.refresh, one.required, one.operators) for one in settings.urls] == [
        ("http://a/x?1", "http://a/x", "http://a/x", timedelta(minutes=5), False, True),
        ("http://a/x?2", "http://a/x#2", "http://a/x", DEFAULT_REFRESH, True, True),
    ]
    assert len(settings.issuers) == 3
    assert settings.distribution_points is not None
    assert (settings.distribution_points.hosts, settings.distribution_points.refresh) == (
        frozenset({"b"}),
        timedelta(hours=2),
    )
    assert settings.state_directory == site.directory / "state"
    assert (settings.timeout, settings.max_bytes) == (timedelta(seconds=3), 5000)
    assert (settings.redirect_hosts, settings.private_addresses) == (frozenset({"c"}), True)
    assert settings.clock_skew == timedelta(seconds=5)


def test_without_revocation_there_is_nothing(site: Site) -> None:
    settings = crl_settings(site.build())
    assert (settings.paths, settings.urls, settings.issuers, settings.distribution_points) == ((), (), (), None)


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("http://a.example/x.crl", "http://a.example/x.crl"),
        ("https://a.example:8443/x?token=secret", "https://a.example:8443/x"),
        ("http://user:secret@a.example/x", "http://a.example/x"),
    ],
)
def test_a_label_has_no_secrets(url: str, label: str) -> None:
    assert url_label(url) == label
