import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from extauthz.demo.errors import DemoError
from extauthz.demo.process import SHOWN_LINES, ManagedProcess


def python(code: str, directory: Path) -> ManagedProcess:
    return ManagedProcess("worker", [sys.executable, "-c", code], directory / "worker.log")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def started(process: ManagedProcess) -> bool | None:
    return True if "up" in process.log_path.read_text() else None


WAITS = "import time; print('up', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITS}"


def test_leaving_ends_the_process(tmp_path: Path) -> None:
    with python(WAITS, tmp_path) as process:
        process.wait_for(lambda: started(process), timeout=20, what="it did not start")
        assert is_alive(process.pid)
    assert not is_alive(process.pid)
    assert process.returncode() == -15


def test_an_exception_ends_the_process_too(tmp_path: Path) -> None:
    process = python(WAITS, tmp_path)
    with pytest.raises(KeyboardInterrupt), process:
        raise KeyboardInterrupt
    assert not is_alive(process.pid)


def test_a_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    with python(DEAF, tmp_path) as process:
        process.wait_for(lambda: started(process), timeout=20, what="it did not start")
        process.stop(grace=0.05)
        assert process.returncode() == -9


def test_a_process_that_dies_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    code = "import sys; print('\\n'.join(f'line {n}' for n in range(50))); sys.exit(3)"
    with python(code, tmp_path) as process, pytest.raises(DemoError) as caught:
        process.wait_for(lambda: None, timeout=20, what="it never came up")
    lines = str(caught.value).splitlines()
    assert lines[0] == "worker ended unexpectedly with status 3. Its last words:"
    assert lines[1:] == [f"  line {n}" for n in range(50 - SHOWN_LINES, 50)]


def test_what_never_comes_is_reported_after_the_timeout(tmp_path: Path) -> None:
    with python(WAITS, tmp_path) as process, pytest.raises(DemoError, match="worker: it never came up after 0 s"):
        process.wait_for(lambda: None, timeout=0.05, what="it never came up")


def test_what_is_found_is_returned(tmp_path: Path) -> None:
    with python(WAITS, tmp_path) as process:
        assert process.wait_for(lambda: 7, timeout=1, what="no number") == 7


def test_a_program_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    process = ManagedProcess("worker", ["/nonexistent/program"], tmp_path / "log")
    with pytest.raises(DemoError, match=r"^worker cannot be started: /nonexistent/program: No such file or directory$"):
        process.__enter__()


def test_stopping_what_never_started_does_nothing(tmp_path: Path) -> None:
    process = python(WAITS, tmp_path)
    process.stop()
    assert process.returncode() is None
    with pytest.raises(DemoError, match="worker was not started"):
        assert process.pid


def test_a_silent_process_is_said_to_be_silent(tmp_path: Path) -> None:
    with python("raise SystemExit(1)", tmp_path) as process, pytest.raises(DemoError, match="it wrote nothing"):
        process.wait_for(lambda: None, timeout=20, what="it never came up")


def test_a_signal_during_the_start_leaves_no_process_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started_pids: list[int] = []

    def popen(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401  (as the original)
        child: subprocess.Popen[bytes] = original(*arguments, **options)
        started_pids.append(child.pid)
        signal.raise_signal(signal.SIGINT)
        return child

    original = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(KeyboardInterrupt):
        python(WAITS, tmp_path).__enter__()
    assert len(started_pids) == 1
    assert not is_alive(started_pids[0])
