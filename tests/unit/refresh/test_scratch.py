"""A file without a name, wherever the system can have one."""

import os

import pytest

from extauthz.refresh.scratch import scratch_file


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_is_written_can_be_read(monkeypatch: pytest.MonkeyPatch, in_memory: bool) -> None:
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create")
    with scratch_file() as file:
        file.write(b"abc")
        file.seek(0)
        assert file.read() == b"abc"
        assert isinstance(file.fileno(), int)
