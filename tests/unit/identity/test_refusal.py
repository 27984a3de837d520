"""The words of a refusal."""

from extauthz.identity.refusal import describe, malformed, too_large
from extauthz.model.reason import Reason


def test_stage_and_cause() -> None:
    assert (malformed("subject", "x").reason, malformed("subject", "x").detail) == (
        Reason.CERTIFICATE_MALFORMED,
        "subject: x",
    )
    assert (too_large("input", "y").reason, too_large("input", "y").detail) == (
        Reason.CERTIFICATE_TOO_LARGE,
        "input: y",
    )


def test_a_librarys_message_becomes_one_line_of_ascii() -> None:
    assert describe(ValueError("a\nbé\x00")) == r"ValueError: a\nb\xe9\x00"
    assert describe(RecursionError()) == "RecursionError"


def test_a_long_message_is_cut() -> None:
    assert describe(ValueError("x" * 300)) == "ValueError: " + "x" * 300
    assert describe(ValueError("x" * 301)) == "ValueError: " + "x" * 300 + "…"
