"""The examples of docs/library.md run, and print what the page says."""

import doctest
from pathlib import Path

from support import pki

PAGE = Path(__file__).parents[2] / "docs" / "library.md"


def test_examples_of_the_library_page_are_true() -> None:
    ca = pki.make_ca("Test CA")
    alice = ca.issue(
        "alice",
        organizational_unit="Ops",
        dns=["alice.example"],
        emails=["alice@example.com"],
        not_after=pki.NOW + pki.DAY,
    )
    mallory = ca.issue("mallory", organizational_unit="Ops")
    names = {
        "ca": ca,
        "alice": alice,
        "bob": ca.issue("bob", organizational_unit="Ops"),
        "mallory": mallory,
        "rogue": pki.make_ca("Rogue CA").issue("alice", organizational_unit="Ops"),
        "crl_der": ca.crl([(mallory, "keyCompromise")]),
        "now": pki.NOW,
        "later": pki.NOW + pki.DAY + pki.SECOND,
    }
    result = doctest.testfile(str(PAGE), module_relative=False, globs=names)
    assert result.attempted > 30
    assert result.failed == 0
