from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

Run = Callable[..., Any]


def test_it_prints_what_it_made_and_what_each_is(run: Run, tmp_path: Path) -> None:
    outcome = run("dev-pki", tmp_path / "pki", "--days", 3)
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    written = {path for path in (tmp_path / "pki").rglob("*") if path.is_file()}
    assert {Path(line.split("  ")[0]) for line in lines} == written
    assert f"{len(written)} files, good for 3 days" in outcome.err
    alice = x509.load_pem_x509_certificate((tmp_path / "pki" / "clients" / "alice.pem").read_bytes())
    assert (alice.not_valid_after_utc - alice.not_valid_before_utc).days == 3


def test_a_directory_that_is_not_empty_is_refused_with_what_to_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    outcome = run("dev-pki", tmp_path)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"extauthz: {tmp_path} is not empty. Name another directory, or add --force to overwrite what is in it.\n"
    )
    assert run("dev-pki", tmp_path, "--force").status == 0
    assert (tmp_path / "mine").read_text() == "keep"


def test_a_place_that_cannot_be_written_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = run("dev-pki", tmp_path / "file" / "pki")
    assert outcome.status == 2
    assert "Not a directory" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("days", [0, 826])
def test_the_number_of_days_is_bounded(run: Run, tmp_path: Path, days: int) -> None:
    outcome = run("dev-pki", tmp_path / "pki", "--days", days)
    assert outcome.status == 2
    assert not (tmp_path / "pki").exists()
