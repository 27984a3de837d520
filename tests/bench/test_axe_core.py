"""What is downloaded for the tests is what was pinned, or nothing."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import axe_core
import pytest


def archive(content: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as opened:
        member = tarfile.TarInfo("package/axe.min.js")
        member.size = len(content)
        opened.addfile(member, io.BytesIO(content))
    return held.getvalue()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bytes:
    """Serve an archive of our own, and install below a folder of the test."""
    data = archive(b"script")
    monkeypatch.setattr(axe_core, "FILE", tmp_path / "axe" / "axe.min.js")
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: io.BytesIO(data))
    return data


def test_the_file_that_was_pinned_is_installed(served: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(axe_core, "INTEGRITY", base64.b64encode(hashlib.sha512(served).digest()).decode())
    assert axe_core.install().read_bytes() == b"script"


def test_any_other_file_is_refused(served: bytes) -> None:
    with pytest.raises(SystemExit, match="is not the file that was pinned"):
        axe_core.install()
    assert not axe_core.FILE.exists()
