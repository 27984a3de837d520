"""What was in force is remembered, and older CRLs are known by it (RFC 5280 §5.2.3)."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from extauthz.identity.certificate import parse_certificate
from extauthz.refresh import rollback
from extauthz.refresh.rollback import LastSeen, slot_of
from extauthz.trust.crl.load import Crl, load_crl
from support import pki

CA = pki.make_ca("Issuing")
OTHER_KEY = pki.make_ca("Issuing")
ISSUERS = [parse_certificate(one.der) for one in (CA, OTHER_KEY)]
LATER = pki.NOW + timedelta(minutes=5)


def crl(number: int | None = 5, *, by: pki.Authority = CA, **options: object) -> Crl:
    return load_crl(by.crl(number=number, **{"this_update": pki.NOW, **options}), ISSUERS)  # type: ignore[arg-type]  # options of ``crl``


def remembers(*seen: Crl) -> LastSeen:
    memory = LastSeen()
    for one in seen:
        memory.note(one)
    return memory


@pytest.mark.parametrize(
    ("seen", "offered", "refused"),
    [
        (crl(5), crl(4), True),
        (crl(5), crl(5), False),
        (crl(5), crl(6), False),
        (crl(5), crl(4, this_update=LATER), True),
        (crl(5), crl(6, this_update=pki.NOW - pki.SECOND), False),
        (crl(5), crl(5, this_update=pki.NOW - pki.SECOND), True),
        (crl(5), crl(5, this_update=LATER), False),
        (crl(5), crl(None, this_update=pki.NOW - pki.SECOND), True),
        (crl(5), crl(None), False),
        (crl(None), crl(1, this_update=pki.NOW - pki.SECOND), True),
        (crl(None), crl(1), False),
        (crl(5), crl(4, by=OTHER_KEY), False),
        (crl(5), crl(4, extra_extensions=[(x509.DeltaCRLIndicator(1), True)]), False),
    ],
)
def test_what_is_older_than_what_was_seen_is_refused(seen: Crl, offered: Crl, refused: bool) -> None:
    assert (remembers(seen).why_refused(offered) is not None) == refused


def test_the_sentence_names_both() -> None:
    why = remembers(crl(5)).why_refused(crl(4))
    assert why is not None
    assert "number 4" in why
    assert f"(number 5 of {pki.NOW.isoformat()})" in why
    without = remembers(crl(None)).why_refused(crl(None, this_update=pki.NOW - pki.SECOND))
    assert without is not None
    assert without.endswith(f"(of {pki.NOW.isoformat()})")


def test_another_scope_is_another_line() -> None:
    def point(name: str) -> x509.IssuingDistributionPoint:
        names = [x509.UniformResourceIdentifier(f"http://x/{name}")]
        return x509.IssuingDistributionPoint(names, None, False, False, None, False, False)

    one, other = (crl(5, extra_extensions=[(point(name), True)]) for name in ("a", "b"))
    assert slot_of(one) != slot_of(other)
    assert slot_of(one) == slot_of(crl(6, extra_extensions=[(point("a"), True)]))


def kept(path: Path, *seen: Crl) -> LastSeen:
    memory = LastSeen(path)
    for one in seen:
        memory.note(one)
    content = memory.unsaved()
    assert content is not None
    assert memory.save(content) is None
    return memory


def test_a_file_carries_it_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "last-seen.json"
    delta = crl(9, extra_extensions=[(x509.DeltaCRLIndicator(1), True)])
    kept(path, crl(5), delta, crl(None, by=OTHER_KEY))
    assert path.stat().st_mode & 0o777 == 0o600
    again = LastSeen(path)
    assert again.read() is None
    assert again.why_refused(crl(4)) is not None
    assert again.why_refused(crl(8, extra_extensions=[(x509.DeltaCRLIndicator(1), True)])) is not None
    assert again.why_refused(crl(1, by=OTHER_KEY, this_update=pki.NOW - pki.SECOND)) is not None


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    memory = kept(tmp_path / "f", crl(5))
    memory.note(crl(5))
    assert memory.unsaved() is None
    memory.note(crl(6))
    assert memory.unsaved() is not None
    assert LastSeen().unsaved() is None


def test_what_a_number_says_is_kept_whole(tmp_path: Path) -> None:
    largest = (1 << 159) - 1
    kept(tmp_path / "f", crl(largest))
    again = LastSeen(tmp_path / "f")
    again.read()
    assert again.why_refused(crl(largest - 1)) is not None
    assert again.why_refused(crl(largest)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"format": 2, "seen": []}',
        b'{"format": 1, "seen": {}, "x": 1}x',
        b'{"format": 1, "seen": [{}]}',
        b'{"format": 1, "seen": [1]}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_reported_and_put_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "last-seen.json"
    path.write_bytes(content)
    memory = LastSeen(path)
    problem = memory.read()
    assert problem is not None
    assert "is damaged" in problem
    assert not path.exists()
    assert (tmp_path / "last-seen.json.damaged").read_bytes() == content
    assert memory.why_refused(crl(1)) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("this_update", "2026-01-01T00:00:00"),
        ("this_update", "soon"),
        ("delta", "no"),
        ("number", 5),
        ("number", "x"),
        ("signer", "zz"),
        ("issuer_key", None),
    ],
)
def test_a_row_of_another_form_is_damage(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "f"
    kept(path, crl(5))
    document = json.loads(path.read_bytes())
    document["seen"][0][key] = value
    path.write_text(json.dumps(document))
    assert "is damaged" in str(LastSeen(path).read())


def test_a_look_alone_puts_nothing_aside(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"{")
    assert LastSeen(path).read(put_aside=False) is not None
    assert path.exists()


def test_a_file_that_is_too_large_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback, "MAX_FILE_BYTES", 10)
    path = tmp_path / "f"
    path.write_bytes(b" " * 11)
    assert "it is too large" in str(LastSeen(path).read())


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.mkdir()
    assert "cannot be read" in str(LastSeen(path).read())


def test_a_file_that_cannot_be_written_is_due_again(tmp_path: Path) -> None:
    memory = LastSeen(tmp_path / "missing" / "f")
    memory.note(crl(5))
    content = memory.unsaved()
    assert content is not None
    assert "cannot be written" in str(memory.save(content))
    assert memory.unsaved() == content


def test_without_a_file_there_is_nothing_to_read_or_write() -> None:
    memory = LastSeen()
    assert memory.read() is None
    assert memory.save(b"") is None


def test_of_two_memories_the_newer_rows_count() -> None:
    one, other = remembers(crl(5)), remembers(crl(7), crl(1, by=OTHER_KEY))
    one.take_over(other)
    assert one.why_refused(crl(6)) is not None
    other.take_over(remembers(crl(3)))
    assert other.why_refused(crl(6)) is not None


def test_the_oldest_rows_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback, "MAX_SLOTS", 1)
    memory = remembers(crl(5), crl(5, by=OTHER_KEY))
    assert memory.why_refused(crl(4)) is None
    assert memory.why_refused(crl(4, by=OTHER_KEY)) is not None
