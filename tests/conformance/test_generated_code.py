"""The committed protobuf code is what ``tools/protos.py`` makes of ``protos``, and the tool sees when it is not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT = 60.0
"""Seconds for one run of the compiler; it takes about one."""


def check_generated(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "tools" / "protos.py", "--check"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the part of the repository that the generator knows, to be spoilt."""
    for part in ("protos", "tools", "extauthz/wire/proto"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_generated_code_is_up_to_date() -> None:
    done = check_generated(REPOSITORY)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_check_sees_a_change_that_was_not_generated(copy: Path) -> None:
    proto = copy / "protos/envoy/type/v3/http_status.proto"
    proto.write_text(proto.read_text().replace("Forbidden = 403", "Forbidden = 499"))
    done = check_generated(copy)
    assert done.returncode == 1
    assert "envoy/type/v3/http_status_pb2.py: differs" in done.stdout


def test_the_check_sees_files_too_many_and_too_few(copy: Path) -> None:
    package = copy / "extauthz/wire/proto/envoy/config/core/v3"
    (package / "base_pb2.pyi").rename(package / "old_pb2.pyi")
    done = check_generated(copy)
    assert done.returncode == 1
    assert "envoy/config/core/v3/base_pb2.pyi: missing" in done.stdout
    assert "envoy/config/core/v3/old_pb2.pyi: not generated from anything in protos/" in done.stdout


def test_no_top_level_envoy_package_is_needed() -> None:
    generated = (REPOSITORY / "extauthz/wire/proto").rglob("*.py*")
    imports = [line for path in generated if path.suffix in {".py", ".pyi"} for line in path.read_text().splitlines()]
    assert [line for line in imports if line.startswith(("import envoy", "from envoy"))] == []
