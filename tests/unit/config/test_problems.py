"""Each kind of mistake that the schema finds: its exact place and sentence."""

import pytest

from extauthz.config.problems import shown, similar_key, unknown_key
from support.config_site import Site

TOP_KEYS = (
    "version, listen, workers, shutdown, sources, trust, identity, revocation, pins, token_binding, policies, "
    "unsafe_path_parameters, cache, headers, deny, decision_log, log"
)
SOURCE_TYPES = "envoy_peer, xfcc, nginx, base64_der, rfc9440, aws_alb"


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        # Unknown keys.
        ({"trust": "trust: {anchrs: [pki/root.pem]}"}, "3:9: trust.anchrs: unknown key; did you mean `anchors`?"),
        ({"x": "Deny: {}"}, "5:1: Deny: unknown key; did you mean `deny`?"),
        ({"x": "zzz: 1"}, f"5:1: zzz: unknown key; known here are {TOP_KEYS}"),
        ({"x": "zzz:"}, f"5:1: zzz: unknown key; known here are {TOP_KEYS}"),
        ({"x": "zzz: [null]"}, f"5:1: zzz: unknown key; known here are {TOP_KEYS}"),
        ({"x": 'listen: {htpp: {address: "0.0.0.0:1"}}'}, "5:10: listen.htpp: unknown key; did you mean `http`?"),
        (
            {"x": 'shutdown: {"x.y": 1}'},
            '5:12: shutdown["x.y"]: unknown key; known here are drain_delay, grace',
        ),
        (
            {"sources": "sources: [{type: xfcc, elements: last}]"},
            "2:24: sources[0].elements: unknown key; did you mean `element`?",
        ),
        (
            {"sources": "sources: [{type: xfcc, element: {right: 2}}]"},
            "2:34: sources[0].element.right: unknown key; did you mean `from_right`?",
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {zzz: [x]}}]"},
            (
                "4:42: policies[0].require.zzz: unknown key; known here are issuer, issuer_contains, subject, "
                "subject_contains, common_name, organization, organizational_unit, san, san_present, spiffe_id, upn, "
                "kind, agency_code, fasc_n, edipi, card_uuid, ms_sid, extended_key_usage, key, max_lifetime, "
                "policy_oids, any_of, not, pins, token_binding"
            ),
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {any_of: [{pins: {}}]}}]"},
            (
                "4:52: policies[0].require.any_of[0].pins: unknown key; known here are issuer, issuer_contains, "
                "subject, "
                "subject_contains, common_name, organization, organizational_unit, san, san_present, spiffe_id, upn, "
                "kind, agency_code, fasc_n, edipi, card_uuid, ms_sid, extended_key_usage, key, max_lifetime, "
                "policy_oids, any_of, not"
            ),
        ),
        # Missing keys.
        ({"version": "# version"}, "2:1: version: is missing; it must be 1"),
        ({"trust": ""}, "1:1: trust: is missing; it must be a mapping"),
        ({"policies": ""}, "1:1: policies: is missing; it must be a list of mappings"),
        (
            {"policies": "policies: [{name: a, require: {}}]"},
            "4:12: policies[0].when: is missing; it must be a mapping",
        ),
        (
            {"policies": "policies:\n  - name: a\n    when: {}\n"},
            "5:5: policies[0].require: is missing; it must be a mapping",
        ),
        (
            {"sources": "sources: [{}]"},
            f"2:11: sources[0].type: is missing; it must be one of {SOURCE_TYPES}",
        ),
        (
            {"sources": "sources: [{type: xfcc, element: {}}]"},
            "2:33: sources[0].element.from_right: is missing; it must be a whole number",
        ),
        (
            {"trust": "trust: {chain: verify}"},
            "3:8: trust.anchors: is missing; `chain: verify` needs the CA certificates that are trusted",
        ),
        # Nothing after the key.
        ({"x": "revocation:"}, "5:1: revocation: has no value; it must be a mapping, or be left out"),
        ({"trust": "trust:"}, "3:1: trust: has no value; it must be a mapping"),
        (
            {"trust": "trust: {anchors: [pki/root.pem, ~]}"},
            "3:33: trust.anchors[1]: has no value; it must be a string or a mapping",
        ),
        (
            {"x": "shutdown: {drain_delay: null}"},
            '5:12: shutdown.drain_delay: has no value; it must be a string such as "90s", or be left out',
        ),
        # Wrong types.
        ({"version": 'version: "1"'}, "1:10: version: must be 1, not the string '1'"),
        ({"version": "version: true"}, "1:10: version: must be 1, not `true`"),
        ({"version": "version: 1.0"}, "1:10: version: must be 1, not the number 1.0"),
        ({"version": "version: 2"}, "1:10: version: must be 1, not the number 2"),
        (
            {"trust": "trust: {anchors: pki/root.pem}"},
            "3:18: trust.anchors: must be a list of strings or mappings, not the string 'pki/root.pem'",
        ),
        ({"trust": "trust: [a]"}, "3:8: trust: must be a mapping, not a list"),
        ({"sources": "sources: {type: xfcc}"}, "2:10: sources: must be a list of mappings, not a mapping"),
        (
            {"sources": "sources: [envoy_peer]"},
            f"2:11: sources[0]: must be a mapping whose `type` is one of {SOURCE_TYPES}, not the string 'envoy_peer'",
        ),
        (
            {"trust": "trust: {anchors: [5]}"},
            "3:19: trust.anchors[0]: must be a string, not the number 5; write it in quotes",
        ),
        (
            {"x": "listen: {grpc: {address: 9191}}"},
            (
                '5:26: listen.grpc.address: must be a string such as "0.0.0.0:9191", not the number 9191; '
                "write it in quotes"
            ),
        ),
        (
            {"x": "deny: {expose_reason: yes}"},
            (
                "5:23: deny.expose_reason: must be true or false, not the string 'yes'; "
                "YAML 1.2 has no other words for them"
            ),
        ),
        (
            {"x": 'deny: {expose_reason: "true"}'},
            "5:23: deny.expose_reason: must be true or false, not the string 'true'",
        ),
        ({"x": "deny: {expose_reason: 1}"}, "5:23: deny.expose_reason: must be true or false, not the number 1"),
        (
            {"x": 'decision_log: {queue_size: "200"}'},
            "5:28: decision_log.queue_size: must be a whole number, not the string '200'; write digits without quotes",
        ),
        (
            {"x": "decision_log: {queue_size: 200.0}"},
            "5:28: decision_log.queue_size: must be a whole number, not the number 200.0",
        ),
        (
            {"x": "decision_log: {allow_sample: true}"},
            "5:30: decision_log.allow_sample: must be a number, not `true`",
        ),
        (
            {"policies": "policies: [{name: a, when: {context: [a]}, require: {}}]"},
            "4:38: policies[0].when.context: must be a mapping, not a list",
        ),
        (
            {"policies": "policies: [{name: a, when: {context: {a: 1}}, require: {}}]"},
            "4:42: policies[0].when.context.a: must be a string, not the number 1; write it in quotes",
        ),
        (
            {"x": "pins: {spki_sha256: [[]]}"},
            "5:22: pins.spki_sha256[0]: must be a string, not a list",
        ),
        # Not one of the words.
        (
            {"trust": "trust: {anchors: [pki/root.pem], chain: none}"},
            "3:41: trust.chain: must be one of verify, issuer_name, unsafe_none, not the string 'none'",
        ),
        (
            {"trust": "trust: {anchors: [pki/root.pem], chain: issuer-name}"},
            (
                "3:41: trust.chain: must be one of verify, issuer_name, unsafe_none, not the string 'issuer-name'; "
                "did you mean `issuer_name`?"
            ),
        ),
        (
            {"sources": "sources: [{type: xfc}]"},
            f"2:18: sources[0].type: must be one of {SOURCE_TYPES}, not the string 'xfc'",
        ),
        (
            {"sources": "sources: [{type: [xfcc]}]"},
            f"2:18: sources[0].type: must be one of {SOURCE_TYPES}, not a list",
        ),
        (
            {"sources": "sources: [{type: xfcc, element: first}]"},
            "2:33: sources[0].element: must be one of only, last, not the string 'first'",
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {kind: [piv]}}]"},
            (
                "4:49: policies[0].require.kind[0]: must be one of software, piv-auth, piv-card-auth, derived-piv, "
                "piv-i-auth, piv-i-card-auth, cac, spiffe, not the string 'piv'"
            ),
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {san_present: false}}]"},
            "4:55: policies[0].require.san_present: must be true, not `false`",
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {san_present: 1}}]"},
            "4:55: policies[0].require.san_present: must be true, not the number 1",
        ),
        # Empty.
        (
            {"trust": "trust: {anchors: []}"},
            "3:18: trust.anchors: must not be an empty list; write at least one item, or leave the key out",
        ),
        ({"policies": "policies: []"}, "4:11: policies: must not be an empty list; write at least one item"),
        (
            {"policies": "policies: [{name: a, when: {context: {}}, require: {}}]"},
            (
                "4:38: policies[0].when.context: must not be an empty mapping; write at least one entry, or leave the "
                "key out"
            ),
        ),
        ({"trust": 'trust: {anchors: [""]}'}, "3:19: trust.anchors[0]: must not be empty text"),
        (
            {"policies": 'policies: [{name: a, when: {context: {"": x}}, require: {}}]'},
            '4:39: policies[0].when.context[""]: must not be empty text',
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {not: {}}}]"},
            (
                "4:47: policies[0].require.not: is empty, so it would hold for every certificate; write at least one "
                "condition"
            ),
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {any_of: [{}]}}]"},
            (
                "4:51: policies[0].require.any_of[0]: is empty, so it would hold for every certificate; write at least "
                "one condition"
            ),
        ),
        (
            {"policies": "policies: [{name: a, when: {}, require: {san: {}}}]"},
            (
                "4:47: policies[0].require.san: is empty; write one of dns, ip, uri, email, upn, or use "
                "`san_present: true`"
            ),
        ),
        (
            {"x": "revocation: {}"},
            "5:13: revocation: needs `crls` or `revoked`; leave the whole section out to check nothing",
        ),
        (
            {"x": "pins: {}"},
            "5:7: pins: needs `cert_sha256` or `spki_sha256`; leave the whole section out to pin nothing",
        ),
        # Out of range.
        (
            {"sources": "sources: [{type: xfcc, element: {from_right: 0}}]"},
            "2:46: sources[0].element.from_right: 0 is out of range; it must be from 1 to 16",
        ),
        (
            {"x": "decision_log: {allow_sample: 1.5}"},
            "5:30: decision_log.allow_sample: 1.5 is out of range; it must be from 0 to 1",
        ),
        (
            {"x": "listen: {grpc: {max_connection_age: 500ms}}"},
            "5:37: listen.grpc.max_connection_age: 500ms is out of range; it must be from 1s to 30d",
        ),
    ],
)
def test_mistake_has_its_place_and_one_sentence(site: Site, sections: dict[str, str], problem: str) -> None:
    assert site.problems(**sections) == [problem]


def test_only_a_suggested_key_is_not_also_called_missing(site: Site) -> None:
    assert site.problems(policies="policies: [{name: a, wen: {}, requires: {}}]") == [
        "4:22: policies[0].wen: unknown key; did you mean `when`?",
        "4:31: policies[0].requires: unknown key; did you mean `require`?",
    ]


def test_one_message_for_one_place_whatever_the_union(site: Site) -> None:
    assert site.problems(x="pins: {cert_sha256: [{pn: a}, 5, {pin: zz}]}") == [
        "5:23: pins.cert_sha256[0].pn: unknown key; did you mean `pin`?",
        "5:31: pins.cert_sha256[1]: must be a string, not the number 5; write it in quotes",
        (
            "5:40: pins.cert_sha256[2].pin: 'zz' is no pin of a certificate (a SHA-256 pin in hex holds only the "
            "digits "
            "0-9 and a-f, and colons between pairs of them); write 64 hex digits"
        ),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
        (True, "`true`"),
        (1.5, "the number 1.5"),
        ("it's", '''the string "it's"'''),
        ("x" * 200, f"the string '{'x' * 80}'"),
    ],
)
def test_value_is_shown_shortly(value: object, text: str) -> None:
    assert shown(value) == text


def test_similar_keys_are_found_across_case_and_hyphens() -> None:
    known = ("drain_delay", "grace")
    assert similar_key("Drain-Delay", known) == "drain_delay"
    assert similar_key("gracce", known) == "grace"
    assert similar_key("x", known) is None
    assert unknown_key("x", known) == "unknown key; known here are drain_delay, grace"
