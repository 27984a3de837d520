import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extauthz.config.build import load_engine
from support import pki
from support.imported import envoy_bootstrap, filter_chain

ROOT = pki.make_ca("Root")
CONTEXT = {
    "trusted_ca": {"filename": "ca.pem"},
    "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "urn:a"}}],
}
INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: prod
  annotations:
    nginx.ingress.kubernetes.io/auth-tls-secret: prod/clients
    nginx.ingress.kubernetes.io/auth-tls-error-page: "https://x/\\e[2J"
spec:
  rules:
  - host: api.example.com
"""
CA_OBJECT = "kind: Secret\nmetadata: {name: clients, namespace: prod}\nstringData:\n  ca.crt: |\n"
Run = Callable[..., Any]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.yaml"
    path.write_text(CA_OBJECT + "".join(f"    {line}\n" for line in ROOT.pem.decode().splitlines()))
    return path


def test_a_complete_import_is_accepted_by_validate_once_its_files_are_there(run: Run, tmp_path: Path) -> None:
    source, config = tmp_path / "envoy.json", tmp_path / "extauthz.yaml"
    source.write_text(json.dumps(envoy_bootstrap(filter_chain(CONTEXT))))
    outcome = run("import", "envoy", source)
    assert (outcome.status, outcome.err) == (0, "")
    config.write_text(outcome.out)
    assert run("validate", config).status == 2
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)
    checked = run("validate", config)
    assert checked.status == 0
    assert "1 policy, 1 anchor" in checked.err


def test_what_is_left_out_is_a_line_with_its_place_and_makes_the_status_1(
    run: Run, tmp_path: Path, secret: Path
) -> None:
    source = tmp_path / "ingress.yaml"
    source.write_text(INGRESS)
    outcome = run("import", "ingress-nginx", source, secret)
    assert outcome.status == 1
    (line,) = outcome.err.splitlines()
    assert line.startswith(
        f'{source}:8:5: metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-error-page"]: left out: '
    )
    assert outcome.out.startswith("# Imported from ingress-nginx")
    assert "prod/clients/ca.crt" in outcome.out


def test_notes_alone_keep_the_status_0(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "envoy.json"
    source.write_text(json.dumps(envoy_bootstrap(filter_chain(CONTEXT), {})))
    outcome = run("import", "envoy", source)
    assert outcome.status == 0
    assert outcome.err == f"{source}: note: 1 filter chain asks for no certificate: no policy is for it\n"


def test_standard_input_is_read_for_a_dash(run: Run, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = INGRESS.replace('    nginx.ingress.kubernetes.io/auth-tls-error-page: "https://x/\\e[2J"\n', "")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    outcome = run("import", "ingress-nginx", "-", secret)
    assert (outcome.status, outcome.err) == (0, "")


def test_what_is_not_printable_is_written_out(run: Run, tmp_path: Path, secret: Path) -> None:
    source = tmp_path / "ingress.yaml"
    source.write_text(INGRESS.replace("auth-tls-error-page", "auth-tls-match-cn"))
    outcome = run("import", "ingress-nginx", source, secret)
    assert "\x1b" not in outcome.err + outcome.out
    assert "\\x1b" in outcome.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: b: c", "this is not YAML"),
        ("{}", "there is no listener"),
        (json.dumps(envoy_bootstrap(filter_chain(None))), "nothing to import"),
    ],
)
def test_an_input_that_gives_nothing_is_status_2_and_writes_nothing(
    run: Run, tmp_path: Path, content: str, message: str
) -> None:
    source = tmp_path / "input"
    source.write_text(content)
    outcome = run("import", "envoy", source)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err


def test_a_missing_file_is_status_2(run: Run, tmp_path: Path) -> None:
    outcome = run("import", "envoy", tmp_path / "missing")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == f"extauthz: {tmp_path}/missing cannot be read: No such file or directory\n"


@pytest.mark.parametrize("arguments", [("import",), ("import", "envoy"), ("import", "traefik", "x")])
def test_a_product_and_a_file_must_be_named(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).status == 2


def test_ingress_nginx_may_stay(run: Run, tmp_path: Path, secret: Path) -> None:
    source = tmp_path / "ingress.yaml"
    source.write_text(INGRESS.replace("auth-tls-error-page", "unknown"))
    outcome = run("import", "ingress-nginx", source, secret, "--behind", "ingress-nginx")
    assert (outcome.status, outcome.err) == (0, "")
    config = tmp_path / "extauthz.yaml"
    config.write_text(outcome.out)
    (tmp_path / "prod" / "clients").mkdir(parents=True)
    (tmp_path / "prod" / "clients" / "ca.crt").write_bytes(ROOT.pem)
    assert run("validate", config).status == 0
    loaded = load_engine(config).config
    assert loaded.sources is None or not loaded.sources
    assert loaded.listen.http is not None
    assert (loaded.listen.http.dialect, loaded.headers.map) == ("ingress_nginx", {})


def test_envoys_rules_cannot_go_behind_ingress_nginx(run: Run, tmp_path: Path) -> None:
    outcome = run("import", "envoy", tmp_path, "--behind", "ingress-nginx")
    assert (outcome.status, outcome.out) == (2, "")
    assert "cannot tell" in outcome.err


def test_the_set_of_cas_can_be_chosen(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "envoy.json"
    other = {**CONTEXT, "trusted_ca": {"filename": "other.pem"}}
    source.write_text(json.dumps(envoy_bootstrap(filter_chain(CONTEXT, "a.example"), filter_chain(other, "b.example"))))
    assert "- other.pem" in run("import", "envoy", source, "--trust", "other.pem").out
    refused = run("import", "envoy", source, "--trust", "no.pem")
    assert refused.status == 2
    assert "it has ca.pem, other.pem" in refused.err


@pytest.mark.parametrize("product", ["envoy", "ingress-nginx"])
@pytest.mark.parametrize("text", ["", "\n", "---\n", "# nothing\n"])
def test_empty_input_is_called_empty(run: Run, monkeypatch: pytest.MonkeyPatch, product: str, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    outcome = run("import", product, "-")
    assert (outcome.status, outcome.out) == (2, "")
    assert "the input is empty" in outcome.err
