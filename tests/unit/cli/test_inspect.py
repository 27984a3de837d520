import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from extauthz.cli.identity_text import identity_lines
from extauthz.identity.certificate import parse_certificate
from extauthz.identity.json_form import to_json
from support import cards, pki

ROOT = pki.make_ca("Root")
CA = pki.make_ca("Issuing CA", parent=ROOT)
LEAF = CA.issue("alice", organizational_unit="Ops", dns=["a.example"], emails=["a@example.com"])
Run = Callable[..., Any]


@pytest.fixture
def leaf(tmp_path: Path) -> Path:
    path = tmp_path / "alice.pem"
    path.write_bytes(LEAF.pem)
    return path


def test_the_text_goes_to_stdout_and_what_it_was_taken_for_to_stderr(run: Run, leaf: Path) -> None:
    outcome = run("inspect", leaf)
    assert outcome.status == 0
    assert outcome.err == f"{leaf}: PEM\n"
    lines = outcome.out.splitlines()
    assert lines[0] == "subject               CN=alice,OU=Ops,O=Example"
    assert "names                 dns:a.example" in lines
    assert "                      email:a@example.com" in lines


def test_json_has_the_identity_the_file_and_what_it_was_taken_for(run: Run, leaf: Path) -> None:
    outcome = run("inspect", "--json", leaf)
    assert outcome.status == 0
    assert outcome.err == ""
    assert json.loads(outcome.out) == {
        "file": str(leaf),
        "format": "PEM",
        "certificates": 1,
        **to_json(parse_certificate(LEAF.der).identity),
    }


def test_one_line_a_file_and_a_line_with_the_error_for_one_that_cannot_be_read(run: Run, leaf: Path) -> None:
    bad = leaf.with_name("bad.pem")
    bad.write_bytes(LEAF.key_pem)
    cut = leaf.with_name("cut.der")
    cut.write_bytes(LEAF.der[:-1])
    outcome = run("inspect", "--json", leaf, bad, leaf.with_name("missing.pem"), cut, leaf)
    assert outcome.status == 1
    lines = [json.loads(line) for line in outcome.out.splitlines()]
    assert [one["file"] for one in lines] == [
        str(leaf.with_name(n)) for n in ("alice.pem", "bad.pem", "missing.pem", "cut.der", "alice.pem")
    ]
    assert ["error" in one for one in lines] == [False, True, True, True, False]
    assert lines[1] == {
        "file": str(bad),
        "error": "it has a PEM block of type PRIVATE KEY, and no certificate",
        "reason": "source_malformed",
    }
    assert (lines[2]["error"], lines[2]["reason"]) == ("cannot be read: No such file or directory", None)
    assert lines[3]["reason"] == "certificate_malformed"


def test_text_goes_on_after_a_file_that_cannot_be_read(run: Run, leaf: Path) -> None:
    outcome = run("inspect", leaf.with_name("missing.pem"), leaf)
    assert outcome.status == 1
    assert outcome.err.splitlines() == [
        f"{leaf.with_name('missing.pem')}: cannot be read: No such file or directory",
        f"{leaf}: PEM",
    ]
    assert outcome.out.startswith("subject ")


def test_stdin_and_a_chain(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(pki.url_pem(*LEAF.chain).encode())))
    outcome = run("inspect", "-")
    assert outcome.status == 0
    assert outcome.err == "-: URL-encoded PEM, 2 certificates, the first of which is shown\n"


def test_the_choice_of_an_xfcc_element_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "header.txt"
    path.write_text(f"{pki.xfcc(CA.der)},{pki.xfcc(LEAF.der)}")
    outcome = run("inspect", path)
    assert outcome.err == f"{path}: XFCC, element 2 of 2, the one that the last proxy added\n"
    assert outcome.out.startswith("subject               CN=alice,")


@pytest.fixture
def cac(tmp_path: Path) -> Path:
    path = tmp_path / "cac.pem"
    path.write_bytes(cards.cac(cards.dod_ca(ROOT), sid=cards.SID).pem)
    return path


@pytest.mark.parametrize(
    ("options", "kind", "edipi"),
    [
        ((), "piv-auth", None),
        (("--profile", "dod"), "software", None),
        (("--profile", "dod", "--dod-issuer", cards.DOD_ISSUER), "cac", cards.EDIPI),
        (("--profile", "fpki", "--profile", "dod", "--dod-issuer", "re:CN=DOD ID CA-[0-9]+,.*"), "cac", cards.EDIPI),
        (("--dod-issuer", "CN=Other", "--dod-issuer", cards.DOD_ISSUER), "piv-auth", cards.EDIPI),
        (("--profile", "icam_test"), "software", None),
    ],
)
def test_profiles_and_issuers_say_how_a_card_is_read(
    run: Run, cac: Path, options: tuple[str, ...], kind: str, edipi: str | None
) -> None:
    outcome = run("inspect", "--json", *options, cac)
    assert outcome.status == 0
    told = json.loads(outcome.out)
    assert (told["kind"], told["edipi"]) == (kind, edipi)
    assert (told["fasc_n"]["agency_code"], told["ms_sid"], told["piv_interim"]) == ("1700", cards.SID, False)


def test_a_card_is_shown_in_words(run: Run, cac: Path) -> None:
    outcome = run("inspect", "--profile", "dod", "--dod-issuer", cards.DOD_ISSUER, cac)
    lines = outcome.out.splitlines()
    assert "kind                  cac: a Common Access Card of the US DoD and its PIN" in lines
    assert f"EDIPI                 {cards.EDIPI}" in lines
    assert "FASC-N                17000257000046 (agency 1700, system 0257, credential 000046)" in lines
    assert f"Microsoft SID         {cards.SID}" in lines


def test_what_is_odd_about_a_card_is_a_warning(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd.pem"
    path.write_bytes(cards.piv_auth(CA, fasc_n=cards.fasc_n(lrc="00001")).pem)
    outcome = run("inspect", path)
    assert "                      INVALID, so it identifies nobody" in outcome.out.splitlines()
    assert any(line.startswith("WARNING") and "fasc_n: " in line for line in outcome.out.splitlines())


def test_two_different_accounts_in_one_certificate_are_an_error_with_its_reason(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "two.pem"
    path.write_bytes(cards.piv_auth(CA, sid=cards.SID, sid_uri=f"{cards.SID}1").pem)
    outcome = run("inspect", "--json", path)
    assert outcome.status == 1
    assert json.loads(outcome.out)["reason"] == "identity_conflict"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--profile", "usaf"), "'usaf' is not one of 'fpki', 'piv_i', 'dod', 'icam_test'"),
        (("--dod-issuer", "DOD"), "'DOD' names no issuer: "),
        (("--dod-issuer", "re:("), "'re:(' names no issuer: RE2 refuses the expression"),
    ],
)
def test_unknown_profiles_and_names_that_are_none_are_usage_errors(
    run: Run, leaf: Path, options: tuple[str, ...], message: str
) -> None:
    outcome = run("inspect", *options, leaf)
    assert outcome.status == 2
    assert message in outcome.err


def test_no_certificate_is_a_usage_error(run: Run) -> None:
    outcome = run("inspect")
    assert outcome.status == 2
    assert "Missing argument 'CERT...'" in outcome.err


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (pki.NOW, "(335 days left)"),
        (LEAF.cert.not_valid_after_utc, "(0 seconds left)"),
        (LEAF.cert.not_valid_after_utc + timedelta(seconds=1), "(EXPIRED 1 second ago)"),
        (LEAF.cert.not_valid_before_utc, "(365 days left)"),
        (LEAF.cert.not_valid_before_utc - timedelta(hours=2), "(NOT YET VALID, begins in 2 hours)"),
    ],
)
def test_the_validity_is_put_into_words(now: datetime, words: str) -> None:
    lines = list(identity_lines(parse_certificate(LEAF.der).identity, now))
    assert next(line for line in lines if line.startswith("valid")).endswith(words)


def test_facts_that_are_not_there_are_left_out_and_odd_ones_are_warned_about() -> None:
    certificate = CA.issue(None, no_san=True, key_usage=False, eku=(), key_ids=False, serial=-5)
    lines = list(identity_lines(parse_certificate(certificate.der).identity, pki.NOW))
    labels = {line.split("  ")[0] for line in lines}
    assert not labels & {"names", "key usage", "extended key usage", "policies", "subject key id", "EDIPI", "CA"}
    assert "serial number         -5" in lines
    assert any(line.startswith("WARNING ") for line in lines)


def test_a_ca_is_said_to_be_one_and_rsa_keys_have_their_length() -> None:
    authority = pki.make_ca("RSA Root", key="rsa2048")
    lines = list(identity_lines(parse_certificate(authority.der).identity, datetime.now(UTC)))
    assert "CA                    yes: this is an authority, not a client" in lines
    assert "key                   rsa 2048 bits" in lines


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        (("--profile", "dod"), "kind: not cac: its issuer is not configured as the DoD's (here, by --dod-issuer)"),
        (
            ("--dod-issuer", "CN=Other"),
            "edipi: not read, since the issuer is not configured as the DoD's (here, by --dod-issuer)",
        ),
    ],
)
def test_a_warning_about_the_issuer_of_a_cac_names_the_option(
    run: Run, cac: Path, options: tuple[str, ...], warning: str
) -> None:
    assert warning in run("inspect", *options, cac).out
