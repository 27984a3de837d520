"""The whole demo, with a real Envoy and a real extauthz. Each run takes a few seconds."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from extauthz.demo import run as demo_run
from extauthz.demo.client import HttpsClient
from extauthz.demo.errors import DemoError
from extauthz.demo.main import run_demo
from extauthz.demo.scenarios import SCENARIOS
from extauthz.demo.stack import running_stack
from extauthz.demo.table import WIDTH
from extauthz.model.reason import Reason


@dataclass
class Recorder:
    """A terminal that keeps what is written to it."""

    progress_lines: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    interrupt_at: str = "\0"

    def progress(self, line: str) -> None:
        self.progress_lines.append(line)
        if line.startswith(self.interrupt_at):
            raise KeyboardInterrupt

    def result(self, line: str) -> None:
        self.lines.append(line)

    def verdict(self, line: str, *, good: bool) -> None:
        self.lines.append(line)

    @property
    def directory(self) -> Path:
        return Path(self.progress_lines[0].rpartition(" ")[2])


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a directory whose name leaves room for that of a Unix socket, as pytest's own may not."""
    with tempfile.TemporaryDirectory(prefix="d", dir="/tmp") as made:
        yield Path(made)


@pytest.fixture(autouse=True)
def _nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    handler = signal.getsignal(signal.SIGINT)
    yield
    assert list(tmp_path.glob("extauthz-*")) == []
    assert running(tmp_path) == []
    assert signal.getsignal(signal.SIGINT) is handler


def running(directory: Path) -> list[str]:
    """Return the command lines of processes that work in this directory."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode())
    return [line for line in lines if f"{directory}/extauthz-demo-" in line]


def test_everything_is_as_expected() -> None:
    terminal = Recorder()
    assert run_demo(terminal)
    count = len(SCENARIOS) + 2
    assert count >= 15
    assert terminal.lines[-1] == f"{count} of {count} as expected"
    rows = [line for line in terminal.lines if re.match(r" ?\d+  ", line)]
    assert len(rows) == count
    assert all(row.endswith("ok") for row in rows)
    assert max(len(line) for line in terminal.lines) <= WIDTH
    assert all(line.isascii() for line in terminal.lines)
    assert any("after the CRL file was replaced, on the same TLS connection" in line for line in terminal.lines)


def test_what_is_not_as_expected_is_said_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = (SCENARIOS[0], replace(SCENARIOS[3], reason=Reason.EXPIRED))
    monkeypatch.setattr(demo_run, "SCENARIOS", wrong)
    terminal = Recorder()
    assert not run_demo(terminal)
    assert terminal.lines[-2:] == [
        "#2: NOT AS EXPECTED: reason no_certificate, expected expired",
        "3 of 4 as expected",
    ]
    assert any(line.endswith("FAILED") for line in terminal.lines)


def test_what_to_try_is_said_and_ctrl_c_then_keeps_the_verdict() -> None:
    terminal = Recorder(interrupt_at="Ctrl-C ends")
    assert run_demo(terminal, keep=True)
    invitation = terminal.progress_lines[terminal.progress_lines.index("") :]
    commands = [line.split()[0] for line in invitation if line.startswith("  ")]
    assert commands.count("curl") >= 4
    assert {"cd", "tail", "extauthz"} <= set(commands)
    assert terminal.progress_lines[-1] == "ending"


def test_ctrl_c_before_the_verdict_interrupts() -> None:
    terminal = Recorder(interrupt_at="starting Envoy")
    with pytest.raises(KeyboardInterrupt):
        run_demo(terminal)
    assert terminal.lines == []


def test_a_port_in_use_is_one_sentence_and_starts_nothing() -> None:
    terminal = Recorder()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"^Port {port} on 127.0.0.1 cannot be used \(Address already in use\): "):
            run_demo(terminal, port=port)
    assert terminal.progress_lines == []


def test_a_temporary_directory_that_is_too_deep_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    terminal = Recorder()
    with pytest.raises(DemoError, match=r"too long a path for a Unix socket: run it again with TMPDIR=/tmp\.$"):
        run_demo(terminal)
    assert terminal.progress_lines == []
    assert list(deep.iterdir()) == []


def test_without_an_envoy_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "envoy", None)
    monkeypatch.setenv("PATH", "/nonexistent")
    terminal = Recorder()
    with pytest.raises(DemoError, match="There is no Envoy on this machine"):
        run_demo(terminal)
    assert terminal.progress_lines == []


def test_an_extauthz_that_dies_is_reported_and_everything_is_ended() -> None:
    with running_stack(0, print) as stack:
        os.kill(stack.extauthz.pid, signal.SIGKILL)
        with pytest.raises(DemoError, match="extauthz ended unexpectedly with status -9"):
            stack.extauthz.wait_for(lambda: None, timeout=20, what="it did not end")


def test_a_connection_that_breaks_is_one_sentence() -> None:
    with running_stack(0, print) as stack:
        with stack.client("alice") as client:
            stack.envoy.stop()
            with pytest.raises(DemoError, match="GET /: the connection to Envoy broke"):
                client.request("GET", "/", [("host", "localhost")])
        with pytest.raises(DemoError, match="the TLS connection to Envoy failed"):
            HttpsClient(stack.port, stack.files.root_ca, None).__enter__()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_keep_leaves_it_running_until_a_signal_ends_it(number: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "extauthz", "demo", "--keep"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("Ctrl-C ends"):
                break
        assert any("curl --cacert" in line for line in lines)
        assert len(running(tmp_path)) == 2
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert out.rstrip().endswith("as expected")


def test_ctrl_c_before_the_verdict_ends_everything_with_status_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "extauthz", "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("starting Envoy"):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (130, "")
    assert err.endswith("extauthz: interrupted\n")
