import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from support import pki

CA = pki.make_ca("Root")
LEAF = CA.issue("alice")
Run = Callable[..., Any]


def test_the_lines_can_be_pasted_as_yaml(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "alice.pem"
    path.write_bytes(LEAF.pem)
    outcome = run("pin", path)
    assert outcome.status == 0
    assert YAML(typ="safe").load(outcome.out) == {
        "cert_sha256": [LEAF.sha256.hex()],
        "spki_sha256": [base64.b64encode(LEAF.spki_sha256).decode()],
    }
    assert outcome.err == f"{path}: PEM, CN=alice,O=Example\n"


def test_the_pin_of_a_ca_is_remarked_on(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ca.der"
    path.write_bytes(CA.der)
    outcome = run("pin", path)
    assert outcome.status == 0
    assert "the certificate of a CA" in outcome.err


def test_what_cannot_be_read_is_one_sentence_and_status_2(run: Run, tmp_path: Path) -> None:
    missing = run("pin", tmp_path / "missing")
    assert (missing.status, missing.out) == (2, "")
    assert missing.err == f"extauthz: {tmp_path}/missing cannot be read: No such file or directory\n"
    (tmp_path / "key").write_bytes(LEAF.key_pem)
    wrong = run("pin", tmp_path / "key")
    assert (wrong.status, wrong.out) == (2, "")
    assert wrong.err == f"extauthz: {tmp_path}/key: it has a PEM block of type PRIVATE KEY, and no certificate\n"
