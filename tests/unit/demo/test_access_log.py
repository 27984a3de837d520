import json
import sys
from pathlib import Path

import pytest

from extauthz.demo import access_log
from extauthz.demo.access_log import AccessLog, LoggedDecision
from extauthz.demo.errors import DemoError
from extauthz.demo.process import ManagedProcess


def entry(request: str, said: object) -> str:
    return json.dumps({"request": request, "connection": 7, "extauthz": said}) + "\n"


@pytest.fixture
def log(tmp_path: Path) -> AccessLog:
    return AccessLog(tmp_path / "access.log", ManagedProcess("Envoy", [sys.executable], tmp_path / "envoy.log"))


def test_the_line_of_a_request_is_found_by_its_number(log: AccessLog, tmp_path: Path) -> None:
    said = {"reason": "revoked", "policy": "p", "decision_id": "d2"}
    (tmp_path / "access.log").write_text(entry("1", {"reason": "allowed"}) + entry("2", said))
    assert log.decision("2") == LoggedDecision(reason="revoked", policy="p", decision_id="d2", connection="7")


def test_a_request_that_extauthz_said_nothing_about_has_empty_fields(log: AccessLog, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(entry("1", None))
    assert log.decision("1") == LoggedDecision(reason="", policy="", decision_id="", connection="7")


@pytest.mark.parametrize("content", [None, "", entry("1", None), entry("2", None)[:-1]])
def test_a_line_that_does_not_come_or_is_cut_off_is_an_error(
    log: AccessLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    monkeypatch.setattr(access_log, "FLUSH_TIMEOUT", 0.01)
    (tmp_path / "envoy.log").write_text("")
    if content is not None:
        (tmp_path / "access.log").write_text(content)
    with pytest.raises(DemoError, match="Envoy: request 2 is not in its access log"):
        log.decision("2")
