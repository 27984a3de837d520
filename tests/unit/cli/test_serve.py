from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extauthz.cli import serve as serve_module
from extauthz.service import app

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note with which status the process would have ended, instead of ending this one."""
    statuses: list[int] = []
    monkeypatch.setattr(serve_module, "end_process", statuses.append)
    return statuses


@pytest.mark.parametrize("status", [0, 1, 2])
def test_the_service_gets_the_file_and_gives_the_status(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, ended: list[int]
) -> None:
    served = []

    async def serve(path: Path) -> int:
        served.append(path)
        return status

    monkeypatch.setattr(app, "serve", serve)
    assert run("serve", "--config", tmp_path / "c.yaml").status == status
    assert served == [tmp_path / "c.yaml"]
    assert ended == [status]


def test_a_configuration_that_cannot_be_used_is_status_2_with_every_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("version: 1\nsurces: []\n")
    outcome = run("serve", "--config", tmp_path / "c.yaml")
    assert (outcome.status, outcome.out) == (2, "")
    assert all(line.startswith(f"{tmp_path}/c.yaml:") for line in outcome.err.splitlines())
    assert "surces" in outcome.err


def test_no_configuration_is_a_usage_error(run: Run) -> None:
    outcome = run("serve")
    assert outcome.status == 2
    assert "Missing option '--config'" in outcome.err
