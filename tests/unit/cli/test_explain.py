import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
ALICE = CA.issue("alice", organizational_unit="Ops", not_after=pki.FAR)
AT = ("--at", "2026-06-01T12:00:00Z")
CONFIG = """
version: 1
sources: [{type: envoy_peer}, {type: xfcc}]
trust: {anchors: [root.pem]}
token_binding: {payload_keys: [my_payload]}
policies:
- {name: bound, when: {paths: ["/bound"]}, require: {token_binding: required}}
- {name: ops, when: {hosts: ["ops.example"], methods: [POST], sni: ["sni.example"], context: {tier: gold}},
   require: {organizational_unit: [Ops], common_name: [bob]}}
- {name: rest, when: {paths: ["/**"]}, require: {}}
"""
Run = Callable[..., Any]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "c.yaml").write_text(CONFIG)
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    (tmp_path / "alice.pem").write_bytes(ALICE.pem)
    (tmp_path / "chain.pem").write_bytes(ALICE.chain_pem)
    (tmp_path / "ca.pem").write_bytes(CA.pem)
    return tmp_path


def explain(run: Run, files: Path, *arguments: object) -> tuple[int, Any]:
    outcome = run("explain", "--config", files / "c.yaml", *AT, "--json", *arguments)
    assert outcome.status in {0, 1}, outcome.err
    return outcome.status, json.loads(outcome.out)


def test_an_allow_has_every_step_the_headers_and_the_identity(run: Run, files: Path) -> None:
    status, answer = explain(run, files, "--cert", files / "chain.pem")
    assert status == 0
    assert (answer["decision"], answer["reason"], answer["policy"]) == ("allow", "allowed", "rest")
    assert [step["number"] for step in answer["steps"]] == list(range(1, 11))
    assert {step["outcome"] for step in answer["steps"]} == {"pass"}
    assert answer["sources"] == ["envoy_peer", "xfcc"]
    assert answer["headers"]["set"]["x-client-cert-cn"] == "alice"
    assert "x_client_cert_cn" in answer["headers"]["remove"]
    assert answer["identity"]["common_name"] == "alice"
    assert answer["session_expires"] == "2026-06-01T13:00:00Z"
    assert answer["at"] == "2026-06-01T12:00:00+00:00"


def test_the_text_form_shows_steps_rules_and_verdict(run: Run, files: Path) -> None:
    options = ("--host", "ops.example", "--method", "POST", "--sni", "sni.example", "--context", "tier=gold")
    outcome = run("explain", "--config", files / "c.yaml", *AT, "--cert", files / "chain.pem", *options)
    assert outcome.status == 1
    lines = outcome.out.splitlines()
    assert lines[0] == " 1  route         pass  policy 'ops'"
    assert any(line.startswith(" 8  rules         FAIL  common_name_not_allowed: ") for line in lines)
    assert "                    organizational_unit: pass  'Ops' matches 'Ops'" in lines
    assert lines[-1] == "DENY by policy 'ops': common_name_not_allowed"
    assert len([line for line in lines if line[:2].strip().isdigit()]) == 8


def test_the_text_form_of_an_allow_shows_the_headers(run: Run, files: Path) -> None:
    outcome = run("explain", "--config", files / "c.yaml", *AT, "--cert", files / "chain.pem")
    assert outcome.status == 0
    assert "x-client-cert-cn: alice" in outcome.out.splitlines()
    assert outcome.out.endswith("ALLOW by policy 'rest': allowed\n")


@pytest.mark.parametrize(
    "left_out", [{"--host": "other.example"}, {"--method": "GET"}, {"--sni": "x.example"}, {"--context": "tier=silver"}]
)
def test_each_option_takes_part_in_the_routing(run: Run, files: Path, left_out: dict[str, str]) -> None:
    options = {"--host": "ops.example", "--method": "POST", "--sni": "sni.example", "--context": "tier=gold"}
    _, with_all = explain(run, files, *[part for pair in options.items() for part in pair])
    _, without = explain(run, files, *[part for pair in {**options, **left_out}.items() for part in pair])
    assert (with_all["policy"], without["policy"]) == ("ops", "rest")


def test_without_a_certificate_the_answer_is_no_certificate(run: Run, files: Path) -> None:
    status, answer = explain(run, files)
    assert (status, answer["reason"], answer["identity"]) == (1, "no_certificate", None)
    assert [step["outcome"] for step in answer["steps"]] == ["pass", "fail"]


def test_the_chain_travels_with_the_certificate(run: Run, files: Path) -> None:
    assert explain(run, files, "--cert", files / "alice.pem")[1]["reason"] == "untrusted_issuer"
    assert explain(run, files, "--cert", files / "alice.pem", "--chain", files / "ca.pem")[0] == 0
    assert explain(run, files, "--cert", files / "alice.pem", "--chain", files / "chain.pem")[0] == 0


def test_a_chain_that_no_source_carries_is_left_out_and_said(run: Run, files: Path) -> None:
    (files / "c.yaml").write_text(CONFIG.replace(", {type: xfcc}", ""))
    outcome = run("explain", "--config", files / "c.yaml", *AT, "--cert", files / "chain.pem")
    assert outcome.status == 1
    assert outcome.err == "The chain is left out: no configured source carries one.\n"
    assert outcome.out.endswith("untrusted_issuer\n")


@pytest.mark.parametrize("element", ["only", "last", "{from_right: 1}", "{from_right: 3}"])
def test_the_certificate_reaches_every_choice_of_an_xfcc_element(run: Run, files: Path, element: str) -> None:
    xfcc = f"{{type: xfcc, element: {element}, by: ['spiffe://a/gateway', 'spiffe://b']}}"
    (files / "c.yaml").write_text(CONFIG.replace("{type: envoy_peer}, {type: xfcc}", xfcc))
    status, answer = explain(run, files, "--cert", files / "chain.pem")
    assert (status, answer["sources"]) == (0, ["xfcc"])


def test_the_decision_is_made_for_the_given_time(run: Run, files: Path) -> None:
    outcome = run(
        "explain",
        "--config",
        files / "c.yaml",
        "--cert",
        files / "chain.pem",
        "--at",
        "2020-01-02T00:00:00+01:00",
        "--json",
    )
    assert json.loads(outcome.out)["reason"] == "not_yet_valid"


def thumbprint(der: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def test_a_token_is_where_the_configuration_looks_for_it(run: Run, files: Path) -> None:
    bound = ("--cert", files / "chain.pem", "--path", "/bound")
    assert explain(run, files, *bound)[1]["reason"] == "token_binding_missing"
    good = json.dumps({"cnf": {"x5t#S256": thumbprint(ALICE.der)}})
    assert explain(run, files, *bound, "--token", good)[0] == 0
    (files / "token.json").write_text(json.dumps({"cnf": {"x5t#S256": thumbprint(CA.der)}}))
    assert explain(run, files, *bound, "--token", files / "token.json")[1]["reason"] == "token_binding_mismatch"


def test_without_configured_keys_a_token_is_found_too(run: Run, files: Path) -> None:
    (files / "c.yaml").write_text(CONFIG.replace("token_binding: {payload_keys: [my_payload]}", ""))
    good = json.dumps({"cnf": {"x5t#S256": thumbprint(ALICE.der)}})
    assert explain(run, files, "--cert", files / "chain.pem", "--path", "/bound", "--token", good)[0] == 0


def test_a_whole_request_is_read_and_options_win_over_it(run: Run, files: Path) -> None:
    request = {
        "source_certificate": pki.url_pem(ALICE.der),
        "headers": {"X-Forwarded-Client-Cert": pki.xfcc(ALICE.der, chain=ALICE.chain), "x_client_cert_cn": ["a", "b"]},
        "method": "POST",
        "host": "ops.example",
        "path": "/x",
        "sni": "sni.example",
        "context_extensions": {"tier": "gold"},
        "metadata": {"envoy.filters.http.jwt_authn": {"my_payload": {"sub": "alice"}}},
    }
    (files / "r.json").write_text(json.dumps(request))
    assert explain(run, files, "--request", files / "r.json")[1]["policy"] == "ops"
    assert explain(run, files, "--request", files / "r.json", "--host", "other")[1]["policy"] == "rest"
    _, bound = explain(run, files, "--request", files / "r.json", "--method", "GET", "--path", "/bound")
    assert bound["steps"][-1]["detail"] == "the token 'my_payload' has no `cnf.x5t#S256`"


def test_a_header_that_is_given_twice_has_two_lines(run: Run, files: Path) -> None:
    line = f"x-forwarded-client-cert: {pki.xfcc(ALICE.der, chain=ALICE.chain)}"
    one = explain(run, files, "--header", line)
    assert (one[0], one[1]["sources"]) == (0, ["xfcc"])
    assert explain(run, files, "--header", line, "--header", line)[1]["reason"] == "source_ambiguous"


def test_forged_identity_headers_are_removed(run: Run, files: Path) -> None:
    _, answer = explain(run, files, "--cert", files / "chain.pem", "--header", "X_Client-Cert_Anything: x")
    assert "x_client-cert_anything" in answer["headers"]["remove"]


REFUSED_UNREAD: list[tuple[dict[str, object], str, str]] = [
    ({"headers": {f"x_{number}": "1" for number in range(129)}}, "request_too_large", "129 header names"),
    ({"headers": {f"x.{number}": "1" for number in range(129)}}, "request_too_large", "129 header names"),
    ({"headers": {"x-\u00e9": "1"}}, "request_malformed", "not ASCII"),
    ({"headers": {"\u212a": "1"}}, "request_malformed", "not ASCII"),
    ({"headers": {"x_ y": "1"}}, "request_malformed", "not a header name"),
    ({"headers": {"a": "\ud800"}}, "request_malformed", "no CheckRequest can hold this"),
    ({"path": "/\udcff"}, "request_malformed", "no CheckRequest can hold this"),
    ({"metadata": {"a": {"b": 10**400}}}, "request_malformed", "no CheckRequest can hold this"),
    ({"metadata": {"a": {"b": json.loads("[" * 60 + "]" * 60)}}}, "request_malformed", "not a CheckRequest"),
    ({"path": "/" + "a" * 70_000}, "request_too_large", "at most 65536"),
]


@pytest.mark.parametrize(("changes", "reason", "detail"), REFUSED_UNREAD)
def test_what_the_service_refuses_to_read_is_denied_here_too(
    run: Run, files: Path, changes: dict[str, object], reason: str, detail: str
) -> None:
    (files / "c.yaml").write_text(CONFIG + "listen: {grpc: {max_message_bytes: 65536}}\n")
    headers = {"x-forwarded-client-cert": pki.xfcc(ALICE.der, chain=ALICE.chain)}
    request: dict[str, object] = {"method": "GET", "host": "h.example", "path": "/", "headers": headers}
    (files / "r.json").write_text(json.dumps(request))
    assert explain(run, files, "--request", files / "r.json")[0] == 0
    more = changes.get("headers", {})
    assert isinstance(more, dict)
    (files / "r.json").write_text(json.dumps({**request, **changes, "headers": {**headers, **more}}))
    status, answer = explain(run, files, "--request", files / "r.json")
    assert (status, answer["decision"], answer["reason"], answer["steps"]) == (1, "deny", reason, [])
    assert detail in answer["detail"]


def test_the_text_form_says_why_a_request_could_not_be_read(run: Run, files: Path) -> None:
    outcome = run("explain", "--config", files / "c.yaml", *AT, "--cert", files / "chain.pem", "--header", "x_ y: 1")
    assert outcome.status == 1
    assert outcome.out.splitlines() == [
        "FAIL  request_malformed: not a header name: 'x_ y'",
        "",
        "DENY: request_malformed",
    ]


def test_a_header_in_any_spelling_that_a_server_may_fold_is_removed(run: Run, files: Path) -> None:
    _, answer = explain(run, files, "--cert", files / "chain.pem", "--header", "X.Client.Cert.CN: boss")
    assert "x.client.cert.cn" in answer["headers"]["remove"]


def test_a_header_value_that_is_no_text_reaches_the_source_that_refuses_it(run: Run, files: Path) -> None:
    (files / "r.json").write_text(
        json.dumps({"host": "h", "path": "/", "headers": {"x-forwarded-client-cert": "\udcff"}})
    )
    assert explain(run, files, "--request", files / "r.json")[1]["reason"] == "source_malformed"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "r.json:1:2: this is not valid JSON"),
        ("\xff", "r.json: this is not valid JSON"),
        ("[]", "the request must be a JSON object"),
        ('{"paht": "/"}', "unknown key 'paht'; a request has source_certificate, headers, method"),
        ('{"path": 1}', "path must be a string"),
        ('{"headers": []}', "headers must be an object"),
        ('{"headers": {"a": 1}}', "headers.a must be a string, or a list of strings"),
        ('{"headers": {"a": [1]}}', "headers.a must be a string, or a list of strings"),
        ('{"context_extensions": {"a": 1}}', "context_extensions must be an object with string values"),
        ('{"metadata": {"a": 1}}', "metadata must be an object"),
        ("[" * 100_000, "this is not valid JSON"),
        (" " * (1 << 20) + "{}", "has more than 1048576 bytes"),
    ],
)
def test_a_bad_request_file_is_one_sentence_and_status_2(run: Run, files: Path, content: str, words: str) -> None:
    (files / "r.json").write_bytes(content.encode("latin-1"))
    outcome = run("explain", "--config", files / "c.yaml", "--request", files / "r.json")
    assert (outcome.status, outcome.out) == (2, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cert", "a", "--request", "b"], "--cert and --request exclude each other"),
        (["--chain", "a"], "--chain needs --cert"),
        (["--cert", "/no/such/file"], "/no/such/file cannot be read: No such file or directory"),
        (["--cert", "/dev/null"], "/dev/null: it is empty"),
        (["--request", "/no/such/file"], "/no/such/file cannot be read: No such file or directory"),
        (["--header", "novalue"], "'novalue' is not of the form NAME:VALUE"),
        (["--header", ": x"], "': x' is not of the form NAME:VALUE"),
        (["--context", "novalue"], "'novalue' is not of the form KEY=VALUE"),
        (["--at", "yesterday"], "'yesterday' is not a time such as"),
        (["--at", "2026-01-01T00:00:00"], "has no offset"),
        (["--token", "/no/such/file"], "/no/such/file cannot be read"),
        (["--token", "{"], "--token:1:2: this is not valid JSON"),
        (["--token", "{}x"], "--token:1:3: this is not valid JSON"),
    ],
)
def test_bad_arguments_are_status_2(run: Run, files: Path, arguments: list[str], words: str) -> None:
    outcome = run("explain", "--config", files / "c.yaml", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert words in outcome.err


def test_a_token_that_is_no_object_is_refused(run: Run, files: Path) -> None:
    (files / "token.json").write_text('"eyJhbGciOi"')
    outcome = run("explain", "--config", files / "c.yaml", "--token", files / "token.json")
    assert outcome.status == 2
    assert "the payload of a token must be a JSON object" in outcome.err


def test_a_bad_configuration_is_status_2_with_every_problem(run: Run, files: Path) -> None:
    (files / "c.yaml").write_text("version: 1\nsurces: []\n")
    outcome = run("explain", "--config", files / "c.yaml", "--cert", files / "alice.pem")
    assert (outcome.status, outcome.out) == (2, "")
    *problems, last = outcome.err.splitlines()
    assert all(line.startswith(f"{files}/c.yaml:") for line in problems)
    assert any("surces" in line for line in problems)
    assert last == f"extauthz: {files}/c.yaml cannot be used: {len(problems)} problems"


def test_a_bare_name_is_told_as_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(CA.pem)
    config = tmp_path / "c.yaml"
    config.write_text(
        "version: 1\n"
        "sources: [{type: xfcc, by: ['spiffe://a/w'], unsafe_identity_only: {trust_domains: [a]}}]\n"
        "trust: {anchors: [root.pem]}\n"
        "policies: [{name: mesh, when: {}, require: {}, certificate: unsafe_forwarded_identity}]\n"
    )
    header = "x-forwarded-client-cert: By=spiffe://a/w;URI=spiffe://a/cart"
    outcome = run("explain", "--config", config, "--json", "--header", header)
    answer = json.loads(outcome.out)
    assert (outcome.status, answer["reason"]) == (0, "allowed_by_forwarded_identity")
    assert answer["identity"] == {"spiffe_id": "spiffe://a/cart", "forwarded_by": ["spiffe://a/w"]}
    assert [step["number"] for step in answer["steps"]] == [1, 2, 3, 7, 8, 9, 10]
