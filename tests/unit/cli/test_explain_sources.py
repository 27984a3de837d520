"""``extauthz explain`` with the certificate in the headers of different proxies, given as headers and as a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
ALICE = CA.issue("alice", not_after=pki.FAR)
AT = ("--at", "2026-06-01T12:00:00Z")
Run = Callable[..., Any]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    (tmp_path / "ca.pem").write_bytes(CA.pem)
    (tmp_path / "alice.pem").write_bytes(ALICE.pem)
    (tmp_path / "chain.pem").write_bytes(ALICE.chain_pem)
    return tmp_path


def configure(files: Path, source: str, *, intermediates: bool) -> Path:
    above = ", intermediates: [ca.pem]" if intermediates else ""
    path = files / "c.yaml"
    path.write_text(
        f"version: 1\nsources: [{source}]\ntrust: {{anchors: [root.pem]{above}}}\n"
        "policies: [{name: all, when: {}, require: {}}]\n"
    )
    return path


def explain(run: Run, config: Path, *arguments: object) -> tuple[int, Any]:
    outcome = run("explain", "--config", config, *AT, "--json", *arguments)
    return outcome.status, json.loads(outcome.out)


NGINX = {"x-ssl-client-cert": pki.nginx_pem(ALICE.der), "x-ssl-client-verify": "SUCCESS"}
SOURCES: list[tuple[str, str, dict[str, str]]] = [
    ("{type: nginx}", "nginx", NGINX),
    (
        "{type: nginx, header: ssl-client-cert, verify_header: ssl-client-verify}",
        "nginx",
        {"ssl-client-cert": pki.nginx_pem(ALICE.der), "ssl-client-verify": "SUCCESS"},
    ),
    ("{type: base64_der, header: a}", "base64_der", {"a": pki.base64_text(ALICE.der)}),
    (
        "{type: base64_der, header: a, chain_header: b}",
        "base64_der",
        {"a": pki.base64_text(ALICE.der), "b": pki.base64_text(CA.der)},
    ),
    (
        "{type: base64_der, header: a, form: comma_list}",
        "base64_der",
        {"a": ",".join(map(pki.base64_text, ALICE.chain))},
    ),
    ("{type: base64_der, header: a, form: concatenated}", "base64_der", {"a": pki.base64_text(*ALICE.chain)}),
    (
        "{type: rfc9440}",
        "rfc9440",
        {"client-cert": pki.byte_sequence(ALICE.der), "client-cert-chain": pki.byte_sequence(CA.der)},
    ),
    ("{type: aws_alb, mode: passthrough}", "aws_alb", {"x-amzn-mtls-clientcert": pki.alb_pem(*ALICE.chain)}),
    ("{type: aws_alb, mode: verify}", "aws_alb", {"x-amzn-mtls-clientcert-leaf": pki.alb_pem(ALICE.der)}),
    (
        "{type: xfcc, format: json}",
        "xfcc",
        {"x-forwarded-client-cert": pki.xfcc_json(pki.json_element(ALICE.der, chain=ALICE.chain))},
    ),
    (
        "{type: xfcc, format: json, element: {from_right: 2}, by: ['spiffe://a/gateway']}",
        "xfcc",
        {
            "x-forwarded-client-cert": pki.xfcc_json(
                pki.json_element(ALICE.der, by=["spiffe://a/gateway"]),
                pki.json_element(None, uris=["spiffe://a/gateway"]),
            )
        },
    ),
    ("{type: xfcc, format: either}", "xfcc", {"x-forwarded-client-cert": pki.xfcc(ALICE.der)}),
]


@pytest.mark.parametrize(("source", "name", "headers"), SOURCES, ids=[source for source, _, _ in SOURCES])
def test_the_headers_of_a_proxy_are_read_as_configured(
    run: Run, files: Path, source: str, name: str, headers: dict[str, str]
) -> None:
    config = configure(files, source, intermediates=True)
    options = [part for header, value in headers.items() for part in ("--header", f"{header}:{value}")]
    status, answer = explain(run, config, *options)
    assert (status, answer["sources"]) == (0, [name])
    assert answer["identity"]["common_name"] == "alice"


@pytest.mark.parametrize("source", [source for source, _, _ in SOURCES])
def test_a_certificate_is_put_where_each_source_looks(run: Run, files: Path, source: str) -> None:
    config = configure(files, source, intermediates=True)
    status, answer = explain(run, config, "--cert", files / "alice.pem")
    assert (status, answer["identity"]["common_name"]) == (0, "alice")


@pytest.mark.parametrize(
    "source",
    [
        "{type: base64_der, header: a, chain_header: b}",
        "{type: base64_der, header: a, form: comma_list}",
        "{type: base64_der, header: a, form: concatenated}",
        "{type: rfc9440}",
        "{type: aws_alb, mode: passthrough}",
        "{type: xfcc, format: json}",
        "{type: nginx}, {type: rfc9440}",
    ],
)
def test_the_chain_travels_where_a_source_carries_one(run: Run, files: Path, source: str) -> None:
    config = configure(files, source, intermediates=False)
    outcome = run("explain", "--config", config, *AT, "--cert", files / "chain.pem")
    assert (outcome.status, outcome.err) == (0, "")


@pytest.mark.parametrize("source", ["{type: nginx}", "{type: base64_der, header: a}", "{type: aws_alb, mode: verify}"])
def test_the_chain_is_left_out_where_none_does(run: Run, files: Path, source: str) -> None:
    config = configure(files, source, intermediates=False)
    outcome = run("explain", "--config", config, *AT, "--cert", files / "chain.pem")
    assert outcome.status == 1
    assert outcome.err == "The chain is left out: no configured source carries one.\n"
