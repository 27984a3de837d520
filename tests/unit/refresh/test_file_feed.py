"""Files are read when they changed, and what they gave before stays when they go bad."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from extauthz.config.read_files import FileReader
from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.refresh.file_feed import FileFeed, read_feed
from extauthz.refresh.indexer import IndexerError, InProcessIndexer, Verdict
from support import pki

CA = pki.make_ca("Issuing")
ISSUER = parse_certificate(CA.der)
LATER = pki.NOW + pki.HOUR


class Counting(InProcessIndexer):
    """An indexer that counts its jobs, and can be out of order."""

    def __init__(self) -> None:
        self.jobs = 0
        self.broken = False

    def load(
        self, file: BinaryIO, label: str, issuers: Sequence[Certificate], indices: Path | None = None
    ) -> tuple[Verdict, ...]:
        self.jobs += 1
        if self.broken:
            raise IndexerError("out of order")
        return super().load(file, label, issuers, indices)


class Setup:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "ca.crl"
        self.indexer = Counting()
        self.files = FileReader(folder)
        self.feed: FileFeed | None = None

    def write(self, content: bytes) -> None:
        """Replace the file, as it was done long ago: a file of this very moment is read again to be sure."""
        beside = self.path.with_suffix(".new")
        beside.write_bytes(content)
        beside.replace(self.path)
        self.settle()

    def settle(self) -> None:
        """Wait until the file's times are clearly before the next look."""
        changed = self.path.stat().st_ctime_ns
        while time.time_ns() - changed < 50_000_000:
            os.sched_yield()

    def read(self, issuers: Sequence[Certificate] = (ISSUER,), at: object = pki.NOW) -> FileFeed:
        self.feed = read_feed(
            self.path,
            "ca.crl",
            self.feed,
            required=True,
            issuers=issuers,
            files=self.files,
            indexer=self.indexer,
            indices=None,
            at=at,  # type: ignore[arg-type]  # a time
        )
        return self.feed


@pytest.fixture
def one(tmp_path: Path) -> Setup:
    setup = Setup(tmp_path)
    setup.write(CA.crl(number=1))
    return setup


def numbers(feed: FileFeed) -> list[int | None]:
    return [crl.number for crl in feed.content.crls]


def test_a_file_that_did_not_change_is_not_read_again(one: Setup) -> None:
    first = one.read()
    assert (numbers(first), first.last_success, first.problem) == ([1], pki.NOW, None)
    again = one.read(at=LATER)
    assert one.indexer.jobs == 1
    assert again.content is first.content
    assert (again.last_attempt, again.last_success) == (LATER, LATER)


def test_a_file_that_changed_is(one: Setup) -> None:
    one.read()
    one.write(CA.crl(number=2))
    assert numbers(one.read()) == [2]


def test_a_file_written_at_this_very_moment_is_read_again_to_be_sure(one: Setup) -> None:
    one.path.write_bytes(CA.crl(number=1))
    one.read()
    one.settle()
    one.read()
    assert one.indexer.jobs == 2
    one.read()
    assert one.indexer.jobs == 2


def test_other_issuers_have_it_read_again(one: Setup) -> None:
    one.read()
    feed = one.read(issuers=())
    assert (one.indexer.jobs, feed.content.crls) == (2, ())
    assert "no certificate at hand" in str(feed.problem)


def test_a_bad_file_keeps_what_was_good_and_is_not_read_twice(one: Setup) -> None:
    one.read()
    one.write(b"nonsense")
    bad = one.read(at=LATER)
    assert (numbers(bad), bad.last_attempt, bad.last_success) == ([1], LATER, pki.NOW)
    assert bad.problem is not None
    assert len(bad.content.rejected) == 1
    again = one.read(at=LATER + pki.HOUR)
    assert (one.indexer.jobs, again.last_success, again.problem) == (2, pki.NOW, bad.problem)
    one.write(CA.crl(number=2))
    good = one.read()
    assert (numbers(good), good.problem, good.content.rejected) == ([2], None, ())


def test_an_indexer_out_of_order_says_nothing_of_the_file(one: Setup) -> None:
    one.read()
    one.write(CA.crl(number=2))
    one.indexer.broken = True
    failed = one.read()
    assert (numbers(failed), failed.problem, failed.content.rejected) == ([1], "out of order", ())
    one.indexer.broken = False
    assert numbers(one.read()) == [2]


@pytest.mark.parametrize("how", ["gone", "directory"])
def test_a_file_that_cannot_be_read_keeps_what_was_good(one: Setup, how: str) -> None:
    one.read()
    one.path.unlink()
    if how == "directory":
        one.path.mkdir()
    feed = one.read(at=LATER)
    assert (numbers(feed), feed.last_success) == ([1], pki.NOW)
    assert str(feed.problem).startswith("the file ")


def test_an_error_while_it_is_read_is_a_sentence(one: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(one.indexer, "load", fail)
    assert one.read().problem == "the file cannot be read: Input/output error"


def test_a_signer_that_is_trusted_no_longer_does_not_count_while_the_file_is_bad(one: Setup) -> None:
    one.read()
    one.write(b"nonsense")
    one.indexer.broken = True
    assert one.read(issuers=()).content.crls == ()
