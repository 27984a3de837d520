"""For each sort of matcher: a certificate that Envoy accepts by it, and one that it refuses."""

import json
from pathlib import Path

import pytest

from extauthz.importing.remark import Weight
from support import pki
from support.certificates import Options
from support.envoy_matchers import CASES, MatcherCase, options_of
from support.imported import envoy_bootstrap, filter_chain, gate, remarks, run_import

ROOT = pki.make_ca("Root")
STRICTER: list[tuple[dict[str, object], str]] = [
    ({"san_type": "IP_ADDRESS", "matcher": {"prefix": "10.1"}}, "compares the text of IP addresses"),
    ({"san_type": "IP_ADDRESS", "matcher": {"suffix": ".1"}}, "compares the text of IP addresses"),
    ({"san_type": "IP_ADDRESS", "matcher": {"prefix": "999."}}, "cannot be used"),
    ({"san_type": "IP_ADDRESS", "matcher": {"exact": "somewhere"}}, "is no IP address"),
    ({"san_type": "IP_ADDRESS", "matcher": {"exact": "2001:0db8::1"}}, "is never how Envoy writes an address"),
    ({"san_type": "IP_ADDRESS", "matcher": {"exact": "::ffff:10.0.0.1"}}, "an IPv4 address in IPv6 form"),
    ({"san_type": "URI", "matcher": {"safe_regex": {"regex": "a(?=b)"}}}, "RE2 refuses"),
    ({"san_type": "URI", "matcher": {"exact": ""}}, "is empty"),
    ({"san_type": "URI", "matcher": {"exact": "a\u202eb"}}, "does not print"),
    ({"san_type": "URI", "matcher": {"custom": {"name": "x"}}}, "of a kind that is not known here"),
    ({"san_type": "URI"}, "of a kind that is not known here"),
    ({"san_type": "OTHER_NAME", "oid": "1.2.3", "matcher": {"exact": "x"}}, "'OTHER_NAME 1.2.3' have no counterpart"),
    ({"san_type": "DIRECTORY", "matcher": {"exact": "x"}}, "'DIRECTORY' have no counterpart"),
    ({"matcher": {"exact": "x"}}, "have no counterpart"),
]


def imported(*matchers: dict[str, object]) -> str:
    context = {"trusted_ca": {"filename": "ca.pem"}, "match_typed_subject_alt_names": list(matchers)}
    return json.dumps(envoy_bootstrap(filter_chain(context)))


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_the_policy_tells_certificates_as_envoys_matcher_does(case: MatcherCase, tmp_path: Path) -> None:
    result = run_import("envoy", imported(case.matcher()))
    assert result.is_complete
    made = gate(tmp_path, result, {"ca.pem": ROOT.pem})
    assert made.reason(ROOT.issue("accepted", **options_of(case.accepted))) == "allowed"
    assert made.reason(ROOT.issue("refused", **options_of(case.refused))) == "san_not_allowed"
    assert made.reason(None) == "no_certificate"


@pytest.mark.parametrize(
    ("matcher", "accepted"),
    [
        ({"san_type": 3, "matcher": {"exact": "urn:x"}}, {"uris": ["urn:x"]}),
        ({"san_type": "2", "matcher": {"exact": "x.y"}}, {"dns": ["x.y"]}),
        ({"sanType": "URI", "matcher": {"safeRegex": {"regex": "urn:[a-c]"}}}, {"uris": ["urn:b"]}),
        ({"sanType": "URI", "matcher": {"exact": "urn:B", "ignoreCase": True}}, {"uris": ["urn:b"]}),
        ({"san_type": "URI", "matcher": {"safe_regex": {"google_re2": {}, "regex": "urn:b"}}}, {"uris": ["urn:b"]}),
    ],
)
def test_every_spelling_of_protobufs_json_is_read(
    matcher: dict[str, object], accepted: Options, tmp_path: Path
) -> None:
    result = run_import("envoy", imported(matcher))
    assert result.is_complete
    made = gate(tmp_path, result, {"ca.pem": ROOT.pem})
    assert made.allows(ROOT.issue("accepted", **accepted))
    assert not made.allows(ROOT.issue("refused", uris=["urn:d"]))


@pytest.mark.parametrize(("matcher", "why"), STRICTER)
def test_a_matcher_without_a_counterpart_is_left_out_of_the_accepted(
    matcher: dict[str, object], why: str, tmp_path: Path
) -> None:
    other: dict[str, object] = {"san_type": "URI", "matcher": {"exact": "urn:other"}}
    result = run_import("envoy", imported(matcher, other))
    (left_out,) = remarks(result, Weight.LEFT_OUT)
    assert why in left_out.message
    assert "match_typed_subject_alt_names[0]" in left_out.place
    made = gate(tmp_path, result, {"ca.pem": ROOT.pem})
    assert made.allows(ROOT.issue("a", uris=["urn:other"]))
    assert made.reason(ROOT.issue("a", uris=["ab"], ips=["10.1.0.1"])) == "san_not_allowed"


@pytest.mark.parametrize(("matcher", "why"), STRICTER)
def test_where_no_matcher_is_left_everything_is_denied(matcher: dict[str, object], why: str, tmp_path: Path) -> None:
    result = run_import("envoy", imported(matcher))
    assert [one.message for one in remarks(result, Weight.DENIED)] == [
        "none of the subjectAltName matchers has a counterpart"
    ]
    made = gate(tmp_path, result, {"ca.pem": ROOT.pem})
    assert not made.allows(ROOT.issue("a", uris=["ab"], dns=["x"], ips=["10.1.0.1"]))
    assert not made.allows(ROOT.issue("a", no_san=True))


def test_one_of_several_matchers_is_enough_also_of_several_types(tmp_path: Path) -> None:
    result = run_import(
        "envoy",
        imported(
            {"san_type": "URI", "matcher": {"exact": "urn:a"}},
            {"san_type": "DNS", "matcher": {"exact": "a.example"}},
            {"san_type": "DNS", "matcher": {"exact": "b.example"}},
        ),
    )
    made = gate(tmp_path, result, {"ca.pem": ROOT.pem})
    assert made.allows(ROOT.issue("a", uris=["urn:a"]))
    assert made.allows(ROOT.issue("a", dns=["b.example"]))
    assert made.reason(ROOT.issue("a", uris=["urn:b"], dns=["c.example"])) != "allowed"


@pytest.mark.parametrize(
    ("matcher", "names", "note"),
    [
        ({"san_type": "DNS", "matcher": {"suffix": ".example.com"}}, {"dns": ["A.EXAMPLE.com"]}, "RFC 4343"),
        ({"san_type": "EMAIL", "matcher": {"suffix": "@example.com"}}, {"emails": ["a@EXAMPLE.com"]}, "RFC 5280 §7.5"),
    ],
)
def test_names_that_are_the_same_in_other_letter_case_pass_and_are_said_to(
    matcher: dict[str, object], names: Options, note: str, tmp_path: Path
) -> None:
    result = run_import("envoy", imported(matcher))
    assert [note in one.message for one in remarks(result, Weight.NOTE)] == [True]
    assert gate(tmp_path, result, {"ca.pem": ROOT.pem}).allows(ROOT.issue("a", **names))


@pytest.mark.parametrize("matcher", [{"exact": "a.example"}, {"suffix": ".1", "ignore_case": True}])
def test_no_note_on_letter_case_where_it_makes_no_difference(matcher: dict[str, object]) -> None:
    assert run_import("envoy", imported({"san_type": "DNS", "matcher": matcher})).remarks == ()
