"""The HTTP listener does not depend on what speaks gRPC beside it."""

import pytest


@pytest.fixture(scope="session")
def transport() -> str:
    return "native"
