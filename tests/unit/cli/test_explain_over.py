"""`extauthz explain` speaks for the listener that is meant, with its sources, and reads as it does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import pki

ROOT = pki.make_ca("Root")
ALICE = ROOT.issue("alice", not_after=pki.FAR)
AT = ("--at", "2026-06-01T12:00:00Z")
Run = Callable[..., Any]


def config(dialect: str, sources: str = "sources: [{type: envoy_peer}]") -> str:
    return f"""
version: 1
listen: {{http: {{dialect: {dialect}, unsafe_any_caller: true}}}}
{sources}
trust: {{anchors: [root.pem]}}
policies: [{{name: pay, when: {{hosts: [pay.example], paths: ["/v1/**"], methods: [PUT]}}, require: {{}}}}]
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    (tmp_path / "alice.pem").write_bytes(ALICE.pem)
    return tmp_path


def explain(run: Run, files: Path, text: str, *arguments: object) -> tuple[int, Any]:
    (files / "c.yaml").write_text(text)
    outcome = run("explain", "--config", files / "c.yaml", *AT, "--json", *arguments)
    assert outcome.status in {0, 1}, outcome.err
    return outcome.status, json.loads(outcome.out)


ABOUT = ("--host", "pay.example", "--path", "/v1/x?y=1", "--method", "PUT")


@pytest.mark.parametrize("dialect", ["nginx", "ingress_nginx", "traefik", "caddy", "haproxy", "envoy_http"])
def test_a_certificate_is_put_where_the_proxy_puts_it(dialect: str, run: Run, files: Path) -> None:
    arguments = ("--cert", files / "alice.pem", "--over", "http", *ABOUT)
    status, answer = explain(run, files, config(dialect), *arguments)
    assert (status, answer["reason"], answer["policy"]) == (0, "allowed", "pay")
    assert answer["sources"] != ["envoy_peer"]


def test_the_grpc_listener_is_meant_where_there_is_one(run: Run, files: Path) -> None:
    _, answer = explain(run, files, config("nginx"), "--cert", files / "alice.pem", *ABOUT)
    assert answer["sources"] == ["envoy_peer"]
    _, answer = explain(run, files, config("nginx", sources=""), "--cert", files / "alice.pem", *ABOUT)
    assert answer["sources"] == ["nginx"]


def test_a_captured_question_is_read_as_it_came(run: Run, files: Path) -> None:
    headers = {"X-Original-Method": "PUT", "X-Original-URI": "/v1/x", "X-Original-Host": "pay.example"}
    (files / "r.json").write_text(json.dumps({"method": "GET", "path": "/check", "headers": headers}))
    _, answer = explain(run, files, config("nginx"), "--request", files / "r.json", "--over", "http")
    assert (answer["policy"], answer["reason"]) == ("pay", "no_certificate")
    doubled = {**headers, "X-Original-URI": ["/v1/x", "/"]}
    (files / "r.json").write_text(json.dumps({"headers": doubled}))
    _, answer = explain(run, files, config("nginx"), "--request", files / "r.json", "--over", "http")
    assert answer["reason"] == "request_malformed"


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (config("nginx", sources=""), ("--over", "grpc"), "the configuration has no `sources`"),
        (config("nginx").replace("listen", "x_listen").split("x_listen")[0] + "sources: [{type: envoy_peer}]\n"
         "trust: {anchors: [root.pem]}\npolicies: [{name: a, when: {}, require: {}}]\n",
         ("--over", "http"), "the configuration has no `listen.http`"),
        (config("nginx"), ("--over", "http", "--sni", "a"), "no proxy tells over HTTP"),
        (config("nginx"), ("--over", "http", "--context", "a=b"), "no proxy tells over HTTP"),
        (config("nginx"), ("--over", "http", "--token", "{}"), "no proxy tells over HTTP"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(text: str, arguments: tuple[str, ...], message: str, run: Run, files: Path) -> None:
    (files / "c.yaml").write_text(text)
    outcome = run("explain", "--config", files / "c.yaml", *AT, *arguments)
    assert outcome.status == 2
    assert message in outcome.err


def test_a_name_that_no_request_can_hold_is_denied(run: Run, files: Path) -> None:
    (files / "r.json").write_text('{"headers": {"x-original-uri": "\\ud800"}, "method": "\\ud800"}')
    _, answer = explain(run, files, config("nginx"), "--request", files / "r.json", "--over", "http")
    assert answer["reason"] == "request_malformed"
