"""Filter chains and listeners: each certificate gets in where Envoy let it in, and nowhere else."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from extauthz.importing.foreign import UnreadableError
from extauthz.importing.remark import Weight
from support import pki
from support.imported import Gate, envoy_bootstrap, envoy_listener, filter_chain, gate, remarks, run_import

ROOT = pki.make_ca("Root")
OTHER = pki.make_ca("Other")
A, B = ROOT.issue("a", uris=["urn:a"]), ROOT.issue("b", uris=["urn:b"])
FILES = {"ca.pem": ROOT.pem, "other.pem": OTHER.pem}


def asks(name: str, ca: str = "ca.pem") -> dict[str, object]:
    return {
        "trusted_ca": {"filename": ca},
        "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": name}}],
    }


def built(directory: Path, *chains: Mapping[str, object], **listener: Mapping[str, object]) -> Gate:
    return gate(directory, run_import("envoy", json.dumps(envoy_bootstrap(*chains, more=listener))), FILES)


def test_each_server_name_has_its_own_policy(tmp_path: Path) -> None:
    made = built(tmp_path, filter_chain(asks("urn:a"), "a.example"), filter_chain(asks("urn:b"), "B.example"))
    assert made.allows(A, sni="a.example")
    assert made.allows(B, sni="b.example")
    assert not made.allows(A, sni="b.example")
    assert not made.allows(B, sni="a.example")
    assert made.reason(A, sni="c.example") == "no_policy"
    assert made.reason(A, sni="") == "no_policy"


def test_the_most_special_server_name_decides_whatever_the_order(tmp_path: Path) -> None:
    names = ["*.example", "*.b.example", "a.b.example"]
    chains = [filter_chain(asks(f"urn:{name}"), name) for name in names]
    made = built(tmp_path, *chains)
    holders = {name: ROOT.issue("x", uris=[f"urn:{name}"]) for name in names}
    for sni, name in {
        "a.b.example": "a.b.example",
        "c.b.example": "*.b.example",
        "d.c.b.example": "*.b.example",
        "b.example": "*.example",
        "x.y.example": "*.example",
    }.items():
        assert [one for one, leaf in holders.items() if made.allows(leaf, sni=sni)] == [name]
    assert made.reason(holders["*.example"], sni="example") == "no_policy"


def test_a_chain_may_mix_names_of_every_rank(tmp_path: Path) -> None:
    made = built(
        tmp_path,
        filter_chain(asks("urn:a"), "*.example", "x.other", "*.deep.other"),
        filter_chain(asks("urn:b"), "b.example", "*.other"),
    )
    for sni, leaf in {"q.example": A, "x.other": A, "x.deep.other": A, "b.example": B, "y.other": B}.items():
        assert made.allows(leaf, sni=sni)
        assert not made.allows(B if leaf is A else A, sni=sni)


def test_the_chain_for_every_other_name_comes_last_and_wants_a_name(tmp_path: Path) -> None:
    result = run_import(
        "envoy",
        json.dumps(envoy_bootstrap(filter_chain(asks("urn:b")), filter_chain(asks("urn:a"), "a.example"))),
    )
    assert ["no server name" in one.message for one in remarks(result, Weight.LEFT_OUT)] == [True]
    made = gate(tmp_path, result, FILES)
    assert made.allows(A, sni="a.example")
    assert made.allows(B, sni="else.example")
    assert not made.allows(B, sni="a.example")
    # Without include_tls_session every request looks like this; it must not get past the policy for a.example.
    assert made.reason(B, sni="") == "no_policy"


def test_the_default_filter_chain_is_the_one_for_every_other_name(tmp_path: Path) -> None:
    made = built(tmp_path, filter_chain(asks("urn:a"), "a.example"), default_filter_chain=filter_chain(asks("urn:b")))
    assert made.allows(B, sni="else.example")
    assert not made.allows(B, sni="a.example")


def test_one_chain_without_names_needs_no_server_name(tmp_path: Path) -> None:
    result = run_import("envoy", json.dumps(envoy_bootstrap(filter_chain(asks("urn:a")))))
    assert result.is_complete
    assert gate(tmp_path, result, FILES).allows(A)


def test_chains_that_ask_the_same_are_one_policy(tmp_path: Path) -> None:
    result = run_import(
        "envoy",
        json.dumps(envoy_bootstrap(filter_chain(asks("urn:a"), "a.example"), filter_chain(asks("urn:a")))),
    )
    assert result.remarks == ()
    assert [policy.when for policy in result.config.policies] == [{}]
    assert gate(tmp_path, result, FILES).allows(A)


def test_chains_that_ask_for_nothing_are_counted_and_deny(tmp_path: Path) -> None:
    result = run_import(
        "envoy",
        json.dumps(envoy_bootstrap(filter_chain(asks("urn:a"), "a.example"), filter_chain(None, "open.example"), {})),
    )
    assert [one.message for one in result.remarks] == ["2 filter chains ask for no certificate: no policy is for them"]
    assert gate(tmp_path, result, FILES).reason(A, sni="open.example") == "no_policy"


@pytest.mark.parametrize(
    "match",
    [{"destination_port": 8443}, {"prefixRanges": [{"address_prefix": "10.0.0.0"}]}, {"application_protocols": ["h2"]}],
)
def test_chains_told_apart_by_more_than_the_name_deny(match: dict[str, object], tmp_path: Path) -> None:
    odd = {**filter_chain(asks("urn:a")), "filter_chain_match": {"server_names": ["a.example"], **match}}
    result = run_import("envoy", json.dumps(envoy_bootstrap(odd, filter_chain(asks("urn:b"), "b.example"))))
    assert len(remarks(result, Weight.DENIED)) == 2
    made = gate(tmp_path, result, FILES)
    assert not made.allows(A, sni="a.example")
    assert not made.allows(B, sni="b.example")


def test_other_conditions_do_not_matter_where_all_chains_ask_the_same(tmp_path: Path) -> None:
    odd = {**filter_chain(asks("urn:a")), "filter_chain_match": {"destination_port": 1, "transport_protocol": "tls"}}
    result = run_import("envoy", json.dumps(envoy_bootstrap(odd, filter_chain(asks("urn:a"), "b.example"))))
    assert result.is_complete
    assert gate(tmp_path, result, FILES).allows(A, sni="b.example")


def test_a_matcher_tree_cannot_be_told_apart(tmp_path: Path) -> None:
    chains = (filter_chain(asks("urn:a"), "a.example"), filter_chain(asks("urn:b"), "b.example"))
    assert not built(tmp_path, *chains, filter_chain_matcher={"matcher_tree": {}}).allows(A, sni="a.example")


@pytest.mark.parametrize("names", [("a.example",), ()])
def test_two_chains_for_the_same_names_that_ask_different_things_deny(names: tuple[str, ...], tmp_path: Path) -> None:
    result = run_import(
        "envoy",
        json.dumps(envoy_bootstrap(filter_chain(asks("urn:a"), *names), filter_chain(asks("urn:b"), *names))),
    )
    assert not result.is_complete
    made = gate(tmp_path, result, FILES)
    assert not made.allows(A, sni="a.example")
    assert not made.allows(B, sni="a.example")


@pytest.mark.parametrize("name", ["*", "a*.example", "*.*.example", "bücher.example"])
def test_a_server_name_that_no_handshake_can_have_is_left_out(name: str, tmp_path: Path) -> None:
    result = run_import(
        "envoy",
        json.dumps(
            envoy_bootstrap(filter_chain(asks("urn:a"), name, "a.example"), filter_chain(asks("urn:b"), f"{name}*"))
        ),
    )
    assert {"cannot be used" in one.message for one in remarks(result, Weight.LEFT_OUT)} == {True}
    made = gate(tmp_path, result, FILES)
    assert made.allows(A, sni="a.example")
    assert made.reason(B, sni="x.example") == "no_policy"


def test_where_no_server_name_can_be_used_nothing_is_written() -> None:
    with pytest.raises(UnreadableError, match="no server name that asks for certificates can be used"):
        run_import("envoy", json.dumps(envoy_bootstrap(filter_chain(asks("urn:a"), "*"))))


def test_listeners_are_told_apart_by_context_extensions(tmp_path: Path) -> None:
    listeners = [
        envoy_listener(filter_chain(asks("urn:a"), "x.example"), name="one"),
        envoy_listener(filter_chain(asks("urn:b")), name="two"),
    ]
    result = run_import("envoy", json.dumps({"static_resources": {"listeners": listeners}}))
    assert ["context_extensions" in one.message for one in result.remarks] == [True]
    made = gate(tmp_path, result, FILES)
    assert made.allows(A, sni="x.example", context_extensions={"listener": "one"})
    assert made.allows(B, sni="x.example", context_extensions={"listener": "two"})
    assert made.allows(B, context_extensions={"listener": "two"})
    assert not made.allows(B, sni="x.example", context_extensions={"listener": "one"})
    assert not made.allows(A, sni="x.example", context_extensions={"listener": "two"})
    assert made.reason(A, sni="x.example") == "no_policy"


def test_listeners_that_ask_the_same_need_not_be_told_apart(tmp_path: Path) -> None:
    both = [envoy_listener(filter_chain(asks("urn:a")), name=name) for name in ("one", "")]
    result = run_import("envoy", json.dumps({"static_resources": {"listeners": both}}))
    assert result.remarks == ()
    assert gate(tmp_path, result, FILES).allows(A)


def two_trusts() -> str:
    chains = (filter_chain(asks("urn:a"), "a.example"), filter_chain(asks("urn:b", "other.pem"), "b.example"))
    return json.dumps(envoy_bootstrap(*chains))


@pytest.mark.parametrize(("trust", "own"), [(None, "a"), ("ca.pem", "a"), ("other.pem", "b")])
def test_one_set_of_cas_is_written_and_the_others_deny(trust: str | None, own: str, tmp_path: Path) -> None:
    result = run_import("envoy", two_trusts(), trust=trust)
    assert ["import once more with --trust" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    made = gate(tmp_path, result, FILES)
    for by in (ROOT, OTHER):
        for name in ("a", "b"):
            leaf = by.issue("x", uris=[f"urn:{name}"])
            for sni in ("a.example", "b.example"):
                fits = name == own and sni == f"{own}.example" and by is (ROOT if own == "a" else OTHER)
                assert made.allows(leaf, sni=sni) is fits


def test_an_unknown_set_of_cas_is_an_error_that_names_the_known() -> None:
    with pytest.raises(UnreadableError, match=r"no such set of CAs; it has ca\.pem, other\.pem"):
        run_import("envoy", two_trusts(), trust="nobody.pem")


def test_pins_without_a_ca_beside_a_ca_deny_for_good(tmp_path: Path) -> None:
    chains = (
        filter_chain({"verify_certificate_hash": [A.sha256.hex()]}, "a.example"),
        filter_chain(asks("urn:b"), "b.example"),
    )
    result = run_import("envoy", json.dumps(envoy_bootstrap(*chains)))
    made = gate(tmp_path, result, FILES)
    assert made.allows(A, sni="a.example")
    # With `unsafe_none` a policy that only asks for a name would take anybody's certificate.
    assert not made.allows(B, sni="b.example")
    assert result.config.policies[1].closed is not None
    reversed_chains = run_import("envoy", json.dumps(envoy_bootstrap(*reversed(chains))))
    assert ["no CA but pins alone" in one.message for one in remarks(reversed_chains, Weight.DENIED)] == [True]


def test_crls_of_one_chain_are_checked_for_all(tmp_path: Path) -> None:
    chains = (
        filter_chain({**asks("urn:a"), "crl": {"filename": "crl.pem"}}, "a.example"),
        filter_chain(asks("urn:b"), "b.example"),
    )
    result = run_import("envoy", json.dumps(envoy_bootstrap(*chains)))
    assert [one.weight for one in result.remarks] == [Weight.LEFT_OUT, Weight.NOTE]
    assert "not their own issuer" in result.remarks[0].message
    assert "CRLs are checked for all" in result.remarks[1].message
    made = gate(tmp_path, result, {**FILES, "crl.pem": pki.pem_crl(ROOT.crl([B]))})
    assert made.allows(A, sni="a.example")
    assert made.reason(B, sni="b.example") == "revoked"
