# ruff: noqa: ANN401  (stand-ins and builders take what the real thing takes, by keyword)
"""Every deny and a sample of the allows are written; what cannot be written is counted and never felt."""

import json
import os
import secrets
import select
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from extauthz.model.decision import Decision
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import SubjectAltName
from extauthz.model.reason import Reason
from extauthz.model.request import AuthRequest
from extauthz.observe.decision_line import SHOWN_CHARACTERS
from extauthz.observe.decision_log import QUEUE_BYTES, DecisionLog, DecisionLogSettings, Lost, sample_limit
from support.identities import identity

AT = datetime(2026, 6, 1, tzinfo=UTC)
ALLOW = Decision(allowed=True, reason=Reason.ALLOWED, policy="p", identity=identity())
DENY = Decision(allowed=False, reason=Reason.EXPIRED, policy="p")
REQUEST = AuthRequest(method="GET", host="a.example", path="/a", sni="s.example")
PATIENCE = 10.0


class Lines:
    """A decision log under test, and what it lost."""

    def __init__(self, limit: int = 100) -> None:
        self.lost: Counter[Lost] = Counter()
        self.log = DecisionLog(self._on_lost, limit=limit)

    def _on_lost(self, cause: Lost, lines: int) -> None:
        self.lost[cause] += lines

    def record(
        self,
        decision: Decision,
        path: Path | str,
        decision_id: str = "id",
        request: AuthRequest | None = REQUEST,
        **settings: Any,
    ) -> None:
        wanted = DecisionLogSettings(path=str(path), **settings)
        if decision.allowed and not wanted.draws(decision_id):
            return
        self.log.record(
            decision,
            request,
            decision_id,
            AT,
            settings=wanted,
            api="grpc",
            seconds=0.001,
            digest="d",
        )

    def finish(self) -> None:
        self.log.close(PATIENCE)


@pytest.fixture
def lines() -> Iterator[Lines]:
    one = Lines()
    yield one
    one.finish()


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_decision_is_written_with_what_was_asked(lines: Lines, tmp_path: Path) -> None:
    lines.record(ALLOW, tmp_path / "log", include=("common_name",))
    lines.finish()
    (line,) = read(tmp_path / "log")
    asked = {key: line[key] for key in ("decision_id", "method", "host", "path", "sni", "identity", "api", "config")}
    assert asked == {
        "decision_id": "id",
        "method": "GET",
        "host": "a.example",
        "path": "/a",
        "sni": "s.example",
        "identity": {"common_name": "alice"},
        "api": "grpc",
        "config": "d",
    }


def test_a_request_that_could_not_be_read_is_logged_without_its_fields(lines: Lines, tmp_path: Path) -> None:
    lines.record(DENY, tmp_path / "log", request=None)
    lines.finish()
    (line,) = read(tmp_path / "log")
    assert (line["host"], line["path"], line["method"], line["sni"]) == ("", "", "", "")


def test_denies_are_logged_whatever_the_sample_of_allows(lines: Lines, tmp_path: Path) -> None:
    for _ in range(50):
        lines.record(DENY, tmp_path / "log", secrets.token_hex(16), allow_sample=0.0)
        lines.record(ALLOW, tmp_path / "log", secrets.token_hex(16), allow_sample=0.0)
    lines.finish()
    assert [line["decision"] for line in read(tmp_path / "log")] == ["deny"] * 50


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_sample_has_about_its_share_and_depends_on_the_id_alone(share: float) -> None:
    ids = [secrets.token_hex(16) for _ in range(20_000)]
    chosen = [one for one in ids if one < sample_limit(share)]
    assert abs(len(chosen) / len(ids) - share) < 0.02
    assert all(one < sample_limit(share) for one in chosen)


def test_a_share_of_nothing_takes_nothing_and_of_everything_everything() -> None:
    ids = [secrets.token_hex(16) for _ in range(1000)]
    assert not any(one < sample_limit(0.0) for one in ids)
    assert all(one < sample_limit(1.0) for one in ids)


def test_long_text_is_cut_before_it_waits_in_memory(lines: Lines, tmp_path: Path) -> None:
    lines.record(DENY, tmp_path / "log", request=AuthRequest(path="/" + "a" * 1_000_000, host="h" * 1_000_000))
    lines.finish()
    (line,) = read(tmp_path / "log")
    assert (len(line["path"]), len(line["host"])) == (SHOWN_CHARACTERS, SHOWN_CHARACTERS)


def test_another_path_takes_effect_with_the_next_decision(lines: Lines, tmp_path: Path) -> None:
    for name in ("a", "a", "b", "a"):
        lines.record(DENY, tmp_path / name)
    lines.finish()
    assert (len(read(tmp_path / "a")), len(read(tmp_path / "b"))) == (3, 1)


def test_reopening_follows_a_rotation_at_once(lines: Lines, tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines.record(DENY, path, "one")
    wait_until(lambda: path.exists() and path.stat().st_size > 0)
    path.rename(tmp_path / "log.1")
    lines.log.reopen()
    lines.record(DENY, path, "two")
    lines.finish()
    assert [line["decision_id"] for line in read(tmp_path / "log.1")] == ["one"]
    assert [line["decision_id"] for line in read(path)] == ["two"]


def test_a_dash_means_standard_output(lines: Lines, capfd: pytest.CaptureFixture[str]) -> None:
    lines.record(DENY, "-")
    lines.finish()
    assert json.loads(capfd.readouterr().out)["reason"] == "expired"


def test_a_blocked_pipe_costs_lines_and_not_the_callers_time(lines: Lines, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    # Far more than a pipe holds and than waits in the queue, with nobody reading: record() must come back each time.
    for number in range(5000):
        lines.record(DENY, path, f"{number:0200}")
    assert lines.lost[Lost.QUEUE_FULL] > 0
    recorded = 5000 - lines.lost[Lost.QUEUE_FULL]
    os.set_blocking(reader, True)
    received = bytearray()
    thread = threading.Thread(target=lines.finish)
    thread.start()
    while received.count(b"\n") < recorded:
        received.extend(os.read(reader, 1 << 16))
    thread.join(PATIENCE)
    os.close(reader)
    assert [json.loads(line)["reason"] for line in received.splitlines()] == ["expired"] * recorded


def test_records_of_big_certificates_fill_the_queue_by_their_bytes(tmp_path: Path) -> None:
    lines = Lines(limit=100_000)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    tracemalloc.start()
    try:
        for number in range(1500):
            names = tuple(SubjectAltName("uri", f"https://{number}.example/{name:030}") for name in range(300))
            deny = Decision(allowed=False, reason=Reason.EXPIRED, identity=identity(sans=names, sha256=str(number)))
            lines.record(deny, path, include=("uris",))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    waiting = 1500 - lines.lost[Lost.QUEUE_FULL]
    assert 800 < waiting < 1300
    assert 0.5 * QUEUE_BYTES < held < 1.2 * QUEUE_BYTES
    os.close(reader)
    lines.finish()


def test_a_broken_pipe_is_counted_and_said_once(lines: Lines, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with capture_logs() as events:
        lines.record(DENY, path)
        assert json.loads(read_line(reader))["reason"] == "expired"
        os.close(reader)
        for lost in (1, 2, 3):
            lines.record(DENY, path)
            wait_until(lambda: lines.lost[Lost.WRITE_FAILED] == lost)  # noqa: B023  (called before the next turn)
    assert [event["log_level"] for event in events] == ["error"]
    assert events[0]["event"] == "the decision log cannot be written; decisions go on"


def test_a_pipe_without_a_reader_costs_lines_until_one_comes(lines: Lines, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    lines.record(DENY, path, "before")
    wait_until(lambda: lines.lost[Lost.WRITE_FAILED] == 1)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    lines.record(DENY, path, "after")
    wait_until(lambda: bool(select.select([reader], [], [], 0)[0]))
    assert json.loads(read_line(reader))["decision_id"] == "after"
    os.close(reader)
    assert lines.lost == {Lost.WRITE_FAILED: 1}


@pytest.mark.parametrize("password", ["secret", "s@cret", "s" * 2 * SHOWN_CHARACTERS])
def test_a_password_before_the_host_is_not_written(lines: Lines, tmp_path: Path, password: str) -> None:
    lines.record(DENY, tmp_path / "log", request=AuthRequest(host=f"alice:{password}@a.example:8443"))
    lines.finish()
    (line,) = read(tmp_path / "log")
    assert line["host"] == "a.example:8443"


def test_a_full_disk_is_counted_and_writing_goes_on_when_there_is_room(lines: Lines, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    with capture_logs() as events:
        lines.record(DENY, folder / "log")
        wait_until(lambda: lines.lost[Lost.WRITE_FAILED] == 1)
        folder.mkdir()
        lines.record(DENY, folder / "log", "after")
        lines.finish()
    assert [line["decision_id"] for line in read(folder / "log")] == ["after"]
    assert events[-1]["event"] == "the decision log is written again"


def test_a_device_without_room_is_an_ordinary_loss(lines: Lines) -> None:
    with capture_logs() as events:
        lines.record(DENY, "/dev/full")
        lines.finish()
    assert lines.lost == {Lost.WRITE_FAILED: 1}
    assert "No space left" in events[0]["error"]


def test_a_record_that_cannot_be_rendered_costs_one_line(lines: Lines, tmp_path: Path) -> None:
    with capture_logs() as events:
        lines.record(ALLOW, tmp_path / "log", "bad", include=("no_such_field",))
        lines.record(ALLOW, tmp_path / "log", "good")
        lines.finish()
    assert lines.lost == {Lost.UNRENDERABLE: 1}
    assert [line["decision_id"] for line in read(tmp_path / "log")] == ["good"]
    assert events[0]["decision_id"] == "bad"


def test_what_is_left_at_shutdown_is_counted(tmp_path: Path) -> None:
    lines = Lines()
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    for number in range(100):
        lines.record(DENY, path, f"{number:02000}")
    with capture_logs() as events:
        lines.log.close(0.5)
        assert lines.lost[Lost.SHUTDOWN] > 0
        assert events[-1]["lines"] == lines.lost[Lost.SHUTDOWN]
        os.close(reader)  # breaks the pipe, which ends the writer's wait
        lines.finish()


def read_line(descriptor: int) -> bytes:
    os.set_blocking(descriptor, True)
    received = b""
    while not received.endswith(b"\n"):
        received += os.read(descriptor, 1)
    return received


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for another thread, as long as it takes within reason."""
    nobody = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        if holds():
            return
        nobody.wait(0.01)
    pytest.fail("it did not happen in time")


def test_a_bare_name_is_written_whatever_is_included(lines: Lines, tmp_path: Path) -> None:
    forwarded = ForwardedIdentity("spiffe://a/cart", ("spiffe://a/waypoint",), ("xfcc",))
    reason = Reason.ALLOWED_BY_FORWARDED_IDENTITY
    lines.record(Decision(allowed=True, reason=reason, forwarded=forwarded), tmp_path / "log", include=())
    lines.finish()
    (line,) = read(tmp_path / "log")
    assert line["identity"] == {"spiffe_id": "spiffe://a/cart", "forwarded_by": ["spiffe://a/waypoint"]}
    assert (line["sha256"], line["reason"]) == (None, "allowed_by_forwarded_identity")
