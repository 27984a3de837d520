"""Ingresses with auth-tls-*: who got in behind ingress-nginx gets in here, and nobody else."""

import json
from pathlib import Path

import pytest

from extauthz.importing.foreign import UnreadableError
from extauthz.importing.remark import Weight
from extauthz.importing.written_text import configuration_text
from extauthz.model.request import AuthRequest
from support import pki
from support.imported import gate, remarks, run_import
from support.ingresses import FILES, ROOT, asking, ingress, text

OTHER = pki.make_ca("Other")
ALICE = ROOT.issue("alice", organization="Example", organizational_unit="Ops")


def test_a_host_asks_for_a_certificate_of_the_secrets_cas(tmp_path: Path) -> None:
    result = run_import("ingress-nginx", text(ingress("api.example.com")))
    assert result.remarks == ()
    made = gate(tmp_path, result, FILES)
    assert made.allows(ALICE, host="api.example.com")
    assert made.reason(None, host="api.example.com") == "no_certificate"
    assert made.reason(OTHER.issue("mallory"), host="api.example.com") == "untrusted_issuer"
    assert made.reason(ALICE, host="else.example.com") == "no_policy"


@pytest.mark.parametrize(
    ("verify", "without", "complete"),
    [
        ("on", "no_certificate", True),
        ("nonsense", "no_certificate", True),
        ("optional", "allowed_without_certificate", True),
        ("optional_no_ca", "allowed_without_certificate", False),
    ],
)
def test_verify_client_says_whether_a_certificate_must_be_there(
    verify: str, without: str, complete: bool, tmp_path: Path
) -> None:
    annotations = asking(auth_tls_verify_client=verify)
    result = run_import("ingress-nginx", text(ingress("a.example", annotations=annotations)))
    assert result.is_complete is complete
    made = gate(tmp_path, result, FILES)
    assert made.allows(ALICE, host="a.example")
    assert made.reason(None, host="a.example") == without
    assert made.reason(OTHER.issue("mallory"), host="a.example") == "untrusted_issuer"


def test_a_host_that_verifies_nobody_gets_no_policy_and_denies(tmp_path: Path) -> None:
    off = ingress("open.example", name="open", annotations=asking(auth_tls_verify_client="off"))
    result = run_import("ingress-nginx", text(off, ingress("a.example")))
    assert ["asks for no certificate" in one.message for one in result.remarks] == [True]
    assert gate(tmp_path, result, FILES).reason(ALICE, host="open.example") == "no_policy"


def subject(common_name: str | None, organization: str = "Example", unit: str = "Ops") -> pki.Leaf:
    return ROOT.issue(common_name, organization=organization, organizational_unit=unit)


CN_CASES = [
    # auth-tls-match-cn, subjects in which NGINX finds it with its unanchored expression, and others.
    ("CN=alice", [("alice",), ("alice2",), ("x", "CN=alice")], [("Alice",), ("bob",), (None,)]),
    ("CN=(alice|bob),", [("bob",)], [("bobby",), ("carol",)]),
    ("CN=alice|OU=Ops", [("x",)], [("x", "Example", "Op")]),
    ("CN=svc-[0-9]+,OU=Ops,O=Example$", [("svc-7",)], [("svc-7", "Example2"), ("svc-x",)]),
    ("CN=(?i:ALICE)", [("alice",)], [("bob",)]),
    ("  CN=alice\n", [("alice",)], [("bob",)]),
]


@pytest.mark.parametrize(("pattern", "accepted", "refused"), CN_CASES)
@pytest.mark.parametrize("verify", ["on", "optional"])
def test_match_cn_is_looked_for_in_the_whole_subject(
    pattern: str, accepted: list[tuple[str, ...]], refused: list[tuple[str, ...]], verify: str, tmp_path: Path
) -> None:
    annotations = asking(auth_tls_match_cn=pattern, auth_tls_verify_client=verify)
    result = run_import("ingress-nginx", text(ingress("a.example", annotations=annotations)))
    assert result.is_complete
    made = gate(tmp_path, result, FILES)
    for names in accepted:
        assert made.reason(subject(*names), host="a.example") == "allowed"
    for names in refused:
        assert made.reason(subject(*names), host="a.example") == "subject_not_allowed"
    assert made.reason(None, host="a.example") == "no_certificate"  # whose subject is empty, and does not match


@pytest.mark.parametrize("pattern", ["alice", "O=CN=x", "CN=a(?=b)", r"CN=(a)\1", "CN=a\x00b", "CN=a)|(?:al"])
def test_a_match_cn_that_cannot_be_carried_over_denies(pattern: str, tmp_path: Path) -> None:
    annotations = asking(auth_tls_match_cn=pattern)
    result = run_import("ingress-nginx", text(ingress("a.example", annotations=annotations)))
    assert ["auth-tls-match-cn" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    made = gate(tmp_path, result, FILES)
    assert not made.allows(ALICE, host="a.example")
    assert not made.allows(ROOT.issue(pattern), host="a.example")


def test_match_cn_without_asking_for_a_certificate_denies_everybody_as_there(tmp_path: Path) -> None:
    off = ingress("b.example", annotations=asking(auth_tls_match_cn="CN=alice", auth_tls_verify_client="off"))
    made = gate(tmp_path, run_import("ingress-nginx", text(off, ingress("a.example"))), FILES)
    assert not made.allows(ALICE, host="b.example")
    assert not made.allows(None, host="b.example")


def test_a_host_belongs_to_all_its_ingresses(tmp_path: Path) -> None:
    plain = ingress("a.example", name="plain", annotations={}, paths=[{"path": "/b", "pathType": "Prefix"}])
    asks = ingress("a.example", paths=[{"path": "/a", "pathType": "Prefix"}])
    made = gate(tmp_path, run_import("ingress-nginx", text(plain, asks)), FILES)
    for path in ("/a", "/b"):
        assert made.allows(ALICE, host="a.example", path=path)
        assert made.reason(None, host="a.example", path=path) == "no_certificate"
    assert made.reason(ALICE, host="a.example", path="/c") == "no_policy"


def test_ingresses_that_ask_different_things_of_one_host_deny(tmp_path: Path) -> None:
    one = ingress("a.example", name="one")
    two = ingress("a.example", name="two", annotations=asking(auth_tls_match_cn="CN=alice"))
    result = run_import("ingress-nginx", text(one, two))
    assert ["prod/one and prod/two" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    assert not gate(tmp_path, result, FILES).allows(ALICE, host="a.example")


def test_a_canary_has_no_say(tmp_path: Path) -> None:
    canary = ingress("a.example", name="canary", annotations={**asking(auth_tls_match_cn="CN=x"), "canary": "true"})
    result = run_import("ingress-nginx", text(canary, ingress("a.example")))
    assert result.remarks == ()
    assert gate(tmp_path, result, FILES).allows(ALICE, host="a.example")


def test_exact_hosts_come_before_wildcards_and_those_before_all_others(tmp_path: Path) -> None:
    hosts = {"": "any", "*.example.com": "wild", "*.a.example.com": "deep", "a.example.com": "exact"}
    made = gate(
        tmp_path,
        run_import(
            "ingress-nginx",
            text(
                *(
                    ingress(host, name=cn, annotations=asking(auth_tls_match_cn=f"CN={cn}(,|$)"))
                    for host, cn in hosts.items()
                )
            ),
        ),
        FILES,
    )
    for host, name in {
        "a.example.com": "exact",
        "b.a.example.com": "deep",
        "b.example.com": "wild",
        "c.b.example.com": "any",
        "example.com": "any",
    }.items():
        assert [one for one in hosts.values() if made.allows(ROOT.issue(one), host=host)] == [name]


def test_a_path_that_is_not_served_falls_to_no_general_host(tmp_path: Path) -> None:
    special = ingress("a.example.com", name="special", paths=[{"path": "/a", "pathType": "Exact"}])
    made = gate(tmp_path, run_import("ingress-nginx", text(special, ingress("*.example.com"))), FILES)
    assert made.allows(ALICE, host="a.example.com", path="/a")
    assert not made.allows(ALICE, host="a.example.com", path="/b")
    assert made.allows(ALICE, host="b.example.com", path="/b")


def test_aliases_are_hosts(tmp_path: Path) -> None:
    aliased = ingress("a.example", annotations={**asking(), "server-alias": "b.example, C.example"})
    result = run_import("ingress-nginx", text(aliased))
    assert result.is_complete
    made = gate(tmp_path, result, FILES)
    assert made.allows(ALICE, host="b.example")
    assert made.reason(None, host="c.example") == "no_certificate"


@pytest.mark.parametrize("alias", ["~^a[0-9]+", "*.example.com"])
def test_an_alias_that_no_policy_can_be_for_closes_the_general_ones(alias: str, tmp_path: Path) -> None:
    aliased = ingress("a.example", annotations={**asking(auth_tls_match_cn="CN=alice"), "server-alias": alias})
    result = run_import("ingress-nginx", text(aliased, ingress("*.example.com", name="general")))
    assert len(remarks(result, Weight.LEFT_OUT)) == 1
    made = gate(tmp_path, result, FILES)
    assert made.allows(ALICE, host="a.example")
    assert not made.allows(ROOT.issue("bob"), host="a1.example.com")


def test_another_auth_service_denies_until_decided(tmp_path: Path) -> None:
    annotations = asking(auth_url="http://oauth2-proxy/auth", auth_response_headers="X-User")
    result = run_import("ingress-nginx", text(ingress("a.example", annotations=annotations)))
    assert ["http://oauth2-proxy/auth" in one.message for one in remarks(result, Weight.DENIED)] == [True]
    assert ["auth-response-headers" in one.place for one in remarks(result, Weight.LEFT_OUT)] == [True]
    assert not gate(tmp_path, result, FILES).allows(ALICE, host="a.example")


@pytest.mark.parametrize(
    "annotation",
    [
        {"auth_tls_error_page": "https://a.example/error"},
        {"auth_tls_pass_certificate_to_upstream": "true"},
        {"auth_tls_pass_certificate_to_upstream": True},
        {"auth_type": "basic"},
        {"whitelist_source_range": "10.0.0.0/8"},
        {"satisfy": "any"},
        {"configuration_snippet": "deny all;"},
    ],
)
def test_what_has_no_counterpart_is_said_and_changes_no_decision(annotation: dict[str, object], tmp_path: Path) -> None:
    result = run_import("ingress-nginx", text(ingress("a.example", annotations=asking(**annotation))))
    (remark,) = result.remarks
    assert remark.weight is Weight.LEFT_OUT
    assert next(iter(annotation)).replace("_", "-") in remark.place
    assert gate(tmp_path, result, FILES).allows(ALICE, host="a.example")


def test_no_certificate_for_the_upstream_is_nothing_lost() -> None:
    annotations = {**asking(), "auth-tls-pass-certificate-to-upstream": "false"}
    assert run_import("ingress-nginx", text(ingress("a.example", annotations=annotations))).remarks == ()


def test_the_upstream_still_learns_subject_and_issuer(tmp_path: Path) -> None:
    made = gate(tmp_path, run_import("ingress-nginx", text(ingress("a.example"))), FILES)
    assert made.headers(ALICE, host="a.example")["ssl-client-subject-dn"] == "CN=alice,OU=Ops,O=Example"
    assert made.headers(ALICE, host="a.example")["ssl-client-issuer-dn"].startswith("CN=Root")


def test_the_file_says_which_headers_ingress_nginx_overwrote_and_the_proxy_has_to_remove() -> None:
    lines = configuration_text(run_import("ingress-nginx", text(ingress("a.example"))).config).splitlines()
    comment = " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))
    wrote = "`ssl-client-cert`, `ssl-client-verify`, `ssl-client-subject-dn` and `ssl-client-issuer-dn`"
    assert f"ingress-nginx overwrote {wrote}" in comment
    assert "remove the first two from requests, by `request_headers_to_remove`" in comment


def test_subject_and_issuer_that_a_client_wrote_are_removed_where_there_is_no_certificate(tmp_path: Path) -> None:
    annotations = asking(auth_tls_verify_client="optional")
    made = gate(tmp_path, run_import("ingress-nginx", text(ingress("a.example", annotations=annotations))), FILES)
    decision = made.engine.decide(AuthRequest(method="GET", path="/", host="a.example"), pki.NOW)
    assert decision.reason == "allowed_without_certificate"
    assert {"ssl-client-subject-dn", "ssl-client-issuer-dn"} <= set(decision.headers.remove)


def test_an_empty_host_is_no_host() -> None:
    result = run_import("ingress-nginx", text({**ingress(), "spec": {"rules": [{"host": ""}, {"host": "a.example"}]}}))
    assert [policy.when for policy in result.config.policies] == [{"hosts": ["a.example"]}, {}]


def test_annotations_without_a_secret_are_ignored_as_there(tmp_path: Path) -> None:
    alone = ingress("b.example", name="b", annotations={"auth-tls-verify-client": "on", "auth-tls-match-cn": "CN=x"})
    result = run_import("ingress-nginx", text(alone, ingress("a.example")))
    assert [one.weight for one in result.remarks] == [Weight.NOTE, Weight.NOTE]
    assert gate(tmp_path, result, FILES).reason(ALICE, host="b.example") == "no_policy"


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ([{"kind": "Service"}], "there is no Ingress in input-0"),
        ([ingress("a.example", annotations={})], "nothing to import"),
        ([ingress("a b")], "no host that asks for client certificates can be used"),
        ([ingress("a.example", annotations=asking(auth_tls_verify_client="off"))], "nothing to import"),
    ],
)
def test_an_input_that_asks_for_nothing_is_refused(objects: list[object], why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        run_import("ingress-nginx", json.dumps({"kind": "List", "items": objects}))


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(UnreadableError, match="the input is empty"):
        run_import("ingress-nginx", "")
