import errno
import io
import json
import sys
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
WITH_BAD_ENTRIES = pki.keys.signed(
    CA.key,
    pki.der.sequence(
        pki.der.integer(1),
        pki.keys.ECDSA_SHA256,
        CA.name.public_bytes(),
        pki.der.time(NOW),
        pki.der.sequence(b"\5\0"),
    ),
)


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
    assert lines[5] == "covers                all certificates of its issuer"
    assert lines[6] == "signature algorithm   ecdsa-with-sha256"
    assert lines[9] == "signature             not checked (--issuer)"


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
        "base_number": None,
        "covers": "all certificates of its issuer",
        "issuing_distribution_point": None,
        "freshest_crl": [],
        "unknown_critical": [],
        "sha256": facts.sha256,
        "verified": None,
        "problem": None,
    }
    key_id = CA.cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert facts.authority_key_id == key_id.hex()


def test_the_issuer_verifies_the_signature(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.crl", current())
    both = write(tmp_path / "cas.pem", OTHER.pem + CA.pem)
    assert run("crl", "--issuer", both, path).status == 0
    one, other = write(tmp_path / "ca.pem", CA.pem), write(tmp_path / "other.pem", OTHER.pem)
    outcome = run("crl", "--issuer", other, "--issuer", one, path)
    assert outcome.status == 0
    assert "signature             verified" in outcome.out


def test_a_signature_of_another_key_is_status_1(run: Run, tmp_path: Path) -> None:
    issuer = write(tmp_path / "ca.pem", CA.pem)
    path = write(tmp_path / "a.crl", current(spoilt_signature=True))
    text = run("crl", "--issuer", issuer, path)
    assert text.status == 1
    assert "signature             NOT USABLE: the signature does not verify with the key of" in text.out
    answer = run("crl", "--json", "--issuer", issuer, path)
    assert answer.status == 1
    assert json.loads(answer.out)["verified"] is False


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"next_update": NOW - timedelta(hours=1)}, "it is stale since "),
        ({"this_update": NOW + timedelta(hours=1)}, "it begins only at "),
        ({"next_update": None}, "it announces no next one, and then it is used only with `max_age`"),
    ],
)
def test_a_crl_that_is_not_in_force_is_verified_and_not_usable(
    run: Run, tmp_path: Path, times: dict[str, datetime], words: str
) -> None:
    issuer, path = write(tmp_path / "ca.pem", CA.pem), write(tmp_path / "a.crl", current(**times))
    assert run("crl", path).status == 0
    text = run("crl", "--issuer", issuer, path)
    assert text.status == 1
    assert "signature             verified" in text.out
    assert f"NOT USABLE            {words}" in text.out
    answer = run("crl", "--json", "--issuer", issuer, path)
    told = json.loads(answer.out)
    assert (answer.status, told["verified"]) == (1, True)
    assert told["problem"].startswith(words)


def test_an_unusable_one_among_several_files_is_status_1_and_one_that_cannot_be_read_2(
    run: Run, tmp_path: Path
) -> None:
    issuer, good = write(tmp_path / "ca.pem", CA.pem), write(tmp_path / "a.crl", current(number=1))
    stale = write(tmp_path / "b.crl", current(number=2, next_update=NOW - timedelta(hours=1)))
    both = run("crl", "--json", "--issuer", issuer, stale, good)
    assert (both.status, [json.loads(line)["number"] for line in both.out.splitlines()]) == (1, [2, 1])
    missing = tmp_path / "missing"
    text = run("crl", "--issuer", issuer, missing, stale, good)
    assert text.status == 2
    assert text.err.splitlines() == [
        f"{missing}:",
        f"{missing}: cannot be read: No such file or directory",
        f"{stale}:",
        f"{good}:",
    ]
    assert text.out.count("issuer     ") == 2
    first, second = map(json.loads, run("crl", "--json", missing, good).out.splitlines())
    assert first == {"file": str(missing), "error": "cannot be read: No such file or directory"}
    assert second["number"] == 1


def test_stdin_is_a_dash(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(pki.pem_crl(current(number=5)))))
    outcome = run("crl", "--json", "-")
    assert (outcome.status, outcome.err) == (0, "")
    assert (json.loads(outcome.out)["number"], json.loads(outcome.out)["file"]) == (5, "-")


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


def scope(**fields: Any) -> x509.IssuingDistributionPoint:  # noqa: ANN401  (the fields of the extension)
    absent: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**absent, **fields})


URI = x509.UniformResourceIdentifier("http://crl.example/1.crl")
DIRECTORY = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Point")]))
RELATIVE = x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Shard 1")])


@pytest.mark.parametrize(
    ("extension", "covers"),
    [
        (x509.DeltaCRLIndicator(1), "changes since CRL number 1: all certificates of its issuer"),
        (scope(only_contains_user_certs=True), "certificates of users of its issuer"),
        (scope(only_contains_ca_certs=True), "CA certificates of its issuer"),
        (scope(only_contains_attribute_certs=True), "attribute certificates of its issuer"),
        (scope(indirect_crl=True), "certificates of its issuer and of others (indirect)"),
        (
            scope(full_name=[URI, DIRECTORY]),
            "certificates of its issuer with the distribution point http://crl.example/1.crl or CN=Point",
        ),
        (
            scope(relative_name=RELATIVE),
            "certificates of its issuer with the distribution point CN=Shard 1 below the issuer",
        ),
        (
            scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise, x509.ReasonFlags.superseded})),
            "certificates of its issuer revoked for keyCompromise, superseded only",
        ),
    ],
)
def test_what_it_covers_is_put_into_words(run: Run, tmp_path: Path, extension: x509.ExtensionType, covers: str) -> None:
    path = write(tmp_path / "a.crl", current(extra_extensions=[(extension, True)]))
    assert f"covers                {covers}" in run("crl", path).out.splitlines()
    assert json.loads(run("crl", "--json", path).out)["covers"] == covers


def test_a_critical_extension_that_is_not_processed_is_warned_about(run: Run, tmp_path: Path) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"")
    path = write(tmp_path / "a.crl", current(extra_extensions=[(unknown, True)]))
    assert "the critical extension 1.2.3 is not supported" in run("crl", path).out
    assert json.loads(run("crl", "--json", path).out)["unknown_critical"] == ["1.2.3"]


def test_where_its_delta_crls_are_is_shown(run: Run, tmp_path: Path) -> None:
    points = x509.FreshestCRL([x509.DistributionPoint([URI, DIRECTORY], None, None, None)])
    path = write(tmp_path / "a.crl", current(extra_extensions=[(points, False)]))
    assert "delta CRLs at         http://crl.example/1.crl" in run("crl", path).out.splitlines()


def test_entries_are_listed_on_request(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.crl", current())
    text = run("crl", "--entries", path).out.splitlines()
    assert [line.split()[0] for line in text if line.startswith("  ")] == ["11", "12"]
    assert text[-2].endswith("keyCompromise")
    first, second = map(json.loads, run("crl", "--json", "--entries", path).out.splitlines()[1:])
    assert (first["serial_number"], first["reason"], first["issuer_key"]) == ("11", None, None)
    assert (second["serial_number"], second["reason"]) == ("12", "keyCompromise")


def test_an_entry_that_cannot_be_read_is_one_sentence(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.crl", CA.crl([(0x11, "removeFromCRL")]))
    outcome = run("crl", "--entries", path)
    assert outcome.status == 2
    assert "removeFromCRL" in outcome.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"hello", "this is no CRL: it begins with 'hello'"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html>\n<html>\xc3", "this is no CRL: it begins with '<!DOCTYPE html>'"),
        (b"0\0", "the CRL cannot be read (an element is cut off)"),
        (CA.der, "a certificate was given where a CRL belongs"),
        (WITH_BAD_ENTRIES, "the entries of the CRL of 'CN=Issuing CA,O=Example' cannot be read"),
        (current(outer_algorithm=pki.keys.RSA_SHA256), "cannot be used: ValueError: Inner and outer"),
        (CA.pem, "there is a certificate where a CRL is meant"),
    ],
)
def test_what_is_no_crl_is_one_sentence_and_status_2(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    outcome = run("crl", write(tmp_path / "a.crl", content))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"{tmp_path}/a.crl: ")
    assert words in outcome.err
    assert "ParseError" not in outcome.err


def test_files_that_cannot_be_read_are_status_2(run: Run, tmp_path: Path) -> None:
    assert run("crl", tmp_path / "missing").err == (f"{tmp_path}/missing: cannot be read: No such file or directory\n")
    path = write(tmp_path / "a.crl", current())
    missing = run("crl", path, "--issuer", tmp_path / "missing")
    assert (missing.status, "cannot be read" in missing.err) == (2, True)
    key = run("crl", path, "--issuer", write(tmp_path / "key", CA.key_pem))
    assert (key.status, "PRIVATE KEY" in key.err) == (2, True)


def test_a_reader_that_has_seen_enough_is_no_fault_of_the_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "ca.crl", current())

    def closed(text: str = "", *, err: bool = False) -> None:
        if not err:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        sys.stderr.write(f"{text}\n")

    monkeypatch.setattr("extauthz.cli.crl.click.echo", closed)
    result = run("crl", file)
    assert (result.status, result.err) == (1, "")


def test_an_issuer_name_cannot_write_to_the_terminal(run: Run, tmp_path: Path) -> None:
    evil = pki.make_ca("evil \x1b[2J\nissuer  CN=good")
    outcome = run("crl", write(tmp_path / "a.crl", evil.crl()))
    assert "\x1b" not in outcome.out
    assert r"evil \x1b[2J\nissuer" in outcome.out.splitlines()[0]


def test_an_empty_sequence_is_no_crl() -> None:
    with pytest.raises(CrlError, match="the CRL cannot be read"):
        read_crl_facts(b"\x30\x00")
