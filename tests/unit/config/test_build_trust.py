"""What a load takes over from the one before: whatever would be built the same, and nothing else."""

import pytest

from extauthz.config.build import BuiltEngine, load_engine
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from support import pki
from support.config_site import Site

FIRST = {
    "trust": "trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem]}",
    "revocation": "revocation: {crls: [{path: pki/issuing.crl}], signers: [pki/issuing.pem]}",
    "listen": "listen: {http: {dialect: nginx, callers: {secret: {header: x-secret, file: secret}}}}",
}
STRANGER = pki.make_ca("Stranger")


def again(site: Site, before: BuiltEngine, **sections: str) -> BuiltEngine:
    return load_engine(site.write_config(**{**FIRST, **sections}), before=before)


@pytest.fixture
def first(site: Site) -> BuiltEngine:
    site.write("secret", "0123456789abcdef0123456789abcdef").chmod(0o600)
    return site.build(**FIRST)


def test_where_nothing_changed_trust_and_engines_are_the_same(site: Site, first: BuiltEngine) -> None:
    same = again(site, first)
    assert same.engine is first.engine
    assert same.http is not None
    assert first.http is not None
    assert same.http.engine is first.http.engine
    assert same.store is first.store is not None


def test_an_engine_for_http_alone_is_taken_over_too(site: Site, first: BuiltEngine) -> None:
    alone = again(site, first, sources="")
    assert alone.engine is not first.engine
    same = again(site, alone, sources="")
    assert same.http is not None
    assert same.engine is alone.engine is same.http.engine


@pytest.mark.parametrize(
    "section",
    [
        {"x": "# a comment"},
        {"policies": "policies: [{name: other, when: {}, require: {}}]"},
        {"sources": "sources: [{type: xfcc}]"},
        {"headers": "headers: {prefix: x-id-}"},
        {"deny": "deny: {status: 401}"},
    ],
)
def test_another_file_gives_other_engines_that_believe_what_is_remembered(
    site: Site, first: BuiltEngine, section: dict[str, str]
) -> None:
    other = again(site, first, **section)
    assert other.engine is not first.engine
    assert other.http is not None
    assert first.http is not None
    assert other.http.engine is not first.http.engine
    assert other.engine.trust is first.engine.trust
    assert other.http.engine.trust is first.engine.trust


TIED = "trust: {anchors: [{path: pki/root.pem, %s}], intermediates: [pki/issuing.pem]}"
ANCHORS = "trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem]%s}"
CRLS = "revocation: {crls: [{path: pki/issuing.crl}], signers: [pki/issuing.pem]%s}"


@pytest.mark.parametrize(
    "section",
    [
        {"trust": "trust: {anchors: [pki/issuing.pem]}"},
        {"trust": "trust: {anchors: [pki/root.pem]}"},
        {"trust": TIED % "trust_domains: [a.example]"},
        {"trust": TIED % "dod: true"},
        {"trust": ANCHORS % ", chain: issuer_name"},
        {"trust": ANCHORS % ", clock_skew: 1m"},
        {"trust": ANCHORS % ", unsafe_sha1: true"},
        {"trust": ANCHORS % ", min_rsa_bits: 3072"},
        {"revocation": ""},
        {"revocation": "revocation: {crls: [{path: pki/issuing.crl}]}"},
        {"revocation": CRLS % ", check: chain"},
        {"revocation": CRLS % ", when_missing: allow"},
        {"revocation": CRLS % ", when_stale: allow"},
        {"revocation": CRLS % ", grace: 1h"},
        {"revocation": CRLS % ", max_age: 1d"},
        {"revocation": CRLS % ", revoked: [{issuer: 'CN=Issuing,O=Example', serial: '1'}]"},
        {"revocation": CRLS % ", issuers: [{issuer: 'CN=Issuing,O=Example', when_missing: allow}]"},
        {"identity": "identity: {profiles: [piv_i]}"},
        {"cache": "cache: {clients: 5}"},
    ],
    ids=str,
)
def test_whatever_says_whom_to_believe_makes_another_trust(
    site: Site, first: BuiltEngine, section: dict[str, str]
) -> None:
    other = again(site, first, **section)
    assert other.engine.trust is not first.engine.trust
    assert other.store is not first.store or other.store is None
    assert other.engine is not first.engine


@pytest.mark.parametrize("file", ["pki/root.pem", "pki/issuing.pem"])
def test_other_certificates_in_the_same_files_make_another_trust(site: Site, first: BuiltEngine, file: str) -> None:
    request = AuthRequest(source_certificate=pki.url_pem(site.pki.leaf.der), path="/")
    assert first.engine.decide(request, pki.NOW).reason is Reason.CRL_MISSING
    site.write(file, STRANGER.pem)
    other = again(site, first)
    assert other.engine.trust is not first.engine.trust
    assert other.engine.decide(request, pki.NOW).reason is Reason.UNTRUSTED_ISSUER


def test_the_same_certificates_in_a_large_file_are_the_same(site: Site, first: BuiltEngine) -> None:
    """Certificates of large files are parsed each time: other objects, and no other certificates."""
    site.write("pki/root.pem", site.pki.root.pem + b"#" * 100_000)
    assert again(site, first).engine is first.engine


def test_another_secret_is_for_the_caller_alone(site: Site, first: BuiltEngine) -> None:
    site.write("secret", "fedcba9876543210fedcba9876543210").chmod(0o600)
    other = again(site, first)
    assert other.http is not None
    assert first.http is not None
    assert other.http.engine is first.http.engine
    assert (first.http.callers.secret[:4], other.http.callers.secret[:4]) == (b"0123", b"fedc")


def test_an_engine_that_explains_is_another_one(site: Site, first: BuiltEngine) -> None:
    short = load_engine(site.write_config(**FIRST), before=first, explained=False)
    assert short.engine is not first.engine
    assert short.engine.trust is first.engine.trust
    assert load_engine(site.write_config(**FIRST), before=short, explained=False).engine is short.engine
