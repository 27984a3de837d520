import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from extauthz.cli.crl_facts import read_crl_facts
from extauthz.trust.crl.load import CrlError
from support import pki

CA = pki.make_ca("Issuing CA")
OTHER = pki.make_ca("Other CA")
Run = Callable[..., Any]
NOW = datetime.now(UTC).replace(microsecond=0)


def current(**options: Any) -> bytes:  # noqa: ANN401  (the options of ``Authority.crl``)
    times = {"this_update": NOW - timedelta(hours=2), "next_update": NOW + timedelta(days=3, hours=1), **options}
    return CA.crl([0x11, (0x12, "keyCompromise")], **times)


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_the_text_says_what_it_is_and_how_fresh(run: Run, tmp_path: Path) -> None:
    outcome = run("crl", write(tmp_path / "a.crl", current(number=7)))
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    assert lines[:2] == ["issuer                CN=Issuing CA,O=Example", "number                7"]
    assert lines[2].endswith("(2 hours ago)")
    assert lines[3].endswith("(in 3 days)")
    assert lines[4] == "entries               2"
    assert lines[5] == "signature algorithm   ecdsa-with-sha256"
    assert lines[8] == "signature             not checked (--issuer)"


def test_json_has_every_fact(run: Run, tmp_path: Path) -> None:
    der = current(number=7)
    path = write(tmp_path / "a.crl", der)
    outcome = run("crl", "--json", path)
    facts = read_crl_facts(der)
    assert json.loads(outcome.out) == {
        "file": str(path),
        "issuer": "CN=Issuing CA,O=Example",
        "number": 7,
        "this_update": (NOW - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "next_update": (NOW + timedelta(days=3, hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "stale": False,
        "entries": 2,
        "signature_algorithm": "ecdsa-with-sha256",
        "authority_key_id": facts.authority_key_id,
        "delta": False,
        "issuing_distribution_point": False,
        "sha256": facts.sha256,
        "verified": None,
        "problem": None,
    }
    key_id = CA.cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert facts.authority_key_id == key_id.hex()


def test_the_issuer_verifies_the_signature(run: Run, tmp_path: Path) -> None:
    issuer = write(tmp_path / "cas.pem", OTHER.pem + CA.pem)
    outcome = run("crl", "--issuer", issuer, write(tmp_path / "a.crl", current()))
    assert outcome.status == 0
    assert "signature             verified" in outcome.out


def test_a_signature_of_another_key_is_status_1(run: Run, tmp_path: Path) -> None:
    issuer = write(tmp_path / "ca.pem", CA.pem)
    path = write(tmp_path / "a.crl", current(spoilt_signature=True))
    text = run("crl", "--issuer", issuer, path)
    assert text.status == 1
    assert "signature             NOT USABLE: no configured certificate of" in text.out
    answer = run("crl", "--json", "--issuer", issuer, path)
    assert answer.status == 1
    assert json.loads(answer.out)["verified"] is False


def test_a_bundle_gives_one_line_a_crl(run: Run, tmp_path: Path) -> None:
    bundle = pki.pem_crl(current(number=1)) + pki.pem_crl(current(number=2))
    outcome = run("crl", "--json", write(tmp_path / "all.pem", bundle))
    assert [json.loads(line)["number"] for line in outcome.out.splitlines()] == [1, 2]


def test_a_stale_crl_and_one_without_next_update_or_number_are_put_into_words(run: Run, tmp_path: Path) -> None:
    due = datetime.now(UTC) - timedelta(minutes=5)  # not NOW: that is when this file was imported
    stale = run("crl", write(tmp_path / "a.crl", current(next_update=due)))
    assert "(STALE for 5 minutes)" in stale.out
    bare = run("crl", write(tmp_path / "b.crl", current(next_update=None, number=None, authority_key=None)))
    assert "next update           none announced" in bare.out
    assert "number                none" in bare.out
    assert "authority key id      none" in bare.out


def test_a_delta_crl_and_one_of_limited_scope_are_warned_about(run: Run, tmp_path: Path) -> None:
    delta = current(extra_extensions=[(x509.DeltaCRLIndicator(1), True)])
    assert "a delta CRL" in run("crl", write(tmp_path / "a.crl", delta)).out
    scope = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=True,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    limited = current(extra_extensions=[(scope, True)])
    assert "limited in scope" in run("crl", write(tmp_path / "b.crl", limited)).out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"hello", "this is not a CRL that can be read"),
        (CA.pem, "there is a certificate where a CRL is meant"),
    ],
)
def test_what_is_no_crl_is_one_sentence_and_status_2(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    outcome = run("crl", write(tmp_path / "a.crl", content))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"extauthz: {tmp_path}/a.crl: ")
    assert words in outcome.err


def test_files_that_cannot_be_read_are_status_2(run: Run, tmp_path: Path) -> None:
    assert run("crl", tmp_path / "missing").err == (
        f"extauthz: {tmp_path}/missing cannot be read: No such file or directory\n"
    )
    path = write(tmp_path / "a.crl", current())
    missing = run("crl", path, "--issuer", tmp_path / "missing")
    assert (missing.status, "cannot be read" in missing.err) == (2, True)
    key = run("crl", path, "--issuer", write(tmp_path / "key", CA.key_pem))
    assert (key.status, "PRIVATE KEY" in key.err) == (2, True)


def test_an_issuer_name_cannot_write_to_the_terminal(run: Run, tmp_path: Path) -> None:
    evil = pki.make_ca("evil \x1b[2J\nissuer  CN=good")
    outcome = run("crl", write(tmp_path / "a.crl", evil.crl()))
    assert "\x1b" not in outcome.out
    assert r"evil \x1b[2J\nissuer" in outcome.out.splitlines()[0]


def test_an_empty_sequence_is_no_crl() -> None:
    with pytest.raises(CrlError, match="not a CRL that can be read"):
        read_crl_facts(b"\x30\x00")
