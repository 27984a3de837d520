"""What a load takes over from the one before: whatever would be built the same, and nothing else."""

import pytest

from extauthz.config.build import BuiltEngine, load_engine
from extauthz.engine import Engine, Policy
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from support import pki
from support.config_site import Site

FIRST = {
    "trust": "trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem]}",
    "revocation": "revocation: {crls: [{path: pki/issuing.crl}], signers: [pki/issuing.pem], when_missing: allow}",
    "listen": "listen: {http: {dialect: nginx, callers: {secret: {header: x-secret, file: secret}}}}",
    "policies": "policies: [{name: one, when: {hosts: [a.example]}, require: {}}, {name: two, when: {}, require: {}}]",
}
STRANGER = pki.make_ca("Stranger")


def again(site: Site, before: BuiltEngine, **sections: str) -> BuiltEngine:
    return load_engine(site.write_config(**{**FIRST, **sections}), before=before.parts)


@pytest.fixture
def first(site: Site) -> BuiltEngine:
    site.write("secret", "0123456789abcdef0123456789abcdef").chmod(0o600)
    return site.build(**FIRST)


def engines(built: BuiltEngine) -> tuple[Engine, Engine]:
    assert built.http is not None
    return built.engine, built.http.engine


def judges(built: BuiltEngine) -> list[object]:
    return [engine.memories[0] for engine in engines(built)]


def policies(built: BuiltEngine) -> dict[str, Policy]:
    return {policy.name: policy for _, policy in built.engine._routes._routes}


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"x": "# a comment"},
        {"policies": FIRST["policies"].replace("a.example", "b.example")},
        {"log": "log: {level: debug}"},
    ],
    ids=str,
)
def test_what_does_not_judge_leaves_everything_that_does(
    site: Site, first: BuiltEngine, section: dict[str, str]
) -> None:
    other = again(site, first, **section)
    assert other.engine is not first.engine
    assert other.engine.trust is first.engine.trust
    assert judges(other) == judges(first)
    assert policies(other) == policies(first)
    assert other.store is first.store is not None


def test_judges_remember_apart_for_each_listener(first: BuiltEngine) -> None:
    grpc, http = judges(first)
    assert grpc is not http


def test_where_there_is_http_alone_its_judge_stays(site: Site, first: BuiltEngine) -> None:
    alone = again(site, first, sources="")
    assert judges(alone)[0] is judges(alone)[1] is judges(first)[1]


@pytest.mark.parametrize(
    "policy",
    [
        "{name: two, when: {}, require: {common_name: [alice]}}",
        "{name: two, when: {}, require: {}, certificate: optional}",
        "{name: two, when: {}, require: {}, session_lifetime: 2h}",
        "{name: two, when: {}, require: {token_binding: required}}",
        f"{{name: two, when: {{}}, require: {{pins: {{cert_sha256: ['{'0' * 64}']}}}}}}",
        "{name: three, when: {}, require: {}}",
    ],
)
def test_another_policy_is_judged_by_anew_and_the_rest_is_not(site: Site, first: BuiltEngine, policy: str) -> None:
    one = "{name: one, when: {hosts: [a.example]}, require: {}}"
    other = again(site, first, policies=f"policies: [{one}, {policy}]")
    assert policies(other)["one"] is policies(first)["one"]
    assert policies(first)["two"] not in policies(other).values()
    assert judges(other) == judges(first)


@pytest.mark.parametrize(
    "section",
    [
        {"pins": f"pins: {{cert_sha256: ['{'0' * 64}']}}"},
        {"token_binding": "token_binding: {payload_keys: [jwt]}"},
    ],
    ids=str,
)
def test_what_counts_for_all_policies_makes_all_of_them_others(
    site: Site, first: BuiltEngine, section: dict[str, str]
) -> None:
    other = again(site, first, **section)
    assert not set(policies(other).values()) & set(policies(first).values())
    assert other.engine.trust is first.engine.trust


@pytest.mark.parametrize(
    ("section", "kept"),
    [
        ({"headers": "headers: {prefix: x-id-}"}, (False, False)),
        ({"headers": "headers: {emit: [cn]}"}, (False, False)),
        ({"headers": "headers: {map: {x-user: common_name}}"}, (False, False)),
        ({"deny": "deny: {status: 401}"}, (False, False)),
        ({"sources": "sources: [{type: xfcc}]"}, (False, True)),
        ({"listen": FIRST["listen"].replace("nginx,", "caddy,")}, (True, False)),
    ],
    ids=str,
)
def test_whatever_is_in_a_judgement_makes_another_judge(
    site: Site, first: BuiltEngine, section: dict[str, str], kept: tuple[bool, bool]
) -> None:
    other = again(site, first, **section)
    assert tuple(a is b for a, b in zip(judges(first), judges(other), strict=True)) == kept
    assert policies(other) == policies(first)


def test_another_dialect_has_a_judge_of_its_own(site: Site, first: BuiltEngine) -> None:
    """Where both read the same sources, too: the answers are others."""
    speech = "listen: {http: {dialect: %s, sources: [{type: rfc9440}], unsafe_any_caller: true}}"
    before = again(site, first, listen=speech % "nginx")
    assert judges(again(site, before, listen=speech % "nginx")) == judges(before)
    other = again(site, before, listen=speech % "traefik")
    assert tuple(a is b for a, b in zip(judges(before), judges(other), strict=True)) == (True, False)


def test_a_judge_that_explains_is_another_one(site: Site, first: BuiltEngine) -> None:
    path = site.write_config(**FIRST)
    short = load_engine(path, before=first.parts, explained=False)
    assert not set(judges(short)) & set(judges(first))
    assert judges(load_engine(path, before=short.parts, explained=False)) == judges(short)


TIED = "trust: {anchors: [{path: pki/root.pem, %s}], intermediates: [pki/issuing.pem]}"
ANCHORS = "trust: {anchors: [pki/root.pem], intermediates: [pki/issuing.pem]%s}"
CRLS = "revocation: {crls: [{path: pki/issuing.crl}], signers: [pki/issuing.pem], when_missing: allow%s}"


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
        {"revocation": "revocation: {crls: [{path: pki/issuing.crl}], when_missing: allow}"},
        {"revocation": CRLS.replace(", when_missing: allow", "") % ""},
        {"revocation": CRLS % ", check: chain"},
        {"revocation": CRLS % ", when_stale: allow"},
        {"revocation": CRLS % ", grace: 1h"},
        {"revocation": CRLS % ", max_age: 1d"},
        {"revocation": CRLS % ", revoked: [{issuer: 'CN=Issuing,O=Example', serial: '1'}]"},
        {"revocation": CRLS % ", issuers: [{issuer: 'CN=Issuing,O=Example', when_missing: deny}]"},
        {"identity": "identity: {profiles: [piv_i]}"},
        {"cache": "cache: {clients: 5}"},
    ],
    ids=str,
)
def test_whatever_says_whom_to_believe_makes_everything_another(
    site: Site, first: BuiltEngine, section: dict[str, str]
) -> None:
    other = again(site, first, **section)
    assert other.engine.trust is not first.engine.trust
    assert other.store is not first.store or other.store is None
    assert not set(judges(other)) & set(judges(first))
    assert not set(policies(other).values()) & set(policies(first).values())


@pytest.mark.parametrize("file", ["pki/root.pem", "pki/issuing.pem"])
def test_other_certificates_in_the_same_files_make_another_trust(site: Site, first: BuiltEngine, file: str) -> None:
    request = AuthRequest(source_certificate=pki.url_pem(site.pki.leaf.der), host="a.example", path="/")
    assert first.engine.decide(request, pki.NOW).allowed
    site.write(file, STRANGER.pem)
    other = again(site, first)
    assert other.engine.trust is not first.engine.trust
    assert other.engine.decide(request, pki.NOW).reason is Reason.UNTRUSTED_ISSUER


def test_the_same_certificates_in_a_large_file_are_the_same(site: Site, first: BuiltEngine) -> None:
    """Certificates of large files are parsed each time: other objects, and no other certificates."""
    site.write("pki/root.pem", site.pki.root.pem + b"#" * 100_000)
    assert again(site, first).engine.trust is first.engine.trust


def test_another_secret_is_for_the_caller_alone(site: Site, first: BuiltEngine) -> None:
    site.write("secret", "fedcba9876543210fedcba9876543210").chmod(0o600)
    other = again(site, first)
    assert other.http is not None
    assert first.http is not None
    assert judges(other) == judges(first)
    assert (first.http.callers.secret[:4], other.http.callers.secret[:4]) == (b"0123", b"fedc")


def test_a_policy_that_comes_back_is_judged_by_anew(site: Site, first: BuiltEngine) -> None:
    request = AuthRequest(source_certificate=pki.url_pem(site.pki.leaf.der), host="b.example", path="/")
    assert first.engine.decide(request, pki.NOW).allowed
    strict = FIRST["policies"].replace("two, when: {}, require: {}", "two, when: {}, require: {kind: [piv-auth]}")
    second = again(site, first, policies=strict)
    assert second.engine.decide(request, pki.NOW).reason is Reason.KIND_NOT_ALLOWED
    third = again(site, second)
    assert third.engine.decide(request, pki.NOW).allowed
    assert policies(third)["two"] is not policies(first)["two"]
