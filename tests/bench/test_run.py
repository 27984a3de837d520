"""``make bench`` from its start to its table, and to its end when somebody presses Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import extauthz
from support.service import eventually

PROGRAM = Path(__file__).parents[2] / "bench" / "run.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(extauthz.__file__).parents[1])}
TIMEOUT = 120.0


def command(folder: Path, *arguments: str) -> Sequence[str]:
    return [sys.executable, str(PROGRAM), "--out", str(folder / "out"), "--pki", str(folder / "pki"), *arguments]


def test_a_part_of_the_table_is_measured_and_written(tmp_path: Path) -> None:
    arguments = command(tmp_path, "--quick", "--seconds", "1", "--only", "known certificate; native")
    ended = subprocess.run(arguments, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert ended.returncode == 0, ended.stderr
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert [(cell["row"], cell["side"]) for cell in figures["cells"]] == [
        ("known certificate", "native"),
        ("known certificate", "native behind Envoy"),
    ]
    for cell in figures["cells"]:
        middle = cell["median"]
        assert middle["checks_per_second"] > 0
        assert middle["cpu"] > 0
        assert 0 < middle["p50"] <= middle["p99"] <= middle["p999"]
        assert middle["resident"] > 0
        assert len(cell["rounds"]) == 1
    assert figures["machine"]["cpu"]
    table = (tmp_path / "out" / "table.md").read_text()
    assert table.strip() == ended.stdout.strip()
    assert "| known certificate | native |" in table
    assert "says nothing about speed" in table


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        command(tmp_path, "--only", "known certificate; native", "--seconds", "60"),
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        started = eventually(lambda: servers(process.pid), "a server")
        process.send_signal(number)
        _, said = process.communicate(timeout=TIMEOUT)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "nothing is written" in said
    assert not (tmp_path / "out" / "figures.json").exists()
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []


def servers(pid: int) -> Sequence[int] | None:
    """Return the servers that a process started, None while there are none."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found if b"serve" in command_line(one)] or None


def command_line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # gone meanwhile
        return b""
