from collections.abc import Iterator

import pytest

from support.http_server import HttpServer


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """Return an HTTP server on loopback that answers as it is told to; it ends with the test."""
    with HttpServer() as running:
        yield running
