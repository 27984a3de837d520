"""Texts that a setting can hold or not, with the sentence that says why not."""

import pytest

from support.config_site import Site

WITH_REQUIRE = "policies: [{name: a, when: {}, require: %s}]"
WITH_WHEN = "policies: [{name: a, when: %s, require: {}}]"


@pytest.mark.parametrize(
    "when",
    [
        "{hosts: [example.com, '*.example.com', '**.example.com', 're:[a-z]+']}",
        "{paths: [/, /a, /a/*, '/**/x', 're:/v[0-9]+/.*']}",
        "{methods: [GET, M-SEARCH]}",
        "{sni: ['*.example.com']}",
        "{context: {policy: '', a b: c}}",
    ],
)
def test_when_takes_patterns(site: Site, when: str) -> None:
    assert site.load(policies=WITH_WHEN % when).config.policies[0].name == "a"


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        (
            "{hosts: ['a*.example.com']}",
            "hosts[0]: '*' must stand for a whole segment, not for a part of 'a*'; use a 're:' pattern",
        ),
        ("{hosts: ['re:']}", "hosts[0]: the expression after 're:' is empty, so it would match only an empty value"),
        ("{paths: [v1]}", "paths[0]: a path pattern starts with '/' (or 're:'): 'v1' would never match"),
        ("{paths: ['re:(']}", "paths[0]: RE2 refuses the expression '(': missing ): ("),
        ("{sni: ['re:(?=a)']}", "sni[0]: RE2 refuses the expression '(?=a)': invalid perl operator: (?="),
        ("{methods: [get]}", "methods[0]: 'get' is not an HTTP method; write it in capitals, such as GET"),
    ],
)
def test_when_refuses_what_cannot_match(site: Site, when: str, problem: str) -> None:
    (found,) = site.problems(policies=WITH_WHEN % when)
    assert found.partition("policies[0].when.")[2] == problem


@pytest.mark.parametrize(
    "require",
    [
        "{issuer: ['CN=A,O=B', 're:CN=.*']}",
        "{subject: ['CN=A']}",
        "{issuer_contains: ['O=B'], subject_contains: [x]}",
        "{common_name: [a, 're:b+'], organization: [A], organizational_unit: [B]}",
        "{san: {dns: ['*.a'], ip: [10.0.0.0/8, '::1'], uri: ['https://a/**'], email: ['*@b'], upn: [a@b]}}",
        "{san_present: true}",
        "{spiffe_id: ['spiffe://a.example/ns/*/sa/x', 'spiffe://a.example/**', 're:spiffe://a.example/.*']}",
        "{kind: [software, spiffe]}",
        "{extended_key_usage: [clientAuth, 1.3.6.1.5.5.7.3.2]}",
        "{key: [{type: rsa, min_bits: 2048}, {type: ec, curves: [secp256r1]}, {type: ed25519}]}",
        "{max_lifetime: 90d}",
        "{policy_oids: [2.16.840.1.101.3.2.1.3.13]}",
        "{any_of: [{common_name: [a]}, {not: {any_of: [{kind: [spiffe]}]}}]}",
        "{not: {common_name: [a]}}",
        "{token_binding: if_present}",
    ],
)
def test_require_takes_every_condition(site: Site, require: str) -> None:
    assert site.load(policies=WITH_REQUIRE % require).config.policies[0].name == "a"


@pytest.mark.parametrize(
    ("require", "start"),
    [
        ("{issuer: [Issuing]}", "issuer[0]: 'Issuing' is not an RFC 4514 distinguished name: "),
        ("{subject: ['CN=a,']}", "subject[0]: 'CN=a,' is not an RFC 4514 distinguished name: "),
        ("{subject: ['re:(?!a)']}", "subject[0]: RE2 refuses the expression '(?!a)': "),
        (
            "{common_name: ['a*']}",
            "common_name[0]: '*' has no meaning in 'a*', which has no segments; use a 're:' pattern",
        ),
        ("{organization: ['*']}", "organization[0]: '*' has no meaning in '*'"),
        ("{organizational_unit: ['**']}", "organizational_unit[0]: '*' has no meaning in '**'"),
        ("{san: {dns: ['*a.b']}}", "san.dns[0]: '*' must stand for a whole segment"),
        ("{san: {ip: [10.0.0.1/8]}}", "san.ip[0]: '10.0.0.1/8' is not an IP address or CIDR network: "),
        ("{san: {ip: [example.com]}}", "san.ip[0]: 'example.com' is not an IP address or CIDR network: "),
        ("{san: {uri: ['https://a/b*']}}", "san.uri[0]: '*' must stand for a whole segment"),
        ("{san: {email: ['a*@b']}}", "san.email[0]: '*' must stand for a whole segment"),
        ("{san: {upn: ['re:[']}}", "san.upn[0]: RE2 refuses the expression '[': "),
        ("{spiffe_id: ['https://a']}", "spiffe_id[0]: a SPIFFE ID starts with 'spiffe://'"),
        ("{spiffe_id: ['spiffe://*/x']}", "spiffe_id[0]: 'spiffe://*/x' can match no SPIFFE ID: "),
        ("{extended_key_usage: [clientauth]}", "extended_key_usage[0]: 'clientauth' is no known extended key usage"),
        ("{extended_key_usage: [1.3.]}", "extended_key_usage[0]: '1.3.' is not a dotted object identifier"),
        ("{policy_oids: [anyPolicy]}", "policy_oids[0]: 'anyPolicy' is not a dotted object identifier"),
        ("{key: [{type: ec, min_bits: 256}]}", "key[0]: `min_bits` has no meaning for ec keys; it is for rsa and dsa"),
        ("{key: [{type: rsa, curves: [secp256r1]}]}", "key[0]: `curves` has no meaning for rsa keys; it is for ec"),
        ("{key: [{type: ec, curves: [P-256]}]}", "key[0].curves[0]: must be one of secp192r1, "),
        ("{max_lifetime: 0s}", "max_lifetime: 0s is out of range; it must be from 1s to 36500d"),
        ("{not: {not: {subject: [x]}}}", "not.not.subject[0]: 'x' is not an RFC 4514 distinguished name: "),
        ("{any_of: [{common_name: [a]}, {common_name: ['*']}]}", "any_of[1].common_name[0]: '*' has no meaning in '*'"),
        ("{pins: {spki_sha256: [YWJj]}}", "pins.spki_sha256[0]: 'YWJj' is no pin of a key ("),
        ("{pins: {spki_sha256: [{pin: YWI=}]}}", "pins.spki_sha256[0].pin: 'YWI=' is no pin of a key ("),
        ("{pins: {cert_sha256: ['00:11']}}", "pins.cert_sha256[0]: '00:11' is no pin of a certificate ("),
    ],
)
def test_require_refuses_what_cannot_match(site: Site, require: str, start: str) -> None:
    (found,) = site.problems(policies=WITH_REQUIRE % require)
    assert found.partition("policies[0].require.")[2].startswith(start)


@pytest.mark.parametrize("name", ["a", "0", "a-b_c", "x" * 63])
def test_policy_name_is_a_short_label(site: Site, name: str) -> None:
    config = site.load(policies=f"policies: [{{name: '{name}', when: {{}}, require: {{}}}}]").config
    assert config.policies[0].name == name


@pytest.mark.parametrize("name", ["A", "-a", "_a", "a b", "a.b", "x" * 64, "ä"])
def test_other_policy_names_are_refused(site: Site, name: str) -> None:
    assert site.problems(policies=f"policies: [{{name: '{name}', when: {{}}, require: {{}}}}]") == [
        (
            f"4:19: policies[0].name: {name!r} is not a policy name; write 1 to 63 of a-z, 0-9, `-` and `_`, a "
            f"letter or "
            "digit first (it labels metrics)"
        )
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("12", "a serial number is hexadecimal text; write it in quotes"),
        ("12e4", "a serial number is hexadecimal text; write it in quotes"),
        ("true", "a serial number is hexadecimal text; write it in quotes"),
        ("'0x12'", "'0x12' is not a serial number in hex; write its hexadecimal digits, such as \"0a1b2c\""),
        ("''", "'' is not a serial number in hex; write its hexadecimal digits, such as \"0a1b2c\""),
        ("[1]", "must be a string, not a list"),
    ],
)
def test_serial_is_quoted_hex(site: Site, value: str, message: str) -> None:
    problems = site.problems(x=f"revocation: {{revoked: [{{issuer: 'CN=a', serial: {value}}}]}}")
    assert problems == [f"5:49: revocation.revoked[0].serial: {message}"]


@pytest.mark.parametrize("value", ["'12'", "0a1b", "'00:1A:ff'", "-5f", '"-5"'])
def test_serial_takes_the_usual_spellings(site: Site, value: str) -> None:
    loaded = site.load(x=f"revocation: {{when_missing: allow, revoked: [{{issuer: 'CN=a', serial: {value}}}]}}")
    assert loaded.config.revocation is not None


def test_revoked_list_alone_needs_a_word_on_all_other_certificates(site: Site) -> None:
    (problem,) = site.problems(x="revocation: {revoked: [{issuer: 'CN=a', serial: 'a'}]}")
    assert "`when_missing: allow`" in problem


def test_issuer_of_a_revoked_certificate_is_a_distinguished_name(site: Site) -> None:
    (problem,) = site.problems(x="revocation: {revoked: [{issuer: Issuing, serial: 'a'}]}")
    assert problem.startswith("5:33: revocation.revoked[0].issuer: 'Issuing' is not an RFC 4514 distinguished name: ")


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        (
            "{prefix: 'x-'}",
            (
                "headers.prefix: 'x-' is not a usable prefix (every request header under it is removed); write "
                "at least two "
                "lower-case words, each with a `-` after it, such as 'x-client-cert-'"
            ),
        ),
        (
            "{prefix: X-Client-Cert-}",
            (
                "headers.prefix: 'X-Client-Cert-' is not a usable prefix (every request header under it is "
                "removed); write "
                "at least two lower-case words, each with a `-` after it, such as 'x-client-cert-'"
            ),
        ),
        (
            "{prefix: x-forwarded-client-}",
            (
                "headers.prefix: the prefix 'x-forwarded-client-' covers headers with a meaning of their "
                "own; choose another one"
            ),
        ),
        (
            "{map: {X-User: subject}}",
            (
                "headers.map.X-User: 'X-User' is not a header name; write lower-case letters, digits and single "
                "`-` between "
                "them"
            ),
        ),
        (
            "{map: {x_user: subject}}",
            (
                "headers.map.x_user: 'x_user' is not a header name; write lower-case letters, digits and single "
                "`-` between "
                "them"
            ),
        ),
        (
            "{map: {host: subject}}",
            "headers.map.host: the header 'host' has a meaning of its own; choose another name",
        ),
        (
            "{map: {x-envoy-user: subject}}",
            "headers.map.x-envoy-user: the header 'x-envoy-user' has a meaning of its own; choose another name",
        ),
        (
            "{prefix: x-envoy-user-}",
            (
                "headers.prefix: the prefix 'x-envoy-user-' covers headers with a meaning of their own; choose "
                "another one"
            ),
        ),
    ],
)
def test_header_names_are_safe_to_overwrite(site: Site, headers: str, problem: str) -> None:
    (found,) = site.problems(x=f"headers: {headers}")
    assert found.partition(": ")[2] == problem


def test_forwarded_user_headers_may_carry_an_identity(site: Site) -> None:
    headers = site.load(x="headers: {prefix: x-forwarded-user-, map: {x-forwarded-email: emails}}").config.headers
    assert headers.prefix == "x-forwarded-user-"
    assert headers.map == {"x-forwarded-email": "emails"}


def test_lists_that_restrict_nothing_may_be_empty(site: Site) -> None:
    config = site.load(x="headers: {emit: [], map: {}}\ndecision_log: {include: []}").config
    assert config.headers.emit == ()
    assert config.decision_log.include == ()
