"""What the tests of the benchmark share."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from support.bench_stub import StartStub, start_stub_in


@pytest.fixture
def start_stub(tmp_path: Path) -> Iterator[StartStub]:
    with ExitStack() as stack:
        yield partial(start_stub_in, tmp_path, stack)
