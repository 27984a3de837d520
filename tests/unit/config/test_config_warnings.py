import pytest

from extauthz.config.config_warnings import containing_name
from extauthz.identity.dn_text import parse_dn
from support.config_site import Site

REVOCATION = "revocation: {crls: [{path: pki/issuing.crl}]%s}"


def warnings(site: Site, **sections: str) -> list[str]:
    sections.setdefault("revocation", REVOCATION % "")
    built = site.build(**sections)
    return [str(one).removeprefix(f"{site.directory}/config.yaml:") for one in built.warnings]


def test_a_strict_configuration_has_none(site: Site) -> None:
    assert warnings(site) == []


@pytest.mark.parametrize(
    ("sections", "warning"),
    [
        (
            {"revocation": ""},
            "1:1: revocation: is not configured: revoked certificates are accepted until they expire",
        ),
        (
            {"revocation": REVOCATION % ", when_missing: allow"},
            "5:61: revocation.when_missing: allow lets certificates in for whose issuer there is no CRL",
        ),
        (
            {"revocation": REVOCATION % ", when_stale: allow"},
            (
                "5:59: revocation.when_stale: allow lets certificates in that were revoked since the last CRL that "
                "could be "
                "had"
            ),
        ),
        (
            {"revocation": REVOCATION % ", issuers: [{issuer: 'CN=Issuing,O=Example', when_stale: allow}]"},
            (
                "5:102: revocation.issuers[0].when_stale: allow lets certificates of 'CN=Issuing,O=Example' in without "
                "a current CRL"
            ),
        ),
        (
            {"revocation": REVOCATION % ", distribution_points: {hosts: [a]}, fetch: {private_addresses: true}"},
            (
                "5:109: revocation.fetch.private_addresses: true lets whoever names the listed hosts' addresses make "
                "this service ask inside its own network"
            ),
        ),
        (
            {"trust": "trust: {anchors: [pki/issuing.pem], unsafe_sha1: true}"},
            (
                "3:50: trust.unsafe_sha1: true accepts signatures over SHA-1: whoever can choose part of one "
                "certificate can forge another"
            ),
        ),
        (
            {"trust": "trust: {anchors: [pki/issuing.pem], unsafe_rsa_1024: true}"},
            ("3:54: trust.unsafe_rsa_1024: true accepts RSA keys of 1024 bits, which can be broken with enough money"),
        ),
        (
            {"trust": "trust: {chain: unsafe_none, anchors: [pki/issuing.pem]}"},
            (
                "3:16: trust.chain: unsafe_none believes every certificate, whoever made it; then only the proxy can "
                "verify "
                "it"
            ),
        ),
        (
            {"trust": "trust: {chain: issuer_name, anchors: [pki/issuing.pem]}"},
            (
                "3:16: trust.chain: issuer_name compares names only: anyone can write an issuer's name into a "
                "certificate, so it is safe only behind a proxy that verifies the chain"
            ),
        ),
        (
            {"sources": "sources: [{type: xfcc, element: {from_right: 2}}]"},
            (
                "2:33: sources[0].element: trusts every client of the last proxy to have written this element; "
                "name the proxies in `by`"
            ),
        ),
        (
            {"policies": "unsafe_path_parameters: true\npolicies: [{name: a, when: {}, require: {}}]"},
            (
                "4:25: unsafe_path_parameters: lets `/admin;x/users` pass by a policy for `/admin/**`, if the upstream "
                "cuts parameters off"
            ),
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {}, certificate: optional}]"},
            "4:58: policies[0].certificate: optional: 'a' allows every request that comes without a certificate",
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {issuer_contains: [O=Example]}}]"},
            (
                "4:60: policies[0].require.issuer_contains[0]: 'O=Example' is also contained in 'CN=not O=Example at "
                "all,O=Anyone'; prefer `issuer` with the whole name"
            ),
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {any_of: [{subject_contains: ['OU=A,O=B']}]}}]"},
            (
                "4:71: policies[0].require.any_of[0].subject_contains[0]: 'OU=A,O=B' is also contained in "
                "'CN=not OU=A,O=B at all,O=Anyone'; prefer `subject` with the whole name"
            ),
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {not: {subject_contains: [x]}}}]"},
            (
                "4:67: policies[0].require.not.subject_contains[0]: 'x' is also contained in 'CN=not x at "
                "all,O=Anyone'; prefer `subject` with the whole name"
            ),
        ),
    ],
)
def test_a_choice_that_weakens_the_service_is_named_at_its_place(
    site: Site, sections: dict[str, str], warning: str
) -> None:
    assert warnings(site, **sections) == [warning]


HTTP = "listen: {http: {dialect: nginx, address: '%s', callers: {addresses: [%s]}}}"


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("127.0.0.1:9192", "10.0.0.0/8"),
        ("127.0.0.1:9192", "'::1', 'fd00::/16'"),
        ("[::1]:9192", "127.0.0.1"),
        ("localhost:9192", "10.0.0.0/8, '2001:db8::/32'"),
    ],
)
def test_callers_of_a_listener_that_only_this_machine_reaches_must_be_of_this_machine(
    site: Site, address: str, networks: str
) -> None:
    (found,) = warnings(site, listen=HTTP % (address, networks))
    assert found.startswith(f"5:{HTTP.index('[') + len(address) - 1}: listen.http.callers.addresses: ")
    assert found.endswith(f"nobody else reaches {address}: every question is refused")


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("127.0.0.1:9192", "10.0.0.0/8, 127.0.0.1"),
        ("127.0.0.1:9192", "127.0.0.0/8"),
        ("127.0.0.1:9192", "127.8.0.0/16"),
        ("[::1]:9192", "'::1'"),
        ("localhost:9192", "'::1'"),
        ("0.0.0.0:9192", "10.0.0.0/8"),
        ("10.0.0.7:9192", "10.0.0.0/8"),
        ("extauthz:9192", "10.0.0.0/8"),
    ],
)
def test_callers_that_can_reach_the_listener_are_no_mistake(site: Site, address: str, networks: str) -> None:
    assert warnings(site, listen=HTTP % (address, networks)) == []


@pytest.mark.parametrize(
    ("networks", "network"),
    [
        ("128.0.0.0/1", "128.0.0.0/1"),
        ("8.0.0.0/7, 10.0.0.7", "8.0.0.0/7"),
        ("10.0.0.0/8, 11.0.0.0/8", "10.0.0.0/7"),
        ("'2000::/3'", "2000::/3"),
        ("'2001:db8::/32', '2400::/15'", "2400::/15"),
    ],
)
def test_callers_that_may_be_half_the_internet_are_warned_of(site: Site, networks: str, network: str) -> None:
    (found,) = warnings(site, listen=HTTP % ("10.0.0.7:9192", networks))
    assert f"listen.http.callers.addresses: lets ask whoever has an address in {network}, which is more" in found


@pytest.mark.parametrize(
    "networks", ["10.0.0.0/8", "10.0.0.0/8, 172.16.0.0/12", "'2400::/16', '::1'", "'fc00::/7', 'fe80::/10'"]
)
def test_callers_of_networks_that_somebody_has_are_no_weak_choice(site: Site, networks: str) -> None:
    assert warnings(site, listen=HTTP % ("10.0.0.7:9192", networks)) == []


@pytest.mark.parametrize("callers", ["callers: {secret: {file: secret}}", "unsafe_any_caller: true"])
def test_callers_that_are_told_apart_otherwise_are_no_mistake(site: Site, callers: str) -> None:
    site.write("secret", "0123456789abcdef\n").chmod(0o600)
    found = warnings(site, listen=f"listen: {{http: {{dialect: nginx, {callers}}}}}")
    assert not any("callers.addresses" in one for one in found)


@pytest.mark.parametrize(
    "sources",
    [
        "sources: [{type: xfcc}]",
        "sources: [{type: xfcc, element: last}]",
        "sources: [{type: xfcc, element: {from_right: 1}}]",
        "sources: [{type: xfcc, element: {from_right: 2}, by: ['spiffe://a/b']}]",
    ],
)
def test_an_element_with_its_writer_named_is_no_weakness(site: Site, sources: str) -> None:
    assert warnings(site, sources=sources) == []


@pytest.mark.parametrize(
    "fragment", ["Ops", "OU=Ops", "OU=Ops,O=Example", "ps,O=Ex", ",O=Example", "a+b", 'x\\"y', "ä b"]
)
def test_example_of_a_fragment_is_a_sound_name_that_contains_it(fragment: str) -> None:
    example = containing_name(fragment)
    assert fragment in example
    assert len(parse_dn(example)) >= 2


def test_fragment_of_no_sound_name_still_has_an_example() -> None:
    assert containing_name('"') == '" at all'
