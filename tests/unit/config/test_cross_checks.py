import time

import pytest

from extauthz.config.cross_checks import Sections, cross_check
from extauthz.config.schema.policy import Policy
from extauthz.config.schema.sources import EnvoyPeerSource
from support.config_site import Site


@pytest.mark.parametrize(
    ("sections", "problems"),
    [
        (
            {"x": "listen: {grpc: {address: '127.0.0.1:9190'}}"},
            ["5:9: listen.admin.address: must not be the address of `listen.grpc`; choose another port"],
        ),
        (
            {"x": "listen: {grpc: {address: 'unix:/s', transport: grpcio}}", "y": "workers: 2"},
            [
                (
                    "5:26: listen.grpc.address: cannot be shared by several workers with `transport: grpcio`; "
                    "take `native`, a port, or `workers: 1`"
                )
            ],
        ),
        (
            {"x": "revocation: {crls: [{url: 'http://a/x'}, {url: 'http://a/x?y'}, {url: 'http://a/x', refresh: 2h}]}"},
            ["5:71: revocation.crls[2].url: is already `revocation.crls[0]`; list each source once"],
        ),
        (
            {"x": "revocation: {crls: [{path: pki/issuing.crl}, {path: pki}, {path: ./pki//issuing.crl}]}"},
            ["5:66: revocation.crls[2].path: is already `revocation.crls[0]`; list each source once"],
        ),
        (
            {"trust": "trust: {chain: issuer_name}"},
            ["3:8: trust.anchors: is missing; `chain: issuer_name` needs the CA certificates that are trusted"],
        ),
        (
            {
                "policies": "policies:\n"
                "- {name: a, when: {hosts: [a]}, require: {}}\n"
                "- {name: b, when: {hosts: [b]}, require: {}}\n"
                "- {name: a, when: {hosts: [c]}, require: {}}\n"
                "- {name: a, when: {hosts: [d]}, require: {}}\n"
            },
            [
                "7:10: policies[2].name: 'a' is already the name of `policies[0]`; each needs its own",
                "8:10: policies[3].name: 'a' is already the name of `policies[0]`; each needs its own",
            ],
        ),
        (
            {
                "policies": "policies:\n"
                "- {name: a, when: {}, require: {}}\n"
                "- {name: b, when: {hosts: [b]}, require: {}}\n"
                "- {name: c, when: {}, require: {}}\n"
            },
            [
                (
                    "6:3: policies[1]: 'b' can never match: 'a' before it has `when: {}` and takes every request; "
                    "move it up or remove it"
                ),
                (
                    "7:3: policies[2]: 'c' can never match: 'a' before it has `when: {}` and takes every request; "
                    "move it up or remove it"
                ),
            ],
        ),
        (
            {
                "policies": "policies:\n"
                "- {name: a, when: {hosts: [b], methods: [GET]}, require: {}}\n"
                "- {name: b, when: {methods: [GET], hosts: [b]}, require: {}}\n"
            },
            ["6:3: policies[1]: 'b' can never match: 'a' before it has the same `when`; move it up or remove it"],
        ),
        (
            {
                "policies": "policies:\n"
                "- {name: a, when: {context: {x: '1', y: '2'}}, require: {}}\n"
                "- {name: b, when: {}, require: {}}\n"
                "- {name: c, when: {context: {y: '2', x: '1'}}, require: {}}\n"
                "- {name: d, when: {hosts: [h]}, require: {}}\n"
                "- {name: e, when: {hosts: [h]}, require: {}}\n"
            },
            [
                "7:3: policies[2]: 'c' can never match: 'a' before it has the same `when`; move it up or remove it",
                *(
                    f"{line}:3: policies[{line - 5}]: {name!r} can never match: 'b' before it has `when: {{}}` and "
                    "takes every request; move it up or remove it"
                    for line, name in ((8, "d"), (9, "e"))
                ),
            ],
        ),
        (
            {"x": "headers: {emit: [cn], map: {x-client-cert-cn: subject, x-client-cert-issuer: issuer}}"},
            [
                (
                    "5:47: headers.map.x-client-cert-cn: 'x-client-cert-cn' is written by `headers.emit` already; "
                    "choose another name"
                )
            ],
        ),
    ],
)
def test_contradictions_are_reported_at_the_later_setting(
    site: Site, sections: dict[str, str], problems: list[str]
) -> None:
    assert site.problems(**sections) == problems


@pytest.mark.parametrize(
    "sections",
    [
        {"trust": "trust: {chain: unsafe_none}"},
        {"x": "listen: {grpc: {address: '127.0.0.1:0'}, admin: {address: '127.0.0.1:0'}}"},
        {"policies": "policies:\n- {name: a, when: {hosts: [b]}, require: {}}\n- {name: b, when: {}, require: {}}\n"},
    ],
)
def test_what_only_looks_like_one_is_accepted(site: Site, sections: dict[str, str]) -> None:
    assert site.load(**sections).config.version == 1


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"trust": "trust: {chain: unsafe}"}, "3:16: trust.chain: must be one of "),
        (
            {"x": "listen: {grpc: {address: 127.0.0.1}, admin: {address: '127.0.0.1:9191'}}"},
            "5:26: listen.grpc.address: ",
        ),
        (
            {
                "policies": "policies:\n- {name: a, when: {hosts: []}, require: {}}\n"
                "- {name: b, when: {hosts: [b]}, require: {}}\n"
            },
            "5:27: policies[0].when.hosts: must not be an empty list",
        ),
        (
            {
                "policies": "policies:\n- {name: a, when: {hosts: [b]}, require: {}}\n"
                "- {name: b, when: {hosts: [b], path: [/]}, require: {}}\n"
            },
            "6:32: policies[1].when.path: unknown key; did you mean `paths`?",
        ),
        (
            {"x": "headers: {prefix: X-, map: {x-client-cert-cn: subject}}"},
            "5:19: headers.prefix: 'X-' is not a usable",
        ),
    ],
)
def test_defaults_in_place_of_what_could_not_be_read_prove_nothing(
    site: Site, sections: dict[str, str], problem: str
) -> None:
    (found,) = site.problems(**sections)
    assert found.startswith(problem)


def test_ten_thousand_policies_are_compared_in_no_time() -> None:
    policies = [
        Policy.model_validate({"name": f"p{number}", "when": {"hosts": [f"h{number}.example"]}, "require": {}})
        for number in range(10_000)
    ]
    sources = (EnvoyPeerSource(type="envoy_peer"),)
    sections = Sections(listen=None, sources=sources, trust=None, revocation=None, policies=policies, headers=None)
    began = time.process_time()
    assert list(cross_check(sections, lambda _path: True)) == []
    assert time.process_time() - began < 5  # each with each: some 50 million comparisons, most of a minute
