"""``explain`` says of every member of a federation of PKIs what the service would do, and by which CRL."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from extauthz.cli.program import root
from support import pki
from support.federation import Federation

FEDERATION = Federation(pki.NOW)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("federation")
    document = {
        "version": 1,
        "listen": {"grpc": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"}},
        "sources": [{"type": "envoy_peer"}],
        "policies": [{"name": "everybody", "when": {}, "require": {}}],
        **FEDERATION.write(folder / "pki"),
    }
    path = folder / "config.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("name", FEDERATION.members)
def test_explain_agrees_with_the_federation(config: Path, tmp_path: Path, name: str) -> None:
    leaf, expected = FEDERATION.members[name]
    certificate = tmp_path / "client.pem"
    certificate.write_bytes(leaf.pem)
    asked = ["explain", "--config", str(config), "--cert", str(certificate), "--at", pki.NOW.isoformat(), "--json"]
    result = CliRunner().invoke(root, asked)
    answer = json.loads(result.stdout)
    assert (answer["reason"], answer["identity"]["kind"]) == (expected.reason, expected.kind)
    assert result.exit_code == (0 if expected.reason == "allowed" else 1)
