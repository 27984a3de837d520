"""The last denials are kept, bounded, without what strangers said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from extauthz.model.decision import Decision
from extauthz.model.identity import CertIdentity
from extauthz.model.reason import Reason
from extauthz.observe.recent_denials import KEPT_DENIALS, SUBJECT_CHARACTERS, Denial, RecentDenials, newest
from support.certificates import NOW
from support.identities import identity

DENY = Decision(allowed=False, reason=Reason.REVOKED, policy="p", detail="what a client wrote")


def denied(subject: str = "CN=mallory", sha256: str = "ab" * 32) -> Decision:
    claimed: CertIdentity = replace(identity(), subject_dn=subject, sha256=sha256)
    return replace(DENY, identity=claimed)


def test_of_a_certificate_the_first_digits_of_its_fingerprint_are_kept() -> None:
    recent = RecentDenials()
    recent.note(denied(), "id-1", NOW, "grpc")
    assert recent.latest() == (Denial(NOW, "id-1", Reason.REVOKED, "p", "grpc", "abababab", None),)


def test_without_a_certificate_there_is_no_fingerprint() -> None:
    recent = RecentDenials()
    recent.keep_subjects(wanted=True)
    recent.note(DENY, "id-1", NOW, "http")
    assert recent.latest() == (Denial(NOW, "id-1", Reason.REVOKED, "p", "http", None, None),)


def test_the_newest_is_first_and_the_oldest_makes_room() -> None:
    recent = RecentDenials()
    for number in range(KEPT_DENIALS + 5):
        recent.note(DENY, str(number), NOW, "grpc")
    assert [one.decision_id for one in recent.latest()] == [str(one) for one in range(KEPT_DENIALS + 4, 4, -1)]


def test_subjects_are_kept_from_when_they_are_wanted_and_forgotten_when_they_are_not() -> None:
    recent = RecentDenials()
    recent.note(denied(), "before", NOW, "grpc")
    recent.keep_subjects(wanted=True)
    recent.note(denied(), "with", NOW, "grpc")
    assert [one.subject for one in recent.latest()] == ["CN=mallory", None]
    recent.keep_subjects(wanted=False)
    recent.note(denied(), "after", NOW, "grpc")
    recent.keep_subjects(wanted=True)
    assert [(one.decision_id, one.subject) for one in recent.latest()] == [
        ("after", None),
        ("with", None),
        ("before", None),
    ]


@pytest.mark.parametrize(("length", "ends"), [(SUBJECT_CHARACTERS, "x"), (SUBJECT_CHARACTERS + 1, "…"), (60_000, "…")])
def test_a_long_subject_is_cut_before_it_is_kept(length: int, ends: str) -> None:
    recent = RecentDenials()
    recent.keep_subjects(wanted=True)
    recent.note(denied("x" * length), "id", NOW, "grpc")
    (only,) = recent.latest()
    assert only.subject is not None
    assert (len(only.subject), only.subject[-1]) == (SUBJECT_CHARACTERS, ends)
    (note,) = recent._notes
    assert len(str(note[-1])) <= SUBJECT_CHARACTERS + 1


def test_the_newest_of_several_processes_are_as_many_as_one_keeps() -> None:
    first = Denial(NOW, "a", Reason.REVOKED, "p", "grpc", None, None)
    later = first._replace(at=NOW + timedelta(seconds=1), decision_id="b")
    assert newest([(first,), (later,), ()]) == (later, first)
    assert len(newest([(first,) * 80, (later,) * 80])) == KEPT_DENIALS
