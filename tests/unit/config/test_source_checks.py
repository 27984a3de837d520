"""Sources that contradict each other, or the rest of the configuration."""

import pytest

from extauthz.config.schema.sources import NginxSource
from extauthz.config.schema.trust import Trust
from extauthz.config.source_checks import check_sources
from support.config_site import Site

ONE = "sources: [%s]"


READ = "is already read by `sources[0].%s`; a header has one meaning"
FORGERY = "is under `headers.prefix`: what arrives there is a forgery; choose another name"
HERE = "`here` needs `trust.chain: verify`; with `chain: %s` nobody would verify the certificate"

CONTRADICTIONS: list[tuple[dict[str, str], str]] = [
    (
        {"sources": ONE % "{type: xfcc}, {type: envoy_peer}, {type: xfcc, element: last}"},
        "2:52: sources[2].type: xfcc is already `sources[0]`; list each kind once",
    ),
    (
        {"sources": ONE % "{type: nginx, header: a, verify_header: a}"},
        f"2:51: sources[0].verify_header: 'a' {READ % 'header'}",
    ),
    (
        {"sources": ONE % "{type: base64_der, header: a, chain_header: a}"},
        f"2:55: sources[0].chain_header: 'a' {READ % 'header'}",
    ),
    (
        {"sources": ONE % "{type: nginx}, {type: base64_der, header: x-ssl-client-cert}"},
        f"2:53: sources[1].header: 'x-ssl-client-cert' {READ % 'header'}",
    ),
    (
        {"sources": ONE % "{type: base64_der, header: client-cert}, {type: rfc9440}"},
        f"2:59: sources[1].type: 'client-cert' {READ % 'header'}",
    ),
    (
        {"sources": ONE % "{type: rfc9440}, {type: base64_der, header: a, chain_header: client-cert-chain}"},
        f"2:72: sources[1].chain_header: 'client-cert-chain' {READ % 'type'}",
    ),
    (
        {"sources": ONE % "{type: nginx, header: x-client-cert-pem}"},
        f"2:33: sources[0].header: 'x-client-cert-pem' {FORGERY}",
    ),
    (
        {"sources": ONE % "{type: nginx, verify_header: x-id-verify}", "headers": "headers: {prefix: x-id-}"},
        f"2:40: sources[0].verify_header: 'x-id-verify' {FORGERY}",
    ),
    (
        {"sources": ONE % "{type: base64_der, header: x-user}", "headers": "headers: {map: {x-user: common_name}}"},
        "2:38: sources[0].header: 'x-user' is written by `headers.map`; choose another name",
    ),
    (
        {
            "sources": ONE % "{type: nginx, verify: here}",
            "trust": "trust: {anchors: [pki/root.pem], chain: issuer_name}",
        },
        f"2:33: sources[0].verify: {HERE % 'issuer_name'}",
    ),
    (
        {"sources": ONE % "{type: nginx, verify: here}", "trust": "trust: {chain: unsafe_none}"},
        f"2:33: sources[0].verify: {HERE % 'unsafe_none'}",
    ),
    (
        {"sources": ONE % "{type: aws_alb, mode: passthrough}", "trust": "trust: {chain: unsafe_none}"},
        f"2:33: sources[0].mode: {(HERE % 'unsafe_none').replace('here', 'passthrough')}",
    ),
    (
        {"sources": ONE % "{type: base64_der, header: x-amzn-mtls-clientcert}, {type: aws_alb, mode: passthrough}"},
        f"2:85: sources[1].mode: 'x-amzn-mtls-clientcert' {READ % 'header'}",
    ),
    (
        {"sources": ONE % "{type: base64_der, header: a}, {type: aws_alb, mode: verify, header: a}"},
        f"2:80: sources[1].header: 'a' {READ % 'header'}",
    ),
]


@pytest.mark.parametrize(("sections", "problem"), CONTRADICTIONS)
def test_a_contradiction_is_named_with_its_place(site: Site, sections: dict[str, str], problem: str) -> None:
    assert site.problems(**sections) == [problem]


@pytest.mark.parametrize(
    "sections",
    [
        {"sources": "sources: [{type: envoy_peer}, {type: xfcc}, {type: nginx}, {type: rfc9440}, "
                    "{type: base64_der, header: a, chain_header: b}, {type: aws_alb, mode: passthrough}]"},
        {"sources": ONE % "{type: aws_alb, mode: verify}", "trust": "trust: {chain: unsafe_none}"},
        {"sources": ONE % "{type: nginx, verify: here}"},
        {"sources": ONE % "{type: nginx}", "trust": "trust: {chain: unsafe_none}"},
        {"sources": ONE % "{type: base64_der, header: x-client-certificate}"},
        {"sources": ONE % "{type: base64_der, header: x-client-cert}"},
    ],
)  # fmt: skip
def test_sources_that_do_not_meet_are_accepted(site: Site, sections: dict[str, str]) -> None:
    assert site.load(**sections).config.sources


HEADER = (
    ("X-SSL-Client-Cert", "is not a header name; write lower-case letters, digits and single `-` between them"),
    ("x_ssl_client_cert", "is not a header name; write lower-case letters, digits and single `-` between them"),
    (":path", "is not a header name; write lower-case letters, digits and single `-` between them"),
    ("x--cert", "is not a header name; write lower-case letters, digits and single `-` between them"),
    ("cert\\n", "is not a header name; write lower-case letters, digits and single `-` between them"),
    ("x-forwarded-client-cert", "is for `type: xfcc`, which knows how to read it"),
    ("authorization", "has a meaning of its own; have the proxy write another one"),
    ("cookie", "has a meaning of its own; have the proxy write another one"),
    ("host", "has a meaning of its own; have the proxy write another one"),
    ("x-envoy-cert", "has a meaning of its own; have the proxy write another one"),
    ("grpc-cert", "has a meaning of its own; have the proxy write another one"),
)


@pytest.mark.parametrize(("name", "message"), HEADER)
@pytest.mark.parametrize("key", ["header", "verify_header"])
def test_a_header_with_a_meaning_of_its_own_is_refused(site: Site, name: str, message: str, key: str) -> None:
    (problem,) = site.problems(sources=ONE % f'{{type: nginx, {key}: "{name}"}}')
    assert problem.startswith(f"2:{25 + len(key) + 2}: sources[0].{key}: ")
    assert problem.endswith(message)


@pytest.mark.parametrize("form", ["comma_list", "concatenated"])
def test_a_chain_has_one_place(site: Site, form: str) -> None:
    (problem,) = site.problems(sources=ONE % f"{{type: base64_der, header: a, chain_header: b, form: {form}}}")
    assert problem == (f"2:11: sources[0]: `chain_header` needs `form: single`; with `{form}` the chain is in `header`")


def test_what_could_not_be_read_is_not_held_against_the_rest(site: Site) -> None:
    problems = site.problems(
        sources=ONE % "{type: nginx, header: Cookie}, {type: base64_der, header: x-ssl-client-cert}",
        trust="trust: {anchors: [pki/root.pem], chain: never}",
        headers="headers: {prefix: x}",
    )
    assert [problem.split(": ")[1] for problem in problems] == ["sources[0].header", "trust.chain", "headers.prefix"]


def test_a_list_elsewhere_is_named_by_its_own_place() -> None:
    section = NginxSource(type="nginx", verify="here")
    found = check_sources(
        ("listen", "http", "sources"),
        [section, section],
        trust=Trust(chain="unsafe_none"),
        headers=None,
        is_whole=lambda _: True,
    )
    assert [(path, message.split("`")[1]) for path, message in found] == [
        (("listen", "http", "sources", 1, "type"), "listen.http.sources[0]"),
        (("listen", "http", "sources", 0, "verify"), "here"),
        (("listen", "http", "sources", 1, "header"), "listen.http.sources[0].header"),
        (("listen", "http", "sources", 1, "verify_header"), "listen.http.sources[0].verify_header"),
        (("listen", "http", "sources", 1, "verify"), "here"),
    ]
